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
from tests.jobs.population_cases import (
    ASSIGNED,
    BOTH,
    CLOSED,
    LAWFUL_WITHOUT_CONSENT,
    SHOP,
    reason,
    spans,
    standing,
    state,
    utc,
)
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import (
    PURPOSES,
    STARTS,
    STRANGER,
    Assignment,
    Consent,
    Customer,
    Request,
    Time,
    after,
)

ROOT = Path(__file__).parents[2]
ENGINE_FREE = ("jobs/population.py", "metrics/outcomes.py")

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
