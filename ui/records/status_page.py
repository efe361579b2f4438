"""Data status: how fresh the figures are, what the runs were, what was set aside, and which versions hold."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import streamlit as st

from metrics import formatting
from reports import assembly
from reports.changes import run_changes, verdict_changes
from reports.readings import Mark
from reports.wording.freshness import ago, duration
from storage.records import Run
from ui import data, frame
from ui.data import Loaded
from ui.parts import downloads
from ui.parts.markup import Column, Html, Row, facts, mark, small, table, tag, text

SHOWN_RUNS = 20
RUN_MARKS = {
    "complete": Mark("complete", "●", "good"),
    "running": Mark("running", "◔", "neutral"),
    "failed": Mark("failed", "■", "bad"),
    "interrupted": Mark("cut off", "■", "bad"),
}


def show(loaded: Loaded) -> None:
    """Tell the state of the data behind every figure."""
    history = data.runs(SHOWN_RUNS)
    with frame.header("Data status", loaded):
        downloads.button(
            loaded.snapshot.table("quarantine"), "quarantine", "quarantine", "CSV of rows set aside"
        )
    st.html(frame.lead(None, _lead(loaded, history), _set_aside(loaded)))
    st.html(frame.heading("Tables read"))
    st.html(_inputs(loaded))
    st.html(frame.heading("Since the run before"))
    st.html(_changes(loaded, history))
    st.html(frame.heading("Runs", f"The newest {SHOWN_RUNS}, times in {loaded.snapshot.zone.key}."))
    st.html(_runs(loaded, history))
    st.html(
        frame.heading(
            "Rows set aside", "By rule; the example says where the first one stands, never what it holds."
        )
    )
    st.html(_quarantine(loaded))
    st.html(frame.heading("Versions"))
    _versions(loaded)


def _lead(loaded: Loaded, history: list[Run]) -> str:
    snapshot = loaded.snapshot
    newest = history[0] if history else snapshot.run
    if newest.status in ("failed", "interrupted"):
        return f"The last refresh did not complete; run {snapshot.run.run_id} before it is shown."
    rows = sum(facts_.get("accepted") or 0 for facts_ in snapshot.run.inputs.values())
    tables = len(snapshot.run.inputs)
    return f"The last refresh completed: {formatting.count(rows)} rows from {tables} tables count."


def _set_aside(loaded: Loaded) -> str:
    aside = loaded.snapshot.table("quarantine")
    rows = int(aside["rows"].sum() or 0)
    if not rows:
        return "No row was set aside."
    rules = "1 rule was" if aside.height == 1 else f"{aside.height} rules were"
    return f"{formatting.count(rows)} rows were set aside; {rules} broken."


def _inputs(loaded: Loaded) -> Html:
    zone = loaded.snapshot.zone
    columns = [
        Column("Table"),
        Column("Rows read", "page.rows_read"),
        Column("Counted", "page.rows_counted"),
        Column("Set aside", "quarantine.rows"),
        Column("First time in it"),
        Column("Last time in it"),
    ]
    body = []
    for name, known in loaded.snapshot.run.inputs.items():
        aside = sum((known.get("quarantined") or {}).values())
        times = [_local(known.get(end), zone) for end in ("first_time", "last_time")]
        cells = [
            name,
            *(formatting.count(n) for n in (known.get("rows_in"), known.get("accepted"), aside)),
            *times,
        ]
        body.append(Row([text(cell) for cell in cells]))
    return table(columns, body, label="Tables read", kind="lg-plain")


def _local(value: str | None, zone: Any) -> str:
    if value is None:
        return "–"
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return formatting.clock(found.astimezone(zone))


def _changes(loaded: Loaded, history: list[Run]) -> Html:
    run = loaded.snapshot.run
    before = next((r for r in history if r.status == "complete" and r.run_id < run.run_id), None)
    if before is None:
        return frame.note("This is the first complete run.")
    went_in = run_changes(before, run)
    verdicts = verdict_changes(
        data.verdicts(before.run_id),
        loaded.snapshot.verdict_records,
        assembly.experiment_names(loaded.snapshot),
    )
    found = [f"Against run {before.run_id}: {', '.join(went_in) or 'the same data, definitions and policy'}."]
    found += verdicts or ["No verdict changed."]
    return tag("ul", Html("".join(tag("li", text(item)) for item in found)), class_="lg-list")


def _runs(loaded: Loaded, history: list[Run]) -> Html:
    zone, now, shown = loaded.snapshot.zone, data.now(), loaded.snapshot.run.run_id
    complete = [run for run in history if run.status == "complete"]
    previous = {later.run_id: earlier for later, earlier in pairwise(complete)}
    columns = [
        Column("Run"),
        Column("Started"),
        Column("Took", "page.run_duration"),
        Column("State"),
        Column("Data as of"),
        Column("What changed, or why it failed"),
    ]
    body = [
        Row(
            [
                Html(f"{text(run.run_id)}{small('shown') if run.run_id == shown else ''}"),
                Html(f"{_whole(formatting.clock(run.started_at.astimezone(zone)))}{_age(run, now)}"),
                text(duration(run)),
                mark(RUN_MARKS[run.status]),
                _whole(formatting.day((run.as_of - data.MOMENT).astimezone(zone).date())),
                text(_told(run, previous.get(run.run_id))),
            ]
        )
        for run in history
    ]
    return table(columns, body, label="Runs", kind="lg-plain")


def _whole(words: str) -> Html:
    return tag("span", text(words), class_="lg-nowrap")


def _age(run: Run, now: datetime) -> Html:
    return small(ago(now - run.started_at))


def _told(run: Run, before: Run | None) -> str:
    """What changed in a run, or why it failed."""
    if run.status != "complete":
        return run.reason or ""
    if before is None:
        return "the first that is listed"
    return ", ".join(run_changes(before, run)) or "nothing"


def _quarantine(loaded: Loaded) -> Html:
    rows = loaded.snapshot.table("quarantine")
    if rows.is_empty():
        return frame.note("Nothing was set aside: every row kept the rules of its table.")
    columns = [
        Column("Table"),
        Column("Rule"),
        Column("Rows", "quarantine.rows"),
        Column("First one stands in"),
    ]
    body = [
        Row(
            [
                text(row["table"]),
                text(row["rule"]),
                text(formatting.count(row["rows"])),
                text(row["example"] or "–"),
            ]
        )
        for row in rows.sort("rows", descending=True).iter_rows(named=True)
    ]
    return table(columns, body, label="Rows set aside", kind="lg-plain")


def _versions(loaded: Loaded) -> None:
    run = loaded.snapshot.run
    policy = (
        "the default policy" if not run.policy_text else f"version {run.policy_version or 'not numbered'}"
    )
    st.html(
        facts(
            [
                ("Definitions", text(run.definitions_version)),
                ("Policy", text(f"{policy}, SHA-256 {run.policy_hash[:12]}")),
                ("Data and settings", text(f"SHA-256 {run.fingerprint[:12]}")),
                ("Fewest people shown", text(loaded.snapshot.minimum_people)),
            ]
        )
    )
    if run.policy_text:
        with st.expander("The policy as configured"):
            st.code(run.policy_text, language="yaml")
