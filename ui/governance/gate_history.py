"""What gates said since the first run, what changed them, and what people decided."""

from collections.abc import Collection
from dataclasses import asdict

import polars as pl
import streamlit as st

from metrics import formatting
from policy.decisions import Decision, state
from policy.gates import Status
from reports.gates.history import Change
from reports.readings import Mark
from reports.wording import rollouts
from reports.wording.gates import MARKS, NOT_EVALUATED
from ui import frame
from ui.governance import gate_data
from ui.governance.gate_data import Judged
from ui.parts import downloads
from ui.parts.markup import Column, Html, Row, mark, small, table, text


def show(judged: Judged, shown: Collection[str]) -> None:
    """Show the changes of the journeys shown, then the decisions about them."""
    changes = [change for change in gate_data.changes() if change.journey in shown]
    decided = [decision for decision in reversed(judged.decisions) if decision.journey in shown]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(frame.heading("How the gates changed", "Since the first run, the newest change first."))
        if changes:
            downloads.records(_changes(changes), "gate-changes")
    st.html(_changes_table(judged, changes) if changes else frame.note("No run has judged a gate yet."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(frame.heading("What people decided", "The newest first; the audit log has the same, sealed."))
        if decided:
            downloads.records(_decisions(judged, decided), "gate-decisions")
    st.html(
        _decisions_table(judged, decided)
        if decided
        else frame.note("Nobody has decided anything in the app yet.")
    )


def _changes_table(judged: Judged, changes: Collection[Change]) -> Html:
    widths = {"When": "16%", "Journey": "19%", "From": "", "To": "", "Why": ""}
    columns = [Column(heading, width=width) for heading, width in widths.items()]
    body = [
        Row(
            [
                Html(f"{text(_when(judged, change))}{small(_run(change))}"),
                text(judged.names.get(change.journey, change.journey)),
                mark(_status(change.before)) if change.before else small("first judged"),
                mark(_status(change.after)),
                text(change.cause),
            ]
        )
        for change in changes
    ]
    return table(columns, body, label="How the gates changed")


def _when(judged: Judged, change: Change) -> str:
    return formatting.clock(change.at.astimezone(judged.zone))


def _run(change: Change) -> str:
    return "by now, without a new run" if change.run_id is None else f"run {change.run_id}"


def _status(word: str) -> Mark:
    return MARKS[Status(word)] if word in set(Status) else NOT_EVALUATED


def _decisions_table(judged: Judged, decided: Collection[Decision]) -> Html:
    columns = [
        Column("Decision", width="34%"), Column("Journey"), Column("By"), Column("When"), Column("Last day"),
        Column("State"),
    ]  # fmt: skip
    body = [
        Row(
            [
                Html(f"{text(f'{d.number}: {rollouts.told(d)}')}{small(d.reason)}{_against(d)}"),
                text(judged.names.get(d.journey, d.journey)),
                Html(f"{text(d.name)}{small(', '.join(d.roles))}"),
                text(formatting.clock(d.at.astimezone(judged.zone))),
                text(formatting.day(d.expires_on) if d.expires_on else "–"),
                mark(rollouts.STATES[state(d, judged.decisions, judged.today)]),
            ]
        )
        for d in decided
    ]
    return table(columns, body, label="What people decided")


def _against(decision: Decision) -> Html:
    return small(f"The gate said: {decision.against}") if decision.against else Html("")


def _changes(changes: Collection[Change]) -> pl.DataFrame:
    return pl.DataFrame([asdict(change) for change in changes], infer_schema_length=None)


def _decisions(judged: Judged, decided: Collection[Decision]) -> pl.DataFrame:
    rows = [
        {
            "number": d.number,
            "at": d.at,
            "kind": d.kind,
            "journey": d.journey,
            "by": d.name,
            "roles": ";".join(d.roles),
            "reason": d.reason,
            "check": d.check,
            "document": d.document,
            "scope": ";".join(d.scope),
            "step": d.step,
            "expires_on": d.expires_on,
            "refers_to": d.refers_to,
            "against": d.against,
            "state": state(d, judged.decisions, judged.today),
        }
        for d in decided
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
