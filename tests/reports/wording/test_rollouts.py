"""The answer for all journeys, and what would change it, in words."""

import pytest

from policy.decisions import Decision
from policy.gates import Gate, Status
from reports.wording import rollouts
from tests.policy.judging import decision

NAMES = {name: name.capitalize() for name in "abcdefgh"}


def gate(journey: str, status: Status = Status.OPEN, current: float | None = 5.0) -> Gate:
    return Gate(journey, status, current)


@pytest.mark.parametrize(
    ("gates", "lead", "more"),
    [
        ([], "There are no journeys yet.", "Name them in journeys.yaml, then refresh."),
        ([gate("a")], "A may roll out to 25 %.", ""),
        ([gate("a", current=100.0)], "A may stay at 100 %.", ""),
        ([gate("a", Status.HELD)], "A may not roll out further.", ""),
        ([gate("a", Status.HELD), gate("b", Status.BLOCKED)], "None of 2 journeys may roll out further.",
         "A is held. B is blocked."),
        ([gate("a"), gate("b", current=None)],
         "2 of 2 journeys may roll out further: A, to 25 % and B, to 1 %.", ""),
        ([gate("a"), *(gate(name, Status.BLOCKED) for name in "bcde")],
         "1 of 5 journeys may roll out further: A, to 25 %.", "B, C, D and 1 more are blocked."),
    ],
)  # fmt: skip
def test_the_answer(gates: list[Gate], lead: str, more: str) -> None:
    said = rollouts.answer(gates, NAMES)
    assert tuple(part.replace("\u00a0", " ") for part in said) == (lead, more)


def test_what_another_policy_would_say() -> None:
    now = {"a": gate("a"), "b": gate("b", Status.BLOCKED), "c": gate("c", Status.HELD)}
    assert rollouts.compared(now, now, NAMES) == ("No gate would change.", "")
    then = {"a": gate("a", Status.HELD), "b": gate("b"), "c": gate("c", Status.BLOCKED)}
    assert rollouts.compared(now, then, NAMES) == (
        "B would open. A would close.", "C would be blocked instead of held."
    )  # fmt: skip
    only = {**now, "c": gate("c", Status.BLOCKED)}
    assert rollouts.compared(now, only, NAMES) == ("C would be blocked instead of held.", "")


def test_a_gate_nobody_judged_is_not_open() -> None:
    assert rollouts.status(None).word == "not evaluated"
    assert rollouts.as_judged("ajar", 50).word == "not evaluated"
    assert rollouts.as_judged("open", 50).word == "open to 50\u00a0%"
    assert rollouts.not_yet(None, "EUR") == "Not yet: its gate has not been judged."


@pytest.mark.parametrize(
    ("pending", "said"),
    [
        ([], ""),
        ([decision("waiver", check="lift")], "Waiver for lift (Cart) waits for a second person."),
        ([decision("rollout", step=50, against="held"), decision("waiver", check="lift", journey="gone")],
         "Rollout to 50 %, against the gate (Cart) and waiver for lift (gone) wait for a second person."),
    ],
)  # fmt: skip
def test_what_waits(pending: list[Decision], said: str) -> None:
    assert rollouts.waiting(pending, {"cart": "Cart"}) == said
