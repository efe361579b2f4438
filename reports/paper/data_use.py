"""Data use and vendors on paper: what holds the score down, what mends it, who may receive data."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from reports.paper.blocks import Answers, Block, Cell, Column, Heading, Item, Meter, Note, Section, Table
from reports.paper.material import Material
from reports.paper.privacy import answer, asides, lead, of_column
from reports.readings import Mark, Tone
from reports.wording import privacy_fields as fields
from reports.wording import privacy_vendors as vendors
from reports.wording.privacy_fields import ALL, JUSTIFIED, WEIGHTS
from reports.wording.privacy_words import no_evidence, set_aside

Row = Mapping[str, Any]

MOST = 18
"""Rows of a table that fit; the CSV files have all."""
NOT_KNOWN = Mark("not known", "◌", "none")


def data_section(material: Material) -> Section:
    """Which fields hold the minimisation score down, and what mends them."""
    snapshot, title = material.snapshot, "Data use"
    rows = snapshot.table("minimization_fields")
    if rows.is_empty():
        told = no_evidence(snapshot, ("data_inventory",), "which data are held, why, and for how long")
        return Section(title, [lead(told)], brief=True)
    scores = snapshot.table("minimization")
    whole = scores.filter(
        pl.col("system") == ALL, pl.col("journey").is_in([ALL]) | pl.col("journey").is_null()
    )
    summary = whole.row(0, named=True) if whole.height else None
    failing = fields.failing(rows)
    step = fields.first_fix(failing) or "Nothing has to be mended."
    blocks: list[Block] = [
        lead(fields.lead(rows, summary, set_aside(snapshot, "data_inventory"))),
        Answers([Item("What to do next", step), answer("Kept too long", fields.retention(rows))]),
        *_failing(failing),
        *_systems(scores),
        *asides(snapshot, "data_inventory"),
    ]
    return Section(title, blocks)


def _failing(rows: pl.DataFrame) -> list[Block]:
    if rows.is_empty():
        return []
    columns = [
        Column("Field", width=1), Column("Weight", right=True), Column("What it fails", width=0.9),
        Column("What mends it", width=1.7), Column("Score then", right=True),
    ]  # fmt: skip
    title = "Fields that fail a test"
    body = [_field(row) for row in rows.head(MOST).iter_rows(named=True)]
    note = "Needed by a purpose, on a lawful basis, in use, within retention; the heaviest first."
    rest = rows.height - MOST
    more = [Note(f"{formatting.count(rest)} more in minimization_fields.csv.")] if rest > 0 else []
    return [Heading(title, note), Table(title, columns, body), *more]


def _field(row: Row) -> list[Cell]:
    found = fields.tests(row) or [JUSTIFIED]
    weight = row["sensitivity"]
    return [
        Cell(row["field"], row["system"], strong=True),
        Cell(formatting.number(weight, 0), WEIGHTS.get(weight, "not recorded")),
        Cell(mark=found[0], small=", ".join(mark.word for mark in found[1:])),
        Cell(row["fix"] or "–"),
        Cell(formatting.number(row["score_if_fixed"]) if row["fix"] else formatting.MISSING),
    ]


def _systems(scores: pl.DataFrame) -> list[Block]:
    rows = scores.filter(pl.col("journey") == ALL, pl.col("system") != ALL)
    if rows.is_empty():
        return []
    ordered = rows.sort("excess_load", "system", descending=[True, False])
    columns = [
        Column("System", width=1.2), Column("Justified", right=True, under="of fields"),
        of_column("minimization", "score"), Column("", width=1, under="0 to 1"),
        *(of_column("minimization", name) for name in ("excess_load", "retention_overdue")),
    ]  # fmt: skip
    title = "System by system"
    body = [_system(row) for row in ordered.head(MOST).iter_rows(named=True)]
    return [Heading(title), Table(title, columns, body)]


def _system(row: Row) -> list[Cell]:
    tone: Tone = "warn" if row["excess_load"] else "good"
    drawn = Meter(row["score"], None, tone) if row["score"] is not None else None
    return [
        Cell(row["system"], strong=True),
        Cell(f"{formatting.count(row['passing'])} of {formatting.count(row['fields'])}"),
        Cell(formatting.number(row["score"])),
        Cell(drawn=drawn),
        Cell(formatting.number(row["excess_load"], 0)),
        Cell(formatting.count(row["retention_overdue"])),
    ]


def vendors_section(material: Material) -> Section:
    """Who may not receive data, what to do next and by when."""
    snapshot, title = material.snapshot, "Vendors"
    rows = snapshot.table("vendors")
    if rows.is_empty():
        told = no_evidence(snapshot, ("vendors",), "who receives data and whether they may")
        return Section(title, [lead(told)], brief=True)
    ordered = vendors.urgent_first(rows)
    columns = [
        Column("Vendor", width=1.1), Column("Due"), Column("Next action", width=1.7),
        Column("Contract"), Column("Agreement"), Column("Transfer"), Column("Clean room"),
    ]  # fmt: skip
    body = [_vendor(material, row) for row in ordered.head(2 * MOST).iter_rows(named=True)]
    rest = rows.height - 2 * MOST
    blocks: list[Block] = [
        lead(vendors.lead(rows, set_aside(snapshot, "vendors"))),
        Answers(
            [
                Item("What to do next", vendors.first_step(rows)),
                answer("Data exposed", vendors.exposure(snapshot.journeys(), material.names)),
            ]
        ),
        Heading("Vendor by vendor", "By the day of the next action."),
        Table("Vendors", columns, body),
        *([Note(f"{formatting.count(rest)} more in vendors.csv.")] if rest > 0 else []),
        *asides(snapshot, "vendors"),
    ]
    return Section(title, blocks)


def _vendor(material: Material, row: Row) -> list[Cell]:
    barred = [] if vendors.may_receive(row) else vendors.obstacles(row)
    end = row["contract_end"]
    return [
        Cell(row["vendor"], vendors.serves([row], material.names), strong=True),
        Cell(mark=vendors.timing(row["due"], material.snapshot.as_of_date), small=formatting.day(row["due"])),
        Cell(vendors.next_action(row), alarm=f"Send no data: {', '.join(barred)}." if barred else ""),
        Cell(
            mark=vendors.CONTRACTS.get(row["contract_status"], NOT_KNOWN),
            small=f"to {formatting.day(end)}" if end else "end not recorded",
        ),
        Cell(mark=vendors.AGREEMENTS[row["dpa_ok"]]),
        Cell(mark=vendors.TRANSFERS[row["transfer_ok"]], small=row["transfer_country"] or ""),
        Cell(mark=vendors.ROOMS[row["clean_room"]]),
    ]
