"""Gates in words: what each check saw and asks, what would change it, and why a journey may go on or not."""

from typing import NamedTuple

from metrics import formatting
from policy.figures import GATE_FIGURES, GateFigure
from policy.gates import CheckResult, Gate, Result, Status
from reports.readings import Mark

MARKS = {
    Status.OPEN: Mark("open", "●", "good"),
    Status.HELD: Mark("held", "◆", "warn"),
    Status.BLOCKED: Mark("blocked", "■", "bad"),
}
RESULTS = {
    Result.PASS: Mark("pass", "●", "good"),
    Result.FAIL: Mark("fail", "■", "bad"),
    Result.UNKNOWN: Mark("unknown", "◌", "none"),
}
NOT_EVALUATED = Mark("not evaluated", "◌", "none")
WAIVED = Mark("waived", "◇", "warn")
WARNED = Mark("warns", "◆", "warn")

_ASKED = {
    ">=": "at least {} asked",
    ">": "more than {} asked",
    "<=": "at most {} allowed",
    "<": "less than {} allowed",
    "==": "exactly {} asked",
    "!=": "anything but {} asked",
}


class Words(NamedTuple):
    """One check in words.

    Attributes:
        sentence: what was seen and what is asked.
        would_change: what would give another result.
        explanation: why a rollout looks at it.
        remedy: what to do.
    """

    sentence: str
    would_change: str
    explanation: str
    remedy: str


def words(found: CheckResult, currency: str) -> Words:
    """A check in words."""
    figure, check = GATE_FIGURES[found.check.figure], found.check
    change = would_change(found, currency)
    return Words(
        sentence(found, currency),
        change,
        check.explanation or figure.explanation,
        change if found.result is Result.UNKNOWN else check.remedy or figure.remedy,
    )


def mark(found: CheckResult) -> Mark:
    """A check's word and shape: a waived one, and a warning that fails, have their own."""
    if found.waived_until is not None:
        return WAIVED
    return WARNED if found.holds else RESULTS[found.result]


def sentence(found: CheckResult, currency: str) -> str:
    """What a check saw, and what it asks for."""
    name, note = GATE_FIGURES[found.check.figure].name, found.evidence.note.rstrip(".")
    said = f"{name}: {_seen(found, currency)}, {asked(found, currency)}."
    match found.why:
        case "not_applicable":
            said = f"{name}: not asked here; {note}."
        case "no_evidence":
            said = f"{name}: no evidence{f'; {note}' if note else ''}."
        case "suppressed":
            said = f"{name}: hidden, because it rests on too few people."
        case "stale":
            said = f"{name}: the data end on {_day(found)}, more than {_age(found)} ago."
        case "ahead":
            said = f"{name}: the data end on {_day(found)}, which lies ahead: the clock is wrong."
        case "too_few":
            n, counted = formatting.count(found.evidence.n), found.evidence.counted or "people"
            said = f"{name}: rests on {n} {counted}; at least {formatting.count(found.check.min_n)} asked."
        case "no_limit":
            said = f"{name}: its {found.check.bound} limit cannot be told."
        case "met" | "missed" if note:
            said = f"{said[:-1]} ({note})."
    return said


def would_change(found: CheckResult, currency: str) -> str:
    """What would give another result."""
    figure, check = GATE_FIGURES[found.check.figure], found.check
    if found.why == "missed" and found.distance is not None and found.distance < 0:
        missing = formatted(figure, -found.distance, currency, distance=True)
        newer = figure.definition.unit == "days" and check.op in ("<=", "<")
        return (
            f"It passes with a result {missing} newer." if newer else f"It passes once {missing} are made up."
        )
    return {
        "met": f"It would fail without: {asked(found, currency)}.",
        "missed": f"It passes with: {asked(found, currency)}.",
        "not_applicable": "It would be asked on another lawful basis, or with something to count.",
        "no_evidence": figure.remedy
        if figure.is_flag
        else f"It needs evidence: {figure.definition.label} must be measured.",
        "suppressed": "It needs more people in each group.",
        "stale": f"It needs data no older than {_age(found)}; Status tells where each table ends.",
        "ahead": "It needs a clock that is right: that of this computer, or of the one that refreshed.",
        "too_few": f"It needs {formatting.count(check.min_n)} {found.evidence.counted or 'people'}.",
        "no_limit": "It needs an interval: more data, or a control group whose mean is above 0.",
    }[found.why]


def asked(found: CheckResult, currency: str) -> str:
    """What a check asks for.

    >>> from policy.gates import Evidence
    >>> from policy.model import Check
    >>> leaks = Check(id="l", figure="leakage_events", op="==", threshold=0)
    >>> asked(CheckResult(leaks, Evidence(3), Result.FAIL, "missed", 3), "EUR")
    'none allowed'
    """
    check, figure = found.check, GATE_FIGURES[found.check.figure]
    if isinstance(check.threshold, bool):
        return "required" if check.threshold is (check.op == "==") else "not wanted"
    if check.op in ("==", "<=") and check.threshold == 0 and figure.low == 0:
        return "none allowed"
    return _ASKED[check.op].format(formatted(figure, check.threshold, currency))


def formatted(
    figure: GateFigure, value: float | bool | None, currency: str, *, distance: bool = False
) -> str:
    """A value of a figure; a distance between shares is in percentage points."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = figure.definition.unit
    signed = bool(value) and not distance and (figure.low is None or figure.low < 0)
    if unit == "share":
        return formatting.points(value, sign=False) if distance else formatting.percent(value, sign=signed)
    if unit == "money":
        return formatting.money(value, currency, sign=True) if signed else formatting.price(value, currency)
    if unit == "milliseconds":
        return formatting.milliseconds(value)
    if unit == "days":
        return formatting.days(value)
    whole = value is not None and float(value).is_integer()
    return formatting.number(value, 0 if whole else 2)


def evidence(found: CheckResult) -> str:
    """What a check rests on: how many of what, when, and until when the data are known."""
    seen = found.evidence
    rests = f"{formatting.count(seen.n)} {seen.counted}".strip() if seen.n is not None else ""
    until = f"data until {formatting.day(seen.measured_at.date())}" if seen.measured_at else ""
    return "; ".join(part for part in (rests, seen.period, until, seen.note) if part)


def reason(gate: Gate, currency: str) -> str:
    """Why a journey may, or may not, roll out further, in one sentence or two."""
    against = gate.against
    if gate.status is Status.OPEN:
        waived = [found for found in gate.checks if found.waived_until is not None]
        names = ", ".join(GATE_FIGURES[found.check.figure].name.lower() for found in waived)
        passed = f"all {len(gate.checks)} checks pass" if not waived else f"open with a waiver for {names}"
        return f"{passed[:1].upper()}{passed[1:]}; it may go to {gate.step}{formatting.SPACE}% of customers."
    if not against:
        return "No check was evaluated."
    return f"{sentence(against[0], currency)}{others(len(against) - 1)}"


def others(more: int) -> str:
    """What follows the check that is told, when more stand against a journey."""
    return "" if more < 1 else f" {more} more {'check stands' if more == 1 else 'checks stand'} against it."


def _seen(found: CheckResult, currency: str) -> str:
    figure, check = GATE_FIGURES[found.check.figure], found.check
    value = formatted(figure, found.observed, currency)
    if check.bound == "estimate" or isinstance(found.observed, bool):
        return value
    limit = "at least" if check.bound == "lower" else "at most"
    return f"{limit} {value} (estimate {formatted(figure, found.evidence.value, currency)})"


def _day(found: CheckResult) -> str:
    at = found.evidence.measured_at
    return formatting.day(at.date()) if at else "an unknown day"


def _age(found: CheckResult) -> str:
    return formatting.days(found.check.max_age_days or 0)
