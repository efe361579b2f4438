from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.vendors import (
    REVIEW_DAYS,
    Service,
    actions,
    clean_room,
    contract_status,
    dpa_ok,
    may_receive,
    protections_missing,
    review_due,
    review_status,
    transfer_ok,
    unrecorded,
)

ON = date(2026, 9, 30)
DAY = timedelta(days=1)
CLAUSES = "agree on standard clauses and assess the transfer"
REQUIRED = {"homepage": frozenset({"min_group_size", "no_row_output"}), "cart": frozenset({"query_log"})}


def service(**entries: object) -> Service:
    """A service with nothing to object to, but for what `entries` say."""
    good = {
        "vendor": "Harbour", "role": "processor", "service": "hosting", "journeys": ("homepage",),
        "contract_start": date(2025, 1, 1), "contract_end": date(2027, 12, 31), "contract_type": "art28",
        "dpa_signed_on": date(2024, 12, 1), "clean_room_protections": ("min_group_size", "no_row_output"),
        "transfer_country": "IE", "transfer_mechanism": "none", "reviewed_on": date(2026, 5, 1),
    }  # fmt: skip
    return Service(**(good | entries))


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        (None, ON + 61 * DAY, "valid"),
        (None, ON + 60 * DAY, "expiring"),
        (ON, ON, "expiring"),
        (None, ON - DAY, "expired"),
        (None, None, "missing"),
        (date(2020, 1, 1), None, "missing"),
        (ON + DAY, ON + 400 * DAY, "missing"),
    ],
)
def test_contracts(start: date | None, end: date | None, status: str) -> None:
    assert contract_status(service(contract_start=start, contract_end=end), ON) == status


@pytest.mark.parametrize(
    ("role", "signed", "ok"),
    [
        ("processor", date(2024, 1, 1), True),
        ("processor", ON, True),
        ("processor", ON + DAY, False),
        ("processor", None, False),
        ("service_provider", None, False),
        (None, None, False),
        ("controller", None, None),
        ("third_party", None, None),
        ("third_party", date(2024, 1, 1), True),
    ],
)
def test_processing_agreements(role: str | None, signed: date | None, ok: bool | None) -> None:
    assert dpa_ok(service(role=role, dpa_signed_on=signed), ON) is ok


@pytest.mark.parametrize(
    ("country", "mechanism", "assessed", "ok"),
    [
        ("IE", "none", None, True),
        ("NO", None, None, True),
        ("JP", "adequacy", None, True),
        ("GB", "none", None, True),
        ("IN", "adequacy", None, False),
        ("IN", "none", None, False),
        ("IN", None, None, False),
        ("IN", "scc", date(2026, 1, 1), True),
        ("IN", "scc", None, False),
        ("IN", "scc", ON + DAY, False),
        ("IN", "bcr", None, True),
        ("IN", "dpf", None, False),
        ("US", "dpf", None, True),
        ("US", "adequacy", None, False),
        ("US", "none", None, False),
        ("US", "scc", date(2026, 1, 1), True),
        ("US", "scc", None, False),
        (None, "none", None, None),
        (None, "dpf", None, None),
        (None, "scc", date(2026, 1, 1), True),
    ],
)
def test_transfers(
    country: str | None, mechanism: str | None, assessed: date | None, ok: bool | None
) -> None:
    found = service(transfer_country=country, transfer_mechanism=mechanism, tia_on=assessed)

    assert transfer_ok(found, ON) is ok
    assert may_receive(found, ON) is (ok is True)


def test_an_adequacy_decision_counts_from_its_day() -> None:
    brazil = service(transfer_country="BR", transfer_mechanism="adequacy")

    assert transfer_ok(brazil, date(2026, 1, 26)) is True
    assert transfer_ok(brazil, date(2026, 1, 25)) is False


@pytest.mark.parametrize(
    ("reviewed", "status", "due"),
    [
        (ON - REVIEW_DAYS * DAY, "current", ON),
        (ON - (REVIEW_DAYS + 1) * DAY, "overdue", ON - DAY),
        (None, "missing", None),
        (ON + DAY, "missing", None),
    ],
)
def test_due_diligence(reviewed: date | None, status: str, due: date | None) -> None:
    found = service(reviewed_on=reviewed)

    assert (review_status(found, ON), review_due(found, ON)) == (status, due)


@pytest.mark.parametrize(
    ("journeys", "protections", "missing", "safe"),
    [
        (("homepage",), ("min_group_size", "no_row_output"), set(), True),
        (("homepage",), ("min_group_size",), {"no_row_output"}, False),
        (("homepage", "cart"), ("min_group_size", "no_row_output"), {"query_log"}, False),
        (("elsewhere",), ("query_log",), set(), True),
        (("elsewhere",), (), set(), False),
        ((), (), set(), False),
    ],
)
def test_clean_rooms(
    journeys: tuple[str, ...], protections: tuple[str, ...], missing: set[str], safe: bool
) -> None:
    found = service(journeys=journeys, clean_room_protections=protections)

    assert protections_missing(found, REQUIRED) == missing
    assert clean_room(found, REQUIRED) is safe


@pytest.mark.parametrize(
    ("entries", "text", "due"),
    [
        ({}, "Review the vendor; last done on 2026-05-01.", date(2027, 5, 1)),
        ({"contract_end": date(2026, 10, 15)}, "Renew the contract, or let it end on 2026-10-15.",
         date(2026, 10, 15)),
        ({"contract_end": date(2026, 8, 31)},
         "Renew the contract that ended on 2026-08-31, or send no more data.", ON),
        ({"contract_end": None},
         "Record until when its contract runs, or sign one; send no data until then.", ON),
        ({"contract_start": date(2026, 12, 1)}, "Send no data before the contract starts on 2026-12-01.", ON),
        ({"dpa_signed_on": None}, "Sign a data-processing agreement (GDPR Art 28).", ON),
        ({"transfer_country": "US", "transfer_mechanism": "scc"},
         "Assess the transfer to US: standard clauses need it (C-311/18).", ON),
        ({"transfer_country": "US"},
         f"Record its certification under the Data Privacy Framework, or {CLAUSES}.", ON),
        ({"transfer_country": "IN", "transfer_mechanism": "dpf"},
         f"The Data Privacy Framework covers nobody in IN: {CLAUSES}.", ON),
        ({"transfer_country": "IN"},
         f"No adequacy decision covers IN: {CLAUSES}, or keep the data in the EEA.", ON),
        ({"transfer_country": None}, "Record in which country it has the data.", ON),
        ({"transfer_country": None, "transfer_mechanism": "scc"},
         "Assess the transfer: standard clauses need it (C-311/18).", ON),
        ({"clean_room_protections": ()}, "Agree on what its clean room lacks: min_group_size, no_row_output.",
         ON),
        ({"reviewed_on": None}, "Review the vendor: no review is on record.", ON),
        ({"reviewed_on": date(2025, 1, 30)}, "Review the vendor; last done on 2025-01-30.",
         date(2026, 1, 30)),
    ],
)  # fmt: skip
def test_the_next_action(entries: dict[str, object], text: str, due: date) -> None:
    first = actions(service(**entries), ON, REQUIRED)[0]

    assert (first.text, first.due) == (text, due)


def test_the_contract_goes_before_the_clean_room() -> None:
    wrong = service(contract_end=None, dpa_signed_on=None, clean_room_protections=(), transfer_country="IN")

    ranks = [action.rank for action in actions(wrong, ON, REQUIRED)]

    assert ranks == [0, 1, 2, 3, 5]


def test_what_is_not_recorded_is_named() -> None:
    bare = Service("Harbour")

    assert unrecorded(bare) == ["role", "end of contract", "type of contract", "country of the data"]
    assert unrecorded(service()) == []
    assert not may_receive(bare, ON)


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, DAYS)
def test_nobody_may_receive_data_outside_the_contract(start: date, end: date, day: date) -> None:
    found = service(contract_start=start, contract_end=end)

    assert may_receive(found, day) == (start <= day <= end)


@given(st.sets(st.sampled_from(["min_group_size", "no_row_output", "query_log", "query_review"])))
def test_a_further_protection_never_harms(protections: set[str]) -> None:
    before = service(journeys=("homepage", "cart"), clean_room_protections=tuple(protections))
    after = service(journeys=("homepage", "cart"), clean_room_protections=(*protections, "query_log"))

    assert protections_missing(after, REQUIRED) <= protections_missing(before, REQUIRED)
    assert clean_room(after, REQUIRED) >= clean_room(before, REQUIRED)
