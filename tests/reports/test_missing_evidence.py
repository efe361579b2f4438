"""What is missing, hidden, old or too little is unknown, blocks, and says why."""

from typing import Any

import pytest

from policy.gates import Result, Status
from policy.model import Policy
from reports.wording.gates import words
from tests.reports.gate_cases import GUARDRAIL, VENDOR, case, judged
from tests.ui import retailer

NOTHING_DUE = dict.fromkeys(("on_time", "late", "overdue"), 0)
NO_CLOCK = dict.fromkeys(("open", "on_time", "late", "overdue"))
MISSING: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no experiment": ("lift", {"made": False}, "no_evidence", "no experiment of the journey has begun"),
    "no variant chosen": (
        "lift",
        {"rows": [], "journey": {"rollout": None}},
        "no_evidence",
        "not measured yet",
    ),
    "few people": ("lift", {"rows": [retailer.hidden(), GUARDRAIL]}, "suppressed", "too few people"),
    "no relative interval": (
        "lift",
        {"rows": [retailer.row(relative_low=None), GUARDRAIL]},
        "no_limit",
        "cannot be told",
    ),
    "control at a loss": (
        "lift",
        {"rows": [retailer.row(mean_control=-4.0, relative=0.5, relative_low=0.1), GUARDRAIL]},
        "no_evidence",
        "control's mean is not above 0",
    ),
    "old orders": ("lift", {"last_order": "2026-09-20T00:00:00"}, "stale", "more than 7\u00a0days ago"),
    "split unchecked": (
        "health",
        {"checks": {"sample_ratio": "unknown"}},
        "no_evidence",
        "could not be checked",
    ),
    "no guardrail": (
        "guardrails",
        {"experiment": {"guardrails": {}}},
        "no_evidence",
        "declares no guardrail",
    ),
    "guardrail open": (
        "guardrails",
        {"rows": [retailer.row(), {**GUARDRAIL, "guardrail_state": "not_enough_data"}]},
        "no_evidence",
        "harm is not ruled out for Return rate",
    ),
    "guardrail unmeasured": ("guardrails", {"rows": [retailer.row()]}, "no_evidence", "not ruled out"),
    "consent unchecked": (
        "consent_evidence",
        {"checks": {"consent": "unknown"}},
        "no_evidence",
        "no evidence",
    ),
    "no consent": ("consent_leakage", {"consent": "no_evidence"}, "no_evidence", "no evidence"),
    "consent hidden": ("consent_coverage", {"consent": "suppressed"}, "suppressed", "too few people"),
    "few events": (
        "consent_coverage",
        {"figures": {"events_needing_consent": 900}},
        "too_few",
        "rests on 900 events",
    ),
    "no requests table": (
        "requests_on_time",
        {"figures": {"dsr_sla_rate": None, "dsr_overdue": None}},
        "no_evidence",
        "no evidence",
    ),
    "spoilt requests": (
        "requests_overdue",
        {"aside": {"dsr_requests": ()}},
        "no_evidence",
        "requests were set aside",
    ),
    "only requests of unknown clock": (
        "requests_on_time",
        {"figures": {"dsr_sla_rate": None}, "service": {**NO_CLOCK, "received": 3, "complied": 1}},
        "no_evidence",
        "the clock of 3 requests is not known",
    ),
    "a quarter of spoilt requests": (
        "requests_on_time",
        {"figures": {"dsr_sla_rate": None}, "service": NOTHING_DUE, "aside": {"dsr_requests": ()}},
        "no_evidence",
        "requests were set aside",
    ),
    "retention not declared": (
        "retention",
        {"fields": {"failing_retention": 2}},
        "no_evidence",
        "retention or oldest record not recorded for 2 fields",
    ),
    "no inventory": ("minimisation", {"figures": {"minimization_score": None}}, "no_evidence", "no evidence"),
    "no assessment": ("dpia", {"journey": {"dpia": None}}, "no_evidence", "no signed assessment"),
    "register of a misspelt journey": (
        "contracts",
        {"vendors": [VENDOR, {**VENDOR, "vendor": "Moss", "journeys": "Cartt;home"}]},
        "no_evidence",
        "the register names Cartt, which is no journey",
    ),
    "no purposes": ("dpia", {"journey": {"purposes": []}}, "no_evidence", "names no purposes"),
    "no register": (
        "contracts",
        {"figures": {"vendors_live": None}, "vendors": []},
        "no_evidence",
        "no register of vendors",
    ),
    "spoilt register": ("contracts", {"aside": {"vendors": ("*",)}}, "no_evidence", "rows of the register"),
    "a vendor of this journey set aside": (
        "transfers",
        {"aside": {"vendors": ("cart", "home")}},
        "no_evidence",
        "rows of the register",
    ),
    "a field of nobody knows which journey set aside": (
        "retention",
        {"aside": {"data_inventory": ("Cart",)}},
        "no_evidence",
        "rows of the inventory",
    ),
    "country unknown": (
        "transfers",
        {"vendors": [{**VENDOR, "transfer_ok": None}]},
        "no_evidence",
        "country not recorded: Kelp",
    ),
    "customers hidden": ("children", {"people": None}, "no_evidence", "not known, or hidden"),
    "no cost": ("cost", {"figures": {"cost_per_1k": None}}, "no_evidence", "no evidence"),
    "no cost target": (
        "cost",
        {"journey": {"cost_target_per_1k": None}},
        "no_evidence",
        "cost_target_per_1k",
    ),
    "no latency target": (
        "latency",
        {"journey": {"latency_target_ms": None}},
        "no_evidence",
        "latency_target_ms",
    ),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_is_unknown_and_blocks(name: str) -> None:
    checked, spoilt, why, said = MISSING[name]
    gate = judged(case(**spoilt))
    found = {one.check.id: one for one in gate.checks}[checked]

    assert (found.result, found.why) == (Result.UNKNOWN, why)
    assert gate.status is Status.BLOCKED
    assert said in words(found, "EUR").sentence


def test_a_company_that_nobody_wrote_to_is_not_late() -> None:
    gate = judged(case(figures={"dsr_sla_rate": None, "dsr_overdue": 0}, service=NOTHING_DUE))

    assert gate.status is Status.OPEN


def test_beside_no_overdue_request_stands_how_many_wait_without_a_clock() -> None:
    waiting = {**NO_CLOCK, "received": 5, "complied": 1, "complied_in_part": 1, "denied": 1}
    said = {one.check.id: words(one, "EUR").sentence for one in judged(case(service=waiting)).checks}

    assert said["requests_overdue"].endswith("0, none allowed (2 without a known clock not counted).")


@pytest.mark.parametrize(
    ("timed", "result", "said"),
    [(99, Result.UNKNOWN, "rests on 99 requests with a latency"), (100, Result.PASS, ""),
     (None, Result.UNKNOWN, "")],
)  # fmt: skip
def test_latency_rests_on_the_requests_that_were_timed(timed: int | None, result: Result, said: str) -> None:
    check = {"id": "slow", "figure": "share_over_latency_target", "op": "<=", "threshold": 0.05, "min_n": 100}
    policy = Policy.model_validate({"version": 1, "checks": [{**check, "owner": "data science"}]})
    gate = judged(case(model={"requests": 9_000, "timed_requests": timed}, policy=policy))
    found = {one.check.id: one for one in gate.checks}["slow"]

    assert found.result is result
    assert said in words(found, "EUR").sentence
