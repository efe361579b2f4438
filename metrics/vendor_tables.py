"""Vendors as tables: the register, how many serve each journey, and when data went where they should not.

A vendor may render several services, each with a contract of its own: in every column the worst one decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

import narwhals as nw
import polars as pl

from metrics import vendors
from metrics.vendors import IN_FORCE, Requirements, Service

T = TypeVar("T")
Span = tuple[datetime, datetime]
CONTRACTS = ("missing", "expired", "expiring", "valid")
REVIEWS = ("missing", "overdue", "current")
REGISTER: dict[str, pl.DataType] = {
    "vendor": pl.String(), "journeys": pl.String(), "contract_status": pl.String(), "dpa_ok": pl.Boolean(),
    "clean_room": pl.Boolean(), "protections_missing": pl.String(), "transfer_ok": pl.Boolean(),
    "next_action": pl.String(), "due": pl.Date(), "status": pl.String(), "note": pl.String(),
    "role": pl.String(), "services": pl.String(), "contract_end": pl.Date(),
    "protections_present": pl.String(), "transfer_country": pl.String(), "transfer_mechanism": pl.String(),
    "review_status": pl.String(), "review_due": pl.Date(),
}  # fmt: skip


class Counts(NamedTuple):
    """Vendors that serve a journey.

    Attributes:
        live: with a contract in force for all that they do there.
        protected: those of them whose clean room has every protection that the journey requires.
        exposed: to whom no data may go, see `vendors.may_receive`.
    """

    live: int
    protected: int
    exposed: int


def register(services: Iterable[Service], on: date, requirements: Requirements) -> pl.DataFrame:
    """vendors.csv: one row per vendor with its most urgent action, and which service needs it."""
    rows = [_row(vendor, own, on, requirements) for vendor, own in _by_vendor(services)]
    return pl.DataFrame(rows, schema=REGISTER)


def journey_counts(services: Sequence[Service], on: date, requirements: Requirements) -> dict[str, Counts]:
    """Vendors per journey of `requirements`."""
    return {
        journey: _counts([s for s in services if journey in s.journeys], on, {journey: required})
        for journey, required in requirements.items()
    }


def exposed_spans(
    services: Sequence[Service], journeys: Iterable[str], first: date, last: date
) -> dict[str, list[tuple[date, date]]]:
    """Journey → spans of days, both ends included, on which a vendor that serves it may not receive data."""
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    found = {}
    for journey in journeys:
        own = [service for service in services if journey in service.journeys]
        found[journey] = _spans(day for day in days if not all(vendors.may_receive(s, day) for s in own))
    return found


def exposed_events(events: nw.LazyFrame[Any], spans: Mapping[str, Sequence[Span]]) -> nw.LazyFrame[Any]:
    """Journey, events and people (distinct known customers) inside the spans of each journey.

    An exposure, not a log of transfers: what the journey did while somebody who serves it could not receive
    data. `events`: journey, customer, occurred_at; `spans`: instants, the second exclusive.
    """
    time = nw.col("occurred_at")
    inside = [
        (nw.col("journey") == journey) & (time >= first) & (time < last)
        for journey, own in spans.items()
        for first, last in own
    ]
    chosen = events.filter(nw.any_horizontal(*inside, ignore_nulls=True)) if inside else events.head(0)
    per_customer = chosen.group_by("journey", "customer").agg(events=nw.len())
    known = nw.when(nw.col("customer").is_null()).then(0).otherwise(1)
    return (
        per_customer.with_columns(known=known)
        .group_by("journey")
        .agg(nw.col("events").sum().cast(nw.Int64), people=nw.col("known").sum().cast(nw.Int64))
    )


def _row(vendor: str, services: Sequence[Service], on: date, requirements: Requirements) -> dict[str, Any]:
    urgent = min(services, key=lambda service: vendors.actions(service, on, requirements)[0])
    action = vendors.actions(urgent, on, requirements)[0]
    status = _worst(CONTRACTS, (vendors.contract_status(service, on) for service in services))
    ends = [s.contract_end for s in services if vendors.contract_status(s, on) == status]
    gaps = [gap for service in services for gap in vendors.unrecorded(service)]
    return {
        "vendor": vendor,
        "contract_status": status,
        "dpa_ok": _worst((False, True, None), (vendors.dpa_ok(service, on) for service in services)),
        "transfer_ok": _worst(
            (False, None, True), (vendors.transfer_ok(service, on) for service in services)
        ),
        "next_action": action.text,
        "due": action.due,
        "status": "no_evidence" if gaps else "ok",
        "note": _note(services, urgent, gaps, requirements),
        "contract_end": min((end for end in ends if end), default=None),
        "review_status": _worst(REVIEWS, (vendors.review_status(service, on) for service in services)),
        "review_due": min((due for s in services if (due := vendors.review_due(s, on))), default=None),
        "journeys": _joined(journey for service in services for journey in service.journeys),
        "role": _joined(service.role for service in services),
        "services": _joined(service.service for service in services),
        "transfer_country": _joined(service.transfer_country for service in services),
        "transfer_mechanism": _joined(service.transfer_mechanism for service in services),
        **_protections([s for s in services if s.journeys] or services, requirements),
    }


def _protections(services: Sequence[Service], requirements: Requirements) -> dict[str, Any]:
    """What all clean rooms of a vendor have and what any lacks; `clean_room` None: no journey needs one."""
    present = frozenset.intersection(*(frozenset(service.clean_room_protections) for service in services))
    safe = all(vendors.clean_room(service, requirements) for service in services)
    missing = (lack for service in services for lack in vendors.protections_missing(service, requirements))
    return {
        "clean_room": safe if safe or any(service.journeys for service in services) else None,
        "protections_present": _joined(present),
        "protections_missing": _joined(missing),
    }


def _note(
    services: Sequence[Service], urgent: Service, gaps: Sequence[str], requirements: Requirements
) -> str | None:
    named = {journey for service in services for journey in service.journeys}
    strangers = sorted(named - set(requirements)) if requirements else []
    parts = {
        f"most urgent of {len(services)} services: {urgent.service or 'not named'}": len(services) > 1,
        f"not recorded: {', '.join(dict.fromkeys(gaps))}": bool(gaps),
        f"not in journeys.yaml: {', '.join(strangers)}": bool(strangers),
    }
    return "; ".join(part for part, applies in parts.items() if applies) or None


def _counts(services: Sequence[Service], on: date, requirements: Requirements) -> Counts:
    by_vendor = [own for _, own in _by_vendor(services)]
    live = [own for own in by_vendor if all(vendors.contract_status(s, on) in IN_FORCE for s in own)]
    return Counts(
        live=len(live),
        protected=sum(all(vendors.clean_room(s, requirements) for s in own) for own in live),
        exposed=sum(not all(vendors.may_receive(s, on) for s in own) for own in by_vendor),
    )


def _by_vendor(services: Iterable[Service]) -> Iterator[tuple[str, list[Service]]]:
    ordered = sorted(services, key=lambda service: (service.vendor, service.service or ""))
    return ((vendor, list(own)) for vendor, own in groupby(ordered, key=lambda service: service.vendor))


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in order as spans without gaps."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and spans[-1][1] + timedelta(days=1) == day:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _worst(order: Sequence[T], found: Iterable[T]) -> T:
    """The first of an order that goes from worst to best."""
    return min(found, key=order.index)


def _joined(words: Iterable[str | None]) -> str | None:
    return ";".join(sorted({word for word in words if word})) or None
