from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import narwhals as nw
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from metrics.vendor_tables import Counts, exposed_events, exposed_spans, journey_counts, register
from metrics.vendors import Service, may_receive
from tests.metrics.test_vendors import ON, REQUIRED, service

FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)


def row(*services: Service) -> dict[str, Any]:
    return register(services, ON, REQUIRED).row(0, named=True)


def test_a_vendor_in_order() -> None:
    found = row(service())

    assert found["contract_status"] == "valid"
    assert (found["dpa_ok"], found["transfer_ok"], found["clean_room"]) == (True, True, True)
    assert (found["status"], found["note"], found["protections_missing"]) == ("ok", None, None)
    assert found["protections_present"] == "min_group_size;no_row_output"


def test_the_worst_of_several_services_decides_each_column() -> None:
    good = service(service="hosting")
    late = service(service="search", contract_end=date(2026, 8, 31), journeys=("cart",), role="controller")
    abroad = service(service="mail", transfer_country="IN", reviewed_on=None)

    found = row(good, late, abroad)

    assert register([good, late, abroad], ON, REQUIRED).height == 1
    assert (found["contract_status"], found["contract_end"]) == ("expired", date(2026, 8, 31))
    assert (found["dpa_ok"], found["transfer_ok"], found["clean_room"]) == (True, False, False)
    assert (found["review_status"], found["review_due"]) == ("missing", date(2027, 5, 1))
    assert found["next_action"] == "Renew the contract that ended on 2026-08-31, or send no more data."
    assert found["note"] == "most urgent of 3 services: search"
    assert (found["services"], found["journeys"]) == ("hosting;mail;search", "cart;homepage")
    assert (found["transfer_country"], found["protections_missing"]) == ("IE;IN", "query_log")


def test_what_is_unknown_is_no_evidence() -> None:
    found = row(Service("Harbour", journeys=("homepage", "checkout")))

    assert (found["contract_status"], found["dpa_ok"], found["transfer_ok"]) == ("missing", False, None)
    assert found["status"] == "no_evidence"
    assert found["note"] == (
        "not recorded: role, end of contract, type of contract, country of the data; "
        "not in journeys.yaml: checkout"
    )


def test_a_vendor_of_no_journey_needs_no_clean_room() -> None:
    assert row(service(journeys=(), clean_room_protections=()))["clean_room"] is None
    assert row(service(journeys=()))["clean_room"] is True
    assert register([], ON, REQUIRED).is_empty()


def test_vendors_are_counted_per_journey() -> None:
    services = [
        service(vendor="A", journeys=("homepage", "cart")),
        service(vendor="B", clean_room_protections=()),
        service(vendor="C", service="one"),
        service(vendor="C", service="two", contract_end=date(2026, 9, 29)),
        service(vendor="D", transfer_country="IN"),
    ]

    found = journey_counts(services, ON, REQUIRED)

    assert found == {
        "homepage": Counts(live=3, protected=2, exposed=2),
        "cart": Counts(live=1, protected=0, exposed=0),
    }


def test_spans_follow_the_contract_from_day_to_day() -> None:
    services = [
        service(contract_start=date(2026, 7, 4), contract_end=date(2026, 9, 28)),
        service(vendor="B", journeys=("cart",)),
    ]

    found = exposed_spans(services, ["homepage", "cart", "unserved"], FIRST, LAST)

    assert found == {
        "homepage": [(FIRST, date(2026, 7, 3)), (date(2026, 9, 29), LAST)],
        "cart": [],
        "unserved": [],
    }


def test_events_inside_the_spans_and_the_people_behind_them() -> None:
    day = datetime.fromisoformat("2026-07-01T00:00")
    rows = [
        ("homepage", 1, day),
        ("homepage", 1, day + timedelta(hours=23)),
        ("homepage", None, day + timedelta(hours=5)),
        ("homepage", 2, day + timedelta(days=1)),
        ("homepage", 3, day + timedelta(days=5)),
        ("cart", 1, day),
    ]
    schema: dict[str, Any] = {"journey": pl.String, "customer": pl.Int64, "occurred_at": pl.Datetime("us")}
    frame = nw.from_native(pl.LazyFrame(rows, schema=schema, orient="row"))
    spans = {"homepage": [(day, day + timedelta(days=1)), (day + timedelta(days=5), day + timedelta(days=6))]}

    found = exposed_events(frame, spans | {"cart": []}).collect().to_native()

    assert found.rows() == [("homepage", 4, 2)]
    assert exposed_events(frame, {"homepage": []}).collect().to_native().is_empty()


ENDS = st.dates(date(2026, 6, 1), date(2026, 10, 31))


@given(st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=3))
def test_spans_are_the_days_on_which_somebody_may_not_receive(contracts: list[tuple[date, date]]) -> None:
    services = [
        service(vendor=str(place), contract_start=start, contract_end=end)
        for place, (start, end) in enumerate(contracts)
    ]

    spans = exposed_spans(services, ["homepage"], FIRST, LAST)["homepage"]

    days = [FIRST + timedelta(days=step) for step in range((LAST - FIRST).days + 1)]
    exposed = {day for day in days if any(not may_receive(s, day) for s in services)}
    assert {day for day in days if any(first <= day <= last for first, last in spans)} == exposed
    assert all(later[0] - earlier[1] > timedelta(days=1) for earlier, later in pairwise(spans))
