"""Revenue by SKU and category: which products an experiment sells more or less of."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from experiments.arrays import Floats
from experiments.discovery import discover
from experiments.effects import Comparison, compare
from experiments.estimates import unadjusted
from jobs.config.models import Experiment, MeanMetric
from jobs.engine import PolarsEngine
from jobs.experiment.units import Units, counted_column
from metrics import sku_lift
from metrics.effects_table import Design, split
from metrics.outcomes import Outcome
from metrics.sku_lift import EVERYTHING, OTHER, Assortment, CellSums, Packing

Frame = nw.LazyFrame[Any]
col = nw.col
GAP = dt.timedelta(days=14)
"""A SKU that is not sold for so long at either end of the time was sold for a part of it only."""
RATE = 0.05
"""Share of false discoveries tolerated among the SKUs that are called different."""


@dataclass(frozen=True)
class Sold:
    """What an experiment's units bought inside the window.

    Attributes:
        goods: the SKUs.
        pairs: a row per unit and SKU, see `metrics.sku_lift.unit_sku_revenue`.
        n: units that count, per arm.
    """

    design: Design
    goods: Assortment
    pairs: Frame
    engine: PolarsEngine
    n: tuple[float, ...]
    minimum_people: int

    @property
    def packing(self) -> Packing:
        """How the pairs are packed."""
        return Packing(len(self.goods.names), len(self.n))

    def cells(self, home: Sequence[str | None], names: Sequence[str]) -> CellSums:
        """Cells of several SKUs, added up per unit before squaring; `home` names each SKU's cell."""
        numbers = {name: number for number, name in enumerate(names)}
        places = [(sku, numbers[cell]) for sku, cell in enumerate(home) if cell is not None]
        lookup = pl.LazyFrame(places, schema={"sku": pl.Int64, "cell": pl.Int64}, orient="row")
        with self.engine.many_groups():
            sums = self.engine.collect(sku_lift.cell_sums(self.pairs, nw.from_native(lookup), self.packing))
        return sku_lift.cell_table(sums, "cell", range(len(names)), self.n)


@dataclass(frozen=True)
class SkuResult:
    """One experiment's products.

    Attributes:
        skus: rows of sku_lift.csv, with the buyers behind them.
        categories: rows of category_lift.csv, likewise.
        facts: for the method card: `excluded_lines` inside the window whose code is no product (None: of
            fewer than k units), SKUs seen `in_several_categories`, and those of their own row that were sold
            `part_of_the_time`.
    """

    skus: pl.DataFrame
    categories: pl.DataFrame
    facts: dict[str, int | None]


def by_sku(
    experiment: Experiment,
    design: Design,
    primary: MeanMetric,
    units: Units,
    engine: PolarsEngine,
    minimum_people: int,
    until: dt.datetime,
) -> SkuResult | None:
    """Every SKU's effect inside the primary metric's window; None where nothing was sold there."""
    counted = counted_column(experiment.primary, primary)
    sizes = engine.collect(units.frame.filter(col(counted)).group_by("variant").agg(n=nw.len()))
    known = dict(sizes.iter_rows())
    n = tuple(float(known.get(arm, 0)) for arm in design.arms)
    lines = engine.checkpoint(_lines(design, primary, units, until), f"{experiment.id}-sku-lines")
    products = lines.filter(col("product"))
    seen = {"lines": nw.len(), "first": col("at").min(), "last": col("at").max()}
    counts = engine.collect(products.group_by("sku", "category", "recommended").agg(**seen))
    if counts.is_empty():
        return None
    goods = sku_lift.assortment(counts)
    packing = Packing(len(goods.names), len(design.arms))
    numbered = _numbered(products, goods, engine, experiment.id)
    with engine.many_groups():
        pairs = engine.checkpoint(sku_lift.unit_sku_revenue(numbered, packing), f"{experiment.id}-sku-pairs")
    other = lines.filter(~col("product")).select(lines=nw.len(), units=col("unit").n_unique())
    excluded, who = engine.collect(other).row(0)
    partly = sku_lift.part_of_the_time(counts, GAP)
    sold = Sold(design, goods, pairs, engine, n, minimum_people)
    skus = _with_spans(_sku_rows(sold), partly)
    facts = {
        "excluded_lines": None if 0 < who < minimum_people else excluded,
        "in_several_categories": goods.in_several,
        "part_of_the_time": skus.filter(pl.col("sku").is_in(list(partly)))["sku"].n_unique(),
    }
    return SkuResult(skus, _category_rows(sold), facts)


def _with_spans(rows: pl.DataFrame, partly: Mapping[str, str]) -> pl.DataFrame:
    """Say of a SKU that it was sold for a part of the time only."""
    said = pl.col("sku").replace_strict(dict(partly), default=None, return_dtype=pl.String)
    both = pl.concat_str("note", said, separator="; ", ignore_nulls=True)
    return rows.with_columns(note=both.replace("", None))


def _lines(design: Design, primary: MeanMetric, units: Units, until: dt.datetime) -> Frame:
    """Lines of the units that count, inside the window: of those whose window is over, with their arm."""
    days = float(primary.window_days or 0)
    window = Outcome(design.primary, "revenue", False, days, None)
    columns = ["sku", "category", "revenue", "quantity", "recommended", "product"]
    lines = units.admitted.lines_within([window], *columns)
    arm = reduce(
        lambda rest, place: nw.when(col("variant") == place[1]).then(nw.lit(place[0])).otherwise(rest),
        enumerate(design.arms),
        nw.lit(0),
    )
    mature = lines.filter(col("time") + dt.timedelta(days=days) <= until)
    return mature.select("unit", "at", *columns, arm=arm)


def _numbered(products: Frame, goods: Assortment, engine: PolarsEngine, name: str) -> Frame:
    """Lines with their SKU as a dense integer."""
    numbers = pl.DataFrame({"sku": goods.names, "number": np.arange(len(goods.names))})
    lookup = engine.checkpoint(nw.from_native(numbers.lazy()), f"{name}-sku-numbers")
    joined = products.join(lookup, on="sku", how="inner")
    return joined.select("unit", "arm", "revenue", "quantity", sku=col("number"))


def _sku_rows(sold: Sold) -> pl.DataFrame:
    goods, everything = sold.goods, list(range(len(sold.goods.names)))
    sums = sold.engine.collect(sku_lift.sku_sums(sold.pairs, sold.packing))
    single = sku_lift.cell_table(sums, "sku", everything, sold.n)
    home = sku_lift.pooled(single.buyers, goods.categories, sold.minimum_people)
    home, rest, pooled = sku_lift.settled(home, EVERYTHING, sold.cells, single.buyers, sold.minimum_people)
    alone = [i for i in everything if home[i] is None]
    cells = [(goods.names[i], goods.categories[i]) for i in alone] + [(OTHER, place) for place in rest]
    found = _joined(CellSums(single.moments[alone], single.buyers[alone]), pooled)
    is_sku = np.arange(len(cells)) < len(alone)
    return _rows(sold.design, cells, found, is_sku)


def _joined(first: CellSums, second: CellSums) -> CellSums:
    return CellSums(
        type(first.moments).concatenate([first.moments, second.moments]),
        np.concatenate([first.buyers, second.buyers]),
    )


def _compared(design: Design, table: CellSums) -> Comparison:
    return compare(*split(unadjusted(table.moments)), confidence=design.confidence)


def _rows(
    design: Design, cells: Sequence[tuple[str, str]], table: CellSums, is_sku: np.ndarray
) -> pl.DataFrame:
    comparison = _compared(design, table)
    frames = []
    for position, arm in enumerate(design.arms[1:]):
        one = _column(comparison, position)
        found = discover(one, RATE, hidden=~is_sku)
        frames.append(
            _frame(design, arm, one, table.buyers, position).with_columns(
                sku=pl.Series([cell[0] for cell in cells]),
                category=pl.Series([cell[1] for cell in cells]),
                p_corrected=_series(found.p_value),
                q_value=_series(found.q_value),
                fcr_low=_series(found.fcr_low),
                fcr_high=_series(found.fcr_high),
                shrunk_difference=_series(found.shrunk),
                shrunk_low=_series(found.shrunk_low),
                shrunk_high=_series(found.shrunk_high),
            )
        )
    return pl.concat(frames)


def _column(comparison: Comparison, position: int) -> Comparison:
    """One variant's comparisons."""
    parts = {
        name: value if np.ndim(value) == 0 else value[:, position] for name, value in vars(comparison).items()
    }
    return Comparison(**parts)


def _series(values: Floats) -> pl.Series:
    return pl.Series(np.asarray(values, dtype=float)).fill_nan(None)


def _frame(design: Design, arm: str, one: Comparison, buyers: Floats, position: int) -> pl.DataFrame:
    ok = np.asarray(one.testable, dtype=bool)
    return pl.DataFrame(
        {
            "n_control": one.n_control.astype(np.int64),
            "n_variant": one.n_variant.astype(np.int64),
            "buyers_control": buyers[:, 0].astype(np.int64),
            "buyers_variant": buyers[:, position + 1].astype(np.int64),
            "difference": _series(one.difference),
            "difference_se": _series(one.difference_se),
            "difference_low": _series(one.difference_low),
            "difference_high": _series(one.difference_high),
            "p_value": _series(one.p_value),
            "status": ["ok" if fine else "not_testable" for fine in ok],
            "note": [None if fine else str(why) for fine, why in zip(ok, one.reason, strict=True)],
            "people_control": buyers[:, 0],
            "people_variant": buyers[:, position + 1],
        },
        schema_overrides={"note": pl.String},
    ).with_columns(experiment=pl.lit(design.experiment), variant=pl.lit(arm))


def _category_rows(sold: Sold) -> pl.DataFrame:
    """Each category in all, its recommended SKUs and their neighbours: what was won, what it displaced."""
    nobody = np.zeros((0, len(sold.design.arms)))
    places, names, _ = sku_lift.settled(sold.goods.categories, OTHER, sold.cells, nobody, sold.minimum_people)
    led = sold.goods.recommended
    parts: list[tuple[str, list[str | None], list[str]]] = [
        ("all", places, names),
        ("recommended", [place if own else None for place, own in zip(places, led, strict=True)], names),
        ("neighbours", [None if own else place for place, own in zip(places, led, strict=True)], names),
        ("all", [EVERYTHING] * len(places), [EVERYTHING]),
    ]
    frames = []
    for part, home, cells in parts:
        found = sold.cells(home, cells)
        comparison = _compared(sold.design, found)
        for position, arm in enumerate(sold.design.arms[1:]):
            one = _column(comparison, position)
            rows = _frame(sold.design, arm, one, found.buyers, position)
            frames.append(rows.with_columns(category=pl.Series(cells), part=pl.lit(part)))
    return pl.concat(frames)
