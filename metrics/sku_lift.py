"""Which products change: revenue per unit and SKU, reduced to sums per arm and cell.

The unit is the customer (or household): its lines of one SKU are added up before anything is squared. A cell
is a SKU, or what is left of a category once its rare SKUs are pooled; cells add up to category and total.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from experiments.arrays import Flags, Floats
from experiments.moments import Moments
from metrics import wholes

Frame = nw.LazyFrame[Any]
col = nw.col
OTHER, EVERYTHING = wholes.OTHER, wholes.ALL
UNKNOWN_CATEGORY = "(unknown)"


class Packing(NamedTuple):
    """How unit, arm and SKU make one integer: one key is grouped far faster than three columns.

    Attributes:
        skus: how many there are; a SKU is a dense integer below.
        arms: likewise.
    """

    skus: int
    arms: int

    def pair(self) -> nw.Expr:
        """The key of unit, arm and sku."""
        return (col("unit") * self.arms + col("arm")) * self.skus + col("sku")

    def cell(self) -> nw.Expr:
        """The key of arm and sku alone."""
        return col("pair") % (self.skus * self.arms)


def unit_sku_revenue(lines: Frame, packing: Packing) -> Frame:
    """Revenue per unit and SKU: pair (see `Packing`), revenue, bought (whether any line was no return).

    Args:
        lines: unit, arm, sku (dense integers), revenue, quantity: lines that count.
        packing: how many SKUs and arms there are.
    """
    packed = lines.select(
        pair=packing.pair(),
        revenue=col("revenue").cast(nw.Float64),
        bought=col("quantity") > 0,
    )
    return packed.group_by("pair").agg(col("revenue").sum(), col("bought").any())


def sku_sums(pairs: Frame, packing: Packing) -> Frame:
    """Per arm and SKU: buyers, and sums of revenue and its square; `pairs` as of `unit_sku_revenue`."""
    rows = pairs.select(
        "revenue",
        square=col("revenue") * col("revenue"),
        bought=col("bought").cast(nw.Int64),
        cell=packing.cell(),
    )
    sums = rows.group_by("cell").agg(
        col("square").sum(), buyers=col("bought").sum(), total=col("revenue").sum()
    )
    return sums.with_columns(arm=col("cell") // packing.skus, sku=col("cell") % packing.skus).drop("cell")


def cell_sums(pairs: Frame, cells: Frame, packing: Packing) -> Frame:
    """The same per arm and cell, where several SKUs make one cell: added up per unit first.

    Args:
        pairs: as `unit_sku_revenue` returns them.
        cells: sku, cell (dense integers, below the number of SKUs).
        packing: of the pairs.
    """
    placed = pairs.with_columns(sku=col("pair") % packing.skus).join(cells, on="sku", how="inner")
    moved = placed.select("revenue", "bought", pair=col("pair") - col("sku") + col("cell"))
    per_unit = moved.group_by("pair").agg(col("revenue").sum(), col("bought").any())
    return sku_sums(per_unit, packing).rename({"sku": "cell"})


@dataclass(frozen=True)
class Assortment:
    """The SKUs of an experiment's lines.

    Attributes:
        names: SKU per dense integer.
        categories: category per dense integer; a SKU seen in several belongs to the one with most lines.
        in_several: how many SKUs were seen in several categories.
        recommended: whether a recommendation led to any of its lines.
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    in_several: int
    recommended: Flags


def assortment(counts: pl.DataFrame) -> Assortment:
    """SKUs in alphabetical order, from lines per sku, category and recommended."""
    filled = counts.with_columns(pl.col("category").fill_null(UNKNOWN_CATEGORY))
    per_category = filled.group_by("sku", "category").agg(pl.col("lines").sum())
    chosen = (
        per_category.sort("lines", "category", descending=[True, False])
        .group_by("sku", maintain_order=True)
        .agg(pl.col("category").first(), several=pl.len() > 1)
        .sort("sku")
    )
    led = filled.filter(pl.col("recommended").fill_null(value=False))["sku"].unique()
    return Assortment(
        tuple(chosen["sku"]),
        tuple(chosen["category"]),
        int(chosen["several"].sum()),
        chosen["sku"].is_in(led.implode()).to_numpy(),
    )


def part_of_the_time(counts: pl.DataFrame, gap: dt.timedelta) -> dict[str, str]:
    """SKUs sold for a part of the time only, and since or until when.

    A SKU that was renamed stands as two such SKUs; both belong to their category, which misses nothing.

    Args:
        counts: sku, first, last: when it was sold, a row or more per SKU.
        gap: how long nothing was sold of it at one end of the time of all sales.
    """
    spans = counts.group_by("sku").agg(pl.col("first").min(), pl.col("last").max())
    late = pl.col("first") > pl.col("first").min() + gap
    early = pl.col("last") < pl.col("last").max() - gap
    first, last = (pl.col(name).dt.strftime("%-d %b %Y") for name in ("first", "last"))
    told = spans.with_columns(
        said=pl.when(late & early)
        .then(pl.format("sold only from {} to {}", first, last))
        .when(late)
        .then(pl.format("sold only from {} on", first))
        .when(early)
        .then(pl.format("sold only until {}", last))
    )
    return dict(told.filter(pl.col("said").is_not_null()).select("sku", "said").iter_rows())


def pooled(buyers: Floats, categories: Sequence[str], minimum_people: int) -> list[str | None]:
    """For each SKU the category whose remainder it joins, or None where it stands for itself.

    Args:
        buyers: shape (skus, arms); a SKU with fewer than k in any arm is rare.
    """
    rare = [bool((own < minimum_people).any()) for own in buyers]
    return [category if small else None for category, small in zip(categories, rare, strict=True)]


class CellSums(NamedTuple):
    """What is known of every cell, over all units that count; those without the SKU are at 0.

    Attributes:
        moments: of revenue per unit, batch shape (cells, arms).
        buyers: units that bought, shape (cells, arms).
    """

    moments: Moments
    buyers: Floats


def cell_table(sums: pl.DataFrame, key: str, cells: Sequence[Any], n: Sequence[float]) -> CellSums:
    """Put collected sums into order; a cell that an arm never bought is 0 there.

    Args:
        sums: arm, `key`, buyers, total, square.
        key: what names a cell.
        cells: their order.
        n: units that count, per arm.
    """
    numbers = pl.DataFrame({"arm": range(len(n))}, schema={"arm": sums.schema["arm"]})
    grid = pl.DataFrame({key: cells}, schema={key: sums.schema[key]}).join(numbers, how="cross")
    full = grid.join(sums, on=[key, "arm"], how="left", maintain_order="left").fill_null(0)
    shape = (len(cells), len(n))
    names = ("total", "square", "buyers")
    total, square, buyers = (full[name].cast(pl.Float64).to_numpy().reshape(shape) for name in names)
    units = np.broadcast_to(n, shape)
    found = Moments.from_shifted_sums(units, total[..., None], square[..., None, None], np.zeros(1))
    return CellSums(found, buyers)


def settled(
    home: Sequence[str | None],
    target: str,
    table: Callable[[Sequence[str | None], Sequence[str]], CellSums],
    buyers: Floats,
    minimum_people: int,
) -> tuple[list[str | None], list[str], CellSums]:
    """Merge cells with too few buyers into `target`, and the rarest further one if that is still too small.

    Args:
        home: the cell of each SKU; None = it stands for itself.
        target: name of the cell that takes the small ones.
        table: sums of the named cells, given every SKU's cell.
        buyers: of each SKU, shape (skus, arms).

    Returns:
        The settled `home`, its cells in alphabetical order, and their sums.
    """
    home = list(home)
    while True:
        names = sorted({place for place in home if place is not None})
        found = table(home, names)
        small = {name for name, own in zip(names, found.buyers, strict=True) if (own < minimum_people).any()}
        if not small:
            return home, names, found
        if small == {target}:
            others = {n: own.min() for n, own in zip(names, found.buyers, strict=True) if n != target}
            alone = {i: buyers[i].min() for i, place in enumerate(home) if place is None}
            if others:
                small.add(min(others, key=lambda name: (others[name], name)))
            elif alone:
                home[min(alone, key=lambda i: (alone[i], i))] = target
                continue
            else:
                return home, names, found
        home = [target if place in small else place for place in home]
