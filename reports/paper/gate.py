"""The gate on a journey's page: what each check saw, and what people decided."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from reports.board.parts import Gate, Row
from reports.paper.blocks import Block, Cell, Column, Heading, Note, Table
from reports.paper.material import Material
from reports.readings import HEALTH, Mark
from reports.results import humanised

RESULTS: Mapping[str, Mark] = {
    "pass": HEALTH["pass"], "fail": HEALTH["fail"], "unknown": HEALTH["unknown"],
}  # fmt: skip
ORDER = {"fail": 0, "unknown": 1, "pass": 2}


def evidence(material: Material, row: Row) -> list[Block]:
    """Every check of a journey's gate, those against it first."""
    rows = material.snapshot.table("gates").filter(pl.col("journey") == row.journey)
    title = f"The gate: {row.gate.mark.word}"
    if rows.is_empty():
        return [Heading(title), Note(row.gate.reason)]
    columns = [Column("Check", width=1), Column("Result"), Column("What it rests on", width=2.4)]
    found = sorted(rows.iter_rows(named=True), key=lambda check: ORDER.get(check["result"], 1))
    body = [_check(check) for check in found]
    return [Heading(title, _standing(row.gate)), Table(title, columns, body, dense=True)]


def _standing(gate: Gate) -> str:
    return gate.reason


def _check(check: Mapping[str, Any]) -> list[Cell]:
    result = RESULTS.get(check["result"], RESULTS["unknown"])
    waived = check["waived_until"]
    return [
        Cell(humanised(check["check"]), check["severity"] or "", strong=True),
        Cell(mark=result, small=f"waived until {formatting.day(waived)}" if waived else ""),
        Cell(check.get("sentence") or check["evidence"] or "", check.get("would_change") or ""),
    ]
