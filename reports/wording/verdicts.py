"""One variant's result in sentences: what happened, the figures behind it, and what to do next.

Every sentence is true for its figures: an interval that holds 0 never reads as a win or a loss, and figures
that a health check withholds are not told.
"""

from datetime import date, timedelta
from typing import NamedTuple

from metrics import formatting
from reports.readings import Mark, verdict_mark
from reports.results import Experiment, arm_name
from reports.wording.bargain import bargain
from reports.wording.figures import Figures, capitalised, listed, subject
from reports.wording.guardrails import to_watch
from reports.wording.health import REMEDIES, check_label

MANY_TIMES = 5
"""From so many times the present number on, a needed number of customers is called out of reach."""


class Said(NamedTuple):
    """A result in words.

    Attributes:
        mark: the verdict in a word.
        lead: what happened, in one sentence.
        more: the figures behind it.
        advice: what to do next.
    """

    mark: Mark
    lead: str
    more: str
    advice: str


def verdict(experiment: Experiment, variant: str, *, currency: str, minimum_people: int, as_of: date) -> Said:
    """One variant's result in words.

    Args:
        experiment: it and its figures.
        variant: compared with control.
        currency: ISO 4217 code of money metrics.
        minimum_people: the fewest people that a figure may describe.
        as_of: the last day that counts.
    """
    mark = verdict_mark(experiment, variant)
    record = experiment.verdicts.get(variant)
    row = experiment.headline(experiment.primary, variant)
    code = record.code if record else "no_evidence"
    if code == "withheld":
        return _withheld(experiment, variant, mark)
    if code == "suppressed":
        return _suppressed(experiment, mark, minimum_people)
    if code == "not_testable":
        why = f"{capitalised(row.note)}." if row and row.note else ""
        return Said(mark, f"Cannot be tested: {primary(experiment)} does not allow it.", why, _UNTESTABLE)
    if code == "no_evidence" or row is None:
        return _no_evidence(experiment, mark)
    figures = Figures(experiment, row, currency)
    lead, advice = _lead_and_advice(code, figures, variant, as_of)
    more = [figures.more(), *_harm(experiment, variant, currency)]
    harmed = harmed_guardrails(experiment, variant)
    if code == "harmful_guardrail" and (traded := bargain(experiment, variant, harmed, currency)):
        lead, more = traded, [f"{capitalised(_finding(figures))}.", *more]
    return Said(mark, lead, " ".join(more), advice)


_UNTESTABLE = "Look at the metric's definition and its data: a metric that never varies cannot be compared."


def keep_some(experiment: Experiment) -> str:
    """Why not everybody gets what works."""
    return f"keep some {experiment.noun} held out, so the gain stays measured"


def _first(experiment: Experiment) -> str:
    """What comes before a rollout: whatever the health checks warn of."""
    warned = [f"“{check_label(check.check)}”" for check in experiment.checks if check.status == "warn"]
    return f"First look into {listed(warned)}; then r" if warned else "R"


def primary(experiment: Experiment) -> str:
    """The primary metric, for the middle of a sentence."""
    return subject(experiment.metric(experiment.primary), experiment)


def _finding(figures: Figures) -> str:
    return f"{primary(figures.experiment)} is {figures.higher()} {figures.compared()}"


def _lead_and_advice(code: str, figures: Figures, variant: str, as_of: date) -> tuple[str, str]:
    experiment = figures.experiment
    what, arm, control = primary(experiment), arm_name(variant), arm_name(experiment.control)
    already = "" if experiment.ended else " already"
    finding = _finding(figures)
    if code == "better":
        advice = f"{_first(experiment)}oll out {arm} further; {keep_some(experiment)}.{to_watch(experiment)}"
        if not experiment.ended:
            advice += " Waiting for the planned end would only make the figure more precise."
        return f"It works{already}: {finding}.", advice
    if code == "worse":
        return f"It does harm{already}: {finding}.", f"Do not roll out {arm}; go back to {control}."
    if code == "harmful_guardrail":
        harmed = _harmed(experiment, variant)
        lead = f"It gains, but does harm: {finding}, while {harmed} got worse."
        return lead, f"Do not roll it out as it is: find out why {harmed} got worse, mend it and test again."
    span = f"{what} may be anything {figures.span()} {figures.compared()}"
    early = code == "too_early"
    lead = f"Too early to say: so far {span}" if early else f"No clear effect: {span}"
    if harmed := _harmed(experiment, variant):
        stop = f"Stop {arm}: no gain is shown, and {harmed} got worse{already}."
        return f"{lead}, while {harmed} got worse{already}.", stop
    if early:
        return f"{lead}.", f"{_until(experiment, as_of)} {needed(figures)}".strip()
    return f"{lead}.", f"{needed(figures)} {_WORTH_IT}".strip()


_WORTH_IT = "Decide whether a further test is worth it; until then change nothing."


def _harm(experiment: Experiment, variant: str, currency: str) -> list[str]:
    """The figures of the guardrails that are worse."""
    rows = [experiment.headline(name, variant) for name in harmed_guardrails(experiment, variant)]
    found = [Figures(experiment, row, currency) for row in rows if row]
    return [f"{capitalised(subject(f.metric, experiment))}: {f.briefly()}." for f in found]


def _harmed(experiment: Experiment, variant: str) -> str:
    names = harmed_guardrails(experiment, variant)
    return listed([subject(experiment.metric(name), experiment) for name in names])


def harmed_guardrails(experiment: Experiment, variant: str) -> list[str]:
    """Metrics whose guardrail is worse, as the verdict says."""
    record = experiment.verdicts.get(variant)
    detail = record.detail.get("verdict", {}) if record else {}
    return [name for name in detail.get("harmed_guardrails", []) if name in experiment.guardrails]


def needed(figures: Figures) -> str:
    """How many more units would settle an effect of the size seen; empty when that cannot be said."""
    record = figures.experiment.verdicts.get(figures.row.variant)
    more, units = (record.detail.get("needed_more") if record else None), figures.row.units
    if not more:
        return ""
    noun = figures.experiment.noun
    text = f"To settle an effect of the size seen takes about {formatting.about(more)} more {noun}"
    if units and more >= MANY_TIMES * units:
        return (
            f"{text}, {formatting.about(more / units)} times as many as so far: out of reach as it runs now."
        )
    return f"{text}."


def _until(experiment: Experiment, as_of: date) -> str:
    if experiment.ends is None:
        return "Let it run; it has no planned end."
    if as_of < experiment.ends:
        return f"Let it run to its planned end on {formatting.day(experiment.ends)}."
    window = experiment.metric(experiment.primary).definition.get("window_days")
    complete = (
        f", complete after {formatting.day(experiment.ends + timedelta(days=window))}" if window else ""
    )
    return f"Assignment has ended; wait for the last outcomes{complete}."


def _withheld(experiment: Experiment, variant: str, mark: Mark) -> Said:
    detail = experiment.verdicts[variant].detail.get("verdict", {})
    names = detail.get("failed_checks") or [c.check for c in experiment.checks if c.status == "fail"]
    notes = {check.check: check.note for check in experiment.checks}
    labels = listed([f"“{check_label(name)}”" for name in names])
    return Said(
        mark,
        f"Do not read these figures: the check {labels} failed.",
        " ".join(notes[name] for name in names if name in notes),
        REMEDIES.get(names[0] if names else "", "Find the cause, mend it, and refresh."),
    )


def _suppressed(experiment: Experiment, mark: Mark, minimum_people: int) -> Said:
    return Said(
        mark,
        f"Too few people to show: an arm has fewer than {minimum_people}.",
        f"Figures about fewer than {minimum_people} people stay hidden: they could point at somebody.",
        f"Let it run: figures appear once every arm has {minimum_people} {experiment.noun} that count.",
    )


def _no_evidence(experiment: Experiment, mark: Mark) -> Said:
    blocked = next((c.note for c in experiment.checks if c.check == "consent" and c.status == "unknown"), "")
    waiting = sum(item.units or 0 for item in experiment.exclusions if item.reason == "not_mature")
    lead = f"No evidence yet: there is no result for {primary(experiment)}."
    if waiting:
        more = f"The outcome window of {formatting.count(waiting)} {experiment.noun} is still open."
        return Said(mark, lead, more, "Wait until their windows close, then refresh.")
    if blocked:
        return Said(mark, lead, blocked, "Add the missing table to workspace.yaml, then refresh.")
    return Said(mark, lead, "", "Check on Data status that its tables arrive, then refresh.")
