"""Net value of a journey: the margin that it adds, less what its inference costs.

The margin is an estimate with an interval. The cost is a ledger figure: it was billed, whoever had been drawn
into which arm, and is taken as known. So the joint interval of net value is the margin's, moved by the cost.
"""

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from metrics.inference import Offsets, local_day

Frame = nw.LazyFrame[Any]
col = nw.col


class Effect(NamedTuple):
    """A measured effect, as it was published.

    Attributes:
        units: mature units of the variant.
        difference: per unit, in the metric's unit.
        low, high: its limits.
        window_days: how long each unit was followed.
    """

    units: int
    difference: float
    low: float
    high: float
    window_days: float


class Ledger(NamedTuple):
    """What serving a journey took over a period.

    Attributes:
        cost: in the workspace's currency.
        recommendations: how many were made.
        unit_days: days that its personalised units were in the period, added up; see `unit_days`.
    """

    cost: float
    recommendations: int
    unit_days: int

    @property
    def cost_per_unit_day(self) -> float:
        """Cost of one unit's day, spread evenly."""
        return self.cost / self.unit_days


class Worth(NamedTuple):
    """What a journey is worth, in the workspace's currency; field names are columns of net_value.csv.

    Attributes:
        cost_per_unit: inference for one treated unit over the metric's window.
        net_value, net_low, net_high: of all treated units over that window.
        break_even_cost_per_recommendation, break_even_low, break_even_high: what a recommendation may cost
            before the margin is used up; empty where nothing was recommended.
        value_of_consent, value_of_consent_low, value_of_consent_high: net value if the effect were the same
            on the units not covered by consent; empty where their number is not known.
    """

    cost_per_unit: float
    net_value: float
    net_low: float
    net_high: float
    break_even_cost_per_recommendation: float | None
    break_even_low: float | None
    break_even_high: float | None
    value_of_consent: float | None
    value_of_consent_low: float | None
    value_of_consent_high: float | None


def worth(margin: Effect, ledger: Ledger, uncovered: int | None) -> Worth:
    """Net value = (margin per treated unit - its inference cost over the same window) × treated units.

    >>> margin = Effect(units=1000, difference=0.50, low=0.20, high=0.80, window_days=28)
    >>> found = worth(margin, Ledger(cost=920.0, recommendations=2_300_000, unit_days=92_000), uncovered=400)
    >>> round(found.cost_per_unit, 2), round(found.net_value), round(found.net_low), round(found.net_high)
    (0.28, 220, -80, 520)
    >>> round(found.break_even_cost_per_recommendation * 1000, 3), round(found.value_of_consent)
    (0.714, 88)

    Args:
        margin: effect on margin per unit.
        ledger: of the period, `unit_days` above 0.
        uncovered: units whom the journey met without consent.
    """
    per_unit = ledger.cost_per_unit_day * margin.window_days
    made = ledger.recommendations / ledger.unit_days * margin.window_days
    limits = (margin.difference, margin.low, margin.high)
    net = [limit - per_unit for limit in limits]
    return Worth(
        per_unit,
        *(each * margin.units for each in net),
        *(limit / made if made else None for limit in limits),
        *(None if uncovered is None else each * uncovered for each in net),
    )


def cost_per_incremental_unit(effect: Effect, cost_per_unit_day: float) -> float | None:
    """Inference cost of one more order (or other unit of a metric); None unless the gain is clear of zero.

    >>> gain = Effect(units=1000, difference=0.02, low=0.01, high=0.03, window_days=28)
    >>> round(cost_per_incremental_unit(gain, 0.001), 3), cost_per_incremental_unit(gain._replace(low=0), 1)
    (1.4, None)
    """
    if effect.low <= 0:
        return None
    return cost_per_unit_day * effect.window_days / effect.difference


def first_days(
    events: Frame, spans: Mapping[str, tuple[dt.datetime, dt.datetime]], offsets: Offsets
) -> Frame:
    """When each unit was first personalised: journey, day (local), units, people.

    An event whose `personalised` is unknown counts as personalised.

    Args:
        events: journey, unit, customer, occurred_at, personalised.
        spans: journey → from and until when its costs are known, naive UTC, `until` exclusive.
        offsets: of the workspace's zone.
    """
    time = col("occurred_at")
    inside = [(col("journey") == name) & (time >= a) & (time < b) for name, (a, b) in spans.items()]
    counted = reduce(lambda some, other: some | other, inside, nw.lit(value=False))
    shown = events.filter(counted, col("personalised").fill_null(value=True), ~col("unit").is_null())
    person = shown.group_by("journey", "unit", "customer").agg(time.min())
    unit = person.group_by("journey", "unit").agg(time.min(), members=nw.len())
    return (
        unit.with_columns(day=local_day(time, offsets))
        .group_by("journey", "day")
        .agg(units=nw.len().cast(nw.Int64), people=col("members").sum().cast(nw.Int64))
    )


def unit_days(first: pl.DataFrame, last_day: Mapping[str, dt.date]) -> pl.DataFrame:
    """Days from each unit's first personalised event to its journey's `last_day`, both included.

    Person-time: a unit that came late carries less of the cost than one that was there throughout.

    Returns:
        journey, units, people, unit_days.
    """
    until = pl.col("journey").replace_strict(last_day, return_dtype=pl.Date)
    days = (until - pl.col("day")).dt.total_days() + 1
    return first.group_by("journey", maintain_order=True).agg(
        pl.col("units", "people").sum(), unit_days=(days * pl.col("units")).sum()
    )
