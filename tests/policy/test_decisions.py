from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policy.decisions import LONGEST, Decision, refusal, standing
from policy.model import Policy
from tests.policy.judging import NOW, TODAY, check, decision, gate, seen

LAST = TODAY + timedelta(days=30)
POLICY = Policy(
    checks=[
        check(id="coverage"),
        check("leakage_events", "==", 0, id="leak", severity="legal", legal_reference="GDPR Art. 6"),
    ]
)
SOUND = {"leakage_events": seen(0), "consent_coverage": seen(0.7)}
SHORT = SOUND | {"consent_coverage": seen(0.5)}
LEAKY = SOUND | {"leakage_events": seen(3)}


def refused(
    wanted: Decision, *known: Decision, evidence: Any = SHORT, current: float | None = 5
) -> str | None:
    judged = gate(*POLICY.checks, evidence=evidence, current=current)
    return refusal(wanted, known, POLICY, judged, TODAY)


def waiver(**other: Any) -> Decision:
    return decision("waiver", check="coverage", expires_on=LAST, **other)


ASKED = waiver(number=1, actor="m1", name="Mia", roles=("marketer",))


def test_a_waiver_is_in_force_once_somebody_else_approves_and_expires_by_itself() -> None:
    approved = decision("waiver_approval", number=2, refers_to=1)

    assert standing([ASKED], "cart", TODAY).waivers == {}
    assert standing([ASKED], "cart", TODAY).pending == (ASKED,)
    assert standing([ASKED, approved], "cart", LAST).waivers == {"coverage": LAST}
    assert standing([ASKED, approved], "cart", LAST).pending == ()
    assert standing([ASKED, approved], "cart", LAST + timedelta(days=1)).waivers == {}
    assert standing([ASKED, approved], "home", TODAY).waivers == {}


@pytest.mark.parametrize(
    ("asked", "approval"),
    [
        ({}, {"number": 0}),
        ({}, {"reason": " "}),
        ({"reason": ""}, {}),
        ({"at": NOW + timedelta(days=400), "expires_on": TODAY + timedelta(days=450)}, {}),
        ({}, {"at": NOW + timedelta(days=2)}),
        ({"roles": ()}, {}),
        ({}, {"kind": "waiver_permit"}),
    ],
    ids=[
        "approved before it was asked", "approved without reason", "without reason", "dated ahead",
        "approved ahead", "without role", "of an unknown kind",
    ],
)  # fmt: skip
def test_a_waiver_that_was_put_into_the_store_past_the_rules_has_no_effect(
    asked: dict[str, Any], approval: dict[str, Any]
) -> None:
    forged = replace(ASKED, **asked)
    second = decision(**{"kind": "waiver_approval", "number": 2, "refers_to": 1, **approval})

    assert standing([ASKED, decision("waiver_approval", number=2, refers_to=1)], "cart", TODAY).waivers
    assert standing([forged, second], "cart", TODAY).waivers == {}


@pytest.mark.parametrize(
    "approval",
    [
        decision("waiver_approval", number=2, refers_to=1, actor="m1"),
        decision("waiver_approval", number=2, refers_to=1, roles=("marketer",)),
        decision("waiver_approval", number=2, refers_to=1, journey="home"),
        decision("rollout_approval", number=2, refers_to=1),
        decision("sign_off", number=2, refers_to=1, roles=("admin",), expires_on=LAST),
    ],
)
def test_an_approval_that_breaks_a_rule_has_no_effect_however_it_came_to_be(approval: Decision) -> None:
    assert standing([ASKED, approval], "cart", TODAY).waivers == {}


def test_a_waiver_that_runs_too_long_has_no_effect() -> None:
    endless = waiver(number=1, actor="m1")
    endless = Decision(**{**vars(endless), "expires_on": TODAY + LONGEST["waiver"] + timedelta(days=5)})
    approved = decision("waiver_approval", number=2, refers_to=1)

    assert standing([endless, approved], "cart", TODAY).waivers == {}


def test_a_revoked_decision_is_not_in_force() -> None:
    approved = decision("waiver_approval", number=2, refers_to=1)
    for revoked in (1, 2):
        ended = decision("revocation", number=3, refers_to=revoked)
        assert standing([ASKED, approved, ended], "cart", TODAY).waivers == {}


def test_the_newest_signature_in_force_counts() -> None:
    first = decision("sign_off", number=1, roles=("marketer",), expires_on=LAST)
    second = decision("sign_off", number=2, roles=("marketer",), expires_on=TODAY)

    assert standing([first, second], "cart", TODAY).sign_off == second
    assert standing([first, second], "cart", LAST).sign_off == first
    assert standing([first, second], "cart", LAST + timedelta(days=1)).sign_off == second


def test_a_rollout_against_the_gate_waits_for_a_second_person() -> None:
    with_it = decision("rollout", number=1, roles=("marketer",), step=5)
    against = decision(
        "rollout", number=2, roles=("marketer",), actor="m1", step=25, against="coverage fails"
    )
    approved = decision("rollout_approval", number=3, refers_to=2, roles=("executive",), actor="e1")

    assert standing([with_it, against], "cart", TODAY).rollout == with_it
    assert standing([with_it, against], "cart", TODAY).pending == (against,)
    assert standing([with_it, against, approved], "cart", TODAY).rollout == against


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (waiver(roles=("executive",)), "takes the role admin or marketer or privacy"),
        (waiver(roles=()), "takes the role"),
        (waiver(reason="  "), "Give a reason"),
        (decision("waiver", check="coverage"), "Give a last day"),
        (decision("waiver", check="coverage", expires_on=TODAY - timedelta(days=1)), "Give a last day"),
        (
            decision("waiver", check="coverage", expires_on=date(2030, 1, 1)),
            "between 2026-11-26 and 2027-02-24",
        ),
        (
            decision("waiver", check="leak", expires_on=LAST),
            "rests on the law (GDPR Art. 6): nobody may waive",
        ),
        (decision("waiver", check="nothing", expires_on=LAST), "no check 'nothing'"),
        (decision("dpia", expires_on=LAST), "signed document"),
        (decision("dpia", expires_on=LAST, document="d.pdf"), "purposes"),
        (
            decision("dpia", expires_on=LAST, document="d.pdf", scope=("p",), roles=("marketer",)),
            "role admin",
        ),
        (decision("rollout", roles=("admin",), step=30), "one of 1, 5, 25, 50, 100 %"),
        (decision("rollout", roles=("admin",), step=25), "a second person must approve"),
        (decision("waiver_approval", refers_to=1, actor="m1"), "takes a second person"),
        (decision("waiver_approval", refers_to=9), "no decision 9"),
        (decision("rollout_approval", refers_to=1), "is no rollout"),
        (decision("revocation", refers_to=9), "no decision 9"),
    ],
)
def test_what_may_not_be_decided_is_refused_in_words(wanted: Decision, why: str) -> None:
    said = refused(wanted, ASKED)

    assert said is not None
    assert why in said


@pytest.mark.parametrize(
    "wanted",
    [
        waiver(),
        decision("dpia", expires_on=LAST, document="d.pdf", scope=("p",)),
        decision("sign_off", roles=("marketer",), expires_on=LAST),
        decision("rollout", roles=("executive",), step=25, against="coverage fails"),
        decision("rollout", roles=("executive",), step=1),
        decision("waiver_approval", refers_to=1),
        decision("revocation", refers_to=1),
    ],
)
def test_what_may_be_decided_is_not_refused(wanted: Decision) -> None:
    assert refused(wanted, ASKED) is None


def test_nobody_may_waive_what_passes() -> None:
    assert "passes" in (refused(waiver(), evidence=SOUND) or "")


def test_no_decision_opens_what_the_law_closes() -> None:
    wanted = decision("rollout", roles=("admin",), step=25, against="leaks")
    asked = Decision(**{**vars(wanted), "number": 7, "actor": "m1"})

    assert "blocked by the law" in (refused(wanted, evidence=LEAKY) or "")
    approval = decision("rollout_approval", refers_to=7)
    assert "blocked by the law" in (refused(approval, asked, evidence=LEAKY) or "")


def test_a_rollout_with_an_open_gate_needs_nobody_more_but_may_not_skip_steps() -> None:
    assert refused(decision("rollout", roles=("admin",), step=25), evidence=SOUND) is None
    assert "second person" in (refused(decision("rollout", roles=("admin",), step=50), evidence=SOUND) or "")
