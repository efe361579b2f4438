"""The rollout gate of a journey: every check on its evidence, and what they amount to.

Three results and no guess: what is missing, stale, hidden or rests on too few is `unknown`, and blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite
from operator import eq, ge, gt, le, lt, ne
from typing import Literal

from policy.model import SEVERITIES, Bound, Check, Operator, Severity

STEPS = (1, 5, 25, 50, 100)
"""Rollout steps, in per cent of customers."""

_COMPARE = {"==": eq, "!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt}


class Result(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """What a gate says; `held`: nothing is against it but warnings."""

    OPEN = "open"
    HELD = "held"
    BLOCKED = "blocked"


EvidenceStatus = Literal["ok", "no_evidence", "suppressed", "not_testable", "not_applicable"]
Why = Literal[
    "met", "missed", "not_applicable", "no_evidence", "suppressed", "stale", "ahead", "too_few", "no_limit"
]


@dataclass(frozen=True)
class Evidence:
    """One figure of one journey, as published.

    Attributes:
        value: the figure; a flag is True or False; None = not known.
        lower, upper: limits of its interval.
        n: how many it rests on; `counted` says of what.
        period: quarter, or the span of an experiment.
        measured_at: until when the data behind it are known; None for what does not age.
        status: why there is no figure; `not_applicable`: there is nothing to show, because the law asks for
            nothing here.
        note: what stands beside the figure.
    """

    value: float | bool | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    counted: str = ""
    period: str = ""
    measured_at: datetime | None = None
    status: EvidenceStatus = "ok"
    note: str = ""

    def at(self, bound: Bound) -> float | bool | None:
        """The end of the interval that a check looks at; None where it is not known."""
        found = {"lower": self.lower, "upper": self.upper, "estimate": self.value}[bound]
        return found if found is not None and isfinite(found) else None


NO_EVIDENCE = Evidence(status="no_evidence")


@dataclass(frozen=True)
class CheckResult:
    """One check of one journey, with what it saw.

    Attributes:
        observed: what was compared with the threshold: the figure, or the limit that the check names.
        distance: by how much the threshold is met (≥ 0) or missed (< 0), in the figure's unit; None for
            yes-or-no figures and where nothing was observed.
        why: what the result rests on.
        waived_until: last day of a waiver that is in force.
    """

    check: Check
    evidence: Evidence
    result: Result
    why: Why
    observed: float | bool | None = None
    distance: float | None = None
    waived_until: date | None = None

    @property
    def blocks(self) -> bool:
        """Whether it blocks the gate: anything unknown does, and a failure that is more than a warning."""
        if self.result is Result.PASS or self.waived_until is not None:
            return False
        return self.result is Result.UNKNOWN or self.check.severity != "warning"

    @property
    def holds(self) -> bool:
        """Whether it holds the gate: a warning that failed."""
        return self.result is Result.FAIL and self.waived_until is None and self.check.severity == "warning"


@dataclass(frozen=True)
class Gate:
    """A journey's gate.

    Attributes:
        current: share of customers that the journey reaches today, per cent; None = not known.
        checks: those against a rollout first, the gravest first.
    """

    journey: str
    status: Status
    current: float | None
    checks: tuple[CheckResult, ...] = field(default=())

    @property
    def step(self) -> int | None:
        """The rollout step that an open gate allows next; None while it is not open."""
        if self.status is not Status.OPEN:
            return None
        return next((step for step in STEPS if step > (self.current or 0)), STEPS[-1])

    @property
    def against(self) -> tuple[CheckResult, ...]:
        """The checks that keep it from being open."""
        return tuple(found for found in self.checks if found.blocks or found.holds)

    def count(self, result: Result) -> int:
        """How many checks had a result."""
        return sum(found.result is result for found in self.checks)


def evaluate(
    journey: str,
    checks: Sequence[Check],
    evidence: Mapping[str, Evidence],
    *,
    now: datetime,
    waivers: Mapping[str, date] | None = None,
    current: float | None = None,
) -> Gate:
    """A journey's gate.

    Args:
        journey: its id.
        checks: in any order; see `policy.model.Policy.checks_for`.
        evidence: by figure; what is absent is unknown.
        now: present time, with zone.
        waivers: check id → last day of a waiver in force; none holds for a legal check.
        current: share of customers that the journey reaches today, per cent.
    """
    found = [
        _judged(check, evidence.get(check.figure, NO_EVIDENCE), now, (waivers or {}).get(check.id))
        for check in checks
    ]
    ordered = tuple(sorted(found, key=_gravity))
    if any(check.blocks for check in ordered) or not ordered:
        status = Status.BLOCKED
    else:
        status = Status.HELD if any(check.holds for check in ordered) else Status.OPEN
    return Gate(journey, status, current, ordered)


def _judged(check: Check, evidence: Evidence, now: datetime, waived_until: date | None) -> CheckResult:
    observed = evidence.at(check.bound)
    if evidence.status == "not_applicable":
        return CheckResult(check, evidence, Result.PASS, "not_applicable")
    why = _unknown(check, evidence, now, observed)
    waiver = waived_until if check.severity != "legal" else None
    if why is not None or observed is None:
        return CheckResult(
            check, evidence, Result.UNKNOWN, why or "no_evidence", observed, waived_until=waiver
        )
    distance = _distance(check.op, observed, check.threshold)
    if _COMPARE[check.op](observed, check.threshold):
        return CheckResult(check, evidence, Result.PASS, "met", observed, distance)
    return CheckResult(check, evidence, Result.FAIL, "missed", observed, distance, waiver)


_AHEAD = timedelta(days=2)


def _unknown(check: Check, evidence: Evidence, now: datetime, observed: float | bool | None) -> Why | None:
    if evidence.status == "suppressed":
        return "suppressed"
    if evidence.status != "ok" or (observed is None and evidence.at("estimate") is None):
        return "no_evidence"
    if observed is None:
        return "no_limit"
    if check.max_age_days is not None and (why := _untimely(_age(evidence, now), check.max_age_days)):
        return why
    if check.min_n is not None and (evidence.n is None or evidence.n < check.min_n):
        return "too_few"
    return None


def _untimely(age: timedelta, most: float) -> Why | None:
    """Data may end a little ahead, with a day that has begun somewhere; beyond, their age is not known."""
    if age < -_AHEAD:
        return "ahead"
    return "stale" if age > timedelta(days=most) else None


def _age(evidence: Evidence, now: datetime) -> timedelta:
    return timedelta.max if evidence.measured_at is None else now - evidence.measured_at


def _distance(op: Operator, observed: float | bool, threshold: float | bool) -> float | None:
    if isinstance(observed, bool) or isinstance(threshold, bool) or op == "!=":
        return None
    if op == "==":
        return -abs(observed - threshold)
    return observed - threshold if op in (">=", ">") else threshold - observed


def _gravity(found: CheckResult) -> tuple[bool, bool, int, str]:
    severity: Severity = found.check.severity
    return (not found.blocks, not found.holds, SEVERITIES.index(severity), found.check.id)
