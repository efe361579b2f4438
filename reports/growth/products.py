"""One variant's products: SKUs that stand for themselves, remainders, categories, and what displaced what."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import polars as pl

from reports.readings import (
    HIDDEN,
    NO_CLEAR_EFFECT,
    NOT_TESTABLE,
    TOO_EARLY,
    WITHHELD,
    Limits,
    Mark,
    side,
    withheld,
)
from reports.results import Experiment
from reports.snapshot import FALSE_DISCOVERIES, Snapshot

RATE = FALSE_DISCOVERIES
OTHER, EVERYTHING = "*other*", "*all*"
"""Names of a remainder's SKU, and of all categories together."""

MORE = Mark("sells more", "▲", "good")
LESS = Mark("sells less", "▼", "bad")
MORE_SO_FAR = Mark("more so far", "▲", "neutral")
LESS_SO_FAR = Mark("less so far", "▼", "neutral")

Rank = Literal["size", "gain", "loss", "q"]


class Span(NamedTuple):
    """A difference in revenue per unit with its interval; None where it is hidden or not testable."""

    difference: float | None
    low: float | None
    high: float | None

    @property
    def side(self) -> int:
        """1 when the whole interval lies above 0, −1 when below, else 0."""
        return side(Limits(self.low, self.high, None, None))


NOTHING = Span(None, None, None)


class Category(NamedTuple):
    """A category with its recommended SKUs and their neighbours.

    Attributes:
        net: recommended SKUs and neighbours together.
        buyers_control, buyers_variant: units that bought from it; None when hidden.
    """

    category: str
    status: str
    buyers_control: int | None
    buyers_variant: int | None
    net: Span
    recommended: Span
    neighbours: Span


@dataclass(frozen=True)
class Products:
    """A variant's products.

    Attributes:
        variant: compared with control.
        skus: rows of sku_lift that stand for themselves.
        remainders: rows of sku_lift that pool the rare SKUs of a category.
        categories: in order of their net effect, gains first; those without figures last.
        total: everything sold.
        n_control, n_variant: units that count; None when hidden.
    """

    variant: str
    skus: pl.DataFrame
    remainders: pl.DataFrame
    categories: tuple[Category, ...]
    total: Span
    n_control: int | None
    n_variant: int | None

    @cached_property
    def tested(self) -> pl.DataFrame:
        """SKUs that have a q-value."""
        return self.skus.filter(pl.col("q_value").is_not_null())

    @cached_property
    def different(self) -> pl.DataFrame:
        """SKUs called different, the largest first."""
        return ranked(self.skus.filter(pl.col("q_value") <= RATE), "size")


class Half(NamedTuple):
    """The SKUs that hold half of a lift.

    Attributes:
        skus: sku, category, shrunk_difference and `share`, the cumulated share of the total; largest first.
        reached: whether they reach half; if not, these are all that push the same way.
        share: how much of the total they hold together.
    """

    skus: pl.DataFrame
    reached: bool
    share: float


def variants_with_products(snapshot: Snapshot, experiment: Experiment) -> list[str]:
    """The variants that have figures by SKU, in the experiment's order."""
    known = snapshot.skus_called_different
    return [variant for variant in experiment.variants if (experiment.experiment, variant) in known]


def products(snapshot: Snapshot, experiment: Experiment, variant: str) -> Products:
    """A variant's products; of a variant without figures, none."""
    rows = snapshot.part("sku_lift", experiment.experiment).filter(variant=variant)
    cells = snapshot.part("category_lift", experiment.experiment).filter(variant=variant)
    everything = next(cells.filter(pl.col("category") == EVERYTHING).iter_rows(named=True), {})
    return Products(
        variant=variant,
        skus=rows.filter(pl.col("sku") != OTHER),
        remainders=rows.filter(pl.col("sku") == OTHER),
        categories=tuple(sorted(_categories(cells), key=_by_net)),
        total=_span(everything),
        n_control=_first(rows, "n_control"),
        n_variant=_first(rows, "n_variant"),
    )


def ranked(skus: pl.DataFrame, by: Rank) -> pl.DataFrame:
    """SKUs in an order: by size of the shrunk effect, gains first, losses first, or by q-value."""
    shrunk = pl.col("shrunk_difference")
    if by == "q":
        return skus.sort("q_value", "sku", nulls_last=True)
    order = {"size": shrunk.abs(), "gain": shrunk, "loss": -shrunk}[by]
    return skus.sort(order, pl.col("sku"), descending=[True, False], nulls_last=True)


def matching(skus: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """SKUs whose code or category contains every word, in any case."""
    text = pl.concat_str("sku", pl.col("category").fill_null(""), separator=" ").str.to_lowercase()
    words = wanted.lower().split()
    return skus.filter(*(text.str.contains(word, literal=True) for word in words)) if words else skus


def half(found: Products) -> Half | None:
    """The fewest SKUs whose shrunk effects add up to half of the total; None where the total may be 0."""
    total, way = found.total.difference, found.total.side
    if total is None or way == 0:
        return None
    gains = found.skus.filter(way * pl.col("shrunk_difference") > 0)
    held = ranked(gains, "size").select(
        "sku", "category", "shrunk_difference", share=pl.col("shrunk_difference").cum_sum() / total
    )
    enough = int((held["share"] < 0.5).sum()) + 1
    if enough <= held.height:
        shown = held.head(enough)
        return Half(shown, reached=True, share=float(shown["share"][-1]))
    return Half(held, reached=False, share=float(held["share"][-1]) if held.height else 0.0)


def sku_mark(row: dict[str, Any], experiment: Experiment) -> Mark:
    """What a SKU's row amounts to; one called different before the planned end is a lead, not a finding."""
    if row["status"] == "suppressed":
        return HIDDEN
    if withheld(experiment):
        return WITHHELD
    if row["status"] != "ok" or row["q_value"] is None:
        return NOT_TESTABLE
    return _mark(
        (row["difference"] > 0) - (row["difference"] < 0) if row["q_value"] <= RATE else 0, experiment
    )


def span_mark(status: str, span: Span, experiment: Experiment) -> Mark:
    """What a category's or a remainder's row amounts to, read on its own."""
    if status == "suppressed":
        return HIDDEN
    if withheld(experiment):
        return WITHHELD
    return NOT_TESTABLE if span.low is None else _mark(span.side, experiment)


def span_of(row: dict[str, Any]) -> Span:
    """The unshrunk difference of a row."""
    return _span(row)


def _mark(way: int, experiment: Experiment) -> Mark:
    if way == 0:
        return NO_CLEAR_EFFECT if experiment.ended else TOO_EARLY
    if experiment.ended:
        return MORE if way > 0 else LESS
    return MORE_SO_FAR if way > 0 else LESS_SO_FAR


def _categories(cells: pl.DataFrame) -> Iterator[Category]:
    rows = {(row["category"], row["part"]): row for row in cells.iter_rows(named=True)}
    for (category, part), row in rows.items():
        if part == "all" and category != EVERYTHING:
            yield Category(
                category,
                row["status"],
                row["buyers_control"],
                row["buyers_variant"],
                _span(row),
                _span(rows.get((category, "recommended"), {})),
                _span(rows.get((category, "neighbours"), {})),
            )


def _span(row: dict[str, Any]) -> Span:
    if row.get("difference") is None or row.get("status") != "ok":
        return NOTHING
    return Span(row["difference"], row["difference_low"], row["difference_high"])


def _by_net(category: Category) -> tuple[bool, float, str]:
    return category.net.difference is None, -(category.net.difference or 0.0), category.category


def _first(rows: pl.DataFrame, name: str) -> int | None:
    known = rows[name].drop_nulls()
    return int(known[0]) if len(known) else None
