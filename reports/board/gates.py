"""Each journey's gate: as judged at present, or as its run judged it; one that nobody judged is not open."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from policy import gates as policy
from policy.figures import GATE_FIGURES
from policy.model import Check as Asked
from reports.board.parts import Check, Gate, GateStatus
from reports.board.source import Source
from reports.journeys import Journey
from reports.readings import Mark
from reports.wording import gates as wording

MARKS: Mapping[GateStatus, Mark] = {
    **{status.value: mark for status, mark in wording.MARKS.items()},
    "not_evaluated": wording.NOT_EVALUATED,
}
"""Word and shape by status."""

NOT_EVALUATED = "No policy check has been evaluated for it."
WORST_FIRST: tuple[GateStatus, ...] = ("blocked", "held", "not_evaluated", "open")


def gate(source: Source, journey: Journey, judged: policy.Gate | None) -> Gate:
    """The gate of a journey, which leads to its checks as they stand now; one of the past to its quarter.

    Args:
        source: the run.
        journey: the journey.
        judged: its gate at present; None: as the run judged it.
    """
    if judged is not None:
        evidence = source.evidence("gates", journey)
        checks = tuple(_check(found, source.currency) for found in judged.checks)
        reason = wording.reason(judged, source.currency)
        return _gate(judged.status.value, judged.step, reason, checks, evidence)
    row, evidence = journey.figures, source.evidence("journeys", journey)
    stored = source.snapshot.table("gates").filter(pl.col("journey") == journey.journey)
    checks = tuple(_stored(found, source.currency) for found in stored.iter_rows(named=True))
    return _gate(row.get("gate"), row.get("gate_step"), row.get("gate_reason") or "", checks, evidence)


def _gate(word: str | None, step: int | None, reason: str, checks: tuple[Check, ...], evidence: Any) -> Gate:
    status: GateStatus = "not_evaluated"
    for known in WORST_FIRST:
        status = known if known == word else status
    if status == "not_evaluated":
        return Gate(status, MARKS[status], NOT_EVALUATED, evidence)
    mark = MARKS[status]
    if status == "open" and step is not None:
        mark = mark._replace(word=f"open to {step}\u00a0%")
    return Gate(
        status=status,
        mark=mark,
        reason=reason,
        evidence=evidence,
        step=step if status == "open" else None,
        failing=sum(check.result == "fail" for check in checks),
        unknown=sum(check.result == "unknown" for check in checks),
        checks=checks,
    )


def _check(found: policy.CheckResult, currency: str) -> Check:
    figure = GATE_FIGURES[found.check.figure]
    return Check(
        check=found.check.id,
        figure=found.check.figure,
        name=figure.name,
        severity=found.check.severity,
        result=found.result.value,
        observed="" if found.observed is None else wording.formatted(figure, found.observed, currency),
        asked=wording.asked(found, currency),
        sentence=wording.sentence(found, currency),
    )


def _stored(row: Mapping[str, Any], currency: str) -> Check:
    """A row of gates.csv, where yes and no are 1 and 0."""
    figure = GATE_FIGURES[row["figure"]]
    observed, threshold = (
        bool(value) if figure.is_flag and value is not None else value
        for value in (row["observed"], row["threshold"])
    )
    check = Asked(
        id=row["check"], figure=figure.key, op=row["op"], threshold=threshold, bound=row["bound"],
        severity=row["severity"],
    )  # fmt: skip
    found = policy.CheckResult(check, policy.NO_EVIDENCE, policy.Result(row["result"]), row["why"], observed)
    return _check(found, currency)._replace(sentence=row["sentence"])
