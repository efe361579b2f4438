"""What a figure amounts to, as one word with a shape and a tone: never by colour alone."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from reports.results import Check, Effect, Experiment, Metric

Tone = Literal["good", "bad", "warn", "neutral", "none"]


class Mark(NamedTuple):
    """A status as people read it: a word, a shape for those who see no colour, and a tone for the rest."""

    word: str
    shape: str
    tone: Tone


class Limits(NamedTuple):
    """The interval that decides: the fixed one at the planned end, before it the one valid at any look.

    Attributes:
        low, high: of the difference, in the metric's unit.
        relative_low, relative_high: of the lift, shares of control's mean; None when unbounded.
    """

    low: float | None
    high: float | None
    relative_low: float | None
    relative_high: float | None


BETTER = Mark("better", "▲", "good")
WORSE = Mark("worse", "▼", "bad")
NO_CLEAR_EFFECT = Mark("no clear effect", "●", "neutral")
TOO_EARLY = Mark("too early to say", "◔", "neutral")
NOT_TESTABLE = Mark("not testable", "◌", "none")
HIDDEN = Mark("too few people", "◌", "none")
NO_EVIDENCE = Mark("no evidence", "◌", "none")
WITHHELD = Mark("withheld", "■", "bad")

COSTS_MORE = Mark("costs more", "▲", "neutral")
COSTS_LESS = Mark("costs less", "▼", "neutral")
"""Of the experiment's cost: it is set against what it earns, and no harm by itself."""

MIXED = Mark("mixed", "◆", "warn")

VERDICTS = {
    "better": BETTER,
    "worse": WORSE,
    "harmful_guardrail": Mark("harms a guardrail", "■", "bad"),
    "no_clear_effect": NO_CLEAR_EFFECT,
    "too_early": TOO_EARLY,
    "not_testable": NOT_TESTABLE,
    "suppressed": HIDDEN,
    "no_evidence": NO_EVIDENCE,
    "withheld": WITHHELD,
}
"""By the verdict's code."""

GUARDRAILS = {
    "not_worse": Mark("not worse", "●", "good"),
    "possibly_worse": Mark("possibly worse", "◆", "warn"),
    "worse": WORSE,
    "not_enough_data": Mark("not enough data", "◌", "none"),
}
"""By the guardrail's state."""

HEALTH = {
    "pass": Mark("passed", "●", "good"),
    "warn": Mark("warns", "▲", "warn"),
    "fail": Mark("failed", "■", "bad"),
    "unknown": Mark("unknown", "◌", "none"),
}
"""By the check's status."""

SURVIVAL = "survival"
"""Method of risks at a horizon: they have limits for one planned look only."""

_WORST_FIRST = ("fail", "warn", "unknown", "pass")


def verdict_mark(experiment: Experiment, variant: str) -> Mark:
    """What a variant's result amounts to; no verdict is no evidence."""
    verdict = experiment.verdicts.get(variant)
    return VERDICTS.get(verdict.code, NO_EVIDENCE) if verdict else NO_EVIDENCE


def withheld(experiment: Experiment) -> bool:
    """Whether a failed health check forbids reading any of its figures."""
    return any(verdict.code == "withheld" for verdict in experiment.verdicts.values())


def deciding(effect: Effect, experiment: Experiment) -> Limits:
    """The interval that readings rest on."""
    if experiment.ended or effect.method == SURVIVAL:
        return Limits(
            effect.difference_low, effect.difference_high, effect.relative_low, effect.relative_high
        )
    return Limits(
        effect.sequential_low,
        effect.sequential_high,
        effect.relative_sequential_low,
        effect.relative_sequential_high,
    )


def side(limits: Limits) -> int:
    """1 when the whole interval lies above 0, −1 when below, 0 when it holds 0 or is not known."""
    if limits.low is None or limits.high is None:
        return 0
    return 1 if limits.low > 0 else -1 if limits.high < 0 else 0


def reading(effect: Effect | None, metric: Metric, experiment: Experiment) -> Mark:
    """What a row of the scorecard amounts to."""
    unread = _unread(effect, experiment)
    if unread or effect is None:
        return unread or NO_EVIDENCE
    if metric.metric in experiment.guardrails:
        return GUARDRAILS.get(effect.guardrail_state or "", GUARDRAILS["not_enough_data"])
    if effect.method == SURVIVAL and not experiment.ended:
        return TOO_EARLY
    found = side(deciding(effect, experiment))
    if found and metric.metric == experiment.definition.get("cost"):
        return COSTS_MORE if found > 0 else COSTS_LESS
    return _side_mark(found, metric, experiment)


def segment_reading(effect: Effect, metric: Metric, experiment: Experiment) -> Mark:
    """What a segment's row amounts to: it stands out only if it does so among all segments looked at."""
    unread = _unread(effect, experiment)
    if unread:
        return unread
    counted = effect.p_adjusted is not None and effect.p_adjusted < 1 - experiment.confidence
    found = side(deciding(effect, experiment)) if counted else 0
    return _side_mark(found, metric, experiment)


def health_mark(checks: Iterable[Check]) -> Mark:
    """The worst of several checks; none at all is unknown."""
    found = {check.status for check in checks}
    return HEALTH[next((status for status in _WORST_FIRST if status in found), "unknown")]


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """Checks with those that need a reader first, otherwise in their own order."""
    return sorted(checks, key=lambda check: _WORST_FIRST.index(check.status))


def _unread(effect: Effect | None, experiment: Experiment) -> Mark | None:
    if effect is None or effect.status == "no_evidence":
        return NO_EVIDENCE
    if effect.status == "suppressed":
        return HIDDEN
    if withheld(experiment):
        return WITHHELD
    limits = deciding(effect, experiment)
    if effect.status == "not_testable" or limits.low is None or limits.high is None:
        return NOT_TESTABLE
    return None


def _side_mark(found: int, metric: Metric, experiment: Experiment) -> Mark:
    if found == 0:
        return NO_CLEAR_EFFECT if experiment.ended else TOO_EARLY
    return BETTER if (found > 0) != metric.lower_is_better else WORSE
