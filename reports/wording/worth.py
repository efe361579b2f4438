"""What an experiment earns in sentences: in all, for each unit, per cost, and how well that is known."""

from collections.abc import Sequence
from typing import NamedTuple

from metrics import formatting
from metrics.formatting import EffectText
from reports.growth.worth import Worth, of_kind
from reports.results import Experiment, Metric
from reports.wording.figures import capitalised

SPENDING = {
    "ledger": "inference",
    "measured": "{cost}",
    "measured and ledger": "{cost} and inference",
}
"""What the cost is made of, by `cost_basis`."""


class Told(NamedTuple):
    """What to read first, and what stands behind it."""

    lead: str
    more: str


def worth(rows: Sequence[Worth], experiment: Experiment, currency: str) -> Told:
    """What to read first: margin where it is measured, else the first amount that is known."""
    row = of_kind(rows, "margin") or next((row for row in rows if row.per_unit is not None), None)
    if row is None:
        why = next((row.note for row in rows if row.note), None) or "nothing was measured"
        return Told("What it is worth is not known.", f"{capitalised(why)}.")
    return Told(_earned(row, experiment, currency), _returned(row, experiment, currency))


def _earned(row: Worth, experiment: Experiment, currency: str) -> str:
    each = amount(row, "per_unit", currency)
    total = short(row, "incremental", currency, "incremental_total")
    unit, what = experiment.noun[:-1], kind(row, experiment)
    among = f"the {formatting.count(row.n_variant)} {experiment.noun} measured"
    low, high = row.per_unit_low or 0.0, row.per_unit_high or 0.0
    if low <= 0 <= high:
        return (
            f"Whether it earns {what} is not clear: {each.low} to {each.high} per {unit}, "
            f"{total.low} to {total.high} in all among {among}."
        )
    verb = "earns" if low > 0 else "loses"
    return (
        f"It {verb} {what}: {each.estimate} per {unit} ({each.interval}), {total.estimate} in all "
        f"({total.interval}) among {among}."
    )


def _returned(row: Worth, experiment: Experiment, currency: str) -> str:
    if row.return_on_cost is None:
        return "What that cost is not on record, so there is no return on it."
    what, spent = kind(row, experiment), spending(row, experiment)
    if row.return_low is None or row.return_high is None:
        return f"The return on {spent} has no limits: the added cost is not clear of 0."
    text, one = returned(row, currency), formatting.money(1, currency)
    told = f"Every {one} spent on {spent} brought back {text.estimate} of {what} ({text.interval})"
    if row.kind != "margin":
        return f"{told}."
    if row.return_low > 1:
        return f"{told}: it pays."
    return f"{told}: it does not pay." if row.return_high < 1 else f"{told}: whether it pays is not clear."


def quarter(row: Worth, experiment: Experiment, period: str, currency: str) -> Told:
    """What the quarter is worth, and what half the interval would mean for it."""
    total = short(row, "quarter", currency, "quarter_total")
    half = formatting.effect(row.quarter_total, row.half_low, row.half_high, "money", currency=currency)
    units, noun = formatting.count(row.quarter_units), experiment.noun
    when, each = formatting.quarter(period), f", {row.window_days:g} days each" if row.window_days else ""
    what = f"{total.estimate} of {kind(row, experiment)} ({total.interval})"
    if of_the_quarter(row):
        lead = f"{when}, for the {units} {noun} personalised in it{each}: {what}."
    else:
        unknown = f"How many it reached in {when} is not on record."
        lead = f"Among the {units} {noun} measured{each}: {what}. {unknown}"
    more = (
        f"Half the interval would say {half.low} to {half.high}, if the estimate stays: that takes about "
        f"{formatting.about(row.units_for_half)} more {noun}."
    )
    return Told(lead, f"{more} {decision(row)}")


def of_the_quarter(row: Worth) -> bool:
    """Whether it is known for whom the amount of the quarter stands; else it is that of those measured."""
    return row.quarter_basis == "personalised"


def decision(row: Worth) -> str:
    """Whether half the interval could change what to do."""
    limits = (row.quarter_low, row.quarter_high, row.half_low, row.half_high)
    if None in limits:
        return ""
    low, high, half_low, half_high = (value or 0.0 for value in limits)
    if not low <= 0 <= high:
        return "It would not change the decision: the sign is clear already."
    if half_low <= 0 <= half_high:
        return "Even then the sign would not be clear."
    return f"At this estimate the sign would then be clear: a {'gain' if half_low > 0 else 'loss'}."


def returned(row: Worth, currency: str) -> EffectText:
    """What a unit of money spent brought back."""
    values = (row.return_on_cost, row.return_low, row.return_high)
    return formatting.effect(*values, "money", currency=currency, sign=False)


def kind(row: Worth, experiment: Experiment) -> str:
    """Such as "margin", for the middle of a sentence."""
    if row.kind != "other":
        return row.kind
    label = experiment.metric(row.metric).label
    return label[:1].lower() + label[1:]


def spending(row: Worth, experiment: Experiment) -> str:
    """What the cost is made of, such as "vouchers and inference"."""
    name = experiment.definition.get("cost")
    cost = _lower(experiment.metric(name)) if name else "cost"
    return SPENDING.get(row.cost_basis or "", "cost").format(cost=cost)


def amount(row: Worth, name: str, currency: str) -> EffectText:
    """An amount with its limits, in full."""
    values = (getattr(row, name), getattr(row, f"{name}_low"), getattr(row, f"{name}_high"))
    return formatting.effect(*values, "money", currency=currency)


def short(row: Worth, name: str, currency: str, middle: str) -> EffectText:
    """A sum with its limits, in thousands or millions where it is large."""
    low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
    return formatting.total(getattr(row, middle), low, high, currency, sign=True)


def _lower(metric: Metric) -> str:
    return metric.label[:1].lower() + metric.label[1:]
