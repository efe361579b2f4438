"""Data use: what holds the score down and what mends it, what is kept too long, vendors and transfers."""

from itertools import islice

import polars as pl
import streamlit as st

from reports.wording import privacy_fields as fields_wording
from reports.wording import privacy_vendors as vendors_wording
from reports.wording.privacy_fields import ALL
from reports.wording.privacy_words import Told, no_evidence, set_aside
from ui import data, filters, frame
from ui.data import Loaded
from ui.parts import downloads
from ui.parts.markup import Html, text
from ui.privacy import privacy_frame
from ui.privacy.field_tables import fields_table, retention_table, scores_table
from ui.privacy.vendor_tables import counts_table, transfers_table, vendors_table

TABLES = ("data_inventory", "vendors")
HELD = "which data are held, why, and for how long"
GIVEN = "who receives data and whether they may"
SHOWN = {"failing": "Failing fields", "all": "All fields"}
BY = {"system": "System", "category": "Data category"}


def show(loaded: Loaded) -> None:
    """Say what to mend first, then show fields, retention, vendors and transfers."""
    snapshot = loaded.snapshot
    fields, vendors = snapshot.table("minimization_fields"), snapshot.table("vendors")
    if fields.is_empty() and vendors.is_empty():
        privacy_frame.without_evidence(loaded, "Data use", TABLES, f"{HELD}, or {GIVEN}")
        return
    frame.header("Data use", loaded)
    journey = frame.choices().journey
    fields = fields_wording.of_journey(fields, journey)
    vendors = vendors_wording.of_journey(vendors, journey)
    _answer(loaded, fields, vendors, journey)
    _fields(loaded, fields, journey)
    _vendors(loaded, vendors, journey)


def _answer(loaded: Loaded, fields: pl.DataFrame, vendors: pl.DataFrame, journey: str | None) -> None:
    snapshot = loaded.snapshot
    held = _held(loaded, fields, journey)
    given = _given(loaded, vendors)
    privacy_frame.lead(Told(held.mark, held.lead, f"{held.more} {given.lead}".strip()))
    steps = [fields_wording.first_fix(fields_wording.failing(fields)), vendors_wording.first_step(vendors)]
    kept = fields_wording.retention(fields) if not fields.is_empty() else Told(None, held.lead)
    st.html(
        frame.answers(
            [
                ("What to do next", text(" ".join(filter(None, steps)) or "Nothing has to be mended.")),
                ("Kept too long", privacy_frame.marked(kept)),
                ("What changed", text(_trend(loaded, fields, journey))),
            ]
        )
    )
    privacy_frame.aside(loaded, *(table for table in TABLES if table in snapshot.run.inputs))


def _held(loaded: Loaded, fields: pl.DataFrame, journey: str | None) -> Told:
    snapshot = loaded.snapshot
    if snapshot.table("minimization_fields").is_empty():
        return no_evidence(snapshot, ("data_inventory",), HELD)
    return fields_wording.lead(
        fields, _summary(snapshot.table("minimization"), journey), set_aside(snapshot, "data_inventory")
    )


def _given(loaded: Loaded, vendors: pl.DataFrame) -> Told:
    snapshot = loaded.snapshot
    if snapshot.table("vendors").is_empty():
        return no_evidence(snapshot, ("vendors",), GIVEN)
    return vendors_wording.lead(vendors, set_aside(snapshot, "vendors"))


def _summary(scores: pl.DataFrame, journey: str | None) -> fields_wording.Row | None:
    if scores.is_empty():
        return None
    found = scores.filter(pl.col("system") == ALL, pl.col("journey") == (journey or ALL))
    return found.row(0, named=True) if found.height else None


def _trend(loaded: Loaded, fields: pl.DataFrame, journey: str | None) -> str:
    run = loaded.snapshot.run.run_id
    earlier = (r.run_id for r in data.runs(20) if r.status == "complete" and r.run_id < run)
    before = next(islice(earlier, 1), None)
    if before is None:
        return "This is the first run: there is nothing to compare with."
    old = data.figures("minimization_fields", before)
    return fields_wording.trend(
        _summary(data.figures("minimization", before), journey),
        _summary(loaded.snapshot.table("minimization"), journey),
        fields_wording.of_journey(old, journey) if not old.is_empty() else old,
        fields,
        before,
    )


def _fields(loaded: Loaded, fields: pl.DataFrame, journey: str | None) -> None:
    st.html(
        frame.heading(
            "Is every field justified?",
            "Four tests: an active purpose needs it, a lawful basis is recorded, it was used within the "
            "window, and no record is older than declared. Missing evidence fails.",
        )
    )
    if fields.is_empty():
        st.html(privacy_frame.marked(_held(loaded, fields, journey)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = filters.choice("Show", SHOWN, "show")
        failing = fields_wording.failing(fields)
        passing = fields.filter(pl.col("passes").fill_null(value=False)).sort("system", "field")
        rows = failing if shown == "failing" else pl.concat([failing, passing])
        downloads.button(rows, "minimization_fields", "fields")
    st.html(fields_table(rows) if rows.height else frame.note("Every field passes all four tests."))
    if rows.height:
        st.html(
            frame.note("Score and load after a mend are those of the whole inventory, with that mend alone.")
        )
    _scores(loaded, journey)
    if fields_wording.overdue(fields).height:
        st.html(
            frame.heading(
                "Kept longer than declared", "Days by which the oldest record exceeds the declared retention."
            )
        )
        st.html(retention_table(fields_wording.overdue(fields)))


def _scores(loaded: Loaded, journey: str | None) -> None:
    st.html(
        frame.heading(
            "Where the excess lies",
            "Score = weight of justified fields ÷ weight of all. Excess load = weight of those that fail: "
            "nothing harmless added elsewhere dilutes it.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = filters.choice("By", BY, "by")
        table = "minimization" if by == "system" else "minimization_categories"
        column = "system" if by == "system" else "data_category"
        rows = loaded.snapshot.table(table).filter(pl.col("journey") == (journey or ALL))
        downloads.button(rows, table, f"minimisation-by-{by}")
    st.html(scores_table(rows.filter(pl.col(column) != ALL), column, BY[by]))


def _vendors(loaded: Loaded, vendors: pl.DataFrame, journey: str | None) -> None:
    st.html(frame.heading("Vendors", "By the day of the next action."))
    told, rows = _given(loaded, vendors), vendors_wording.urgent_first(vendors)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(_finding(told))
        if rows.height:
            downloads.button(rows, "vendors", "vendors")
    if rows.is_empty():
        return
    snapshot = loaded.snapshot
    names = loaded.journey_names
    st.html(vendors_table(rows, names, snapshot.as_of_date))
    st.html(
        frame.heading(
            "Transfers",
            "Where the data go, and what carries them there (GDPR Art 44 to 46; adequacy decisions).",
        )
    )
    st.html(transfers_table(rows, names))
    of_quarter = snapshot.journeys()
    if journey is not None:
        of_quarter = of_quarter.filter(pl.col("journey") == journey)
    if of_quarter.height:
        st.html(frame.heading("What the journeys hand over"))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(_finding(vendors_wording.exposure(of_quarter, names)))
            downloads.journeys(loaded, journey)
        st.html(counts_table(of_quarter, names))


def _finding(told: Told) -> Html:
    return frame.finding(told.lead, told.more)
