"""Effects by days since assignment, of every metric that adds up order lines."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from experiments.arrays import Floats
from experiments.moments import Moments
from experiments.novelty import trend
from jobs.config.models import MeanMetric
from jobs.experiment.analysis import Breakdown
from jobs.experiment.units import Units
from metrics import by_age
from metrics.effects_table import Design, MetricMoments, day_rows
from metrics.outcomes import Outcome, Variables

Frame = nw.LazyFrame[Any]
col = nw.col

FEWEST_DAYS = 2
"""A window shorter than this has no course."""
ONCE = "every unit counts once, so later days add less by themselves: read a metric that adds up instead"


@dataclass(frozen=True)
class Aged:
    """An experiment's effects by days since assignment, still on the personal-data side of the door.

    Attributes:
        days: rows of effects_by_age with the people behind them.
        trends: rows of effect_trends, likewise.
    """

    days: pl.DataFrame
    trends: pl.DataFrame


@dataclass(frozen=True)
class _Observed:
    """What all metrics share: usable lines, and units with how long each is observed."""

    lines: Frame
    units: Frame


def effects_by_age(
    design: Design, breakdown: Breakdown, variables: Sequence[Variables], units: Units, until: dt.datetime
) -> Aged | None:
    """The curves of all metrics of order lines with a window of whole days; None where there is none.

    Args:
        design: of the experiment.
        breakdown: of its units, with the caps of the whole run.
        variables: the metrics' columns.
        units: with their lines.
        until: instant up to which order lines are known.
    """
    metrics = breakdown.workspace.metrics
    found = {
        v.metric: metric
        for v in variables
        if isinstance(metric := metrics[v.metric], MeanMetric) and _has_course(metric)
    }
    if not found:
        return None
    own = {v.metric: v for v in variables}
    observed = _observed(design, breakdown, found, units, until)
    days, trends = [], []
    for name, metric in found.items():
        curve, row = _one(design, breakdown, own[name], metric, observed)
        days.append(curve)
        trends += row
    return Aged(pl.concat(days), pl.DataFrame(trends, schema=TREND_TYPES))


def _has_course(metric: MeanMetric) -> bool:
    window = float(metric.window_days or 0)
    return metric.table == "order_lines" and window.is_integer() and window >= FEWEST_DAYS


def _observed(
    design: Design,
    breakdown: Breakdown,
    found: Mapping[str, MeanMetric],
    units: Units,
    until: dt.datetime,
) -> _Observed:
    """Lines and units once for all metrics; one grouping of days, so that no two metrics differ by a few."""
    engine, k = breakdown.engine, breakdown.minimum_people
    windows = sorted({int(metric.window_days or 0) for metric in found.values()})
    values = sorted({str(metric.value) for metric in found.values()} - {"any"})
    window = Outcome("", "any", False, float(windows[-1]), None)
    lines = engine.checkpoint(
        units.admitted.lines_within([window], *values).select("unit", "time", "at", *values),
        f"{design.experiment}-aged-lines",
    )
    timed = breakdown.counting.filter(~col("time").is_null()).with_columns(
        observed=by_age.observed_days(until, windows[-1])
    )
    timed = timed.filter(col("observed") >= 0)
    sizes = engine.collect(timed.group_by("variant", "observed").agg(col("people").sum()))
    people = by_age.grid(sizes, "people", design.arms, windows[-1], "observed")
    level = pl.LazyFrame({"observed": np.arange(windows[-1] + 1), "level": by_age.levels(people, windows, k)})
    levelled = timed.join(nw.from_native(level), on="observed", how="inner").filter(col("level") > 0)
    return _Observed(lines, engine.checkpoint(levelled, f"{design.experiment}-aged-units"))


def _one(
    design: Design, breakdown: Breakdown, variables: Variables, metric: MeanMetric, observed: _Observed
) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    engine, arms = breakdown.engine, design.arms
    window = int(metric.window_days or 0)
    name = variables.metric
    outcome = Outcome(name, str(metric.value), metric.aggregate == "count_distinct", float(window), None)
    units = observed.units.select("unit", "variant", "people", "level", x=by_age.capped(variables))
    changes = engine.checkpoint(
        by_age.increments(observed.lines, outcome, variables.caps[0]), f"{design.experiment}-{name}-aged"
    )
    table = engine.collect(by_age.sums_by_day(changes, units))
    sizes = by_age.Sizes.of(
        engine.collect(
            units.with_columns(n=nw.lit(1.0), xx=col("x") ** 2)
            .group_by("variant", "level")
            .agg(col("n", "people", "x", "xx").sum())
        ),
        arms,
        window,
    )
    so_far, daily = by_age.curves(table, sizes, arms, window)
    days = range(1, window + 1)
    adjusts = len(variables.columns) > 1
    note = breakdown.note(variables)
    rows = _rows(design, name, so_far, sizes.people, adjusts, note, days)
    each = _rows(design, name, daily, sizes.people, adjusts, note, days)
    shown = rows.with_columns(
        window_days=pl.lit(window, dtype=pl.Int64),
        daily_difference=each["difference"],
        daily_low=each["difference_low"],
        daily_high=each["difference_high"],
    )
    if metric.value == "any":
        return shown, list(_without_trend(design, name, window, sizes.people[-1], ONCE))
    halves = engine.collect(by_age.sums_by_half(changes, units, window))
    moments = by_age.halves(halves, sizes, arms, window)
    return shown, list(_trends(design, name, moments, window, sizes.people[-1], note))


def _rows(
    design: Design, name: str, moments: Moments, people: Floats, adjusts: bool, note: str, days: range
) -> pl.DataFrame:
    cells = tuple((str(day), "") for day in days)
    kept = moments if adjusts else moments.select([0])
    return day_rows(design, MetricMoments(name, False, cells, kept, people, note), list(days))


TREND_TYPES = {
    **dict.fromkeys(("experiment", "metric", "control", "variant"), pl.String()),
    **dict.fromkeys(("n_control", "n_variant", "early_days", "late_days"), pl.Int64()),
    **dict.fromkeys(
        ("early", "early_low", "early_high", "late", "late_low", "late_high", "change", "change_low",
         "change_high", "p_value", "smallest_change"),
        pl.Float64(),
    ),
    **dict.fromkeys(("reading", "interval", "status", "note"), pl.String()),
    **dict.fromkeys(("people_control", "people_variant"), pl.Float64()),
}  # fmt: skip


def _trends(
    design: Design, name: str, moments: Moments, window: int, people: Floats, note: str
) -> Iterator[dict[str, Any]]:
    days = (window // 2, window - window // 2)
    pairs, pooled_x = design.planned_pairs(), float(moments.merge_all(0).mean[2])
    for position, row in enumerate(_without_trend(design, name, window, people, "")):
        planned = None if design.ended else float(pairs[position])
        pair = moments.take([0, position + 1])
        found = trend(pair, days, design.confidence, planned, len(pairs), pooled_x)
        sizes = {
            "n_control": int(moments.n[0]),
            "n_variant": int(moments.n[position + 1]),
            "interval": "fixed" if design.ended else "any_look",
        }
        if found is None:
            yield row | sizes | {"note": "too few units have completed the window, or nothing varies"}
        else:
            yield row | sizes | vars(found) | {"status": "ok", "note": note or None}


def _without_trend(
    design: Design, name: str, window: int, people: Floats, why: str
) -> Iterator[dict[str, Any]]:
    for position, variant in enumerate(design.arms[1:]):
        yield {
            "experiment": design.experiment, "metric": name, "control": design.arms[0], "variant": variant,
            "early_days": window // 2, "late_days": window - window // 2, "people_control": people[0],
            "people_variant": people[position + 1], "status": "not_testable", "note": why,
        }  # fmt: skip
