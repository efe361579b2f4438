"""Who counts, and what is counted: a second reading of the rules, row by row, to hold the jobs against."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from law.children import digital_consent_age
from tests.jobs.retailers import (
    AS_OF,
    PURPOSES,
    Assignment,
    Consent,
    Customer,
    Line,
    Request,
    Retailer,
    Time,
    local_day,
    midnight,
)

ORDER = ("universal_holdout", "consent", "child", "objection", "erased")
OBJECTIONS = {"object", "opt_out", "limit", "restrict"}
AS_OF_END = midnight(AS_OF + dt.timedelta(days=1))
OUTCOME_DAYS = {"revenue": 7, "orders": 7, "conversion": 3}
COVARIATE_DAYS = 5
STANDS = midnight(dt.date(9999, 1, 1))


class Counted(NamedTuple):
    """One unit as the rules see it.

    Attributes:
        variant, time: its assignment.
        reason: why it does not count; None = it counts.
        people: members who count.
        age_unknown, erased, withdrew: of a counting member; of all members; of a counting member.
        figures: outcome or covariate → value; empty where the unit does not count.
        mature: window in days → whether the outcome is known in full.
        tier: segment; None where the unit does not count.
        visit: value computed elsewhere; None = it has none.
        history: covariate known before assignment.
    """

    variant: str
    time: Time
    reason: str | None
    people: int
    age_unknown: bool
    erased: bool
    withdrew: bool
    figures: dict[str, float]
    mature: dict[int, bool]
    tier: str | None
    visit: float | None
    history: float | None


class Member(NamedTuple):
    """One person of a unit, with everything on record about them."""

    customer: Customer
    consent: list[Consent]
    requests: list[Request]
    lines: list[Line]


def recount(retailer: Retailer, loaded_until: Time = AS_OF_END) -> dict[int, Counted]:
    """Every unit assigned inside the period."""
    exposures: dict[int, list[Assignment]] = {}
    for row in retailer.assignments:
        if is_inside(retailer, row):
            exposures.setdefault(row.unit, []).append(row)
    homes = _members(retailer)
    results = {row.unit: row.visit for row in retailer.results}
    return {
        unit: _unit(
            retailer, rows, homes.get(unit) or [_stranger(retailer, unit)], loaded_until, results.get(unit)
        )
        for unit, rows in exposures.items()
    }


def outside_period(retailer: Retailer) -> dict[str, int]:
    """Units per variant that were never assigned inside the period."""
    inside = {row.unit for row in retailer.assignments if is_inside(retailer, row)}
    outside = {row.unit: row.variant for row in retailer.assignments if row.unit not in inside}
    return {name: list(outside.values()).count(name) for name in outside.values()}


def is_inside(retailer: Retailer, row: Assignment) -> bool:
    """Both days included, by the calendar of the workspace; without a time nothing can lie outside."""
    if row.assigned_at is None:
        return True
    day = local_day(row.assigned_at)
    return (retailer.starts is None or retailer.starts <= day) and (
        retailer.ends is None or day <= retailer.ends
    )


def _unit(
    retailer: Retailer,
    rows: Sequence[Assignment],
    members: Sequence[Member],
    loaded_until: Time,
    visit: float | None,
) -> Counted:
    fallback = midnight(retailer.starts) if retailer.starts else AS_OF_END
    time = min(row.assigned_at or fallback for row in rows)
    day = retailer.starts or AS_OF if time == fallback else local_day(time)
    reasons = [_reason(retailer, member, time, day) for member in members]
    counting = [member for member, reason in zip(members, reasons, strict=True) if reason is None]
    reason = None if counting else min((r for r in reasons if r), key=ORDER.index)
    return Counted(
        variant=rows[0].variant,
        time=time,
        reason=reason,
        people=len(counting),
        age_unknown=any(member.customer.birth_date is None for member in counting),
        erased=all(_is_erased(member.requests) for member in members),
        withdrew=any(_leaves_at(member, time) is not None for member in counting),
        figures=_figures(counting, time) if counting else {},
        mature={days: time + dt.timedelta(days=days) <= loaded_until for days in (3, 7)},
        tier=_agreed_tier(counting),
        visit=visit,
        history=_agreed_history(counting),
    )


def _members(retailer: Retailer) -> dict[int, list[Member]]:
    """Everybody in `customers`, by unit: themselves, or their household if they have one."""
    consent, requests, lines = (
        _by_customer(table) for table in (retailer.consent, retailer.requests, retailer.lines)
    )
    homes: dict[int, list[Member]] = {}
    for row in retailer.customers or ():
        number = row.customer
        unit = (row.household or number) if retailer.by_household else number
        member = Member(row, consent.get(number, []), requests.get(number, []), lines.get(number, []))
        homes.setdefault(unit, []).append(member)
    return homes


def _stranger(retailer: Retailer, unit: int) -> Member:
    """A unit of whom the table `customers` knows nothing."""
    customer = Customer(unit, jurisdiction=None, birth_date=None, tier=None, history=None)
    tables = (retailer.consent, retailer.requests, retailer.lines)
    return Member(customer, *([row for row in table or () if row.customer == unit] for table in tables))


def _by_customer(rows: Sequence[Any] | None) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows or ():
        found.setdefault(row.customer, []).append(row)
    return found


def _reason(retailer: Retailer, member: Member, time: Time, day: dt.date) -> str | None:
    if member.customer.customer in (retailer.held_out or ()):
        return "universal_holdout"
    if retailer.needs_consent and not all(
        _is_granted(retailer, member, purpose, time) for purpose in PURPOSES
    ):
        return "consent"
    if _is_child(retailer, member.customer, day):
        return "child"
    if any(_is_objection(row) and row.received_at < time < _ends_at(row) for row in member.requests):
        return "objection"
    if _is_erased(member.requests):
        return "erased"
    return None


def _is_granted(retailer: Retailer, member: Member, purpose: str, time: Time) -> bool:
    past = [row for row in member.consent if row.purpose == purpose and row.occurred_at <= time]
    if not past:
        return False
    latest = max(row.occurred_at for row in past)
    if any(row.state != "granted" for row in past if row.occurred_at == latest):
        return False
    return time - latest <= dt.timedelta(days=_validity(retailer, member.customer.jurisdiction))


def _validity(retailer: Retailer, jurisdiction: str | None) -> int:
    table = retailer.validity_days
    if jurisdiction is None:
        return min(table.values())
    for key in (jurisdiction, jurisdiction.split("-")[0], "default"):
        if key in table:
            return table[key]
    raise AssertionError


def _is_child(retailer: Retailer, customer: Customer, day: dt.date) -> bool:
    born = customer.birth_date
    if born is None:
        return not retailer.include_unknown_age
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    age = day.year - born.year - (not had_birthday)
    return age < digital_consent_age(customer.jurisdiction, retailer.ages)


def _is_objection(row: Request) -> bool:
    return row.kind in OBJECTIONS


def _ends_at(row: Request) -> Time:
    """When an objection ends its effect; one that stands on the measurement date has no end."""
    refuted = row.outcome in {"denied", "withdrawn", "duplicate"}
    if refuted and row.closed_at is not None and row.closed_at < AS_OF_END:
        return row.closed_at
    return STANDS


def _is_erased(requests: Iterable[Request]) -> bool:
    return any(
        row.kind == "delete"
        and row.outcome in {"complied", "complied_in_part"}
        and (row.closed_at is None or row.closed_at < AS_OF_END)
        for row in requests
    )


def _leaves_at(member: Member, time: Time) -> Time | None:
    """First refusal or withdrawal after assignment, or objection at or after it that still stands."""
    ends = [
        row.occurred_at
        for row in member.consent
        if row.purpose in PURPOSES and row.state != "granted" and row.occurred_at > time
    ]
    ends += [
        row.received_at
        for row in member.requests
        if _is_objection(row) and row.received_at >= time and _ends_at(row) == STANDS
    ]
    return min(ends, default=None)


def _may_be_used(member: Member, time: Time, at: Time) -> bool:
    leaves_at = _leaves_at(member, time)
    if leaves_at is not None and at >= leaves_at:
        return False
    return not any(
        _is_objection(row) and row.received_at >= time and row.received_at <= at < _ends_at(row)
        for row in member.requests
    )


def _figures(counting: Sequence[Member], time: Time) -> dict[str, float]:
    def inside(days: int) -> list[Line]:
        end = time + dt.timedelta(days=days)
        return [
            line
            for member in counting
            for line in member.lines
            if time <= line.ordered_at < end and _may_be_used(member, time, line.ordered_at)
        ]

    start = time - dt.timedelta(days=COVARIATE_DAYS)
    before = [line for member in counting for line in member.lines if start <= line.ordered_at < time]
    return {
        "revenue": _revenue(inside(OUTCOME_DAYS["revenue"])),
        "revenue__before": _revenue(before),
        "orders": _orders(inside(OUTCOME_DAYS["orders"])),
        "orders__before": _orders(before),
        "conversion": float(bool(inside(OUTCOME_DAYS["conversion"]))),
        "conversion__before": float(bool(before)),
    }


def _revenue(lines: Sequence[Line]) -> float:
    return sum(line.revenue or 0.0 for line in lines)


def _orders(lines: Sequence[Line]) -> float:
    return float(len({line.order_id for line in lines}))


def _agreed_tier(counting: Sequence[Member]) -> str | None:
    if not counting:
        return None
    tiers = {member.customer.tier or "(unknown)" for member in counting}
    return tiers.pop() if len(tiers) == 1 else "(mixed)"


def _agreed_history(counting: Sequence[Member]) -> float | None:
    if not counting:
        return None
    values = [member.customer.history or 0.0 for member in counting]
    return values[0] if len(set(values)) == 1 else sum(values)
