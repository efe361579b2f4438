"""Whether an effect fades with the days since assignment, in sentences that claim no more than was tested."""

from metrics import formatting
from metrics.formatting import EffectText
from reports.growth.ageing import SHAPES, Trend
from reports.results import Experiment, Metric
from reports.wording.figures import capitalised, difference_unit, subject
from reports.wording.privacy_words import Told


def fading(found: Trend | None, metric: Metric, experiment: Experiment, currency: str) -> Told:
    """What to read first, and what it means."""
    if found is None:
        return Told(None, "There is no course by days since assignment: it needs order lines and a window.")
    mark, known = found.mark(metric, experiment), found.reading in SHAPES
    if not (known or found.reading == "unclear") or found.early is None:
        lead = f"Whether the effect on {subject(metric, experiment)} fades is not told."
        return Told(mark, lead, f"{capitalised(found.note or 'it cannot be tested')}.")
    early, late, change = (_a_day(found, name, metric, currency) for name in ("early", "late", "change"))
    both = (
        f"{early.estimate} a day ({early.interval}) in {_first(found)}, then {late.estimate} "
        f"({late.interval}) in {_second(found)}"
    )
    what = subject(metric, experiment)
    if not known:
        lead = (
            f"Whether the effect on {what} fades cannot be told: between the halves it may change by "
            f"anything from {change.low} to {change.high} a day."
        )
        return Told(mark, lead, f"{capitalised(both)}. {_visible(found, metric, currency)}")
    lead = f"The effect on {what} {mark.word}: {both}."
    means = _HARM_GROWS if mark.word == "grows" and not found.helps(metric) else _MEANS[mark.word]
    return Told(mark, lead, f"Change {change.estimate} a day ({change.interval}). {means}")


_MEANS = {
    "fades": "Count on the later level, not on the average of the window, for what lasts.",
    "grows": "People need time with it: a longer window may show more.",
    "holds": "No change is clear, and more than half of the first half's effect is kept.",
}
_HARM_GROWS = "It goes the wrong way, and a longer window may show more of it."


def advice(found: Trend | None) -> str:
    """What a fading effect adds to the next step; empty unless it fades."""
    if found is None or found.reading != "fades":
        return ""
    return " The effect fades with the days since assignment: count on the later level."


def alone(number: int, experiment: Experiment) -> str:
    """What reading several metrics means; empty for one."""
    if number < 2:
        return ""
    level = formatting.percent(experiment.confidence, 0)
    return (
        f"Each of the {number} metrics is read on its own at {level}: the more one looks at, the likelier "
        "one seems to fade by luck."
    )


def _first(found: Trend) -> str:
    return f"the first {found.early_days} days"


def _second(found: Trend) -> str:
    return f"days {found.early_days + 1} to {found.early_days + found.late_days}"


def _a_day(found: Trend, name: str, metric: Metric, currency: str) -> EffectText:
    values = (getattr(found, name), getattr(found, f"{name}_low"), getattr(found, f"{name}_high"))
    return formatting.effect(*values, difference_unit(metric), currency=currency)


def _visible(found: Trend, metric: Metric, currency: str) -> str:
    if found.smallest_change is None:
        return ""
    unit = difference_unit(metric)
    size = formatting.effect(found.smallest_change, None, None, unit, currency=currency, sign=False).estimate
    return f"Only a change of {size} a day or more would mostly be seen (with a chance of 80 %)."
