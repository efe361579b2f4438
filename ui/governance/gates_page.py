"""Gates: which journeys may roll out further, what stands against the others, and who decided what."""

from collections.abc import Mapping

import streamlit as st

from metrics import formatting
from policy.gates import Gate, Result
from reports.readings import Mark
from reports.wording import rollouts
from reports.wording.gates import reason
from ui import filters, frame
from ui.data import Loaded
from ui.governance import gate_check, gate_data, gate_decide, gate_history, gate_what_if
from ui.governance.gate_data import Judged
from ui.governance.gate_matrix import matrix
from ui.parts import downloads
from ui.parts.markup import Column, Html, Row, around, join, mark, small, table, text

TITLE = "Rollout gates"
PARTS = ("Checks", "What if", "Decide", "History")


def show(loaded: Loaded) -> None:
    """Say which journeys may go on; then the checks, another policy, decisions, and history."""
    found, chosen = gate_data.judged(), frame.choices().journey
    if isinstance(found, str):
        frame.header(TITLE, loaded)
        st.html(frame.alert(Mark("", "■", "bad"), "No gate is open.", found))
        return
    if check := st.query_params.get("check"):
        gate_check.show(loaded, found, check, chosen)
        return
    shown = {name: gate for name, gate in found.gates.items() if chosen in (None, name)}
    with frame.header(TITLE, loaded):
        downloads.gates(found, shown)
    st.html(frame.lead(None, *rollouts.answer(shown.values(), found.names)))
    if not shown:
        return
    pending = [decision for name in shown for decision in found.standing[name].pending]
    notice = st.container()
    part = filters.part("Part of the page", PARTS, "part")
    if pending and part != "Decide":
        waiting = rollouts.waiting(pending, found.names)
        notice.html(frame.alert(rollouts.STATES["waiting"], waiting, "Decide says who may approve."))
    match part:
        case "What if":
            gate_what_if.show(found, shown, chosen)
        case "Decide":
            gate_decide.show(found, shown, pending)
        case "History":
            gate_history.show(found, shown)
        case _:
            st.html(journeys_table(found, shown))
            matrix(found, shown)


def journeys_table(found: Judged, shown: Mapping[str, Gate]) -> Html:
    """One row per journey: its gate, why, and how far it reaches."""
    columns = [
        Column("Journey", width="19%"),
        Column("Gate", "journeys.gate_step", width="13%"),
        Column("Why"),
        Column("Fail", "journeys.checks_failing"),
        Column("Unknown", "journeys.checks_unknown"),
        Column("Reaches today", "journeys.rollout_percent"),
    ]
    body = [_row(found, gate) for gate in shown.values()]
    return table(columns, body, label="Gates of the journeys")


def _row(found: Judged, gate: Gate) -> Row:
    lent = found.standing[gate.journey]
    more = (
        rollouts.in_force(lent.waivers, lent.sign_off, found.today),
        rollouts.differs(found.stored.get(gate.journey), gate, found.run.run_id),
    )
    return Row(
        [
            around(text(found.names[gate.journey]), "gates", journey=found.names[gate.journey]),
            mark(rollouts.status(gate), pill=True),
            Html(f"{text(reason(gate, found.currency))}{join(small(line) for line in more if line)}"),
            text(formatting.count(gate.count(Result.FAIL))),
            text(formatting.count(gate.count(Result.UNKNOWN))),
            text(reach(gate)),
        ]
    )


def reach(gate: Gate) -> str:
    """Share of customers that a journey reaches today."""
    return formatting.MISSING if gate.current is None else f"{gate.current:g}\u00a0%"
