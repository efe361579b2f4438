"""The gate as other pages lead with it: may this journey roll out further, and why."""

from collections.abc import Collection

import streamlit as st

from reports.journeys import Journey
from reports.readings import BETTER, Mark
from reports.wording import rollouts
from reports.wording.gates import reason
from ui import access, frame
from ui.governance import gate_data
from ui.governance.gate_data import GATES, Judged
from ui.parts.markup import NOTHING, Html, around, link, mark, prose, small, tag, text

UNJUDGED = Mark("", "■", "bad")


def judged() -> Judged | None:
    """The gates as they stand now; None beside a quarter of the past, and where none can be judged."""
    if frame.past() or not access.may_load(GATES):
        return None
    found = gate_data.judged()
    if isinstance(found, str):
        st.html(frame.alert(UNJUDGED, "No gate is open.", found))
        return None
    return found


def of_journeys(found: Judged | None, shown: Collection[str]) -> None:
    """Which of the journeys shown may roll out further."""
    gates = [found.gates[name] for name in shown if name in found.gates] if found else []
    if found and gates:
        st.html(frame.lead(None, *rollouts.answer(gates, found.names)))


def of_journey(found: Judged | None, journey: str | None) -> None:
    """Whether one journey may roll out further, why, and where every check stands."""
    gate = found.gates.get(journey) if found and journey else None
    if found is None or gate is None:
        return
    name = found.names[gate.journey]
    where = link("Every check", "gates", journey=name)
    said = Html(f"<strong>{text(name)}:</strong> {prose(reason(gate, found.currency))} {where}")
    st.html(tag("p", Html(f"{mark(rollouts.status(gate), pill=True)} {said}"), class_="lg-said lg-gate"))


def advice(found: Judged | None, journey: str | None, status: Mark, said: str) -> str:
    """The next step after a result: to roll out further only where the gate is open."""
    if found is None or journey is None or status != BETTER:
        return said
    return rollouts.not_yet(found.gates.get(journey), found.currency) or said


def cell(found: Judged | None, item: Journey) -> Html:
    """A journey's gate in a table: its word, and why; of a quarter of the past, as its run judged it."""
    if not item.journey:
        return NOTHING
    gate = found.gates.get(item.journey) if found else None
    if found is None or gate is None:
        row = item.figures if frame.past() else {}
        status = rollouts.as_judged(row.get("gate"), row.get("gate_step"))
        return Html(f"{mark(status)}{small(row.get('gate_reason') or '')}")
    linked = around(mark(rollouts.status(gate)), "gates", journey=item.name)
    return Html(f"{linked}{small(reason(gate, found.currency))}")
