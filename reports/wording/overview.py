"""All journeys in one sentence, and the next step of each in a few words."""

from collections.abc import Mapping, Sequence
from datetime import date

from metrics import formatting
from reports.journeys import ATTENTION, Journey
from reports.readings import HEALTH, VERDICTS, health_mark
from reports.results import Experiment
from reports.wording.figures import effect_text, listed
from reports.wording.verdicts import MANY_TIMES, Said

ACTS = {
    "better": "Roll out further",
    "worse": "Stop it",
    "harms a guardrail": "Do not roll out as it is",
    "withheld": "Mend the test first",
    "no clear effect": "Decide, or go on measuring",
    "too early to say": "Let it run",
    "not testable": "Check the metric",
    "too few people": "Let it run",
    "no evidence": "Wait for data",
}
"""The next step by verdict, in a few words."""


_TOLD = (
    ("worse", "{names} does harm.", "{names} do harm."),
    ("harms a guardrail", "{names} gains but harms a guardrail.", "{names} gain but harm a guardrail."),
    (
        "withheld",
        "The figures of {names} must not be read: a health check failed.",
        "The figures of {names} must not be read: health checks failed.",
    ),
    ("no clear effect", "{names} shows no clear effect.", "{names} show no clear effect."),
    ("too early to say", "It is too early to judge {names}.", "It is too early to judge {names}."),
)
_WITHOUT = "There are no figures to show for {names}."


def overview(journeys: Sequence[Journey], results: Mapping[str, Said]) -> tuple[str, str]:
    """Lead sentence and what follows it.

    Args:
        journeys: those shown.
        results: what each one's experiment amounts to, by journey.
    """
    if not journeys:
        return "There are no journeys yet.", "Name them in journeys.yaml, then refresh."
    if len(journeys) == 1 and journeys[0].journey in results:
        return results[journeys[0].journey].lead, results[journeys[0].journey].more
    gains = [f"{j.name} ({_lift(j)})" for j in journeys if "better" in _words(j)]
    more = []
    for word, one, several in _TOLD:
        names = [journey.name for journey in journeys if word in _words(journey)]
        if names:
            more.append((one if len(names) == 1 else several).format(names=listed(names)))
    told = {"better", *(word for word, _, _ in _TOLD)}
    without = [journey.name for journey in journeys if not _words(journey) & told]
    if without:
        more.append(_WITHOUT.format(names=listed(without)))
    return _lead(gains, len(journeys)), " ".join(more)


def asks_for_an_act(journey: Journey) -> bool:
    """Whether somebody should do something about it now, other than wait."""
    return bool(_words(journey) & set(ATTENTION))


def act(journey: Journey, variant: str) -> str:
    """The next step for one variant in a few words."""
    if journey.experiment is None:
        return "Start an experiment"
    mark = next(m for v, m in zip(journey.variants, journey.marks, strict=True) if v == variant)
    record = journey.experiment.verdicts.get(variant)
    more = record.detail.get("needed_more") if record else None
    row = journey.experiment.headline(journey.experiment.primary, variant)
    if more and mark in (VERDICTS["no_clear_effect"], VERDICTS["too_early"]):
        beyond = bool(row and row.units and more >= MANY_TIMES * row.units)
        needs = f"needs about {formatting.about(more)} more {journey.experiment.noun}"
        return f"{needs}: out of reach" if beyond else needs
    if mark == VERDICTS["better"] and health_mark(journey.experiment.checks) == HEALTH["warn"]:
        return "Look into the health check, then roll out"
    return ACTS[mark.word]


def period_of(experiment: Experiment) -> str:
    """When it ran, such as "1 Jul 2026 – 30 Sep 2026"; says so when that is not known."""
    if experiment.starts is None and experiment.ends is None:
        return "dates not given"
    if experiment.ends is None:
        return f"since {formatting.day(experiment.starts)}"
    if experiment.starts is None:
        return f"until {formatting.day(experiment.ends)}"
    return f"{formatting.day(experiment.starts)} – {formatting.day(experiment.ends)}"


def stage(experiment: Experiment, as_of: date) -> str:
    """How far it has come by the last day that counts."""
    if experiment.ended:
        return "planned end reached"
    if experiment.ends is not None and as_of >= experiment.ends:
        return "assignment ended, outcomes still open"
    return "still running"


def _lead(gain: Sequence[str], total: int) -> str:
    if not gain:
        return f"None of {total} journeys shows a clear gain from personalisation yet."
    verb = "shows" if len(gain) == 1 else "show"
    return f"{len(gain)} of {total} journeys {verb} a clear gain: {listed(gain)}."


def _lift(journey: Journey) -> str:
    """The largest lift among the variants that are better."""
    experiment = journey.experiment
    if experiment is None:
        return formatting.MISSING
    better = [v for v, mark in zip(journey.variants, journey.marks, strict=True) if mark.word == "better"]
    rows = [row for v in better if (row := experiment.headline(experiment.primary, v)) is not None]
    texts = [effect_text(row, experiment.metric(row.metric), experiment, "") for row in rows]
    best = max(zip((abs(row.difference or 0) for row in rows), texts, strict=True), default=None)
    return best[1].estimate if best else formatting.MISSING


def _words(journey: Journey) -> set[str]:
    return {mark.word for mark in journey.marks}
