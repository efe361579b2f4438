"""What an experiment's effects on money amount to, as plain records."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from reports.readings import BETTER, NO_CLEAR_EFFECT, NO_EVIDENCE, TOO_EARLY, WITHHELD, WORSE, Mark, withheld
from reports.results import Experiment
from reports.snapshot import Snapshot

KINDS = ("margin", "revenue", "other")
"""Margin first: it is what is left of revenue."""


@dataclass(frozen=True)
class Worth:
    """A row of money.csv; a figure that is not available is None."""

    metric: str
    control: str
    variant: str
    kind: str
    window_days: float | None
    n_control: int | None
    n_variant: int | None
    incremental_total: float | None
    incremental_low: float | None
    incremental_high: float | None
    per_unit: float | None
    per_unit_low: float | None
    per_unit_high: float | None
    recommendations_per_unit: float | None
    per_recommendation: float | None
    per_recommendation_low: float | None
    per_recommendation_high: float | None
    cost_per_unit: float | None
    cost_basis: str | None
    return_on_cost: float | None
    return_low: float | None
    return_high: float | None
    quarter_units: int | None
    quarter_basis: str | None
    quarter_total: float | None
    quarter_low: float | None
    quarter_high: float | None
    half_low: float | None
    half_high: float | None
    units_for_half: int | None
    status: str
    note: str | None


def worth(snapshot: Snapshot, experiment: Experiment, variant: str) -> list[Worth]:
    """One row per kind of money, margin first: the metric without a cap where there is a choice."""
    names = [field.name for field in fields(Worth)]
    rows = snapshot.money.get((experiment.experiment, variant), ())
    found = {row["metric"]: Worth(**{name: row[name] for name in names}) for row in rows}
    order = [metric.metric for metric in experiment.metrics if metric.metric in found]
    capped = {m.metric for m in experiment.metrics if m.definition.get("cap_quantile")}
    order.sort(key=lambda name: name in capped)
    chosen: dict[str, Worth] = {}
    for name in order:
        row = found[name]
        chosen.setdefault(name if row.kind == "other" else row.kind, row)
    return sorted(chosen.values(), key=lambda row: KINDS.index(row.kind))


def of_kind(rows: Iterable[Worth], kind: str) -> Worth | None:
    """The row of that kind that has figures."""
    return next((row for row in rows if row.kind == kind and row.per_unit is not None), None)


def mark(row: Worth, experiment: Experiment) -> Mark:
    """Whether it earns: clear only when the interval lies on one side of 0."""
    if withheld(experiment):
        return WITHHELD
    if row.per_unit_low is None or row.per_unit_high is None:
        return NO_EVIDENCE
    if row.per_unit_low <= 0 <= row.per_unit_high:
        return NO_CLEAR_EFFECT if experiment.ended else TOO_EARLY
    return BETTER if row.per_unit_low > 0 else WORSE
