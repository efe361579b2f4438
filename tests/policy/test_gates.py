import math
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.figures import GATE_FIGURES
from policy.gates import Evidence, Result, Status, evaluate
from policy.model import Check, default_checks
from tests.policy.judging import FRESH, NOW, check, gate, judge, seen

TOMORROW = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("op", "observed", "result", "distance"),
    [
        (">=", 0.6, "pass", 0.0), (">=", 0.5999, "fail", -0.0001), (">", 0.6, "fail", 0.0),
        ("<=", 0.6, "pass", 0.0), ("<", 0.6, "fail", 0.0), ("<=", 0.7, "fail", -0.1),
        ("==", 0.6, "pass", 0.0), ("==", 0.7, "fail", -0.1), ("!=", 0.7, "pass", None),
    ],
)  # fmt: skip
def test_what_is_seen_is_compared_with_what_is_asked(
    op: str, observed: float, result: str, distance: float | None
) -> None:
    found = judge(check(op=op), seen(observed))

    assert (found.result, found.observed) == (result, observed)
    assert found.distance == (None if distance is None else pytest.approx(distance))


def test_the_limit_that_a_check_names_is_what_counts() -> None:
    lower, upper = check(bound="lower"), check("primary_relative", "<=", 0.5, bound="upper")

    assert judge(lower, seen(0.61, lower=0.59)).result == "fail"
    assert judge(lower, seen(0.61, lower=0.60)).result == "pass"
    assert judge(upper, seen(0.4, upper=0.6)).observed == 0.6


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (None, "no_evidence"),
        (Evidence(status="no_evidence"), "no_evidence"),
        (Evidence(status="not_testable"), "no_evidence"),
        (Evidence(status="suppressed"), "suppressed"),
        (seen(None), "no_evidence"),
        (seen(math.nan), "no_evidence"),
        (seen(math.inf), "no_evidence"),
        (seen(measured_at=NOW - timedelta(days=7, seconds=1)), "stale"),
        (seen(measured_at=None), "stale"),
        (seen(measured_at=NOW + timedelta(days=2, seconds=1)), "ahead"),
        (seen(n=999), "too_few"),
        (seen(n=None), "too_few"),
    ],
)
def test_evidence_that_does_not_hold_is_unknown_and_blocks(evidence: Evidence | None, why: str) -> None:
    asked = check(max_age_days=7, min_n=1000)
    found = judge(asked, evidence)

    assert (found.result, found.why) == ("unknown", why)
    assert gate(asked, evidence={} if evidence is None else {asked.figure: evidence}).status == "blocked"


def test_a_limit_that_is_not_known_is_unknown() -> None:
    found = judge(check(bound="lower"), seen(0.9))

    assert (found.result, found.why) == ("unknown", "no_limit")


def test_evidence_at_its_limits_still_holds() -> None:
    asked = check(max_age_days=7, min_n=2000)

    assert judge(asked, seen(measured_at=NOW - timedelta(days=7))).result == "pass"


def test_what_the_law_does_not_ask_for_passes_and_says_so() -> None:
    found = judge(check(), Evidence(status="not_applicable", note="the basis is contract"))

    assert (found.result, found.why, found.observed) == ("pass", "not_applicable", None)


@pytest.mark.parametrize(
    ("severity", "evidence", "status"),
    [
        ("legal", seen(0.7), Status.OPEN), ("legal", seen(0.5), Status.BLOCKED),
        ("legal", None, Status.BLOCKED),
        ("blocking", seen(0.5), Status.BLOCKED), ("blocking", None, Status.BLOCKED),
        ("warning", seen(0.5), Status.HELD), ("warning", None, Status.BLOCKED),
    ],
)  # fmt: skip
def test_status_follows_from_result_and_severity(
    severity: str, evidence: Evidence | None, status: Status
) -> None:
    asked = check(severity=severity)

    assert gate(asked, evidence={asked.figure: evidence} if evidence else {}).status is status


def test_without_a_single_check_nothing_is_open() -> None:
    assert gate().status is Status.BLOCKED


def test_a_waiver_lifts_a_failure_and_a_gap_but_never_the_law() -> None:
    waivers = {"consent_coverage": TOMORROW}

    for severity, status in (("blocking", "open"), ("warning", "open"), ("legal", "blocked")):
        for evidence in ({}, {"consent_coverage": seen(0.1)}):
            found = gate(check(severity=severity), evidence=evidence, waivers=waivers)
            assert found.status == status
            assert found.checks[0].result is not Result.PASS


@pytest.mark.parametrize(
    ("current", "step"), [(None, 1), (0, 1), (1, 5), (4.9, 5), (5, 25), (33, 50), (80, 100), (100, 100)]
)
def test_an_open_gate_allows_the_next_step(current: float | None, step: int) -> None:
    found = gate(check(), evidence={"consent_coverage": seen()}, current=current)

    assert found.step == step
    assert gate(check(), current=current).step is None


def test_what_stands_against_a_rollout_comes_first_and_the_law_before_all() -> None:
    checks = [
        check("cost_per_1k", "<=", 0.5, id="cost", severity="warning"),
        check(id="coverage"),
        check("leakage_events", "==", 0, id="leak", severity="legal"),
        check("dsr_sla_rate", id="late"),
    ]
    evidence = {"cost_per_1k": seen(0.9), "leakage_events": seen(3), "dsr_sla_rate": seen(0.99)}

    assert [found.check.id for found in gate(*checks, evidence=evidence).checks] == [
        "leak", "coverage", "cost", "late",
    ]  # fmt: skip


def worlds() -> st.SearchStrategy[tuple[list[Check], dict[str, Evidence]]]:
    """A policy over some figures, with evidence for some of them."""
    figures = sorted(key for key, figure in GATE_FIGURES.items() if not figure.is_flag)
    numbers = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
    checks = st.builds(
        lambda figure, op, threshold, severity, n, age: check(
            figure, op, threshold, severity=severity, min_n=n, max_age_days=age
        ),
        st.sampled_from(figures),
        st.sampled_from([">=", "<=", ">", "<", "=="]),
        numbers,
        st.sampled_from(["legal", "blocking", "warning"]),
        st.sampled_from([None, 100]),
        st.sampled_from([None, 2]),
    )
    evidence = st.builds(
        lambda value, n, age: seen(value, n=n, measured_at=FRESH - timedelta(days=age)),
        numbers, st.sampled_from([None, 50, 100]), st.sampled_from([0, 5]),
    )  # fmt: skip
    return st.lists(checks, min_size=1, max_size=6, unique_by=lambda c: c.id).flatmap(
        lambda made: st.tuples(
            st.just(made), st.dictionaries(st.sampled_from([c.figure for c in made]), evidence)
        )
    )


RANK = {Status.OPEN: 2, Status.HELD: 1, Status.BLOCKED: 0}


@given(worlds(), st.data())
def test_taking_evidence_away_never_opens_a_gate(
    world: tuple[list[Check], dict[str, Evidence]], data: st.DataObject
) -> None:
    checks, evidence = world
    kept = {name: found for name, found in evidence.items() if data.draw(st.booleans())}

    assert RANK[gate(*checks, evidence=kept).status] <= RANK[gate(*checks, evidence=evidence).status]


@given(worlds(), st.floats(min_value=0, max_value=2), st.data())
def test_worsening_a_figure_never_opens_a_gate(
    world: tuple[list[Check], dict[str, Evidence]], by: float, data: st.DataObject
) -> None:
    checks, evidence = world
    before = gate(*checks, evidence=evidence)
    for asked in checks:
        found = evidence.get(asked.figure)
        if found is not None and found.value is not None and data.draw(st.booleans()):
            away = math.copysign(by, found.value - float(asked.threshold)) or by
            step = -by if asked.op in (">=", ">") else by if asked.op in ("<=", "<") else away
            evidence = evidence | {asked.figure: replace(found, value=found.value + step)}

    assert RANK[gate(*checks, evidence=evidence).status] <= RANK[before.status]


@given(worlds(), st.data())
def test_older_or_thinner_evidence_never_opens_a_gate(
    world: tuple[list[Check], dict[str, Evidence]], data: st.DataObject
) -> None:
    checks, evidence = world
    worse = {
        name: replace(
            found,
            n=None if found.n is None else found.n - data.draw(st.integers(0, 100)),
            measured_at=FRESH - timedelta(days=data.draw(st.integers(6, 9))),
        )
        for name, found in evidence.items()
    }

    assert RANK[gate(*checks, evidence=worse).status] <= RANK[gate(*checks, evidence=evidence).status]


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_checks_never_matters(
    world: tuple[list[Check], dict[str, Evidence]], random: Random
) -> None:
    checks, evidence = world
    shuffled = list(checks)
    random.shuffle(shuffled)

    assert gate(*shuffled, evidence=evidence) == gate(*checks, evidence=evidence)


@given(worlds())
def test_no_waiver_opens_what_the_law_closes(world: tuple[list[Check], dict[str, Evidence]]) -> None:
    checks, evidence = world
    waivers = {asked.id: TOMORROW for asked in checks}
    found = gate(*checks, evidence=evidence, waivers=waivers)
    against = [
        one for one in gate(*checks, evidence=evidence).checks if one.blocks and one.check.severity == "legal"
    ]

    assert (found.status is Status.BLOCKED) == bool(against)


def test_the_default_policy_asks_for_everything_a_rollout_needs() -> None:
    assert {asked.figure for asked in default_checks()} >= {
        "primary_relative", "guardrails_unproven", "health_failed", "consent_known", "leakage_events",
        "consent_coverage", "dsr_sla_rate", "dsr_overdue", "minimization_score", "dpia",
        "vendors_without_contract", "vendors_without_protections", "transfers_without_mechanism",
        "age_unknown_share", "fields_past_retention", "cost_to_target", "share_over_latency_target",
        "minimum_people", "owner_sign_off",
    }  # fmt: skip


def test_the_default_policy_without_evidence_is_blocked_in_every_check() -> None:
    found = evaluate("cart", default_checks(), {}, now=NOW)

    assert {one.result for one in found.checks} == {Result.UNKNOWN}
    assert found.status is Status.BLOCKED
