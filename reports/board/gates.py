"""Each journey's gate as the run evaluated it; a gate that nobody evaluated is not open."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports.board.parts import Check, Gate, GateStatus
from reports.board.source import Source
from reports.journeys import Journey
from reports.readings import Mark

MARKS: Mapping[GateStatus, Mark] = {
    "open": Mark("open", "●", "good"),
    "held": Mark("held", "◆", "warn"),
    "blocked": Mark("blocked", "■", "bad"),
    "not_evaluated": Mark("not evaluated", "◌", "none"),
}
"""Word and shape by status."""

NOT_EVALUATED = "No policy check has been evaluated for it."
WORST_FIRST: tuple[GateStatus, ...] = ("blocked", "held", "not_evaluated", "open")


def gate(source: Source, journey: Journey) -> Gate:
    """The gate of a journey."""
    row = journey.figures
    status = _status(row.get("gate"))
    if status == "not_evaluated":
        return Gate(status, MARKS[status], NOT_EVALUATED, source.evidence("journeys", journey))
    step = row.get("gate_step")
    word = f"open to {step}\u00a0%" if status == "open" and step is not None else MARKS[status].word
    return Gate(
        status=status,
        mark=MARKS[status]._replace(word=word),
        reason=row.get("gate_reason") or "",
        evidence=source.evidence("journeys", journey),
        step=step if status == "open" else None,
        failing=row.get("checks_failing"),
        unknown=row.get("checks_unknown"),
        checks=_checks(source, journey.journey),
    )


def _status(word: Any) -> GateStatus:
    """A word that is none of the three is no evaluation."""
    return next((status for status in ("open", "held", "blocked") if status == word), "not_evaluated")


def _checks(source: Source, journey: str) -> tuple[Check, ...]:
    rows = source.snapshot.table("gates").filter(pl.col("journey") == journey)
    return tuple(
        Check(
            check=row["check"],
            severity=row["severity"] or "blocking",
            result=row["result"] if row["result"] in ("pass", "fail") else "unknown",
            observed=row["observed"],
            threshold=row["threshold"],
            evidence=row["evidence"] or "",
        )
        for row in rows.iter_rows(named=True)
    )
