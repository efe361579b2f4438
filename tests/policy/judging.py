"""Checks and evidence to judge."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from policy.decisions import Decision
from policy.gates import CheckResult, Evidence, Gate, evaluate
from policy.model import Check

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = date(2026, 11, 26)
FRESH = NOW - timedelta(days=1)


def check(
    figure: str = "consent_coverage", op: str = ">=", threshold: float | bool = 0.6, **other: Any
) -> Check:
    """A check, by default of consent coverage."""
    return Check.model_validate({"id": figure, "figure": figure, "op": op, "threshold": threshold, **other})


def seen(value: float | bool | None = 0.7, **other: Any) -> Evidence:
    """Evidence a day old that rests on 2,000 events."""
    made = {"n": 2_000, "counted": "events", "measured_at": FRESH, "lower": None, "upper": None}
    return Evidence(value=value, **{**made, **other})


def judge(one: Check, evidence: Evidence | None, **other: Any) -> CheckResult:
    """One check on one piece of evidence."""
    found = {} if evidence is None else {one.figure: evidence}
    return evaluate("cart", [one], found, now=NOW, **other).checks[0]


def gate(*checks: Check, evidence: dict[str, Evidence] | None = None, **other: Any) -> Gate:
    """A journey's gate."""
    return evaluate("cart", checks, evidence or {}, now=NOW, **other)


def decision(kind: str, **other: Any) -> Decision:
    """A decision of a privacy officer about cart, today."""
    made = {
        "at": NOW, "actor": "p1", "name": "Petra", "roles": ("privacy",), "kind": kind, "journey": "cart",
        "reason": "agreed in the review",
    }  # fmt: skip
    return Decision(**{**made, **other})
