"""Gates as rows of gates.csv: what each check saw, what it asks, and what it found."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from policy.figures import GATE_FIGURES
from policy.gates import CheckResult, Gate
from reports.wording import gates as wording
from storage.frames import dtypes, figure_table


def table(gates: Iterable[Gate], now: datetime, version: int | None, currency: str) -> pl.DataFrame:
    """A row per journey and check.

    Args:
        gates: in the order of the rows.
        now: when they were judged, with zone.
        version: the number that the policy gives itself.
        currency: ISO 4217 code.
    """
    rows = [_row(gate, check, now, version, currency) for gate in gates for check in gate.checks]
    return pl.DataFrame(rows, schema=dtypes(figure_table("gates")))


def _row(
    gate: Gate, found: CheckResult, now: datetime, version: int | None, currency: str
) -> Mapping[str, Any]:
    check, evidence = found.check, found.evidence
    said = wording.words(found, currency)
    return {
        "journey": gate.journey,
        "check": check.id,
        "severity": check.severity,
        "observed": None if found.observed is None else float(found.observed),
        "bound": check.bound,
        "threshold": float(check.threshold),
        "result": str(found.result),
        "waived_until": found.waived_until,
        "evidence": wording.evidence(found),
        "evaluated_at": now,
        "policy_version": version,
        "figure": check.figure,
        "op": check.op,
        "unit": GATE_FIGURES[check.figure].definition.unit,
        "distance": found.distance,
        "n": evidence.n,
        "counted": evidence.counted or None,
        "period": evidence.period or None,
        "measured_at": evidence.measured_at,
        "why": found.why,
        "sentence": said.sentence,
        "would_change": said.would_change,
        "explanation": said.explanation,
        "owner": check.owner,
        "legal_reference": check.legal_reference,
        "remedy": said.remedy,
    }
