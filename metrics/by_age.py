"""Effects by days since assignment: what each day of a unit's own time added, and what has added up since.

A unit counts on a day only when it has been observed to the day's end. What a day added is the change of the
metric itself, cap and distinct counting included, so that the days add up to the metric of the whole window.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from experiments.arrays import Floats
from experiments.moments import Moments
from metrics.outcomes import Outcome, Variables

Frame = nw.LazyFrame[Any]
Counts = npt.NDArray[np.int64]
col = nw.col
DAY = dt.timedelta(days=1)
MICROSECONDS = 86_400 * 10**6


def observed_days(until: dt.datetime, most: int) -> nw.Expr:
    """Whole days from a unit's assignment until the data end, `most` at the most."""
    whole = (nw.lit(until) - col("time")).dt.total_microseconds() // MICROSECONDS
    return nw.when(whole > most).then(nw.lit(most)).otherwise(whole).cast(nw.Int64)


def levels(people: npt.ArrayLike, windows: Sequence[int], minimum: int) -> Counts:
    """How many days each unit is taken to be observed, so that no step of the curve is of few people.

    Units are gathered by observed days, the longest first, until each group has nobody or at least k people
    in every arm; all of a group count as long as its shortest. Each window begins a group of its own: how
    many have completed it is published elsewhere anyway.

    >>> people = np.array([[90, 90], [4, 60], [70, 70], [500, 500]])
    >>> levels(people, windows=[3], minimum=50).tolist()
    [0, 0, 2, 3]

    Args:
        people: shape (days + 1, arms): people observed for exactly so many whole days; the last, or longer.
        windows: days after which some metric is complete.
        minimum: k of the disclosure door.

    Returns:
        Days for each number of observed days, shape (days + 1,).
    """
    crowd = np.asarray(people, dtype=float)
    found = np.zeros(len(crowd), dtype=np.int64)
    edges = sorted({0, *(w for w in windows if w < len(crowd)), len(crowd)})
    for first, after in pairwise(edges):
        group: list[int] = []
        before: list[int] = []
        for day in range(after - 1, first - 1, -1):
            group.append(day)
            running = crowd[group].sum(axis=0)
            if np.all((running == 0) | (running >= minimum)):
                found[group] = day
                group, before = [], group
        if group:
            found[[*before, *group]] = first
    return found


def increments(rows: Frame, outcome: Outcome, cap: float | None) -> Frame:
    """What each day since assignment changed about a unit's outcome: unit, day (from 1), after, added.

    Args:
        rows: unit, time, at and the outcome's value column, usable rows only.
        outcome: what is counted; rows outside its window take no part.
        cap: upper limit of the outcome; None = none.

    Returns:
        `added` on the day, and the outcome `after` it; days without a row are absent.
    """
    inside = rows.filter(col("at") >= col("time"), col("at") < col("time") + outcome.window_days * DAY)
    dated = inside.with_columns(
        day=((col("at") - col("time")).dt.total_microseconds() // MICROSECONDS).cast(nw.Int64) + 1
    )
    if outcome.value == "any":
        daily = dated.group_by("unit").agg(col("day").min()).with_columns(added=nw.lit(1.0))
    elif outcome.distinct:
        first = dated.filter(~col(outcome.value).is_null()).group_by("unit", outcome.value)
        seen = first.agg(col("day").min())
        daily = seen.group_by("unit", "day").agg(added=nw.len().cast(nw.Float64))
    else:
        value = dated.select("unit", "day", added=col(outcome.value).cast(nw.Float64))
        daily = value.group_by("unit", "day").agg(col("added").sum())
    running = daily.with_columns(after=col("added").cum_sum().over("unit", order_by="day"))
    before = running.with_columns(before=col("after") - col("added"))
    if cap is not None:
        cut = {name: _at_most(name, cap) for name in ("before", "after")}
        before = before.with_columns(**cut)
    return before.select("unit", "day", "after", added=col("after") - col("before"))


def _at_most(name: str, cap: float) -> nw.Expr:
    return nw.when(col(name) > cap).then(nw.lit(cap)).otherwise(col(name))


def sums_by_day(changes: Frame, units: Frame) -> Frame:
    """Per arm, day and observed days: sums from which every moment of the curve follows.

    Args:
        changes: as `increments` returns them.
        units: unit, variant, level and the covariate x (0 where there is none).
    """
    joined = changes.join(units, on="unit", how="inner").filter(col("day") <= col("level"))
    before = col("after") - col("added")
    return (
        joined.with_columns(
            squared=col("added") ** 2,
            grown=col("after") ** 2 - before**2,
            with_x=col("added") * col("x"),
        )
        .group_by("variant", "day", "level")
        .agg(col("added", "squared", "grown", "with_x").sum())
    )


def sums_by_half(changes: Frame, units: Frame, window: int) -> Frame:
    """Per arm, of the units that completed the window: sums of its first and second half, and products."""
    half = window // 2
    complete = changes.join(units.filter(col("level") >= window), on="unit", how="inner")
    split = complete.with_columns(
        early=nw.when(col("day") <= half).then(col("added")).otherwise(nw.lit(0.0)),
        late=nw.when(col("day") > half).then(col("added")).otherwise(nw.lit(0.0)),
    )
    each = split.group_by("unit", "variant", "x").agg(col("early", "late").sum())
    products = {
        "early_early": col("early") ** 2,
        "early_late": col("early") * col("late"),
        "late_late": col("late") ** 2,
        "early_x": col("early") * col("x"),
        "late_x": col("late") * col("x"),
    }
    return each.with_columns(**products).group_by("variant").agg(col("early", "late", *products).sum())


@dataclass(frozen=True)
class Sizes:
    """Who stands behind each day: units, people, and the sums of their covariate.

    Attributes:
        n, people, x, xx: shape (days, arms); over the units observed to the end of each day.
    """

    n: Floats
    people: Floats
    x: Floats
    xx: Floats

    @classmethod
    def of(cls, table: pl.DataFrame, arms: Sequence[str], window: int) -> "Sizes":
        """From sums per variant and level: variant, level, n, people, x, xx."""
        return cls(
            *(_reached(grid(table, name, arms, window, "level")) for name in ("n", "people", "x", "xx"))
        )


def grid(table: pl.DataFrame, name: str, arms: Sequence[str], window: int, by: str) -> Floats:
    """Sums of a long table as an array (days, arms); days past the window stand with its last."""
    found = np.zeros((window + 1, len(arms)))
    place = {arm: position for position, arm in enumerate(arms)}
    for variant, day, value in table.select("variant", by, name).iter_rows():
        found[min(day, window), place[variant]] += value
    return found


def _reached(by_level: Floats) -> Floats:
    """Sums over all levels from each day on, for the days from 1."""
    total: Floats = by_level[::-1].cumsum(axis=0)[::-1][1:]
    return total


def curves(table: pl.DataFrame, sizes: Sizes, arms: Sequence[str], window: int) -> tuple[Moments, Moments]:
    """Moments of what has added up by each day, and of what each day added, shape (days, arms); p = 2: y, x.

    Args:
        table: as `sums_by_day` returns them, collected.
        sizes: of the same units.
        arms: control first.
        window: days.
    """
    names = ("added", "squared", "grown", "with_x")
    cube = {name: np.zeros((window, window, len(arms))) for name in names}
    place = {arm: position for position, arm in enumerate(arms)}
    for row in table.iter_rows(named=True):
        at = row["day"] - 1, min(row["level"], window) - 1, place[row["variant"]]
        for name in names:
            cube[name][at] += row[name]
    seen = {name: part[:, ::-1].cumsum(axis=1)[:, ::-1] for name, part in cube.items()}  # level ≥ day
    days = np.arange(window)
    that_day = {name: part[days, days] for name, part in seen.items()}
    so_far = {name: np.cumsum(part, axis=0)[days, days] for name, part in seen.items()}
    daily = _moments(sizes, that_day["added"], that_day["squared"], that_day["with_x"])
    return _moments(sizes, so_far["added"], so_far["grown"], so_far["with_x"]), daily


def _moments(sizes: Sizes, y: Floats, yy: Floats, xy: Floats) -> Moments:
    sums = np.stack([y, sizes.x], axis=-1)
    products = np.stack([np.stack([yy, xy], axis=-1), np.stack([xy, sizes.xx], axis=-1)], axis=-2)
    return Moments.from_shifted_sums(sizes.n, sums, products, np.zeros(2))


def halves(table: pl.DataFrame, sizes: Sizes, arms: Sequence[str], window: int) -> Moments:
    """Moments of the first half, the second half and the covariate, shape (arms,), of who completed it."""
    known = {row["variant"]: row for row in table.iter_rows(named=True)}

    def read(name: str) -> Floats:
        return np.array([known.get(arm, {}).get(name, 0.0) for arm in arms])

    n, x, xx = (part[window - 1] for part in (sizes.n, sizes.x, sizes.xx))
    sums = np.stack([read("early"), read("late"), x], axis=-1)
    early_late, early_x, late_x = (read(name) for name in ("early_late", "early_x", "late_x"))
    rows = [
        [read("early_early"), early_late, early_x],
        [early_late, read("late_late"), late_x],
        [early_x, late_x, xx],
    ]
    products = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    return Moments.from_shifted_sums(n, sums, products, np.zeros(3))


def capped(variables: Variables) -> nw.Expr:
    """The covariate x of a metric, cut at its own cap; 0 where there is none."""
    if len(variables.columns) < 2:
        return nw.lit(0.0)
    value, cap = col(variables.columns[1]).cast(nw.Float64), variables.caps[1]
    return value if cap is None else nw.when(value > cap).then(nw.lit(cap)).otherwise(value)
