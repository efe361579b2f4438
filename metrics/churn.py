"""How long customers stay: from activity, withdrawals or observed durations to one duration per unit.

Time 0 is the assignment. Everything takes members that `jobs.population` has admitted, on their engine.
"""

import datetime as dt
from typing import Any

import narwhals as nw
import polars as pl

from experiments.survival import LifeTable

Frame = nw.LazyFrame[Any]
col = nw.col
MICROSECONDS_A_DAY = 86_400_000_000


def churn_spans(units: Frame, purchases: Frame, inactive_days: float) -> Frame:
    """Duration until a customer has been inactive for `inactive_days`, or was last followed.

    Assignment and purchases are activity; churn comes `inactive_days` after the last activity once a gap that
    long is complete. Following ends at `until`: the measurement date, or a withdrawal before it.

    Args:
        units: unit, variant, time, until, left (1 where `until` is a withdrawal or objection).
        purchases: unit, at: purchases that may be used.
        inactive_days: length of the gap.

    Returns:
        unit, variant, days (real-valued), happened (1 or 0), left (1 = a withdrawal ended it).
    """
    followed = units.select("unit", "variant", "time", "until", "left")
    bought = purchases.join(followed, on="unit", how="inner").filter(
        col("at") > col("time"), col("at") < col("until")
    )
    activity = nw.concat([followed.select("unit", at=col("time")), bought.select("unit", "at")]).unique()
    gaps = activity.with_columns(following=col("at").shift(-1).over("unit", order_by="at"))
    over = col("at") + dt.timedelta(days=inactive_days)
    complete = gaps.with_columns(over=over).filter(
        col("following").is_null() | (col("following") >= col("over"))
    )
    first = complete.group_by("unit").agg(churned_at=col("over").min())
    joined = followed.join(first, on="unit", how="left")
    happened = ~col("churned_at").is_null() & (col("churned_at") <= col("until"))
    return _spans(joined, happened, col("churned_at"))


def withdrawal_spans(units: Frame) -> Frame:
    """Duration until the first withdrawal or refusal of one of the purposes, or until last followed.

    Args:
        units: unit, variant, time, until, left, refused_at; only those who held every grant at assignment.

    Returns:
        unit, variant, days, happened, left.
    """
    happened = ~col("refused_at").is_null() & (col("refused_at") <= col("until"))
    return _spans(units, happened, col("refused_at"))


def observed_spans(units: Frame, duration: str, event: str) -> Frame:
    """Durations already observed per unit, in the unit's own unit of time.

    Args:
        units: unit, variant and the two columns; units without a duration are missing, not censored.

    Returns:
        unit, variant, days (in the table's own unit), happened.
    """
    known = units.filter(~col(duration).is_null(), ~col(event).is_null(), col(duration) >= 0)
    return known.select(
        "unit",
        "variant",
        days=col(duration).cast(nw.Float64),
        happened=nw.when(col(event) > 0).then(1).otherwise(0),
        left=nw.lit(0),
    )


def _spans(units: Frame, happened: nw.Expr, at: nw.Expr) -> Frame:
    end = nw.when(happened).then(at).otherwise(col("until"))
    days = (end - col("time")).dt.total_microseconds() / MICROSECONDS_A_DAY
    left = nw.when(happened).then(0).otherwise(col("left"))
    return units.with_columns(days=days, happened=nw.when(happened).then(1).otherwise(0), left=left).select(
        "unit", "variant", "days", "happened", "left"
    )


def counts(spans: Frame) -> Frame:
    """Units per variant and duration: variant, days, units, events, left."""
    return spans.group_by("variant", "days").agg(
        col("left").sum(), events=col("happened").sum(), units=nw.len()
    )


def life_table(found: pl.DataFrame, arm: str, *, leavers_churn: bool = False) -> LifeTable:
    """One arm's life table from collected `counts`; empty where the arm has no unit.

    `leavers_churn` counts those who withdrew as if the event had come at that moment: the worst case.
    """
    rows = found.filter(pl.col("variant") == arm)
    events = pl.col("events") + (pl.col("left") if leavers_churn else 0)
    counted = rows.select("days", "units", events=events).cast(pl.Float64)
    return LifeTable.from_counts(
        counted["days"].to_numpy(),
        counted["events"].to_numpy(),
        (counted["units"] - counted["events"]).to_numpy(),
    )
