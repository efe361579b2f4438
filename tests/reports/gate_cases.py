"""A journey that passes every check of the default policy, to be spoilt in one place at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from policy.decisions import Decision
from policy.gates import Gate
from policy.model import Policy
from reports.gates.evaluation import gates
from reports.snapshot import Snapshot
from tests.ui import retailer
from tests.ui.privacy_tables import frame

NOW = datetime(2026, 10, 2, 9, tzinfo=UTC)
PERIOD = "2026Q3"
PURPOSES = ("personalize.content.profiled", "analytics.reporting")
JOURNEY: Mapping[str, Any] = {
    "id": "cart", "name": "Cart recovery", "purposes": list(PURPOSES), "lawful_basis": "consent",
    "rollout": "personalised", "rollout_percent": 5.0, "cost_target_per_1k": 0.4, "latency_target_ms": 150.0,
    "dpia": {
        "document": "dpia/cart.pdf", "scope": list(PURPOSES), "signed_by": "Petra", "signed_on": "2026-05-01",
        "expires_on": "2028-05-01",
    },
    "sign_off": {"signed_by": "Olaf", "signed_on": "2026-09-01", "expires_on": "2027-09-01"},
}  # fmt: skip
FIGURES: Mapping[str, Any] = {
    "consent_coverage": 0.8,
    "consent_coverage_low": 0.78,
    "leakage_events": 0,
    "events_needing_consent": 50_000,
    "server_share": 0.9,
    "one_source_share": 0.9,
    "age_unknown": 500,
    "dsr_sla_rate": 0.99,
    "dsr_sla_low": 0.95,
    "dsr_overdue": 0,
    "minimization_score": 0.9,
    "excess_load": 2.0,
    "fields_past_retention": 0,
    "vendors_live": 2,
    "vendors_with_protections": 2,
    "vendors_unprotected": 0,
    "events_to_unprotected_recipients": 0,
    "cost_per_1k": 0.3,
    "latency_p95": 100.0,
    "share_over_latency_target": 0.01,
    "net_value": 900.0,
    "net_low": 100.0,
    "net_high": 1_700.0,
}
VENDOR: Mapping[str, Any] = {
    "vendor": "Kelp",
    "journeys": "cart;home",
    "contract_status": "valid",
    "dpa_ok": True,
    "transfer_ok": True,
    "clean_room": True,
    "status": "ok",
}
GUARDRAIL = retailer.row("returns", 0.0, 0.02, guardrail_state="not_worse", margin=0.01)
WITHDRAWAL = {**GUARDRAIL, "metric": "withdrawal"}
GUARDRAILS = {name: {"harm_if": "higher", "margin": 0.01} for name in ("returns", "withdrawal")}
SURVIVAL = {"kind": "survival", "table": "consent_events", "event": "withdrawn", "direction": "lower"}
CHECKS = ("sample_ratio", "consent", "pre_period_balance")


def case(
    *,
    journey: Mapping[str, Any] | None = None,
    figures: Mapping[str, Any] | None = None,
    vendors: Sequence[Mapping[str, Any]] = (VENDOR,),
    rows: Sequence[Mapping[str, Any]] | None = None,
    checks: Mapping[str, str] | None = None,
    experiment: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    consent: str = "ok",
    people: int | None = 10_000,
    minimum_people: int = 50,
    aside: Mapping[str, Sequence[str]] | None = None,
    last_order: str = "2026-09-30T21:10:00",
    policy: Policy | None = None,
    made: bool = True,
    service: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
) -> Snapshot:
    """A run of one journey; what is not named passes.

    `aside`: table → the journeys that its one row set aside names; `service`, `fields`, `model`: what is
    different in the row of dsr_sla, of minimization and of inference.
    """
    states = dict.fromkeys(CHECKS, "pass") | dict(checks or {})
    test = retailer.Made(
        experiment="cart-1",
        journey="cart",
        rows=[*([retailer.row(), GUARDRAIL] if rows is None else rows), WITHDRAWAL],
        checks=[retailer.check(name, status) for name, status in states.items()],
        definition={"guardrails": GUARDRAILS, **(experiment or {})},
        ended=(experiment or {}).get("ended", True),
        facts=facts or {},
    )
    tests = (test,) if made else ()
    configured = {**JOURNEY, **(journey or {})}
    workspace = {"journeys": [configured, {"id": "home"}], "minimum_people": minimum_people}
    if policy:
        workspace["policy"] = policy.model_dump(mode="json")
    found = retailer.snapshot(*tests, journeys={"cart": ""}, workspace=workspace)
    tables: dict[str, list[Mapping[str, Any]]] = {
        "journeys": [{"journey": "cart", "period": PERIOD, "status": "ok", **FIGURES, **(figures or {})}],
        "vendors": list(vendors),
        "consent": _consent(consent, people, {**FIGURES, **(figures or {})}["age_unknown"]),
        "dsr_sla": [{"regime": "GDPR", "kind": "access", "period": PERIOD, "received": 120, "on_time": 99,
                     "late": 1, "overdue": 0, **(service or {})}],
        "inference": [{"journey": "cart", "model": "m", "serving": "edge", "period": PERIOD, "requests": 900,
                       "recommendations": 9_000, "timed_requests": 880, **(model or {})}],
        "minimization": [{"system": "*all*", "journey": "cart", "fields": 12, "failing_retention": 0,
                          "retention_overdue": 0, **(fields or {})}],
    }  # fmt: skip
    order_lines = {"last_time": last_order, "quarantined": {}}
    spoilt = {
        table: {"last_time": None, "quarantined": {"rule": 1}, "journeys_set_aside": list(named)}
        for table, named in (aside or {}).items()
    }
    inputs = {"order_lines": order_lines, **spoilt}
    return replace(
        found,
        metric_definitions={**found.metric_definitions, "withdrawal": SURVIVAL},
        run=replace(found.run, inputs=inputs),
        frames={**found.frames, **{name: frame(name, rows) for name, rows in tables.items()}},
    )


def judged(snapshot: Snapshot, *decided: Decision, now: datetime = NOW) -> Gate:
    """The gate of the journey."""
    return gates(snapshot, decided, now)["cart"]


def _consent(status: str, people: int | None, age_unknown: int | None) -> list[Mapping[str, Any]]:
    row = {
        "journey": "cart",
        "jurisdiction": "*all*",
        "period": PERIOD,
        "purpose": "*joint*",
        "status": status,
    }
    most = 49 if age_unknown is None else age_unknown
    return [{**row, "customers": people, "age_unknown": age_unknown, "age_unknown_most": most}]


def without(snapshot: Snapshot, *tables: str) -> Snapshot:
    """The same run, for which the retailer had no such tables of figures."""
    empty = {name: pl.DataFrame(schema=snapshot.frames[name].schema) for name in tables}
    return replace(snapshot, frames={**snapshot.frames, **empty})
