"""Deciding: what waits for a second person first, then what the reader may decide, then what is in force."""

from collections.abc import Mapping, Sequence

import streamlit as st

from metrics import formatting
from policy.decisions import APPROVES, MAY, Decision, Kind
from policy.gates import Gate
from reports.readings import Mark
from reports.wording import rollouts
from reports.wording.gates import reason
from ui import access, filters, frame
from ui.governance import gate_data
from ui.governance.gate_data import Judged, Wanted
from ui.governance.gate_forms import FORMS, LENGTH
from ui.parts.markup import Html, link, mark, prose, strong, tag, text

RECORDED = "gate-recorded"
APPROVAL: Mapping[Kind, Kind] = {asked: approval for approval, asked in APPROVES.items()}
"""By kind of what waits: the decision that brings it into force."""
ALONE = (
    "You are alone here, because no sign-in is set up. What takes a second person, a waiver or a rollout "
    "against the gate, you can ask for, but it comes into force only once somebody else can approve it."
)


def show(judged: Judged, shown: Mapping[str, Gate], pending: Sequence[Decision]) -> None:
    """Show what waits, and the forms of what the reader may decide."""
    if done := st.session_state.pop(RECORDED, None):
        st.html(frame.alert(Mark("", "●", "good"), "Recorded.", done))
    if access.reader().subject == access.LOCAL.subject:
        st.html(frame.note(ALONE))
    if pending:
        st.html(frame.heading("Waits for a second person"))
        for decision in pending:
            _waiting(judged, decision)
    st.html(frame.heading("Decide", "Each decision goes into the audit log with your name and your reason."))
    journey = _about(judged, shown)
    gate = judged.gates[journey]
    status = mark(rollouts.status(gate), pill=True)
    st.html(tag("p", Html(f"{status} {prose(reason(gate, judged.currency))}"), class_="lg-said"))
    kinds = [kind for kind in rollouts.ACTS if MAY[kind] & access.reader().roles]
    if not kinds:
        st.html(frame.note("Your role decides nothing here; you can read everything."))
        return
    kind: Kind = st.selectbox(
        "What to decide", kinds, format_func=rollouts.ACTS.__getitem__, key="decide-kind",
        bind="query-params", width=320,
    )  # fmt: skip
    wanted = FORMS[kind](judged, gate)
    if wanted is not None:
        submit(judged, wanted)


def submit(judged: Judged, wanted: Wanted) -> None:
    """Record a decision and begin the page anew; where it is refused, say why."""
    refused = gate_data.decide(wanted, judged.seen(wanted.journey))
    if refused is None:
        name = judged.names[wanted.journey]
        st.session_state[RECORDED] = f"{rollouts.done(wanted.kind)} {name}."
        st.rerun()
    st.html(frame.alert(Mark("", "■", "bad"), "Not recorded.", refused or ""))


def _about(judged: Judged, shown: Mapping[str, Gate]) -> str:
    if len(shown) == 1:
        return next(iter(shown))
    return filters.choice("About", {name: judged.names[name] for name in shown}, "decide-journey", width=320)


def _waiting(judged: Judged, decision: Decision) -> None:
    approval, who = APPROVAL[decision.kind], access.reader()
    last = f", until {formatting.day(decision.expires_on)}" if decision.expires_on else ""
    asked_on = formatting.day(decision.at.astimezone(judged.zone).date())
    more = f"{decision.name} asks for it since {asked_on}: {decision.reason}"
    against = f" The gate said then: {decision.against}" if decision.against else ""
    name = judged.names.get(decision.journey, decision.journey)
    lead = strong(f"{rollouts.told(decision)} of {name}{last}.")
    st.html(tag("p", Html(f"{lead} {text(more)}{text(against)}"), class_="lg-said"))
    roles = " or ".join(sorted(MAY[approval]))
    if decision.actor == who.subject:
        st.html(frame.note(f"You asked for it, so somebody else with the role {roles} must approve it."))
    elif not MAY[approval] & who.roles:
        st.html(
            frame.note(f"Approving takes the role {roles}; yours: {', '.join(sorted(who.roles)) or 'none'}.")
        )
    else:
        _approve(judged, decision, approval)
    if decision.check:
        st.html(link("The evidence", "gates", journey=name, check=decision.check))


def _approve(judged: Judged, decision: Decision, approval: Kind) -> None:
    with st.form(f"approve-{decision.number}", border=False):
        given = st.text_input("Why you approve it", key=f"why-{decision.number}", max_chars=LENGTH)
        pressed = st.form_submit_button("Approve")
    if pressed:
        submit(judged, Wanted(approval, decision.journey, given, refers_to=decision.number))
