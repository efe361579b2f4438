"""What if a check asked for something else? Which gates would open or close; nothing is kept."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from policy.figures import GATE_FIGURES, GateFigure, fault
from policy.gates import CheckResult, Gate
from policy.model import SEVERITIES, Check
from reports.readings import Mark
from reports.wording import policy_lines, rollouts
from reports.wording.gates import mark as result_mark
from ui import frame
from ui.governance import gate_data
from ui.governance.gate_data import Judged
from ui.parts.markup import Column, Html, Row, mark, small, table, text

ALWAYS_ASKED = "consent_known"


class Scale(NamedTuple):
    """How a threshold is typed in.

    Attributes:
        factor: what is typed, of one unit of the figure.
        step: of the arrows.
        unit: in words.
    """

    factor: float
    step: float
    unit: str


def show(judged: Judged, shown: Mapping[str, Gate], chosen: str | None) -> None:
    """Ask which check to move and how far, and show what would follow."""
    whose = f"of {judged.names[chosen]} alone" if chosen else "of every journey"
    st.html(
        frame.heading(
            "What if a check asked for something else?",
            f"The policy {whose}, judged on the same evidence. Nothing is saved.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = _check(judged, chosen)
        after = _moved(before, judged, chosen)
    if wrong := fault(after):
        st.html(frame.alert(Mark("", "■", "bad"), wrong.what, wrong.remedy))
        return
    if after == before:
        st.html(frame.finding("This is what the policy asks today.", "Move the threshold or the severity."))
    then = gate_data.what_if(policy_lines.moved(judged.policy, after, chosen))
    if after != before:
        st.html(frame.finding(*rollouts.compared(shown, then, judged.names)))
    st.html(_table(judged, shown, then, before.id))
    if after != before:
        _lines(judged, before, after, chosen)


def _check(judged: Judged, chosen: str | None) -> Check:
    checks = judged.policy.checks_for(chosen) if chosen else judged.policy.checks
    known = {check.id: check for check in checks if check.figure != ALWAYS_ASKED}
    names = {name: f"{GATE_FIGURES[check.figure].name} ({name})" for name, check in known.items()}
    name: str = st.selectbox(
        "Check",
        list(known),
        format_func=names.__getitem__,
        key="what-if-check",
        bind="query-params",
        width=460,
    )
    return known[name]


def _moved(check: Check, judged: Judged, chosen: str | None) -> Check:
    key = f"{check.id}-{chosen or 'all'}"
    threshold = _threshold(check, judged, key)
    names = {name: rollouts.SEVERITIES[name][0] for name in SEVERITIES}
    severity = st.selectbox(
        "Severity",
        list(SEVERITIES),
        index=SEVERITIES.index(check.severity),
        format_func=names.__getitem__,
        key=f"severity-{key}",
        bind="query-params",
        width=180,
    )
    return check.model_copy(update={"threshold": threshold, "severity": severity})


def _threshold(check: Check, judged: Judged, key: str) -> float | bool:
    if isinstance(check.threshold, bool):
        wanted: str = st.selectbox(
            "Asked", ["yes", "no"], index=0 if check.threshold else 1, key=f"threshold-{key}",
            bind="query-params", width=210,
        )  # fmt: skip
        return check.threshold if (wanted == "yes") == check.threshold else not check.threshold
    figure = GATE_FIGURES[check.figure]
    scale = _scale(figure, judged.currency)
    shown = round(check.threshold * scale.factor, 9)
    typed = st.number_input(
        f"{rollouts.COMPARED[check.op]}, {scale.unit}" if scale.unit else rollouts.COMPARED[check.op],
        min_value=None if figure.low is None else figure.low * scale.factor,
        max_value=None if figure.high is None else figure.high * scale.factor,
        value=shown,
        step=scale.step,
        format="%g",
        key=f"threshold-{key}",
        bind="query-params",
        width=210,
    )
    return check.threshold if typed == shown else float(typed) / scale.factor


def _scale(figure: GateFigure, currency: str) -> Scale:
    unit = figure.definition.unit
    if unit == "share":
        return Scale(100.0, 1.0, "%")
    if unit == "money":
        return Scale(1.0, 0.01 if figure.low == 0 else 1_000.0, currency)
    if unit == "milliseconds":
        return Scale(1.0, 10.0, "ms")
    if unit in ("statistic", "score"):
        return Scale(1.0, 0.05, "")
    return Scale(1.0, 1.0, unit)


def _table(judged: Judged, now: Mapping[str, Gate], then: Mapping[str, Gate], check: str) -> Html:
    columns = [
        Column("Journey"),
        Column("Seen", "gates.observed"),
        Column("Asked then", "gates.threshold", left=True),
        Column("The check then"),
        Column("Gate now", "journeys.gate_step", left=True),
        Column("Gate then", "journeys.gate_step", left=True),
    ]
    rows = [(name, gate, _of(then[name], check)) for name, gate in now.items()]
    body = [_row(judged, gate, then[name], found) for name, gate, found in rows if found]
    return table(columns, body, label="What if")


def _of(gate: Gate, check: str) -> CheckResult | None:
    return next((found for found in gate.checks if found.check.id == check), None)


def _row(judged: Judged, now: Gate, then: Gate, found: CheckResult) -> Row:
    moved = small("changes") if now.status is not then.status else Html("")
    return Row(
        [
            text(judged.names[now.journey]),
            text(rollouts.seen(found, judged.currency)),
            text(rollouts.asks(found, judged.currency)),
            mark(result_mark(found)),
            mark(rollouts.status(now)),
            Html(f"{mark(rollouts.status(then))}{moved}"),
        ]
    )


def _lines(judged: Judged, before: Check, after: Check, chosen: str | None) -> None:
    where, lines = policy_lines.lines(judged.run.policy_text, before, after, chosen)
    st.html(frame.heading("To make it so", where))
    st.code(lines, language=None, wrap_lines=True)
