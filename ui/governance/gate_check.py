"""One check of one journey: what it saw, what it asks, what would change it, and where the figure stands."""

from collections.abc import Mapping

import streamlit as st

from metrics import catalogue, formatting
from policy.figures import GATE_FIGURES
from policy.gates import CheckResult, Gate, Result
from reports.wording import rollouts
from reports.wording.gates import Words, formatted, mark, words
from ui import access, frame
from ui.data import Loaded
from ui.governance.gate_data import Judged
from ui.parts.markup import Column, Html, Row, around, facts, link, strong, table, text
from ui.parts.markup import mark as drawn
from ui.site import BY_PATH

PAGES: Mapping[str, str] = {
    "primary_relative": "experiment",
    "guardrails_unproven": "experiment",
    "health_failed": "experiment",
    "result_age_days": "experiment",
    "churn_risk_difference": "churn",
    "net_value": "inference-cost",
    "cost_per_1k": "inference-cost",
    "cost_to_target": "inference-cost",
    "latency_p95": "inference-cost",
    "share_over_latency_target": "inference-cost",
    "consent_known": "consent",
    "leakage_events": "consent",
    "consent_coverage": "consent",
    "server_share": "consent",
    "one_source_share": "consent",
    "age_unknown_share": "consent",
    "dsr_sla_rate": "requests",
    "dsr_overdue": "requests",
    "minimization_score": "data-use",
    "excess_load": "data-use",
    "fields_past_retention": "data-use",
    "vendors_without_contract": "data-use",
    "vendors_without_protections": "data-use",
    "transfers_without_mechanism": "data-use",
    "events_to_unprotected_recipients": "data-use",
    "minimum_people": "status",
    "dpia": "gates",
    "owner_sign_off": "gates",
}
"""Address of the page that shows what a check looks at."""


def show(loaded: Loaded, judged: Judged, check: str, chosen: str | None) -> None:
    """Show the check that the address names, of the journey chosen or of all."""
    found = {
        journey: result
        for journey, gate in judged.gates.items()
        for result in gate.checks
        if result.check.id == check
    }
    journey = chosen or (next(iter(judged.gates)) if len(judged.gates) == 1 else None)
    if not found or (journey and journey not in found):
        _unknown(loaded, judged, check, journey)
        return
    shown = next(iter(found.values())) if journey is None else found[journey]
    frame.header(GATE_FIGURES[shown.check.figure].name, loaded, _way_back(judged, journey))
    if journey is not None:
        _evidence(loaded, judged, judged.gates[journey], shown)
    if len(found) > 1:
        st.html(frame.heading("The same check in every journey"))
        st.html(_everywhere(judged, found))
    if journey is None:
        st.html(frame.note(words(shown, judged.currency).explanation))
        st.html(facts([("What it is", _definition(shown))]))


def _unknown(loaded: Loaded, judged: Judged, check: str, journey: str | None) -> None:
    frame.header("Rollout gates", loaded, _way_back(judged, journey))
    of = f"of {judged.names[journey]}" if journey else "of this run"
    st.html(frame.lead(None, f"The policy has no check {check!r}.", f"The checks {of} stand under Gates."))


def _way_back(judged: Judged, journey: str | None) -> Html:
    if journey is None or len(judged.gates) == 1:
        return link("Gates", "gates")
    name = judged.names[journey]
    return Html(f"{link('Gates', 'gates', journey=None)} › {link(name, 'gates', journey=name)}")


def _evidence(loaded: Loaded, judged: Judged, gate: Gate, found: CheckResult) -> None:
    said, passes = words(found, judged.currency), found.result is Result.PASS
    st.html(frame.lead(mark(found), said.sentence, ""))
    st.html(
        frame.answers(
            [
                ("What would change it", text(said.would_change)),
                ("What to do if it fails" if passes else "What to do", text(said.remedy)),
                ("Why a rollout looks at it", text(said.explanation)),
            ]
        )
    )
    st.html(frame.heading("The evidence"))
    st.html(facts(_facts(loaded, judged, gate, found, said)))


def _facts(
    loaded: Loaded, judged: Judged, gate: Gate, found: CheckResult, said: Words
) -> list[tuple[str, Html]]:
    check, seen, currency = found.check, found.evidence, judged.currency
    rests = f"{formatting.count(seen.n)} {seen.counted}".strip() if seen.n is not None else "not counted"
    told = {
        "Seen": _observed(found, currency),
        "Asked": rollouts.asks(found, currency),
        "Distance": "" if found.distance is None else rollouts.distance(found, currency),
        "Rests on": rests + (f"; at least {formatting.count(check.min_n)} asked" if check.min_n else ""),
        "Period": seen.period,
        "Data until": _until(found, judged),
        "Beside it": seen.note,
        "Journey": f"{judged.names[gate.journey]}: {rollouts.status(gate).word}",
        "If it fails": _severity(found),
        "Source of law": check.legal_reference or "",
        "Owner": check.owner or "nobody is named",
        "Run": f"{judged.run.run_id}, policy {judged.run.policy_version or 'without number'}",
    }
    pairs = [(term, text(value)) for term, value in told.items() if value]
    return [*pairs, ("What it is", _definition(found)), ("Shown on", _shown_on(loaded, judged, gate, found))]


def _observed(found: CheckResult, currency: str) -> str:
    figure, seen = GATE_FIGURES[found.check.figure], found.evidence
    if seen.status == "suppressed":
        return "hidden: it rests on too few people"
    if seen.value is None:
        return "nothing"
    value = formatted(figure, seen.value, currency)
    limits = [formatted(figure, limit, currency) for limit in (seen.lower, seen.upper) if limit is not None]
    match limits:
        case [low, high]:
            value += f" ({formatting.interval(low, high)})"
        case [low]:
            value += f" (at least {low})"
    compared = "" if found.check.bound == "estimate" else f"; its {found.check.bound} limit is compared"
    return f"{value}{compared}"


def _until(found: CheckResult, judged: Judged) -> str:
    at, age = found.evidence.measured_at, found.check.max_age_days
    asks = f"; at most {age:g} days old asked" if age is not None else ""
    return "" if at is None else f"{formatting.clock(at.astimezone(judged.zone))}{asks}"


def _severity(found: CheckResult) -> str:
    effect = {
        "legal": "the gate is blocked, and nobody may waive it",
        "blocking": "the gate is blocked, unless it is waived",
        "warning": "the gate is held",
    }[found.check.severity]
    waived = f" (waived until {formatting.day(found.waived_until)})" if found.waived_until else ""
    return f"{effect}{waived}; without evidence it is blocked"


def _definition(found: CheckResult) -> Html:
    figure = GATE_FIGURES[found.check.figure].definition
    source = f" Source: {figure.source}." if figure.source else ""
    return Html(f"{strong(f'{figure.label}.')} {text(catalogue.meaning(figure.key))}{text(source)}")


def _shown_on(loaded: Loaded, judged: Judged, gate: Gate, found: CheckResult) -> Html:
    page, name = PAGES[found.check.figure], judged.names[gate.journey]
    screen = BY_PATH[page]
    if not access.may_open(page):
        return text(f"{screen.title}, for the role {' or '.join(sorted(screen.roles))}")
    if page == "gates":
        return link("Decide", "gates", journey=name, part="Decide")
    if page in ("experiment", "churn"):
        speaking = next(j.experiment for j in loaded.journeys if j.journey == gate.journey)
        if speaking is None:
            return text("no experiment yet")
        return link(speaking.name, page, experiment=speaking.experiment, quarter=None)
    return link(screen.title, page, journey=name, quarter=None)


def _everywhere(judged: Judged, found: Mapping[str, CheckResult]) -> Html:
    columns = [
        Column("Journey"),
        Column("Result"),
        Column("Seen", "gates.observed"),
        Column("Asked", "gates.threshold", left=True),
        Column("Distance", "gates.distance"),
    ]
    body = [_row(judged, journey, result) for journey, result in found.items()]
    return table(columns, body, label="The same check in every journey", kind="lg-plain")


def _row(judged: Judged, journey: str, found: CheckResult) -> Row:
    name = judged.names[journey]
    return Row(
        [
            around(text(name), "gates", journey=name, check=found.check.id),
            drawn(mark(found)),
            text(rollouts.seen(found, judged.currency)),
            text(rollouts.asks(found, judged.currency)),
            text(rollouts.distance(found, judged.currency)),
        ]
    )
