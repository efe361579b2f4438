"""Who stayed, in sentences: retained customers first, then time, pace, and those out of sight."""

from typing import NamedTuple

from metrics import formatting
from metrics.formatting import EffectText
from reports.growth.staying import Staying
from reports.readings import HIDDEN, NO_EVIDENCE, NOT_TESTABLE, WITHHELD, Mark, reading, withheld
from reports.results import Effect, Experiment, Metric, arm_name, humanised
from reports.wording.figures import capitalised, listed
from reports.wording.privacy_words import Told

STEADY = 0.05
"""A p-value of the steadiness of the hazard ratio below this warns against reading it as one number."""


class Words(NamedTuple):
    """How a metric of staying is spoken of.

    Attributes:
        event: the event as a noun.
        stay: what those without the event do.
        leave: what those with the event do.
        time: its unit of time, in the plural.
    """

    event: str
    stay: str
    leave: str
    time: str


def words(metric: Metric) -> Words:
    """How a metric is spoken of: by its table and event."""
    known = metric.definition
    if known.get("table") == "consent_events":
        return Words("consent withdrawal", "keep their consent", "withdraw consent", "days")
    if known.get("inactive_days"):
        return Words("churn", "stay", "leave", "days")
    event = humanised(str(known.get("event") or metric.metric)).lower()
    return Words(
        f"event ‘{event}’", f"go without ‘{event}’", f"reach ‘{event}’", str(known.get("duration") or "days")
    )


def horizon(found: Staying, said: Words) -> str:
    """Such as "day 90"."""
    if found.horizon_days is None:
        return "the horizon"
    number = formatting.number(found.horizon_days, 0)
    return f"day {number}" if said.time == "days" else f"{number} {said.time}"


def risk(found: Staying) -> EffectText:
    """The risk difference in points, with its limits."""
    return formatting.effect(found.risk_difference, found.risk_low, found.risk_high, "points")


def lead(found: Staying | None, metric: Metric, experiment: Experiment, effect: Effect | None) -> Told:
    """What to read first: how many more stay, and how sure that is."""
    said = words(metric)
    if found is None:
        return without(metric, experiment)
    if found.status == "suppressed" or found.n_variant is None:
        return Told(
            HIDDEN, f"Too few people to say how many {said.stay}.", f"{found.note or ''}".capitalize()
        )
    if withheld(experiment):
        return Told(
            WITHHELD, f"Who would {said.leave} cannot be read: a health check of this experiment failed."
        )
    kept = found.retained()
    if found.status != "ok" or kept is None:
        return Told(
            NOT_TESTABLE,
            f"{capitalised(said.event)} cannot be compared: {found.note or 'no limits'}.",
            _risks(found, said),
        )
    mark = reading(effect, metric, experiment)
    return Told(mark, _stay(found, kept, said, experiment), _risks(found, said))


def _stay(found: Staying, kept: tuple[float, float, float], said: Words, experiment: Experiment) -> str:
    middle, low, high = kept
    variant, control = arm_name(found.variant), arm_name(found.control)
    among = f"of the {formatting.count(found.n_variant)} {experiment.noun} assigned to {variant}"
    until = horizon(found, said)
    if low <= 0 <= high:
        few, many = formatting.about(-low), formatting.about(high)
        return (
            f"{capitalised(among)}, anything from {few} fewer to {many} more may {said.stay} until {until} "
            f"than would with {control}."
        )
    way = f"{said.stay} until {until}" if low > 0 else f"{said.leave} by {until}"
    nearer, farther = sorted((abs(low), abs(high)))
    span = f"{formatting.about(nearer)} to {formatting.about(farther)}"
    told = f"about {formatting.about(abs(middle))} more ({span}) {among} {way} than would with {control}."
    return capitalised(told if experiment.ended else f"so far {told}")


def _risks(found: Staying, said: Words) -> str:
    if found.risk_control is None or found.risk_variant is None:
        return ""
    control, variant = formatting.means(found.risk_control, found.risk_variant, "share")
    told = risk(found)
    limits = f" ({told.interval})" if told.interval != formatting.MISSING else ""
    by = f"{capitalised(said.event)} by {horizon(found, said)}"
    return f"{by}: {variant} instead of {control}, {told.estimate}{limits}."


def without(metric: Metric, experiment: Experiment) -> Told:
    """Why a configured metric has no figures."""
    table = metric.definition.get("table")
    return Told(
        NO_EVIDENCE,
        f"No evidence on {words(metric).event}: nothing was measured.",
        f"It needs the table {table} and the assignments of {experiment.name}; see Status for what was read.",
    )


def longer(found: Staying, said: Words, experiment: Experiment) -> str:
    """The time gained within the horizon."""
    if found.rmst_difference is None or found.rmst_low is None or found.rmst_high is None:
        return "Not known."
    told = formatting.effect(found.rmst_difference, found.rmst_low, found.rmst_high, "number")
    whole = f"of the {formatting.number(found.horizon_days, 0)} until the horizon"
    return f"{told.estimate} {said.time} per {experiment.noun[:-1]} ({told.interval}), {whole}."


def pace(found: Staying, said: Words) -> str:
    """Hazard ratio and log-rank test."""
    if found.hazard_ratio is None:
        return "Not known."
    ratio = formatting.effect(found.hazard_ratio, found.hazard_low, found.hazard_high, "number", sign=False)
    return (
        f"Log-rank p {_p(found.logrank_p)}. {capitalised(said.event)} comes at {ratio.estimate} times the "
        f"pace of control ({ratio.interval})."
    )


def unsteady(found: Staying) -> str:
    """A warning where one hazard ratio does not hold over the whole time; empty where it may."""
    if found.proportional_p is None or found.proportional_p >= STEADY:
        return ""
    p = _p(found.proportional_p)
    return f"The hazard ratio is not steady over time (p {p}): read the curves, not the ratio."


def worth(found: Staying, experiment: Experiment, margin: Effect | None, currency: str) -> str:
    """What retained customers bring if they buy like the average of their arm; empty where not known."""
    kept = found.retained()
    if kept is None or margin is None or margin.mean_variant is None:
        return ""
    window = experiment.metric(margin.metric).definition.get("window_days")
    each = margin.mean_variant
    middle, low, high = (n * each for n in kept)
    brought = formatting.total(middle, low, high, currency, sign=True)
    within = f" in {window:g} days" if window else ""
    average = f"{formatting.money(each, currency)} margin{within}"
    clear = not kept[1] <= 0 <= kept[2]
    told = f"{brought.estimate} ({brought.interval})" if clear else f"anything from {brought.interval}"
    return f"If those who stay buy like the average of their arm ({average}), that is {told}."


def early(found: Staying, experiment: Experiment, minimum_people: int) -> Told:
    """Those who went out of sight, and the worst that could be behind it."""
    if found.left_control == found.left_variant == 0:
        return Told(None, f"None of the {experiment.noun} went out of sight before the data end.")
    arms = [
        f"{_left(left, minimum_people)} of {formatting.count(n)} with {arm_name(arm)}"
        for arm, left, n in (
            (found.control, found.left_control, found.n_control),
            (found.variant, found.left_variant, found.n_variant),
        )
    ]
    told = f"Out of sight after a withdrawal or objection: {listed(arms)}."
    worst = found.worst_case_risk_difference
    if worst is None or found.risk_difference is None or found.left_variant is None:
        return Told(None, told, "What they did later is unknown.")
    difference = formatting.effect(worst, found.risk_low, found.risk_high, "points").estimate
    return Told(
        None,
        told,
        f"Had the event come to every one of {arm_name(found.variant)}'s at that moment, the difference "
        f"would be {difference} instead of {risk(found).estimate}: {_survives(found, worst)}.",
    )


def _survives(found: Staying, worst: float) -> str:
    if found.risk_high is not None and found.risk_high < 0:
        return "still a gain, by less" if worst < 0 else "the gain rests on them having stayed"
    if found.risk_low is not None and found.risk_low > 0:
        return "the harm is there either way"
    return "a bound for the worst, not an estimate"


def _left(number: int | None, minimum_people: int) -> str:
    if number is None:
        return f"fewer than {minimum_people}"
    return formatting.count(number) if number else "none"


def guardrail(found: Staying | None, metric: Metric, experiment: Experiment, state: Mark) -> str:
    """A guardrail's state in a sentence."""
    said = words(metric)
    if found is None or found.risk_difference is None:
        return f"{capitalised(said.event)} is a guardrail without figures: {state.word}."
    told = risk(found)
    seen = f"{capitalised(said.event)}: {told.estimate} ({told.interval}) by {horizon(found, said)}"
    tolerated = experiment.guardrails[metric.metric].get("margin")
    if tolerated is None:
        return f"{seen}. No margin is set, so harm is any clear rise."
    most = f"the tolerated {formatting.points(tolerated, 1 if tolerated >= 0.001 else 2)}"
    if state.word == "worse" and experiment.ended and (found.risk_low or 0.0) > tolerated:
        return f"{seen}. Worse: harm beyond {most} is clear."
    return f"{seen}. {_STATES.get(state.word, _STATES['not enough data']).format(most)}"


_STATES = {
    "worse": "Worse: a rise is clear, and harm beyond {} cannot be ruled out.",
    "not worse": "Not worse: harm beyond {} can be ruled out.",
    "possibly worse": "Possibly worse: the estimate is beyond {}, though the interval reaches 0.",
    "not enough data": "Not enough data: harm beyond {} cannot be ruled out.",
    "withheld": "Withheld: a health check failed, whatever {}.",
}


def no_metric(experiments: int) -> Told:
    """What to do where no experiment has a metric of staying."""
    lead = "No experiment measures who stays." if experiments else "There is no experiment that could."
    return Told(
        NO_EVIDENCE,
        lead,
        "Add a metric such as churn: {kind: survival, table: order_lines, inactive_days: 60, horizon_days: "
        "90} to metrics.yaml, name it in an experiment, and refresh.",
    )


def method(found: Staying | None, metric: Metric, experiment: Experiment) -> list[tuple[str, str]]:
    """How staying is computed, term by term."""
    said = words(metric)
    pairs = [
        ("Event", _event(metric)),
        (
            "Time",
            f"From assignment, in {said.time}. Whoever has not had the event when the data end, or goes out "
            "of sight before, counts for as long as seen.",
        ),
        ("Curves", "Kaplan and Meier; pointwise limits from Greenwood's variance on the log-log scale."),
        ("Compared", "Risk and restricted mean time at the horizon; log-rank test; Cox, with Efron's ties."),
    ]
    if found is not None and found.n_control is not None:
        sizes = f"{formatting.count(found.n_variant)} and {formatting.count(found.n_control)}"
        arms = f"{arm_name(found.variant)} and {arm_name(found.control)}"
        pairs.insert(0, ("Followed", f"{sizes} {experiment.noun}, {arms}, from their assignment."))
    return pairs


def _event(metric: Metric) -> str:
    known = metric.definition
    if known.get("inactive_days"):
        return (
            f"No purchase for {known['inactive_days']:g} days, dated to the end of that gap; assignment "
            "counts as activity."
        )
    if known.get("table") == "consent_events":
        return (
            "The first withdrawal or refusal of one of the experiment's purposes, among those who held every "
            "grant at assignment."
        )
    return (
        f"As observed elsewhere: {known.get('event')} after {known.get('duration')}, in {known.get('table')}."
    )


def _p(value: float | None) -> str:
    told = formatting.p_value(value)
    return told if told.startswith("<") else f"= {told}"


def without_metric(names: list[str]) -> str:
    """Which experiments have no metric of staying; empty when all have one."""
    return f"Without a metric of staying in experiments.yaml: {listed(names)}." if names else ""
