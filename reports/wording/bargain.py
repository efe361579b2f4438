"""What is earned against who withdraws: a gain that is paid for with people's consent is told as one."""

from metrics import formatting
from reports.readings import deciding, side
from reports.results import Effect, Experiment
from reports.wording.figures import subject

PER = 1_000
"""Units that both sides are told for, so that they can be compared."""


def bargain(experiment: Experiment, variant: str, harmed: list[str], currency: str) -> str:
    """The lead of a verdict on a journey that earns by driving people to withdraw; empty if it does not.

    Args:
        experiment: it and its figures.
        variant: one that gains and harms a guardrail.
        harmed: the guardrails that are worse.
        currency: ISO 4217 code.
    """
    lost = next((row for name in harmed if (row := _withdrawn(experiment, name, variant))), None)
    if lost is None:
        return ""
    earned = _earned(experiment, variant)
    if earned is None:
        told = f"{_people(lost, experiment)} per {formatting.count(PER)} {experiment.noun}"
        return f"It gains by driving people to withdraw consent: {told}."
    return (
        f"It earns by driving people to withdraw consent: per {formatting.count(PER)} {experiment.noun} "
        f"{_money(earned, experiment, currency)} against {_people(lost, experiment)}."
    )


def _withdrawn(experiment: Experiment, name: str, variant: str) -> Effect | None:
    row = experiment.headline(name, variant)
    consent = experiment.metric(name).definition.get("table") == "consent_events"
    return row if consent and row and row.difference and row.difference > 0 else None


def _earned(experiment: Experiment, variant: str) -> Effect | None:
    """The clear gain in margin, else in the primary metric where that is money."""
    margin = [
        m.metric for m in experiment.metrics if m.unit == "money" and m.definition.get("value") == "margin"
    ]
    primary = experiment.metric(experiment.primary)
    names = [*margin, *([primary.metric] if primary.unit == "money" else [])]
    rows = [row for name in names if (row := experiment.headline(name, variant))]
    return next((row for row in rows if side(deciding(row, experiment)) > 0), None)


def _money(row: Effect, experiment: Experiment, currency: str) -> str:
    limits = deciding(row, experiment)
    middle, low, high = (None if v is None else PER * v for v in (row.difference, limits.low, limits.high))
    told = formatting.effect(middle, low, high, "money", currency=currency)
    what = subject(experiment.metric(row.metric), experiment).removesuffix(f" per {experiment.noun[:-1]}")
    return f"{told.estimate} of {what} ({told.interval})"


def _people(row: Effect, experiment: Experiment) -> str:
    """Further withdrawals; the interval of a risk is that of the planned look."""
    middle, low, high = (
        formatting.number(PER * (value or 0), 0)
        for value in (row.difference, row.difference_low, row.difference_high)
    )
    within = f" within {row.horizon_days:.0f} days" if row.horizon_days else ""
    limits = f" ({low} to {high})" if experiment.ended and row.difference_low is not None else ""
    return f"{middle} more withdrawals{limits}{within}"
