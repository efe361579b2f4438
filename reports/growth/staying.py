"""Who stayed: one survival metric of one variant, as a plain record, with the curves of its arms."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import polars as pl

from reports.readings import (
    BETTER,
    NO_CLEAR_EFFECT,
    NOT_TESTABLE,
    TOO_EARLY,
    WITHHELD,
    WORSE,
    Limits,
    Mark,
    side,
)
from reports.readings import withheld as is_withheld
from reports.results import Experiment, Metric
from reports.snapshot import Snapshot


@dataclass(frozen=True)
class Staying:
    """A row of survival_effects.csv; a figure that is not available is None.

    Attributes:
        horizon_days, rmst_difference: in days, or in the table's own unit of time.
        risk_difference, margin, worst_case_risk_difference: shares of units with the event by the horizon.
        left_control, left_variant: units that a withdrawal or objection took out of sight; None below k.
    """

    metric: str
    control: str
    variant: str
    status: str
    note: str | None
    horizon_days: float | None
    rmst_difference: float | None
    rmst_low: float | None
    rmst_high: float | None
    risk_difference: float | None
    risk_low: float | None
    risk_high: float | None
    risk_control: float | None
    risk_variant: float | None
    hazard_ratio: float | None
    hazard_low: float | None
    hazard_high: float | None
    logrank_p: float | None
    p_value: float | None
    p_noninferiority: float | None
    proportional_p: float | None
    worst_case_risk_difference: float | None
    n_control: int | None
    n_variant: int | None
    left_control: int | None
    left_variant: int | None
    margin: float | None
    guardrail_state: str | None

    def retained(self) -> tuple[float, float, float] | None:
        """Units of the variant without the event at the horizon beyond what control's risk would leave."""
        if (
            self.risk_difference is None
            or self.risk_low is None
            or self.risk_high is None
            or not self.n_variant
        ):
            return None
        return (
            -self.risk_difference * self.n_variant,
            -self.risk_high * self.n_variant,
            -self.risk_low * self.n_variant,
        )

    def hazard_log(self) -> tuple[float | None, float | None, float | None]:
        """Logarithms of the hazard ratio and its limits: 0 where the pace is the same."""
        first, low, high = (
            math.log(value) if value and value > 0 else None
            for value in (self.hazard_ratio, self.hazard_low, self.hazard_high)
        )
        return first, low, high


def survival_metrics(experiment: Experiment) -> list[Metric]:
    """The experiment's metrics of staying, guardrails last."""
    return [metric for metric in experiment.metrics if metric.definition.get("kind") == "survival"]


def staying(snapshot: Snapshot, experiment: Experiment, metric: str, variant: str) -> Staying | None:
    """One metric of one variant; None without evidence."""
    rows = snapshot.table("survival_effects").filter(
        experiment=experiment.experiment, metric=metric, variant=variant
    )
    names = [field.name for field in fields(Staying)]
    return next((Staying(**row) for row in rows.select(names).iter_rows(named=True)), None)


def curves(snapshot: Snapshot, experiment: Experiment, metric: str, arms: Iterable[str]) -> pl.DataFrame:
    """Rows of survival.csv of some arms that have figures, by arm and day."""
    rows = snapshot.part("survival", experiment.experiment).filter(metric=metric)
    known = rows.filter(pl.col("variant").is_in(list(arms)), pl.col("survival").is_not_null())
    return known.sort("variant", "day")


def at_risk_days(found: pl.DataFrame, horizon: float | None, most: int = 7) -> list[int]:
    """Days at which the number at risk is told, up to the last that every arm has; the horizon if it fits."""
    if found.is_empty():
        return []
    last = int(found.group_by("variant").agg(pl.col("day").max())["day"].min() or 0)  # type: ignore[arg-type]
    sizes = (1, 2, 5, 7, 10, 14, 15, 20, 30, 60, 90, 180, 365)
    few = [size for size in sizes if last // size < most]
    even = [size for size in few if horizon and horizon % size == 0]
    step = next(iter(even or few), max(1, last // (most - 1)))
    return list(range(0, last + 1, step))


def standing(found: pl.DataFrame, arm: str, day: int) -> dict[str, float | int | None]:
    """An arm's last published row up to a day; empty before the first."""
    rows = found.filter(pl.col("variant") == arm, pl.col("day") <= day)
    return rows.row(-1, named=True) if rows.height else {}


def staying_mark(experiment: Experiment, low: float | None, high: float | None, *, harm: int) -> Mark:
    """What an interval says of staying; `harm` is the side of 0 on which people leave."""
    if is_withheld(experiment):
        return WITHHELD
    if low is None or high is None:
        return NOT_TESTABLE
    found = side(Limits(low, high, None, None))
    if not experiment.ended:
        return TOO_EARLY
    return NO_CLEAR_EFFECT if found == 0 else WORSE if found == harm else BETTER
