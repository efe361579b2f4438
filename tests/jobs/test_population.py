"""Worked examples: one row per rule and border of who counts, and until when."""

import ast
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.population import REASONS
from law.children import raise_ages
from tests.jobs.judging import collected, judge
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import (
    PURPOSES,
    STARTS,
    STRANGER,
    Assignment,
    Consent,
    Customer,
    Request,
    Retailer,
    Time,
    after,
)

ROOT = Path(__file__).parents[2]
ENGINE_FREE = ("jobs/population.py", "metrics/outcomes.py")
ASSIGNED = after(5)
CLOSED = after(8)
BOTH = tuple(Consent(1, purpose, "granted", after(0)) for purpose in PURPOSES)
SHOP = Retailer(
    assignments=(Assignment(1, "personalised", ASSIGNED),),
    customers=(Customer(1),),
    consent=BOTH,
    requests=(),
)
LAWFUL_WITHOUT_CONSENT = replace(SHOP, consent=(), needs_consent=False)


utc = dt.datetime.fromisoformat


def standing(retailer: Retailer) -> dict[int, dict[str, Any]]:
    frame = collected(judge(retailer).standing)
    return {row["unit"]: row for row in frame.iter_rows(named=True)}


def reason(retailer: Retailer, unit: int = 1) -> str | None:
    rank = standing(retailer)[unit]["reason"]
    return REASONS[rank - 1] if rank else None


def spans(retailer: Retailer) -> list[tuple[int, Time | None, Time | None]]:
    frame = collected(judge(retailer).spans).sort("customer", "until", nulls_last=True)
    return frame.select("customer", "since", "until").rows()


def state(name: str, at: Time, purpose: str = PURPOSES[0]) -> Consent:
    return Consent(1, purpose, name, at)


# 1. Assigned


@pytest.mark.parametrize(
    ("assigned_at", "inside"),
    [
        pytest.param(utc("2026-10-19T23:00"), True, id="first instant of the first day in Dublin"),
        pytest.param(utc("2026-10-19T22:59:59.999999"), False, id="just before it"),
        pytest.param(utc("2026-10-29T23:59:59.999999"), True, id="last instant of the last day"),
        pytest.param(utc("2026-10-30T00:00"), False, id="first instant after it, clocks having gone back"),
        pytest.param(None, True, id="no time"),
    ],
)
def test_both_days_of_the_period_belong_to_it(assigned_at: Time | None, inside: bool) -> None:
    judged = judge(replace(SHOP, assignments=(Assignment(1, "personalised", assigned_at),)))
    assert collected(judged.units).height == inside
    assert collected(judged.outside).rows() == ([] if inside else [("personalised", 1)])


@pytest.mark.parametrize(
    ("times", "starts", "assigned_at"),
    [
        pytest.param([after(3), after(2), after(9)], STARTS, after(2), id="earliest exposure"),
        pytest.param([after(-1), after(4), after(3)], STARTS, after(3), id="earliest inside the period"),
        pytest.param([after(4), after(40)], STARTS, after(4), id="later ones do not matter"),
        pytest.param([None], STARTS, after(0), id="no time: the start"),
        pytest.param([after(2), None], STARTS, after(0), id="one without time: the start"),
        pytest.param([None], None, AS_OF_END, id="no time and no start: as of"),
        pytest.param([after(-90), None], None, after(-90), id="no start: any time is inside"),
    ],
)
def test_the_earliest_exposure_inside_the_period_is_the_assignment(
    times: Sequence[Time | None], starts: dt.date | None, assigned_at: Time
) -> None:
    rows = [Assignment(1, "personalised", time) for time in times]
    judged = judge(replace(SHOP, assignments=rows, starts=starts))
    assert collected(judged.units)["time"].to_list() == [assigned_at]
    assert collected(judged.outside).is_empty()


def test_a_unit_outside_the_period_is_counted_once_in_its_arm() -> None:
    rows = [
        *(Assignment(1, "holdout", after(day)) for day in (-3, -2, 50)),
        *(Assignment(unit, "personalised", after(-1)) for unit in (2, 3)),
        *(Assignment(4, "personalised", after(day)) for day in (-1, 1)),
    ]
    outside = collected(judge(replace(SHOP, assignments=rows)).outside)
    assert dict(outside.rows()) == {"holdout": 1, "personalised": 2}


def test_without_a_period_nothing_is_outside() -> None:
    rows = [Assignment(1, "holdout", after(-500)), Assignment(2, "holdout", after(20))]
    judged = judge(replace(SHOP, assignments=rows, starts=None, ends=None))
    assert collected(judged.units).height == 2
    assert collected(judged.outside).is_empty()


# 2. Eligible: consent


@pytest.mark.parametrize(
    ("events", "eligible"),
    [
        pytest.param(BOTH, True, id="both purposes granted"),
        pytest.param([], False, id="no event: undecided"),
        pytest.param(BOTH[:1], False, id="one of two purposes"),
        pytest.param([*BOTH[:1] * 2, state("granted", after(1))], False, id="one purpose three times"),
        pytest.param([BOTH[0], state("granted", ASSIGNED, PURPOSES[1])], True, id="granted at assignment"),
        pytest.param(
            [BOTH[0], state("granted", after(5, microseconds=1), PURPOSES[1])], False, id="granted just after"
        ),
        pytest.param([*BOTH, state("withdrawn", after(2))], False, id="withdrawn before"),
        pytest.param([*BOTH, state("refused", ASSIGNED)], False, id="refused at assignment"),
        pytest.param([*BOTH, state("withdrawn", after(6))], True, id="withdrawn after"),
        pytest.param([state("withdrawn", after(-1)), *BOTH], True, id="granted again: the latest counts"),
        pytest.param([*BOTH, state("refused", after(0))], False, id="refused at the same time"),
        pytest.param([state("withdrawn", after(0)), *BOTH], False, id="withdrawn at the same time"),
        pytest.param(
            [*BOTH, state("refused", after(0)), state("granted", after(1))], True, id="granted after a tie"
        ),
        pytest.param([*BOTH, *BOTH], True, id="the same grants twice"),
        pytest.param([*BOTH, state("refused", after(1), "personalize.more")], True, id="another purpose"),
        pytest.param(
            [BOTH[0], state("granted", after(0), PURPOSES[1].upper())], False, id="purposes match exactly"
        ),
        pytest.param([event._replace(customer=2) for event in BOTH], False, id="another customer's consent"),
        pytest.param(None, False, id="no consent table"),
    ],
)
def test_every_purpose_must_be_granted_at_assignment(
    events: Sequence[Consent] | None, eligible: bool
) -> None:
    retailer = replace(SHOP, consent=events)
    assert reason(retailer) == (None if eligible else "consent")
    assert reason(replace(retailer, needs_consent=False)) is None


@pytest.mark.parametrize(
    ("jurisdiction", "days"),
    [
        pytest.param("IE", 10, id="default"),
        pytest.param("US", 20, id="country"),
        pytest.param("US-TX", 20, id="state without its own line follows the country"),
        pytest.param("US-CA", 4, id="state with its own line"),
        pytest.param("CA", 10, id="a country is not a state of the same letters"),
        pytest.param(None, 4, id="unknown: the shortest"),
    ],
)
@pytest.mark.parametrize(
    ("microseconds", "eligible"), [pytest.param(0, True, id="at its last instant"), (1, False)]
)
def test_a_grant_is_valid_for_its_jurisdictions_days(
    jurisdiction: str | None, days: int, microseconds: int, eligible: bool
) -> None:
    granted = ASSIGNED - dt.timedelta(days=days, microseconds=microseconds)
    events = [event._replace(occurred_at=granted) for event in BOTH]
    customers = (Customer(1, jurisdiction=jurisdiction),)
    if jurisdiction is None:
        customers = None
    retailer = replace(SHOP, customers=customers, consent=events)
    assert reason(retailer) == (None if eligible else "consent")


def test_a_renewed_grant_starts_its_days_again() -> None:
    old = [event._replace(occurred_at=after(-30)) for event in BOTH]
    assert reason(replace(SHOP, consent=old)) == "consent"
    assert reason(replace(SHOP, consent=[*old, *BOTH])) is None


def test_a_jurisdiction_is_unknown_where_the_customer_is() -> None:
    assigned = (Assignment(STRANGER, "holdout", ASSIGNED),)
    events = [event._replace(customer=STRANGER, occurred_at=after(0)) for event in BOTH]
    retailer = replace(SHOP, assignments=assigned, consent=events)
    assert reason(retailer, STRANGER) == "consent"
    fresh = [event._replace(occurred_at=after(2)) for event in events]
    assert reason(replace(retailer, consent=fresh), STRANGER) is None


# 2. Eligible: children


@pytest.mark.parametrize(
    ("jurisdiction", "birth_date", "child"),
    [
        pytest.param("IE", dt.date(2010, 10, 24), False, id="16 since yesterday"),
        pytest.param("IE", dt.date(2010, 10, 25), False, id="16 today, though not yet by UTC"),
        pytest.param("IE", dt.date(2010, 10, 26), True, id="16 tomorrow"),
        pytest.param("IE", dt.date(2010, 11, 1), True, id="16 next month"),
        pytest.param("IE", dt.date(2010, 9, 30), False, id="16 last month, on a later day of the month"),
        pytest.param("US-TX", dt.date(2013, 10, 25), False, id="13 today where the country says 13"),
        pytest.param("US-CA", dt.date(2013, 10, 25), True, id="13 today where the state says 16"),
        pytest.param("US-CA", dt.date(2010, 10, 25), False, id="16 today where the state says 16"),
        pytest.param("ZZ", dt.date(2010, 10, 25), True, id="16 today where nobody knows the law"),
        pytest.param("ZZ", dt.date(2005, 10, 24), False, id="21 where nobody knows the law"),
        pytest.param(None, dt.date(2010, 10, 25), True, id="16 today, nobody knows where"),
        pytest.param("IE", dt.date(2026, 10, 26), True, id="born tomorrow"),
    ],
)
def test_a_child_is_one_by_the_local_day_of_assignment(
    jurisdiction: str | None, birth_date: dt.date, child: bool
) -> None:
    events = [event._replace(occurred_at=after(4)) for event in BOTH]
    retailer = replace(SHOP, customers=(Customer(1, None, jurisdiction, birth_date),), consent=events)
    assert reason(retailer) == ("child" if child else None)
    assert reason(replace(retailer, needs_consent=False)) == ("child" if child else None)


@pytest.mark.parametrize(
    ("day", "child"), [(dt.date(2027, 2, 28), True), (dt.date(2027, 3, 1), False)], ids=str
)
def test_born_on_29_february_means_a_birthday_on_1_march(day: dt.date, child: bool) -> None:
    retailer = replace(
        LAWFUL_WITHOUT_CONSENT,
        customers=(Customer(1, jurisdiction="FR", birth_date=dt.date(2012, 2, 29)),),
        assignments=(Assignment(1, "holdout", dt.datetime.combine(day, dt.time(12))),),
        starts=day,
        ends=None,
    )
    assert reason(retailer) == ("child" if child else None)


def test_a_policy_may_raise_the_age() -> None:
    retailer = replace(SHOP, customers=(Customer(1, birth_date=dt.date(2009, 10, 25)),))
    assert reason(retailer) is None
    assert reason(replace(retailer, ages=raise_ages({"IE": 18}))) == "child"


@pytest.mark.parametrize("customers", [(Customer(1, birth_date=None),), (), None])
@pytest.mark.parametrize("include", [True, False])
def test_unknown_ages_follow_the_policy_and_are_counted(
    customers: Sequence[Customer] | None, include: bool
) -> None:
    retailer = replace(LAWFUL_WITHOUT_CONSENT, customers=customers, include_unknown_age=include)
    row = standing(retailer)[1]
    assert reason(retailer) == (None if include else "child")
    assert (row["people"], row["age_unknown"]) == ((1, 1) if include else (0, 0))


def test_a_known_age_is_not_counted_as_unknown() -> None:
    assert standing(SHOP)[1]["age_unknown"] == 0


# 2. Eligible: erasure and objection


@pytest.mark.parametrize(
    ("closed_at", "outcome", "erased"),
    [
        pytest.param(CLOSED, "complied", True, id="complied"),
        pytest.param(CLOSED, "complied_in_part", True, id="in part"),
        pytest.param(after(1), "complied", True, id="before assignment"),
        pytest.param(CLOSED, "denied", False, id="denied"),
        pytest.param(CLOSED, "withdrawn", False, id="withdrawn"),
        pytest.param(CLOSED, "duplicate", False, id="duplicate"),
        pytest.param(None, None, False, id="open"),
        pytest.param(None, "complied", True, id="complied, nobody wrote down when"),
        pytest.param(AS_OF_END - dt.timedelta(microseconds=1), "complied", True, id="on the last day"),
        pytest.param(AS_OF_END, "complied", False, id="the day after: open on the measurement date"),
    ],
)
def test_whoever_is_erased_leaves_the_past_too(
    closed_at: Time | None, outcome: str | None, erased: bool
) -> None:
    retailer = replace(SHOP, requests=(Request(1, "delete", after(1), closed_at, outcome),))
    assert reason(retailer) == ("erased" if erased else None)
    assert standing(retailer)[1]["erased"] == erased
    assert bool(spans(retailer)) is not erased


@pytest.mark.parametrize("kind", ["object", "opt_out", "limit", "restrict"])
@pytest.mark.parametrize(
    ("received_at", "closed_at", "outcome", "expected"),
    [
        pytest.param(after(5, microseconds=-1), None, None, "objection", id="before, open"),
        pytest.param(after(4), after(4), "complied", "objection", id="before, complied: it stands"),
        pytest.param(ASSIGNED, None, None, None, id="at assignment: frozen, not excluded"),
        pytest.param(after(6), None, None, None, id="after"),
        pytest.param(after(3), after(5, microseconds=-1), "denied", None, id="denied before"),
        pytest.param(after(3), ASSIGNED, "withdrawn", None, id="taken back at assignment"),
        pytest.param(after(3), after(5, microseconds=1), "denied", "objection", id="denied after"),
        pytest.param(after(3), after(4), "duplicate", None, id="duplicate before"),
        pytest.param(after(3), None, "denied", "objection", id="denied, nobody wrote down when"),
        pytest.param(after(3), AS_OF_END, "denied", "objection", id="open on the measurement date"),
    ],
)
def test_objections_before_assignment_exclude(
    kind: str, received_at: Time, closed_at: Time | None, outcome: str | None, expected: str | None
) -> None:
    retailer = replace(SHOP, requests=(Request(1, kind, received_at, closed_at, outcome),))
    assert reason(retailer) == expected
    assert reason(replace(retailer, needs_consent=False)) == expected


@pytest.mark.parametrize("kind", ["access", "correct", "portability"])
def test_other_requests_change_nothing(kind: str) -> None:
    retailer = replace(SHOP, requests=(Request(1, kind, after(1), CLOSED, "complied"),))
    assert reason(retailer) is None
    assert spans(retailer) == [(1, None, None)]


def test_requests_of_others_change_nothing() -> None:
    kinds = ("object", "delete")
    requests = [Request(who, kind, after(1), CLOSED, "complied") for who in (None, 2) for kind in kinds]
    assert reason(replace(SHOP, requests=requests)) is None


# 2. The first reason in order counts


def test_a_unit_is_excluded_once_under_the_first_reason_that_holds() -> None:
    retailer = replace(
        SHOP,
        customers=(Customer(1, birth_date=dt.date(2020, 1, 1)),),
        consent=(),
        requests=(
            Request(1, "object", after(1)),
            Request(1, "delete", after(1), CLOSED, "complied"),
        ),
        held_out=frozenset({1}),
    )
    steps: list[dict[str, Any]] = [
        {"held_out": frozenset({2})},
        {"consent": BOTH},
        {"customers": (Customer(1),)},
        {"requests": retailer.requests[1:]},
        {"requests": ()},
    ]
    found = [reason(retailer)]
    for step in steps:
        retailer = replace(retailer, **step)
        found.append(reason(retailer))
    assert found == [*REASONS, None]


def test_the_erased_are_marked_whatever_their_reason() -> None:
    requests = (Request(1, "delete", after(1), CLOSED, "complied"),)
    row = standing(replace(SHOP, consent=(), requests=requests))[1]
    assert (REASONS[row["reason"] - 1], row["erased"]) == ("consent", 1)


@pytest.mark.parametrize("variant", ["holdout", "personalised"])
def test_the_universal_holdout_is_left_out_of_both_arms(variant: str) -> None:
    assigned = (Assignment(1, variant, ASSIGNED),)
    assert reason(replace(SHOP, assignments=assigned, held_out=frozenset({1}))) == "universal_holdout"
    assert reason(replace(SHOP, assignments=assigned, held_out=frozenset())) is None


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


# How it is written


@pytest.mark.parametrize("module", ENGINE_FREE)
def test_no_engine_is_named(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    packages = {name.split(".")[0] for name in imported}
    assert "narwhals" in packages
    assert packages.isdisjoint({"polars", "pyspark", "sqlframe", "duckdb", "pandas", "pyarrow"})


@pytest.mark.parametrize("module", ENGINE_FREE)
@pytest.mark.parametrize("name", ["to_native", "map_batches", "join_asof"])
def test_nothing_is_used_that_some_engine_lacks(module: str, name: str) -> None:
    assert name not in (ROOT / module).read_text(encoding="utf-8")
