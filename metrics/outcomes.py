"""Outcomes per unit: how rows of an event table become one number per assigned unit.

Everything here takes what `jobs.population` has admitted and returns lazy frames on the same engine.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
col = nw.col


@dataclass(frozen=True)
class Outcome:
    """What is added up per unit from an event table.

    Attributes:
        name: column of the result; the covariate is `<name>__before`.
        value: column to add up; "any" = 1 if there is at least one row.
        distinct: count distinct values instead of adding up.
        window_days: rows with 0 ≤ time since assignment < window count.
        covariate_days: the same, before assignment; None = no covariate.
    """

    name: str
    value: str
    distinct: bool
    window_days: float
    covariate_days: float | None

    @property
    def before(self) -> str:
        """Name of the covariate's column."""
        return f"{self.name}__before"


def _since(days: float) -> nw.Expr:
    return col("time") + dt.timedelta(days=days)


def _within(outcome: Outcome) -> nw.Expr:
    return (col("at") >= col("time")) & (col("at") < _since(outcome.window_days))


def _before(outcome: Outcome) -> nw.Expr:
    return (col("at") < col("time")) & (col("at") >= _since(-(outcome.covariate_days or 0.0)))


def usable_rows(spans: Frame, rows: Frame) -> Frame:
    """Event rows of members who count, inside the spans in which they may be used.

    `rows`: customer, at, and the value columns. `spans`: as `jobs.population.usable_spans` returns them.
    """
    return rows.join(spans, on="customer", how="inner").filter(
        col("since").is_null() | (col("at") >= col("since")),
        col("until").is_null() | (col("at") < col("until")),
    )


def member_rows(spans: Frame, rows: Frame, outcomes: Sequence[Outcome]) -> Frame:
    """Usable rows inside the longest window or covariate period of `outcomes`; see `usable_rows`."""
    longest = max(outcome.window_days for outcome in outcomes)
    earliest = max(outcome.covariate_days or 0.0 for outcome in outcomes)
    return usable_rows(spans, rows).filter(col("at") < _since(longest), col("at") >= _since(-earliest))


def event_outcomes(spans: Frame, rows: Frame, outcomes: Sequence[Outcome]) -> Frame:
    """Outcome and covariate per unit that has any row: unit, then two columns per outcome.

    Units without a row are absent: their outcome is 0, which the caller fills in from the list of units.
    `spans` and `rows` as in `member_rows`.
    """
    relevant = member_rows(spans, rows, outcomes)
    summed = [outcome for outcome in outcomes if not outcome.distinct]
    result = _sums(relevant, summed) if summed else relevant.select("unit").unique()
    for outcome in outcomes:
        if outcome.distinct:
            result = _join_counts(result, relevant.filter(_within(outcome)), outcome.value, outcome.name)
            if outcome.covariate_days is not None:
                result = _join_counts(
                    result, relevant.filter(_before(outcome)), outcome.value, outcome.before
                )
    return result


def _sums(relevant: Frame, outcomes: Sequence[Outcome]) -> Frame:
    columns, found = {}, []
    for outcome in outcomes:
        is_any = outcome.value == "any"
        value = nw.lit(1.0) if is_any else col(outcome.value).cast(nw.Float64)
        columns[outcome.name] = nw.when(_within(outcome)).then(value).otherwise(nw.lit(0.0))
        if outcome.covariate_days is not None:
            columns[outcome.before] = nw.when(_before(outcome)).then(value).otherwise(nw.lit(0.0))
        names = [name for name in (outcome.name, outcome.before) if name in columns]
        found += [col(name).max() if is_any else col(name).sum() for name in names]
    return relevant.select("unit", **columns).group_by("unit").agg(*found)


def _join_counts(result: Frame, rows: Frame, value: str, name: str) -> Frame:
    distinct = rows.filter(~col(value).is_null()).select("unit", value).unique()
    counts = distinct.group_by("unit").agg(nw.len().cast(nw.Float64).alias(name))
    return result.join(counts, on="unit", how="left").with_columns(col(name).fill_null(0.0))


@dataclass(frozen=True)
class Variables:
    """The columns of a metric, one to three, whose moments are taken together.

    Attributes:
        metric: name of the metric.
        columns: outcome alone, outcome and covariate, or numerator and denominator; money, its cost, and the
            money's covariate if any.
        mature: boolean column; only these units count.
        caps: upper limit per column; None = none.
        pilots: value near the mean of each column, subtracted before squaring (numerical stability).
    """

    metric: str
    columns: tuple[str, ...]
    mature: str
    caps: tuple[float | None, ...]
    pilots: tuple[float, ...]

    def label(self, *parts: int) -> str:
        """Name of the sum of a product of shifted columns."""
        return "__".join([self.metric, "sum", *(str(part) for part in parts)])


def shifted_sums(units: Frame, by: Sequence[str], metrics: Sequence[Variables]) -> Frame:
    """One pass: per cell the counts per maturity column, and sums and products of the shifted columns.

    Returns:
        `by`, then `<mature>__n` and `<mature>__people` per maturity column, and `Variables.label` columns.
    """
    columns: dict[str, nw.Expr] = {}
    for mature in dict.fromkeys(metric.mature for metric in metrics):
        columns[f"{mature}__n"] = col(mature).cast(nw.Float64)
        columns[f"{mature}__people"] = (
            nw.when(col(mature)).then(col("people")).otherwise(nw.lit(0)).cast(nw.Float64)
        )
    for metric in metrics:
        shifted = [_shifted(metric, position) for position in range(len(metric.columns))]
        for first in range(len(shifted)):
            columns[metric.label(first)] = shifted[first]
            for second in range(first, len(shifted)):
                columns[metric.label(first, second)] = shifted[first] * shifted[second]
    sums = [col(name).sum() for name in columns]
    prepared = units.with_columns(**columns)
    return prepared.group_by(*by).agg(*sums) if by else prepared.select(*sums)


def _shifted(metric: Variables, position: int) -> nw.Expr:
    value = col(metric.columns[position]).cast(nw.Float64)
    cap = metric.caps[position]
    if cap is not None:
        value = nw.when(value > cap).then(nw.lit(cap)).otherwise(value)
    return nw.when(col(metric.mature)).then(value - metric.pilots[position]).otherwise(nw.lit(0.0))
