"""The gate on a journey's page: what each check saw, what to do, and what people decided."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from policy.decisions import Decision, Kind
from policy.figures import GATE_FIGURES
from policy.gates import Result
from reports.board.parts import Row
from reports.paper.blocks import Block, Cell, Column, Heading, Note, Table
from reports.paper.material import Material
from reports.readings import Mark
from reports.results import humanised
from reports.wording.figures import capitalised
from reports.wording.gates import RESULTS, WAIVED, WARNED

ORDER = {"fail": 0, "unknown": 1}
MOST_DECISIONS = 10

DECIDED: Mapping[Kind, str] = {
    "sign_off": "Signed off",
    "dpia": "Impact assessment recorded",
    "waiver": "Waiver asked for",
    "waiver_approval": "Waiver approved",
    "rollout": "Rollout",
    "rollout_approval": "Rollout approved",
    "revocation": "Revoked",
}


def evidence(material: Material, row: Row) -> list[Block]:
    """Every check of a journey's gate, those against it first, and the decisions."""
    rows = material.snapshot.table("gates").filter(pl.col("journey") == row.journey)
    checks = list(rows.iter_rows(named=True))
    against = [c for c in checks if c["result"] != "pass" or c["waived_until"] is not None]
    passed = [c for c in checks if c not in against]
    return [
        Heading(f"The gate of {row.name}: {row.gate.mark.word}", row.gate.reason),
        *_against(against),
        *_passed(passed),
        *_decisions(material, row.journey),
    ]


def _against(checks: list[dict[str, Any]]) -> list[Block]:
    if not checks:
        return []
    columns = [
        Column("Against it", width=1), Column("Result"), Column("What it rests on", width=1.9),
        Column("What to do", width=1.6),
    ]  # fmt: skip
    ordered = sorted(checks, key=lambda check: ORDER.get(check["result"], 1))
    said = "Checks that fail, lack evidence or are waived"
    return [Table(said, columns, [_check(check) for check in ordered], dense=True, whole=True)]


def _check(check: Mapping[str, Any]) -> list[Cell]:
    waived = check["waived_until"]
    return [
        Cell(_label(check), " · ".join(filter(None, [check["severity"], check["owner"]])), strong=True),
        Cell(
            mark=_mark(check),
            small=f"waived until {formatting.day(waived)}" if waived else "",
        ),
        Cell(_seen(check), check["would_change"] or ""),
        Cell(check["remedy"] or "", check["legal_reference"] or ""),
    ]


def _passed(checks: list[dict[str, Any]]) -> list[Block]:
    if not checks:
        return []
    columns = [Column("In order", width=1), Column("What it rests on", width=2)]
    body = [[Cell(_label(check), strong=True), Cell(_seen(check))] for check in checks]
    return [Table("Checks that pass", columns, body, dense=True, whole=True)]


def _mark(check: Mapping[str, Any]) -> Mark:
    if check["waived_until"] is not None:
        return WAIVED
    if check["severity"] == "warning" and check["result"] == "fail":
        return WARNED
    return RESULTS.get(check["result"], RESULTS[Result.UNKNOWN])


def _label(check: Mapping[str, Any]) -> str:
    known = GATE_FIGURES.get(check["figure"] or "")
    return known.name if known else humanised(check["check"])


def _seen(check: Mapping[str, Any]) -> str:
    """What it saw and asks, without the name that stands beside."""
    said = check["sentence"] or check["evidence"] or ""
    return capitalised(said.removeprefix(f"{_label(check)}: "))


def _decisions(material: Material, journey: str) -> list[Block]:
    own = [decision for decision in material.decisions if decision.journey == journey]
    if not own:
        return [Heading("Decisions"), Note("No decision on this journey is on record.")]
    columns = [
        Column("Decided", width=1.3),
        Column("By", width=1),
        Column("Reason", width=2.4),
        Column("Until"),
    ]
    newest = sorted(own, key=lambda decision: -decision.number)
    rest = len(own) - MOST_DECISIONS
    note = (
        f"The newest {MOST_DECISIONS} of {formatting.count(len(own))}." if rest > 0 else "The newest first."
    )
    body = [_decision(material, decision) for decision in newest[:MOST_DECISIONS]]
    return [Heading("Decisions", note), Table("Decisions", columns, body, dense=True)]


def _decision(material: Material, decision: Decision) -> list[Cell]:
    what = {
        "rollout": f"to {decision.step}{formatting.SPACE}%",
        "waiver": humanised(decision.check or "").lower(),
    }
    detail = what.get(decision.kind, "")
    said = f"{DECIDED[decision.kind]} {detail}".strip()
    at = formatting.clock(decision.at.astimezone(material.snapshot.zone))
    beside = f"against the gate: {decision.against}" if decision.against else ""
    return [
        Cell(capitalised(said), at, strong=True),
        Cell(decision.name, ", ".join(decision.roles)),
        Cell(decision.reason, decision.document or "", alarm=beside),
        Cell(formatting.day(decision.expires_on)),
    ]
