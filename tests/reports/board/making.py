"""Boards made part by part, for tests that must reach every case."""

from typing import Any

from metrics import formatting
from reports.board.gates import MARKS
from reports.board.parts import WORDS, Evidence, Figure, Gate, GateStatus, Row, Status, Tile
from reports.readings import NO_EVIDENCE, VERDICTS

PAGE = Evidence("experiments")


def figure(
    key: str, value: float | None, low: float | None = None, high: float | None = None, **more: Any
) -> Figure:
    """A known figure, written as the board writes it."""
    unit = more.pop("unit", "share")
    if unit == "money":
        told = formatting.total(value, low, high, "EUR")
    elif unit == "lift":
        told = formatting.effect(value, low, high, "lift")
    else:
        told = formatting.EffectText(
            formatting.number(value), formatting.number(low), formatting.number(high)
        )
    limits = told.interval if None not in (low, high) else ""
    known = {
        "of": "34,649 customers, 28 days each",
        "period": "Q3 2026",
        "evidence": PAGE,
        "status": "ok",
    }
    return Figure(
        **{"key": key, "unit": unit, "value": value, "low": low, "high": high, "text": told.estimate,
           "limits": limits, "sure": "95 % interval" if limits else "", **known, **more}
    )  # fmt: skip


def absent(key: str, status: Status = "no_evidence") -> Figure:
    """A figure that is not there."""
    return Figure(
        key, "share", "", "Q3 2026", PAGE, text=WORDS[status], status=status, note="Nobody measured it."
    )


def gate(
    status: GateStatus = "open", step: int | None = 50, failing: int = 0, unknown: int = 0, **more: Any
) -> Gate:
    """A gate; one that nobody evaluated has no counts."""
    judged = status != "not_evaluated"
    return Gate(
        status, MARKS[status], "Because of it.", PAGE, step=step if status == "open" else None,
        failing=failing if judged else None, unknown=unknown if judged else None, **more,
    )  # fmt: skip


def row(name: str = "Homepage", code: str | None = "better", **more: Any) -> Row:
    """A journey whose every figure is in order; `code` None: without an experiment."""
    made: dict[str, Any] = {
        "journey": name.lower(), "name": name, "experiment": "test" if code else None,
        "marks": (VERDICTS[code],) if code else (),
        "reading": VERDICTS.get(code or "", NO_EVIDENCE),
        "lift": figure("relative", 0.04, 0.02, 0.06, unit="lift", what="revenue per customer"),
        "net_value": figure("net_value", 600.0, 400.0, 800.0, unit="money"),
        "churn": figure("churn_risk_difference", -0.01, -0.02, 0.0),
        "consent": figure("consent_coverage", 0.8, 0.78),
        "leakage": figure("leakage_events", 0), "requests": figure("dsr_sla_rate", 1.0, 0.95),
        "minimisation": figure("minimization_score", 0.9), "excess_load": figure("excess_load", 3),
        "vendors": figure("vendors_with_protections", 2), "vendors_live": figure("vendors_live", 2),
        "cost": figure("cost_per_1k", 0.3), "gate": gate(),
    }  # fmt: skip
    return Row(**{**made, **more})


def tiles(**more: Figure) -> tuple[Tile, ...]:
    """The company's figures, all in order."""
    made = {
        "lift": figure("board.programme_lift", 0.02, 0.01, 0.03, unit="lift", what="revenue per customer"),
        "net_value": figure("board.programme_net_value", 1_860_000, 900_000, 2_800_000, unit="money"),
        "consent": figure("board.consent_coverage", 0.81, 0.8), "requests": figure("dsr_sla_rate", 1.0, 0.95),
        "minimisation": figure("minimization_score", 0.8), "vendors": figure("board.vendors_protected", 7),
    }  # fmt: skip
    return tuple(Tile(name, name, found, "") for name, found in {**made, **more}.items())
