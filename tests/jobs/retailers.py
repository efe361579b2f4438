"""Small retailers: the facts that decide who counts, as plain rows, and the same facts as keyed tables.

Customers are numbered from 1, households from 100,001, so that the two never share a key.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from law.children import raise_ages

T = TypeVar("T")
Time = dt.datetime

ZONE = ZoneInfo("Europe/Dublin")
STARTS, ENDS, AS_OF = dt.date(2026, 10, 20), dt.date(2026, 10, 29), dt.date(2026, 11, 20)
PURPOSES = ("personalize", "measure")
VARIANTS = ("holdout", "personalised")
EXPERIMENT = "cart-recovery"
FIRST_HOUSEHOLD = 100_001
STRANGER = 999_999


class Customer(NamedTuple):
    """A row of `customers`; `tier` is a segment, `history` a covariate known before assignment."""

    customer: int
    household: int | None = None
    jurisdiction: str | None = "IE"
    birth_date: dt.date | None = dt.date(1980, 1, 1)
    tier: str | None = "gold"
    history: float | None = 1.0


class Consent(NamedTuple):
    """A row of `consent_events`."""

    customer: int
    purpose: str
    state: str
    occurred_at: Time


class Request(NamedTuple):
    """A row of `dsr_requests`."""

    customer: int | None
    kind: str
    received_at: Time
    closed_at: Time | None = None
    outcome: str | None = None


class Assignment(NamedTuple):
    """A row of `assignments`."""

    unit: int
    variant: str
    assigned_at: Time | None


class Line(NamedTuple):
    """A row of `order_lines`."""

    customer: int | None
    order_id: str
    revenue: float | None
    ordered_at: Time


class Result(NamedTuple):
    """A row of `unit_outcomes`."""

    unit: int
    visit: float | None


@dataclass(frozen=True)
class Retailer:
    """What one experiment's figures are made from; a table that is None does not exist."""

    assignments: Sequence[Assignment]
    customers: Sequence[Customer] | None = ()
    consent: Sequence[Consent] | None = ()
    requests: Sequence[Request] | None = ()
    lines: Sequence[Line] = ()
    results: Sequence[Result] = ()
    held_out: frozenset[int] | None = None
    by_household: bool = False
    needs_consent: bool = True
    include_unknown_age: bool = True
    starts: dt.date | None = STARTS
    ends: dt.date | None = ENDS
    validity_days: Mapping[str, int] = field(default_factory=lambda: {"default": 10, "US": 20, "US-CA": 4})
    ages: Mapping[str, int] = field(default_factory=lambda: raise_ages({}))


def midnight(day: dt.date) -> Time:
    """When a day begins in Dublin, as naive UTC."""
    local = dt.datetime.combine(day, dt.time(), tzinfo=ZONE)
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def local_day(time: Time) -> dt.date:
    """The day in Dublin on which a naive UTC instant falls."""
    return time.replace(tzinfo=dt.UTC).astimezone(ZONE).date()


def after(days: float, hours: float = 0, microseconds: int = 0) -> Time:
    """An instant counted from the first one of the experiment, in days of 24 hours."""
    return midnight(STARTS) + dt.timedelta(days=days, hours=hours, microseconds=microseconds)


CUSTOMER, HOUSEHOLD = pl.Int64(), pl.Int64()
TIME = pl.Datetime("us")
SCHEMAS: dict[str, dict[str, Any]] = {
    "assignments": {"unit": pl.Int64, "variant": pl.String, "assigned_at": TIME, "assigned_on": pl.Date},
    "customers": {
        "customer": pl.Int64,
        "household": pl.Int64,
        "jurisdiction": pl.String,
        "birth_date": pl.Date,
        "tier": pl.String,
        "history": pl.Float64,
    },
    "consent_events": {"customer": pl.Int64, "purpose": pl.String, "state": pl.String, "occurred_at": TIME},
    "dsr_requests": {
        "customer": pl.Int64,
        "kind": pl.String,
        "received_at": TIME,
        "closed_at": TIME,
        "outcome": pl.String,
    },
    "order_lines": {"customer": pl.Int64, "order_id": pl.String, "revenue": pl.Float64, "ordered_at": TIME},
    "unit_outcomes": {"unit": pl.Int64, "visit": pl.Float64},
}


def tables(retailer: Retailer) -> dict[str, pl.DataFrame]:
    """The retailer as ingestion leaves it: keyed, with local days, a household for everybody."""
    rows: dict[str, Sequence[tuple[Any, ...]] | None] = {
        "assignments": [(*row, _assigned_on(retailer, row)) for row in retailer.assignments],
        "customers": retailer.customers,
        "consent_events": retailer.consent,
        "dsr_requests": retailer.requests,
        "order_lines": retailer.lines,
        "unit_outcomes": retailer.results,
    }
    frames = {
        name: pl.DataFrame(content, schema=SCHEMAS[name], orient="row")
        for name, content in rows.items()
        if content is not None
    }
    for name in ("assignments", "unit_outcomes"):
        frames[name] = frames[name].with_columns(experiment=pl.lit(EXPERIMENT))
    if "customers" in frames:
        filled = pl.col("household").fill_null(pl.col("customer"))
        frames["customers"] = frames["customers"].with_columns(household=filled)
    return frames


def _assigned_on(retailer: Retailer, row: Assignment) -> dt.date:
    return local_day(row.assigned_at) if row.assigned_at else retailer.starts or AS_OF


class Chance:
    """Where a random retailer's choices come from: Hypothesis, or a seeded generator."""

    def __init__(self, count: Callable[[int, int], int]) -> None:
        """`count` draws a whole number between two, both included."""
        self.count = count

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options; earlier ones are simpler."""
        return options[self.count(0, len(options) - 1)]

    def time(self, first: int, last: int) -> Time:
        """An instant between two days of the experiment, often exactly at a border."""
        nudge = self.one_of(((0, 0), (0, 0), (0, 0), (1, 0), (12, 0), (0, -1), (0, 1)))
        return after(self.count(first, last), *nudge)


JURISDICTIONS = ("IE", "US", "US-CA", "US-TX", "DE", "JP")
BIRTHDAYS = (
    dt.date(1980, 1, 1),
    dt.date(1980, 1, 1),
    dt.date(2010, 10, 21),
    dt.date(2013, 10, 24),
    dt.date(2012, 2, 29),
    dt.date(2010, 10, 26),
    None,
)
STATES = ("granted", "granted", "granted", "refused", "withdrawn")
KINDS = ("object", "delete", "object", "delete", "opt_out", "limit", "restrict", "access")
OUTCOMES = ("complied", "denied", "withdrawn", "duplicate", "complied_in_part", "denied", None)


def random_retailer(chance: Chance, customers: int) -> Retailer:
    """A retailer whose rows fall on and around every border of the rules."""
    homes = range(FIRST_HOUSEHOLD, FIRST_HOUSEHOLD + customers // 2 + 1)
    people = [_customer(chance, number, homes) for number in range(1, customers + 1)]
    by_household = chance.one_of((False, True))
    return Retailer(
        assignments=_assignments(chance, people, by_household=by_household),
        customers=chance.one_of((people, people, people, people, None)),
        consent=chance.one_of((lambda: _consent(chance, customers),) * 5 + (lambda: None,))(),
        requests=_several(chance, customers + 1, lambda: _request(chance, customers)),
        lines=_several(chance, 4 * customers, lambda: _line(chance, customers)),
        results=[
            Result(unit, chance.one_of((1.0, 0.0, None))) for unit in (*range(1, customers + 1, 2), *homes)
        ],
        held_out=chance.one_of((None, None, None, frozenset({1}))),
        by_household=by_household,
        needs_consent=chance.one_of((True, True, False)),
        include_unknown_age=chance.one_of((True, False)),
        starts=chance.one_of((STARTS, STARTS, STARTS, None)),
        ends=chance.one_of((ENDS, ENDS, ENDS, None)),
    )


def _several(chance: Chance, most: int, make: Callable[[], T]) -> list[T]:
    return [make() for _ in range(chance.count(0, most))]


def _customer(chance: Chance, number: int, homes: Sequence[int]) -> Customer:
    return Customer(
        number,
        chance.one_of((None, *homes)),
        chance.one_of(JURISDICTIONS),
        chance.one_of(BIRTHDAYS),
        chance.one_of(("gold", "silver", None)),
        chance.one_of((1.0, 2.5, None)),
    )


def _assignments(chance: Chance, people: Sequence[Customer], *, by_household: bool) -> list[Assignment]:
    units = dict.fromkeys(
        (person.household or person.customer) if by_household else person.customer for person in people
    )
    rows = []
    for unit in (*units, STRANGER):
        variant = chance.one_of(VARIANTS)
        for _ in range(chance.count(1, 2)):
            time = None if chance.count(0, 9) == 9 else chance.time(-1, 11)
            rows.append(Assignment(unit, variant, time))
    return rows


def _consent(chance: Chance, customers: int) -> list[Consent]:
    rows = []
    for number in range(1, customers + 1):
        if chance.count(0, 4) < 4:
            at = chance.time(-3, 1)
            rows += [Consent(number, purpose, "granted", at) for purpose in PURPOSES]
        for _ in range(chance.count(0, 2)):
            purpose = chance.one_of((*PURPOSES, "advertise"))
            rows.append(Consent(number, purpose, chance.one_of(STATES), chance.time(-9, 18)))
    return rows


def _request(chance: Chance, customers: int) -> Request:
    received = chance.time(-4, 16)
    closed = chance.one_of((None, *(received + dt.timedelta(days=days) for days in (1, 3, 40))))
    outcome = None if closed is None else chance.one_of(OUTCOMES)
    customer = chance.one_of((*range(1, customers + 1), None))
    return Request(customer, chance.one_of(KINDS), received, closed, outcome)


def _line(chance: Chance, customers: int) -> Line:
    return Line(
        chance.one_of((*range(1, customers + 1), None)),
        chance.one_of(("a", "b", "c")),
        chance.one_of((10.0, 2.5, -4.0, None)),
        chance.time(-7, 20),
    )
