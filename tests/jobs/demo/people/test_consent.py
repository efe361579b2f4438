import numpy as np
import pytest

from jobs.demo.clock import DAY, NEVER
from jobs.demo.people.consent import Answers, settle
from jobs.demo.plan import EMAIL, MEASURED, PROFILED

GRANTED_AT, VALID = 230 * DAY, 183 * DAY


def answers(**changes: int) -> Answers:
    """One customer who granted everything; times of what the person would do."""
    return Answers(
        decided=np.full((3, 1), GRANTED_AT),
        granted=np.ones((3, 1), dtype=bool),
        own=np.array([[changes.get("withdraws", NEVER)], [NEVER], [changes.get("withdraws_email", NEVER)]]),
        joint=np.array([[True], [True], [False]]),
        renewal=np.array([changes.get("renews", NEVER)]),
        patience=np.array([changes.get("patience", NEVER)]),
        gpc=np.array([False]),
        validity=np.array([VALID]),
    )


def lawful(chosen: Answers, time: int, *purposes: str, pressed: int = int(NEVER)) -> bool:
    consent = settle(chosen, np.array([pressed]))
    return bool(consent.lawful(purposes, np.array([0]), np.array([time]))[0])


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (GRANTED_AT - 1, False),
        (GRANTED_AT, True),
        (GRANTED_AT + VALID, True),
        (GRANTED_AT + VALID + 1, False),
    ],
)
def test_a_grant_holds_from_its_second_to_its_expiry(time: int, expected: bool) -> None:
    assert lawful(answers(), time, PROFILED, MEASURED) is expected


def test_a_renewal_carries_on() -> None:
    renewed = answers(renews=GRANTED_AT + VALID - DAY)
    assert lawful(renewed, GRANTED_AT + VALID + 20 * DAY, PROFILED, EMAIL)


def test_a_withdrawal_ends_its_purpose_and_those_that_go_with_it() -> None:
    leaving = answers(withdraws=GRANTED_AT + 10 * DAY, renews=GRANTED_AT + 100 * DAY)
    after = GRANTED_AT + 11 * DAY
    assert not lawful(leaving, after, PROFILED)
    assert not lawful(leaving, after, MEASURED)
    assert lawful(leaving, after, EMAIL)
    assert not lawful(leaving, GRANTED_AT + 120 * DAY, PROFILED)


def test_unwanted_messages_bring_the_withdrawal_forward() -> None:
    patient = answers(patience=5 * DAY, withdraws=GRANTED_AT + 90 * DAY)
    since = GRANTED_AT + 20 * DAY
    assert settle(patient, np.array([since])).withdrawal((PROFILED, EMAIL)) == since + 5 * DAY
    assert settle(patient, np.array([NEVER])).withdrawal((PROFILED, EMAIL)) == GRANTED_AT + 90 * DAY
    assert settle(patient, np.array([since])).withdrawal(()) == NEVER
