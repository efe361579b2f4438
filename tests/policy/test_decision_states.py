"""What has become of each decision, and that it agrees with what is in force."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.decisions import MAY, Decision, State, standing, state
from tests.policy.judging import TODAY, decision

LAST = TODAY + timedelta(days=30)


def asked(**other: Any) -> Decision:
    made = {"number": 1, "actor": "m1", "roles": ("marketer",), "check": "coverage", "expires_on": LAST}
    return decision("waiver", **{**made, **other})


def rollout(number: int, step: int = 25, **other: Any) -> Decision:
    return decision("rollout", number=number, step=step, actor="m1", roles=("marketer",), **other)


APPROVED = decision("waiver_approval", number=2, refers_to=1)
REVOKED = decision("revocation", number=3, refers_to=1)


@pytest.mark.parametrize(
    ("one", "others", "expected"),
    [
        (asked(), [], "waiting"),
        (asked(), [APPROVED], "in force"),
        (asked(), [APPROVED, REVOKED], "revoked"),
        (asked(expires_on=TODAY - timedelta(days=1)), [APPROVED], "expired"),
        (asked(roles=("executive",)), [APPROVED], "without effect"),
        (asked(check=None), [APPROVED], "without effect"),
        (asked(), [decision("waiver_approval", number=2, refers_to=1, actor="m1")], "waiting"),
        (APPROVED, [asked()], "done"),
        (APPROVED, [], "without effect"),
        (REVOKED, [asked()], "done"),
        (REVOKED, [], "without effect"),
        (rollout(1), [], "in force"),
        (rollout(1), [rollout(2, 50)], "replaced"),
        (rollout(1, against="blocked"), [], "waiting"),
        (rollout(1), [rollout(2, 50, against="blocked")], "in force"),
        (decision("dpia", number=1, document="d", scope=("p",), expires_on=LAST),
         [decision("dpia", number=2, document="e", scope=("p",), expires_on=LAST)], "replaced"),
    ],
)  # fmt: skip
def test_what_has_become_of_a_decision(one: Decision, others: list[Decision], expected: State) -> None:
    elsewhere = decision("revocation", number=9, refers_to=1, journey="home")
    assert state(one, [one, *others, elsewhere], TODAY) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(MAY)), st.sampled_from(["m1", "p1"]),
            st.sampled_from(["marketer", "privacy"]), st.integers(1, 4), st.integers(-2, 100), st.booleans(),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_states_agree_with_what_stands(found: list[tuple[Any, ...]]) -> None:
    decisions = [
        decision(
            kind, number=number, actor=who, roles=(role,), refers_to=refers, check="coverage", step=25,
            expires_on=TODAY + timedelta(days=days), against="blocked" if against else "",
        )
        for number, (kind, who, role, refers, days, against) in enumerate(found, start=1)
    ]  # fmt: skip
    now = standing(decisions, "cart", TODAY)
    of = {one.number: state(one, decisions, TODAY) for one in decisions}
    assert {one.number for one in now.pending} == {number for number, said in of.items() if said == "waiting"}
    waivers = [one for one in decisions if one.kind == "waiver" and of[one.number] == "in force"]
    assert bool(waivers) == bool(now.waivers)
    for kind, newest in (("sign_off", now.sign_off), ("dpia", now.dpia), ("rollout", now.rollout)):
        in_force = [one for one in decisions if one.kind == kind and of[one.number] == "in force"]
        assert in_force in ([], [newest])
