"""Consent as of each event, against a plain recount and the invariants of consent."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.population import by_jurisdiction, consent_intervals, granted_at
from metrics import consent
from tests.metrics.consent_recount import Met, Said, Tally, last_states, standing, tally

START = dt.datetime(2026, 1, 1)  # noqa: DTZ001
CONTENT, MEASURED, EMAIL = "content", "measured", "email"
PURPOSES = (CONTENT, MEASURED, EMAIL)
VALIDITY = {"default": 183, "DE": 20, "US": 5}
HOMES: dict[int, str | None] = {1: "IE", 2: "DE", 3: "US-CA", 4: None}
DAYS: dict[int | None, int] = {1: 183, 2: 20, 3: 5, 4: 5}
EXPIRY = by_jurisdiction(
    VALIDITY, min(VALIDITY.values()), lambda days: nw.col("since") + dt.timedelta(days=days)
)


def at(days: float) -> dt.datetime:
    return START + dt.timedelta(days=days)


def lazy(rows: Sequence[Any], columns: Mapping[str, Any]) -> consent.Frame:
    return nw.from_native(pl.LazyFrame(list(rows), schema=dict(columns), orient="row"))


def collected(frame: consent.Frame) -> list[dict[str, Any]]:
    return pl.DataFrame(frame.collect(backend="polars").to_native()).to_dicts()


SAID = {"customer": pl.Int64, "purpose": pl.String, "state": pl.String, "occurred_at": pl.Datetime("us"),
        "source": pl.String}  # fmt: skip
MET = {"customer": pl.Int64, "occurred_at": pl.Datetime("us"), "collection": pl.String,
       "personalised": pl.Boolean}  # fmt: skip


def states_of(ledger: Sequence[Said], purpose: str) -> consent.Frame:
    return consent.standings(lazy(ledger, SAID).filter(nw.col("purpose") == purpose))


def at_home(rows: consent.Frame, homes: Mapping[int, str | None] = HOMES) -> consent.Frame:
    known = lazy(list(homes.items()), {"customer": pl.Int64, "jurisdiction": pl.String})
    return rows.join(known, on="customer", how="left")


def counted(
    events: Sequence[Met], ledger: Sequence[Said], purposes: Sequence[str], expiry: nw.Expr = EXPIRY
) -> Tally:
    rows = [(e.customer, e.at, "server" if e.server else "client", e.personalised) for e in events]
    met = lazy(rows, MET)
    granted = [consent.grants(at_home(states_of(ledger, p)), expiry) for p in purposes]
    (whole,) = collected(
        consent.visits(met)
        .join(consent.covered(met, consent.joint(granted)), on="customer", how="left")
        .select(nw.col("events", "personalised", "server", "covered", "lawful", "one_source").sum())
    ) or [dict.fromkeys(("events", "personalised", "server", "covered", "lawful", "one_source"), 0)]
    leaked = whole["personalised"] - whole["lawful"]
    return Tally(whole["events"], whole["covered"], leaked, whole["server"], whole["one_source"])


def last_counted(events: Sequence[Met], ledger: Sequence[Said], purpose: str) -> dict[str, int]:
    rows = [(e.customer, e.at, "server", e.personalised) for e in events]
    met = at_home(consent.visits(lazy(rows, MET)))
    found: dict[str, int] = {}
    for row in collected(consent.last_states(met, states_of(ledger, purpose), EXPIRY)):
        found[row["state"]] = found.get(row["state"], 0) + row["people"]
    return found


# The worked example of the reference: purposes 6 and 8, valid for 182 days, seven events


SEVEN = [
    Said(1, "6", "granted", at(0), "cmp"),
    Said(1, "8", "granted", at(0), "cmp"),
    Said(2, "6", "granted", at(0), "cmp"),
    Said(2, "8", "refused", at(0), "cmp"),
    Said(3, "6", "refused", at(0), "cmp"),
    Said(3, "8", "granted", at(0), "cmp"),
    Said(4, "6", "granted", at(0), "cmp"),
    Said(4, "8", "granted", at(0), "preference_centre"),
    Said(4, "6", "withdrawn", at(10), "cmp"),
    Said(5, "6", "granted", at(-190), "cmp"),
    Said(5, "8", "granted", at(-190), "cmp"),
]
EVENTS = [Met(user, at(day), server=True, personalised=True) for user, day in
          ((1, 5), (2, 5), (3, 5), (4, 5), (4, 15), (5, 5), (6, 5))]  # fmt: skip
HALF_A_YEAR = nw.col("since") + dt.timedelta(days=182)


@pytest.mark.parametrize(
    ("purposes", "covered"), [(("6",), 3), (("8",), 4), (("6", "8"), 2), (("8", "6"), 2)]
)
def test_seven_events(purposes: tuple[str, ...], covered: int) -> None:
    found = counted(EVENTS, SEVEN, purposes, HALF_A_YEAR)

    assert (found.events, found.covered, found.leaked) == (7, covered, 7 - covered)


def test_one_source_of_the_seven() -> None:
    assert counted(EVENTS, SEVEN, ("6", "8"), HALF_A_YEAR).one_source == 1


# Borders


@pytest.mark.parametrize(
    ("ledger", "when", "covered"),
    [
        ([("granted", 0.0)], 0.0, 1),
        ([("granted", 0.0)], -1e-6, 0),
        ([("granted", 0.0)], 183.0, 1),
        ([("granted", 0.0)], 183.00001, 0),
        ([("granted", 0.0), ("withdrawn", 3.0)], 2.99999, 1),
        ([("granted", 0.0), ("withdrawn", 3.0)], 3.0, 0),
        ([("granted", 3.0), ("withdrawn", 3.0)], 3.0, 0),
        ([("withdrawn", 3.0), ("granted", 3.0)], 4.0, 0),
        ([("granted", 0.0), ("refused", 1.0), ("granted", 2.0)], 2.0, 1),
        ([("granted", 0.0), ("granted", 100.0)], 200.0, 1),
        ([("refused", 0.0)], 5.0, 0),
        ([], 5.0, 0),
    ],
)
def test_from_the_grant_to_its_end(ledger: list[tuple[str, float]], when: float, covered: int) -> None:
    said = [Said(1, CONTENT, state, at(day), "cmp") for state, day in ledger]
    events = [Met(1, at(when), server=True, personalised=False)]

    assert counted(events, said, (CONTENT,)).covered == covered


def test_an_unknown_visitor_is_not_covered_and_leaks() -> None:
    events = [Met(None, at(1), server=False, personalised=flag) for flag in (True, None, False)]

    assert counted(events, SEVEN, ("6",)) == Tally(3, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("sources", "expected"), [(("cmp", "cmp"), 1), (("cmp", "tcf"), 0), ((None, None), 0), (("cmp", None), 0)]
)
def test_one_source_of_truth(sources: tuple[str | None, str | None], expected: int) -> None:
    said = [Said(1, p, "granted", at(0), s) for p, s in zip((CONTENT, EMAIL), sources, strict=True)]
    events = [Met(1, at(1), server=True, personalised=True)]

    assert counted(events, said, (CONTENT, EMAIL)).one_source == expected


# Against the recount


moments = st.integers(0, 60).map(lambda day: at(day / 2))
says = st.builds(
    Said,
    st.sampled_from(list(HOMES)),
    st.sampled_from(PURPOSES),
    st.sampled_from(consent.STATES),
    moments,
    st.sampled_from([None, "cmp", "tcf", "import"]),
)
meets = st.builds(
    Met,
    st.sampled_from([*HOMES, None]),
    moments,
    server=st.booleans(),
    personalised=st.sampled_from([True, False, None]),
)
ledgers, journeys = st.lists(says, max_size=14), st.lists(meets, min_size=1, max_size=10)
wanted = st.lists(st.sampled_from(PURPOSES), min_size=1, max_size=3, unique=True)


@settings(max_examples=60, deadline=None)
@given(ledgers, journeys, wanted)
def test_events_are_counted_as_one_by_one(ledger: list[Said], events: list[Met], purposes: list[str]) -> None:
    assert counted(events, ledger, purposes) == tally(events, ledger, purposes, DAYS)


@settings(max_examples=60, deadline=None)
@given(ledgers, journeys, st.sampled_from(PURPOSES))
def test_last_states_are_counted_as_one_by_one(ledger: list[Said], events: list[Met], purpose: str) -> None:
    expected = last_states(events, ledger, purpose, DAYS)
    del expected["undecided"]

    assert last_counted(events, ledger, purpose) == expected


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys)
def test_grants_are_those_by_which_experiments_admit(ledger: list[Said], events: list[Met]) -> None:
    """The same events are covered as `jobs.population` would admit at those times."""
    known = [(e.customer, e.at, HOMES[e.customer]) for e in events if e.customer is not None]
    times = lazy(known, {"customer": pl.Int64, "time": pl.Datetime("us"), "jurisdiction": pl.String}).unique()
    own = lazy(ledger, SAID).filter(nw.col("purpose") == CONTENT)
    admitted = {
        (r["customer"], r["time"]) for r in collected(granted_at(times, consent_intervals(own), VALIDITY))
    }
    met = [event for event in events if event.customer is not None]
    expected = sum((event.customer, event.at) in admitted for event in met)

    assert not met or counted(met, ledger, (CONTENT,)).covered == expected


# What must hold whatever the data


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys)
def test_joint_is_never_more_than_any_purpose(ledger: list[Said], events: list[Met]) -> None:
    joint = counted(events, ledger, PURPOSES).covered

    assert joint <= min(counted(events, ledger, (purpose,)).covered for purpose in PURPOSES)


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys, st.sampled_from(list(HOMES)), st.integers(0, 60))
def test_a_later_withdrawal_changes_no_past_event(
    ledger: list[Said], events: list[Met], customer: int, day: int
) -> None:
    withdrawal = Said(customer, CONTENT, "withdrawn", at(day / 2), "cmp")
    past = [event for event in events if event.at < withdrawal.at]

    if past:
        assert counted(past, [*ledger, withdrawal], (CONTENT,)) == counted(past, ledger, (CONTENT,))


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys, st.integers(1, 30), st.integers(0, 30))
def test_a_shorter_validity_never_covers_more(
    ledger: list[Said], events: list[Met], days: int, longer: int
) -> None:
    short, long = (nw.col("since") + dt.timedelta(days=n) for n in (days, days + longer))

    assert (
        counted(events, ledger, (CONTENT,), short).covered
        <= counted(events, ledger, (CONTENT,), long).covered
    )


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys)
def test_an_unknown_jurisdiction_is_treated_as_the_strictest(ledger: list[Said], events: list[Met]) -> None:
    def covered(homes: Mapping[int, str | None]) -> int:
        rows = [(e.customer, e.at, "server", True) for e in events]
        spans = consent.grants(at_home(states_of(ledger, CONTENT), homes), EXPIRY)
        return sum(r["covered"] for r in collected(consent.covered(lazy(rows, MET), consent.joint([spans]))))

    unknown = covered(dict.fromkeys(HOMES))
    assert all(unknown <= covered(dict.fromkeys(HOMES, place)) for place in ("IE", "DE", "US-CA", "FR"))


@settings(max_examples=40, deadline=None)
@given(ledgers, journeys)
def test_who_never_spoke_is_undecided_and_never_covered(ledger: list[Said], events: list[Met]) -> None:
    silent = [said for said in ledger if said.customer != 1]
    own = [event for event in events if event.customer == 1]

    if own:
        assert counted(own, silent, (CONTENT,)).covered == 0
        assert last_counted(own, silent, CONTENT) == {}


# First answers


@settings(max_examples=40, deadline=None)
@given(ledgers)
def test_first_answers_are_each_customer_s_first_word(ledger: list[Said]) -> None:
    found = {r["customer"]: (r["since"], r["granted"]) for r in collected(
        consent.first_answers(states_of(ledger, CONTENT)))}  # fmt: skip
    own = [said for said in ledger if said.purpose == CONTENT]
    first = {said.customer: min(s.at for s in own if s.customer == said.customer) for said in own}

    assert found == {
        customer: (when, int(standing(own, customer, CONTENT, when, 1).state == "granted"))
        for customer, when in first.items()
    }


def test_first_answers_by_week() -> None:
    bounds = [at(0), at(7), at(14)]
    rows = [(1, at(0), 1, "IE"), (2, at(6.9), 0, "IE"), (3, at(7), 1, "IE"), (4, at(7), 1, None),
            (5, at(14), 1, "IE"), (6, at(-0.1), 1, "IE")]  # fmt: skip
    first = lazy(rows, {"customer": pl.Int64, "since": pl.Datetime("us"), "granted": pl.Int64,
                        "jurisdiction": pl.String})  # fmt: skip
    found = {(r["jurisdiction"], r["week"]): (r["decided"], r["granted"]) for r in
             collected(consent.answers_by_week(first, bounds))}  # fmt: skip

    assert found == {("IE", 0): (2, 1), ("IE", 1): (1, 1), (None, 1): (1, 1)}


def test_customers_add_up_per_jurisdiction_and_strangers_are_clusters_of_their_own() -> None:
    columns = ("customer", "events", "personalised", "server", "covered", "lawful", "one_source", "child",
               "age_unknown", "jurisdiction")  # fmt: skip
    rows = [
        (1, 4, 3, 2, 2, 1, 1, 0, 1, "IE"),
        (2, 1, 1, 1, 1, 1, 0, 1, 0, "IE"),
        (None, 3, 2, 0, 0, 0, 0, 0, 0, None),
    ]
    schema = {name: pl.String if name == "jurisdiction" else pl.Int64 for name in columns}
    found = {row.pop("jurisdiction"): row for row in collected(consent.by_jurisdiction(lazy(rows, schema)))}

    assert found["IE"] == {
        "people": 2, "strangers": 0, "events": 5, "personalised": 4, "server": 3, "covered": 3, "lawful": 2,
        "one_source": 1, "child": 1, "age_unknown": 1, "nn": 17, "nc": 9, "cc": 5,
    }  # fmt: skip
    assert (found[None]["people"], found[None]["strangers"], found[None]["nn"]) == (0, 3, 3)
