"""Consent counted one event at a time, as a careful person would: the reference for the lazy counting."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

RESTRICTIVE = {"granted": 0, "refused": 1, "withdrawn": 2}


class Said(NamedTuple):
    """What a customer said about a purpose."""

    customer: int
    purpose: str
    state: str
    at: dt.datetime
    source: str | None


class Met(NamedTuple):
    """One event of a journey; customer None = an unknown visitor."""

    customer: int | None
    at: dt.datetime
    server: bool
    personalised: bool | None


class Standing(NamedTuple):
    """A customer's state about a purpose at a time, and what recorded it."""

    state: str
    source: str | None


UNDECIDED = Standing("undecided", None)


def standing(
    ledger: Sequence[Said], customer: int | None, purpose: str, at: dt.datetime, days: int
) -> Standing:
    """The latest event up to `at`; of several at one instant the most restrictive."""
    own = [s for s in ledger if (s.customer, s.purpose) == (customer, purpose) and s.at <= at]
    if not own:
        return UNDECIDED
    latest = max(own, key=lambda s: (s.at, RESTRICTIVE[s.state], _rank(s.source)))
    if latest.state == "granted" and at - latest.at > dt.timedelta(days=days):
        return Standing("expired", latest.source)
    return Standing(latest.state, latest.source)


def _rank(source: str | None) -> int:
    return ("", "cmp", "preference_centre", "import", "tcf", "gpc").index(source or "")


class Tally(NamedTuple):
    """A journey's events: all, covered, leaked, on a server, covered from one source."""

    events: int
    covered: int
    leaked: int
    server: int
    one_source: int


def tally(
    events: Sequence[Met], ledger: Sequence[Said], purposes: Sequence[str], days: Mapping[int | None, int]
) -> Tally:
    """Judge every event by itself; `days` is the validity where each customer lives."""
    covered = leaked = one_source = 0
    for event in events:
        found = [standing(ledger, event.customer, p, event.at, days.get(event.customer, 0)) for p in purposes]
        joint = event.customer is not None and all(s.state == "granted" for s in found)
        covered += joint
        leaked += not joint and event.personalised is not False
        one_source += joint and len({s.source for s in found}) == 1 and found[0].source is not None
    return Tally(len(events), covered, leaked, sum(event.server for event in events), one_source)


def last_states(
    events: Sequence[Met], ledger: Sequence[Said], purpose: str, days: Mapping[int | None, int]
) -> Counter[str]:
    """Distinct customers by their state at their last event."""
    last: dict[int, dt.datetime] = {}
    for event in events:
        if event.customer is not None:
            last[event.customer] = max(event.at, last.get(event.customer, event.at))
    return Counter(standing(ledger, c, purpose, at, days[c]).state for c, at in last.items())
