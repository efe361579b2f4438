"""When a member's events may be used, and who counts in a household."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.jobs.population_cases import (
    ASSIGNED,
    BOTH,
    CLOSED,
    SHOP,
    reason,
    spans,
    standing,
    state,
)
from tests.jobs.retailers import (
    PURPOSES,
    Assignment,
    Consent,
    Customer,
    Request,
    after,
)

# 4. Until when events may be used


def objection(first: float, last: float | None = None, outcome: str | None = None) -> Request:
    closed_at = None if last is None else after(last)
    return Request(1, "object", after(first), closed_at, outcome or (closed_at and "denied"))


@pytest.mark.parametrize(
    ("events", "requests", "expected"),
    [
        pytest.param([], [], [(None, None)], id="nothing happened"),
        pytest.param([state("withdrawn", after(7))], [], [(None, 7)], id="withdrawn"),
        pytest.param([state("refused", after(7))], [], [(None, 7)], id="refused"),
        pytest.param(
            [state("withdrawn", after(7)), state("granted", after(8))],
            [],
            [(None, 7)],
            id="a later grant does not thaw",
        ),
        pytest.param(
            [state("withdrawn", after(7)), state("granted", after(7))], [], [(None, 7)], id="equal times"
        ),
        pytest.param(
            [state("withdrawn", after(9)), state("refused", after(8), PURPOSES[1])],
            [],
            [(None, 8)],
            id="the first of two",
        ),
        pytest.param([state("withdrawn", after(7), "advertise")], [], [(None, None)], id="another purpose"),
        pytest.param([state("refused", after(-2))], [], [(None, None)], id="a refusal before assignment"),
        pytest.param([], [objection(5)], [(None, 5)], id="objection at assignment"),
        pytest.param([], [objection(7)], [(None, 7)], id="objection after"),
        pytest.param([], [objection(7, 8, "complied")], [(None, 7)], id="objection that stands"),
        pytest.param(
            [state("withdrawn", after(6))], [objection(7)], [(None, 6)], id="withdrawal comes first"
        ),
        pytest.param([state("withdrawn", after(8))], [objection(7)], [(None, 7)], id="objection comes first"),
        pytest.param([], [objection(7, 9)], [(None, 7), (9, None)], id="denied objection: a pause"),
        pytest.param([], [objection(5, 9)], [(None, 5), (9, None)], id="pause from assignment"),
        pytest.param([], [objection(7, 9, "withdrawn")], [(None, 7), (9, None)], id="taken back"),
        pytest.param([], [objection(7, 9, "duplicate")], [(None, 7), (9, None)], id="duplicate"),
        pytest.param([], [objection(7, 99)], [(None, 7)], id="denied after the measurement date"),
        pytest.param(
            [], [objection(7, 9), objection(11, 12)], [(None, 7), (9, 11), (12, None)], id="two pauses"
        ),
        pytest.param([], [objection(7, 10), objection(8, 9)], [(None, 7), (10, None)], id="one in another"),
        pytest.param([], [objection(7, 9), objection(8, 10)], [(None, 7), (10, None)], id="overlapping"),
        pytest.param([], [objection(7, 9), objection(9, 10)], [(None, 7), (10, None)], id="touching"),
        pytest.param([], [objection(7, 9), objection(7, 9)], [(None, 7), (9, None)], id="the same twice"),
        pytest.param([], [objection(1, 2), objection(7, 9)], [(None, 7), (9, None)], id="one long before"),
        pytest.param([], [objection(7, 6.5)], [(None, None)], id="closed on a date, received later that day"),
        pytest.param([state("refused", after(8))], [objection(7, 9)], [(None, 7)], id="leaves in a pause"),
        pytest.param(
            [state("refused", after(10))], [objection(7, 9)], [(None, 7), (9, 10)], id="leaves after a pause"
        ),
        pytest.param([], [objection(7, 9), objection(8)], [(None, 7)], id="second objection stands"),
    ],
)
def test_events_may_be_used_until_withdrawal_and_outside_pauses(
    events: Sequence[Consent],
    requests: Sequence[Request],
    expected: Sequence[tuple[float | None, float | None]],
) -> None:
    retailer = replace(SHOP, consent=[*BOTH, *events], requests=requests)
    times = [(1, *(None if day is None else after(day) for day in span)) for span in expected]
    assert spans(retailer) == times
    assert spans(replace(retailer, needs_consent=False)) == times
    assert standing(retailer)[1]["withdrew"] == (times[-1][2] is not None)


def test_a_refusal_at_assignment_excludes_and_does_not_freeze() -> None:
    retailer = replace(SHOP, consent=[*BOTH, state("refused", ASSIGNED)])
    assert reason(retailer) == "consent"
    assert spans(replace(retailer, needs_consent=False)) == [(1, None, None)]


def test_expiry_does_not_freeze() -> None:
    events = [event._replace(occurred_at=after(-5)) for event in BOTH]
    assert spans(replace(SHOP, consent=events)) == [(1, None, None)]


def test_nobody_who_does_not_count_has_usable_events() -> None:
    assert spans(replace(SHOP, consent=())) == []
    assert standing(replace(SHOP, consent=[state("withdrawn", after(7))]))[1]["withdrew"] == 0


def test_without_a_table_of_requests_only_consent_ends_the_use() -> None:
    retailer = replace(SHOP, consent=[*BOTH, state("withdrawn", after(7))], requests=None)
    assert reason(retailer) is None
    assert spans(retailer) == [(1, None, after(7))]


# 2. Households

HOME = 100_001
HOUSEHOLD = replace(
    SHOP,
    assignments=(Assignment(HOME, "personalised", ASSIGNED),),
    customers=(Customer(1, HOME), Customer(2, HOME), Customer(3)),
    consent=[event._replace(customer=who) for event in BOTH for who in (1, 2)],
    by_household=True,
)
CHILD = dt.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("changes", "people", "expected"),
    [
        pytest.param({}, 2, None, id="two members"),
        pytest.param({"consent": BOTH}, 1, None, id="one member is enough"),
        pytest.param({"consent": ()}, 0, "consent", id="nobody"),
        pytest.param(
            {"customers": (Customer(1, HOME, birth_date=CHILD), Customer(2, HOME))}, 1, None, id="one child"
        ),
        pytest.param(
            {"consent": BOTH, "customers": (Customer(1, HOME, birth_date=CHILD), Customer(2, HOME))},
            0,
            "consent",
            id="a child, and one without consent: the first reason in order",
        ),
        pytest.param({"held_out": frozenset({2})}, 1, None, id="one held out"),
        pytest.param({"requests": (Request(2, "object", after(1)),)}, 1, None, id="one objects"),
    ],
)
def test_a_household_is_in_with_one_eligible_member(
    changes: dict[str, Any], people: int, expected: str | None
) -> None:
    retailer = replace(HOUSEHOLD, **changes)
    assert (standing(retailer)[HOME]["people"], reason(retailer, HOME)) == (people, expected)
    assert {customer for customer, *_ in spans(retailer)} <= {1, 2}
    assert len(spans(retailer)) == people


def test_without_a_household_one_is_a_household_of_ones_own() -> None:
    assigned = (Assignment(3, "personalised", ASSIGNED),)
    events = [event._replace(customer=3) for event in BOTH]
    row = standing(replace(HOUSEHOLD, assignments=assigned, consent=events))
    assert {unit: values["people"] for unit, values in row.items()} == {3: 1}


def test_a_members_withdrawal_ends_the_use_of_that_members_events_alone() -> None:
    events = [*HOUSEHOLD.consent, Consent(2, PURPOSES[0], "withdrawn", after(7))]
    retailer = replace(HOUSEHOLD, consent=events)
    assert spans(retailer) == [(1, None, None), (2, None, after(7))]
    assert standing(retailer)[HOME]["withdrew"] == 1


def test_a_household_is_erased_when_everybody_in_it_is() -> None:
    requests = [Request(who, "delete", after(1), CLOSED, "complied") for who in (1, 2)]
    one, both = (standing(replace(HOUSEHOLD, requests=requests[:n]))[HOME] for n in (1, 2))
    assert (one["erased"], one["people"], one["reason"]) == (0, 1, 0)
    assert (both["erased"], both["people"]) == (1, 0)


def test_an_unknown_age_is_counted_only_for_members_who_count() -> None:
    customers = (Customer(1, HOME), Customer(2, HOME, birth_date=None))
    row = standing(replace(HOUSEHOLD, customers=customers))[HOME]
    assert (row["people"], row["age_unknown"]) == (2, 1)
    row = standing(replace(HOUSEHOLD, customers=customers, consent=BOTH))[HOME]
    assert (row["people"], row["age_unknown"]) == (1, 0)
