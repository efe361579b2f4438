"""A form per kind of decision; each gives what was decided once its button is pressed."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import streamlit as st

from policy.decisions import LONGEST, Kind, goes_against, state
from policy.figures import GATE_FIGURES
from policy.gates import STEPS, Gate, Result
from reports.wording import rollouts
from ui import frame
from ui.governance.gate_data import Judged, Wanted

Form = Callable[[Judged, Gate], Wanted | None]
SHORT = timedelta(days=30)
LONG = timedelta(days=365)
LENGTH = 500
"""Most characters of a reason."""

BARRED = (
    "The gate is blocked by the law: no decision can open it. Mend what blocks it first. Going back to fewer "
    "customers is always possible."
)


def _rollout(judged: Judged, gate: Gate) -> Wanted | None:
    barred = any(found.blocks and found.check.severity == "legal" for found in gate.checks)
    steps = [step for step in STEPS if not barred or step <= (gate.current or 0)]
    if barred:
        st.html(frame.note(BARRED))
    if not steps:
        return None
    names = {step: f"{step}\u00a0%{_beside(step, gate)}" for step in steps}
    start = steps.index(gate.step) if gate.step in steps else len(steps) - 1 if barred else 0
    with _form("rollout", judged, gate):
        step: int = st.selectbox("Roll out to", steps, index=start, format_func=names.__getitem__, width=320)
        if any(goes_against(step, gate) for step in steps):
            st.html(frame.note("A step against the gate takes effect once a second person approves it."))
        reason = _reason("Why")
        pressed = st.form_submit_button("Decide")
    return Wanted("rollout", gate.journey, reason, step=step) if pressed else None


def _beside(step: int, gate: Gate) -> str:
    if step == gate.current:
        return ", as today"
    return ", against the gate" if goes_against(step, gate) else ""


def _sign_off(judged: Judged, gate: Gate) -> Wanted | None:
    with _form("sign-off", judged, gate):
        reason = _reason("What you stand up for")
        last = _last_day("sign_off", judged, LONG)
        pressed = st.form_submit_button("Sign off")
    return Wanted("sign_off", gate.journey, reason, expires_on=last) if pressed else None


def _waiver(judged: Judged, gate: Gate) -> Wanted | None:
    open_to_it = {
        found.check.id: GATE_FIGURES[found.check.figure].name
        for found in gate.checks
        if found.result is not Result.PASS and found.check.severity != "legal"
    }
    if not open_to_it:
        st.html(frame.note("There is nothing to waive: every check passes, or rests on the law."))
        return None
    with _form("waiver", judged, gate):
        check: str = st.selectbox(
            "Check", list(open_to_it), format_func=lambda name: f"{open_to_it[name]} ({name})", width=460
        )
        reason = _reason("Why it may be waived")
        last = _last_day("waiver", judged, SHORT)
        st.html(frame.note("It counts once a second person approves it. What the law asks is never waived."))
        pressed = st.form_submit_button("Ask for the waiver")
    return Wanted("waiver", gate.journey, reason, check=check, expires_on=last) if pressed else None


def _dpia(judged: Judged, gate: Gate) -> Wanted | None:
    known = judged.purposes.get(gate.journey, ())
    with _form("dpia", judged, gate):
        document = st.text_input("Signed document, and where it is kept", max_chars=LENGTH)
        if known:
            st.html(frame.note("Purposes that it covers:"))
            scope = tuple(purpose for purpose in known if st.checkbox(purpose))
        else:
            written = st.text_area("Purposes that it covers, one a line", max_chars=2_000)
            scope = tuple(filter(None, (line.strip() for line in written.splitlines())))
        last = _last_day("dpia", judged, LONG)
        reason = _reason("What it concludes")
        pressed = st.form_submit_button("Record the assessment")
    return (
        Wanted("dpia", gate.journey, reason, document=document.strip(), scope=scope, expires_on=last)
        if pressed
        else None
    )


def _revocation(judged: Judged, gate: Gate) -> Wanted | None:
    names = {
        decision.number: f"{decision.number}: {rollouts.told(decision)}, by {decision.name}"
        for decision in judged.decisions
        if decision.journey == gate.journey
        and decision.kind in ("waiver", "sign_off", "dpia", "rollout")
        and state(decision, judged.decisions, judged.today) in ("in force", "waiting")
    }
    if not names:
        st.html(frame.note("No decision about this journey is in force or waiting."))
        return None
    with _form("revocation", judged, gate):
        number: int = st.selectbox("Decision", list(names), format_func=names.__getitem__, width=460)
        reason = _reason("Why")
        pressed = st.form_submit_button("Revoke")
    return Wanted("revocation", gate.journey, reason, refers_to=number) if pressed else None


FORMS: Mapping[Kind, Form] = {
    "rollout": _rollout,
    "sign_off": _sign_off,
    "waiver": _waiver,
    "dpia": _dpia,
    "revocation": _revocation,
}
"""By kind of decision."""


def _form(name: str, judged: Judged, gate: Gate) -> st.delta_generator.DeltaGenerator:
    """A form that is empty again once a decision has been recorded."""
    return st.form(f"{name}-{gate.journey}-{len(judged.decisions)}", width=680)


def _reason(label: str) -> str:
    return str(st.text_area(label, max_chars=LENGTH, height=80))


def _last_day(kind: Kind, judged: Judged, usual: timedelta) -> date:
    today = judged.today
    found = st.date_input(
        "Last day in force",
        value=today + usual,
        min_value=today,
        max_value=today + LONGEST[kind],
        width=210,
        format="YYYY-MM-DD",
    )
    return found if isinstance(found, date) else today
