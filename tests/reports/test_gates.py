from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from policy.decisions import Decision
from policy.gates import Result, Status
from policy.model import Policy, default_checks
from reports.wording.gates import reason, words
from tests.reports.gate_cases import GUARDRAIL, GUARDRAILS, NOW, PURPOSES, VENDOR, case, judged
from tests.ui import retailer

IDS = {asked.id for asked in default_checks()}


def test_a_journey_that_shows_everything_is_open() -> None:
    gate = judged(case())

    assert {found.check.id for found in gate.checks} == IDS
    assert gate.count(Result.PASS) == len(gate.checks)
    assert (gate.status, gate.current, gate.step) == (Status.OPEN, 5.0, 25)
    assert reason(gate, "EUR") == f"All {len(IDS)} checks pass; it may go to 25\u00a0% of customers."


LOSING = retailer.row(lift=0.01, half_width=0.02)
WORSE = {**GUARDRAIL, "guardrail_state": "worse"}
FAILING: dict[str, tuple[dict[str, Any], Status, str]] = {
    "lift": ({"rows": [LOSING, GUARDRAIL]}, Status.BLOCKED, "at least −1.0\u00a0% (estimate +1.0\u00a0%)"),
    "guardrails": ({"rows": [retailer.row(), WORSE]}, Status.BLOCKED, "1, none allowed (Return rate)"),
    "health": (
        {"checks": {"pre_period_balance": "fail"}},
        Status.BLOCKED,
        "1, none allowed (pre_period_balance)",
    ),
    "result_age": (
        {"facts": {"counted_until": "2025-09-30T23:00:00+00:00"}},
        Status.HELD,
        "366\u00a0days, at most 365\u00a0days allowed (outcomes count until 30 Sep 2025)",
    ),
    "consent_evidence": ({"checks": {"consent": "fail"}}, Status.BLOCKED, "no, required"),
    "consent_leakage": ({"figures": {"leakage_events": 3}}, Status.BLOCKED, "3, none allowed"),
    "consent_coverage": (
        {"figures": {"consent_coverage_low": 0.59}},
        Status.BLOCKED,
        "at least 59.0\u00a0% (estimate 80.0\u00a0%)",
    ),
    "requests_on_time": (
        {"figures": {"dsr_sla_rate": 0.97}},
        Status.BLOCKED,
        "97.0\u00a0%, at least 98.0\u00a0%",
    ),
    "requests_overdue": ({"figures": {"dsr_overdue": 2}}, Status.BLOCKED, "2, none allowed"),
    "minimisation": (
        {"figures": {"minimization_score": 0.7}},
        Status.HELD,
        "70.0\u00a0%, at least 80.0\u00a0%",
    ),
    "dpia": (
        {"journey": {"purposes": [*PURPOSES, "marketing.email"]}},
        Status.BLOCKED,
        "does not cover marketing.email",
    ),
    "contracts": (
        {"vendors": [{**VENDOR, "contract_status": "expired"}]},
        Status.BLOCKED,
        "1, none allowed (Kelp)",
    ),
    "protections": ({"figures": {"vendors_with_protections": 1}}, Status.BLOCKED, "1, none allowed"),
    "transfers": ({"vendors": [{**VENDOR, "transfer_ok": False}]}, Status.BLOCKED, "1, none allowed (Kelp)"),
    "children": (
        {"figures": {"age_unknown": 1_001}},
        Status.BLOCKED,
        "10.0\u00a0%, at most 10.0\u00a0% allowed",
    ),
    "retention": ({"figures": {"fields_past_retention": 1}}, Status.BLOCKED, "1, none allowed"),
    "cost": ({"figures": {"cost_per_1k": 0.42}}, Status.HELD, "1.05, at most 1 allowed"),
    "latency": (
        {"figures": {"share_over_latency_target": 0.06}},
        Status.HELD,
        "6.0\u00a0%, at most 5.0\u00a0%",
    ),
    "suppression": ({"minimum_people": 20}, Status.BLOCKED, "20, at least 50 asked"),
    "sign_off": ({"journey": {"sign_off": None}}, Status.HELD, "no, required (nobody has signed off)"),
}


def test_every_check_has_a_journey_that_fails_it_alone() -> None:
    assert set(FAILING) == IDS


@pytest.mark.parametrize("name", FAILING)
def test_a_journey_fails_one_check_alone(name: str) -> None:
    spoilt, status, said = FAILING[name]
    gate = judged(case(**spoilt))
    against = {found.check.id: found for found in gate.checks if found.result is not Result.PASS}
    unread = {"health", "lift", "guardrails", "result_age"}
    consequences = unread if name in ("health", "consent_evidence") else set()

    assert set(against) == {name} | consequences
    assert against[name].result is Result.FAIL
    assert gate.status is status
    assert said in words(against[name], "EUR").sentence


def test_a_gain_on_consent_must_watch_who_withdraws() -> None:
    unwatched = {"guardrails": {"returns": GUARDRAILS["returns"]}}
    gate = judged(case(experiment=unwatched))
    found = {one.check.id: one for one in gate.checks}["guardrails"]

    assert (found.result, found.why) == (Result.UNKNOWN, "no_evidence")
    assert "consent withdrawal is not among the guardrails" in found.evidence.note
    assert gate.status is Status.BLOCKED
    other_basis = case(experiment={**unwatched, "lawful_basis": "legitimate_interests"})
    assert judged(other_basis).status is Status.OPEN


def test_evidence_of_another_day_is_stale() -> None:
    gate = judged(case(), now=NOW + timedelta(days=7))

    assert gate.status is Status.BLOCKED
    assert {found.why for found in gate.against} == {"stale"}


def test_before_its_end_a_test_is_judged_by_the_limits_that_hold_at_any_look() -> None:
    running = case(experiment={"ended": False}, rows=[retailer.row(lift=0.03, half_width=0.02), GUARDRAIL])
    found = {one.check.id: one for one in judged(running).checks}["lift"]

    assert found.observed == pytest.approx(0.03 - 1.7 * 0.02)
    assert found.result is Result.FAIL


def test_a_primary_that_is_better_when_lower_is_turned_round() -> None:
    falling = retailer.row("returns", -0.2, 0.05)
    found = judged(case(rows=[falling], experiment={"primary": "returns", "guardrails": {}}))
    lift = {one.check.id: one for one in found.checks}["lift"]

    assert lift.observed == pytest.approx(0.15)
    assert "sign turned" in lift.evidence.note


@pytest.mark.parametrize(("table", "check"), [("vendors", "contracts"), ("data_inventory", "retention")])
def test_what_was_set_aside_of_another_journey_takes_no_evidence_from_this_one(
    table: str, check: str
) -> None:
    found = {one.check.id: one.result for one in judged(case(aside={table: ("home",)})).checks}
    assert found[check] is Result.PASS


def test_a_journey_without_leaks_says_how_many_rows_nobody_could_count() -> None:
    gate = judged(case(aside={"consent_events": (), "journey_events": ()}))
    said = {one.check.id: words(one, "EUR").sentence for one in gate.checks}
    assert said["consent_leakage"].endswith("0, none allowed (2 rows set aside not counted).")


def test_where_consent_is_not_the_basis_it_is_not_asked_for() -> None:
    gate = judged(case(consent="not_testable"))
    found = {one.check.id: one.why for one in gate.checks}

    assert {found[name] for name in ("consent_leakage", "consent_coverage", "children")} == {"not_applicable"}
    assert gate.status is Status.OPEN


@pytest.mark.parametrize("severity", ["blocking", "warning"])
def test_no_policy_can_leave_out_or_soften_that_consent_must_be_known(severity: str) -> None:
    soft = {"id": "soft", "figure": "consent_known", "op": "==", "threshold": True, "severity": severity}
    lift = {"id": "lift", "figure": "primary_relative", "op": ">=", "threshold": 0.0}
    for checks in ([lift], [lift, soft]):
        policy = Policy.model_validate({"version": 9, "checks": checks})
        gate = judged(case(policy=policy, checks={"consent": "unknown"}))

        assert [found.check.id for found in gate.against] == ["consent_evidence"]
        assert gate.status is Status.BLOCKED


def test_signatures_hold_from_their_day_to_their_last() -> None:
    before = judged(case(), now=datetime(2026, 8, 31, 12, tzinfo=UTC))
    assert {found.check.id for found in before.against if found.why != "ahead"} == {"sign_off"}
    assert {found.why for found in before.against} == {"ahead", "missed"}
    on_it = judged(case(), now=datetime(2026, 9, 1, 12, tzinfo=UTC))
    assert {found.why for found in on_it.against} == {"ahead"}
    ahead = words(on_it.against[0], "EUR")
    assert "the data end on 30 Sep 2026, which lies ahead: the clock is wrong." in ahead.sentence.replace(
        "\u00a0", " "
    )
    late = judged(case(), now=datetime(2028, 5, 2, 12, tzinfo=UTC))
    found = {one.check.id: one for one in late.checks}

    assert found["dpia"].result is Result.FAIL
    assert "expired on 2028-05-01" in found["dpia"].evidence.note


def decision(kind: str, number: int, **other: Any) -> Decision:
    made = {
        "at": NOW, "actor": "p1", "name": "Petra", "roles": ("privacy", "admin"), "kind": kind,
        "journey": "cart", "reason": "agreed", "number": number,
    }  # fmt: skip
    return Decision(**{**made, **other})


def test_what_people_decided_counts() -> None:
    last = date(2026, 12, 1)
    short = case(figures={"consent_coverage_low": 0.5}, journey={"dpia": None, "sign_off": None})
    asked = decision("waiver", 1, check="consent_coverage", expires_on=last, actor="m1")
    signed = [
        asked,
        decision("waiver_approval", 2, refers_to=1),
        decision("dpia", 3, document="dpia.pdf", scope=PURPOSES, expires_on=last),
        decision("sign_off", 4, expires_on=last),
        decision("rollout", 5, step=25),
    ]

    assert judged(short).status is Status.BLOCKED
    gate = judged(short, *signed)
    assert (gate.status, gate.current, gate.step) == (Status.OPEN, 25.0, 50)
    assert "waiver for consent coverage" in reason(gate, "EUR")
    assert judged(short, *signed[:1], *signed[2:]).status is Status.BLOCKED


def test_a_journey_reaches_what_its_experiment_allots_where_nothing_else_is_said() -> None:
    assert judged(case(journey={"rollout_percent": None})).current == pytest.approx(50.0)


def test_a_run_before_there_were_gates_is_judged_by_the_default_policy() -> None:
    old = case()
    kept = {name: value for name, value in old.run.workspace.items() if name != "policy"}

    assert judged(replace(old, run=replace(old.run, workspace=kept))).status is Status.OPEN


def test_an_as_of_that_lies_ahead_makes_no_data_newer_than_the_run_that_read_them() -> None:
    read = case()
    ahead = replace(read, run=replace(read.run, as_of=NOW + timedelta(days=365), started_at=NOW))
    found = {one.check.id: one for one in judged(ahead, now=NOW + timedelta(days=8)).checks}

    assert {found[name].why for name in ("requests_overdue", "contracts", "lift")} == {"stale"}


def test_before_its_end_no_limits_of_churn_or_net_value_hold() -> None:
    asked = [
        {"id": "worth", "figure": "net_value", "bound": "lower", "op": ">=", "threshold": 0.0},
        {"id": "churn", "figure": "churn_risk_difference", "bound": "upper", "op": "<=", "threshold": 0.1},
    ]
    policy = Policy.model_validate({"checks": asked})
    left = {"kind": "survival", "table": "order_lines", "direction": "lower", "horizon_days": 60.0}
    churn = {**retailer.row("returns", -0.01, 0.01), "metric": "leaving"}
    for ended, why in ((True, "met"), (False, "no_limit")):
        test = {"ended": ended, "metrics": ["leaving"]}
        made = case(policy=policy, experiment=test, rows=[retailer.row(), GUARDRAIL, churn])
        gate = judged(replace(made, metric_definitions={**made.metric_definitions, "leaving": left}))

        assert {one.why for one in gate.checks if one.check.id in ("worth", "churn")} == {why}


def test_customers_that_are_hidden_come_with_the_reason_why() -> None:
    made = case(people=None)
    hidden = made.frames["consent"].with_columns(note=pl.lit("restore state/ from a backup"))
    found = judged(replace(made, frames={**made.frames, "consent": hidden}))

    assert "restore state/" in {one.check.id: one for one in found.checks}["children"].evidence.note


@pytest.mark.parametrize(("people", "result"), [(490, Result.PASS), (489, Result.FAIL)])
def test_too_few_of_unknown_age_to_be_shown_are_judged_by_the_most_they_can_be(
    people: int, result: Result
) -> None:
    gate = judged(case(figures={"age_unknown": None}, people=people))
    found = {one.check.id: one for one in gate.checks}["children"]

    assert found.result is result
    assert found.observed == pytest.approx(49 / people)
    assert found.evidence.note == "of 49 at the most: how many exactly is hidden"
