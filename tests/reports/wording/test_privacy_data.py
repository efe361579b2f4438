"""What is said of fields and vendors is true for them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.wording import privacy_fields as fields
from reports.wording import privacy_vendors as vendors
from tests.ui.privacy_tables import TODAY, field, frame, score, vendor


def minimization(rows: list[dict[str, object]]) -> object:
    return frame("minimization_fields", rows)


def test_failing_fields_hold_the_score_down() -> None:
    rows = [field("a", 8), field("b", 2), field("c", 4), field("d", 1), field("ok", 4, passes=True)]
    told = fields.lead(frame("minimization_fields", rows), score(0.71, 15), 0)
    assert told.lead == "4 of 5 fields hold the score at 0.71: a, c, b and 1 more."
    assert told.mark == fields.SPECIAL_EXCESS
    assert told.more == "Excess load 15 of 52."


def test_one_failing_field_reads_as_one() -> None:
    told = fields.lead(frame("minimization_fields", [field("a"), field("b", passes=True)]), score(0.5, 2), 0)
    assert told.lead == "1 of 2 fields holds the score at 0.50: a."
    assert told.mark == fields.EXCESS


def test_a_whole_inventory_is_praised_only_when_it_could_be_read() -> None:
    rows = frame("minimization_fields", [field("a", passes=True), field("b", passes=True)])
    assert fields.lead(rows, score(1.0, 0), 0).mark == fields.JUSTIFIED
    told = fields.lead(rows, score(1.0, 0), 2)
    assert told.mark == fields.UNCERTAIN
    assert told.lead == "All 2 fields are justified: the score is 1.00, as far as the inventory can be read."


@pytest.mark.parametrize("summary", [None, score(None, 0)])
def test_an_empty_inventory_has_no_score(summary: dict[str, object] | None) -> None:
    told = fields.lead(frame("minimization_fields", []), summary, 0)
    assert told.mark is not None
    assert told.mark.tone == "none"
    assert "no score" in told.lead


@given(st.lists(st.tuples(st.sampled_from([1, 2, 4, 8, None]), st.booleans(), st.booleans())))
def test_missing_evidence_is_never_called_justified(made: list[tuple[int | None, bool, bool]]) -> None:
    rows = [
        field(f"f{i}", weight, passes=passes and known, purpose_ok=passes if known else None)
        for i, (weight, passes, known) in enumerate(made)
    ]
    table = frame("minimization_fields", rows)
    failing = fields.failing(table)
    assert failing.height == sum(not row["passes"] for row in rows)
    for row in failing.iter_rows(named=True):
        marks = fields.tests(row)
        assert marks
        assert all(mark.tone != "good" for mark in marks)
        assert (row["purpose_ok"] is None) == any(mark.tone == "none" for mark in marks)


def test_retention_says_what_nobody_can_tell() -> None:
    rows = [
        field("old", retention_ok=False, retention_overdue_days=959),
        field("older", retention_ok=False, retention_overdue_days=49),
        field("dark", retention_ok=None),
    ]
    told = fields.retention(frame("minimization_fields", rows))
    assert told.lead == "2 fields hold records for too long, old in shop by 959 days."
    assert told.more == "For 1 field nobody can tell."
    unknown = fields.retention(frame("minimization_fields", rows[2:]))
    assert unknown.lead == "No field is known to be kept longer than declared."


def test_the_first_fix_says_what_the_score_would_become() -> None:
    rows = fields.failing(frame("minimization_fields", [field("a", 2), field("b", 8, score_if_fixed=0.64)]))
    assert fields.first_fix(rows) == (
        "b in shop: Delete it: no active purpose lists it as needed. That alone brings the whole "
        "score to 0.64."
    )
    assert fields.first_fix(rows.clear()) == ""


def test_the_trend_names_what_moved() -> None:
    old = frame("minimization_fields", [field("a"), field("b", passes=True), field("gone")])
    new = frame("minimization_fields", [field("a", passes=True), field("b"), field("new")])
    assert fields.trend(score(0.55, 33), score(0.57, 31), old, new, 3) == (
        "Since run 3: score 0.55 → 0.57, excess load 33 → 31; newly failing: b; mended: a; gone: gone; "
        "added: new; of these failing: new."
    )
    assert fields.trend(score(), score(), old, old, 3) == "Nothing changed since run 3: score 0.71."
    assert fields.trend(None, score(), old, new, 3) == "No earlier run has a score to compare with."


def test_fields_of_a_journey_match_whole_names() -> None:
    rows = frame("minimization_fields", [field("a", journeys="cart;home"), field("b", journeys="homepage")])
    assert fields.of_journey(rows, "home")["field"].to_list() == ["a"]
    assert fields.of_journey(rows, None).height == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, []),
        ({"contract_status": "expired"}, ["contract expired"]),
        ({"contract_status": "missing"}, ["contract not on record"]),
        ({"dpa_ok": False}, ["no processing agreement"]),
        ({"dpa_ok": None}, []),
        ({"transfer_ok": False}, ["transfer not lawful"]),
        ({"transfer_ok": None}, ["country not recorded"]),
        ({"clean_room": False, "review_status": "missing"}, []),
    ],
)
def test_data_go_only_where_everything_allows_it(change: dict[str, object], why: list[str]) -> None:
    row = vendor(**change)
    assert vendors.obstacles(row) == why
    assert vendors.may_receive(row) == (not why)


def test_vendors_in_one_sentence() -> None:
    good, bad = vendor("Quay"), vendor("Old Tide", contract_status="expired", due=TODAY)
    told = vendors.lead(frame("vendors", [good, bad]), 0)
    assert told.lead == "1 of 2 vendors may not receive data as things stand: Old Tide."
    whole = vendors.lead(frame("vendors", [good]), 0)
    assert whole.mark is not None
    assert whole.mark.tone == "good"
    unsure = vendors.lead(frame("vendors", [good]), 1)
    assert unsure.mark is not None
    assert unsure.mark.tone == "none"
    assert vendors.lead(frame("vendors", []), 0).lead == "No vendor is on record here."
    ordered = vendors.urgent_first(frame("vendors", [good, bad]))
    assert ordered["vendor"].to_list() == ["Old Tide", "Quay"]
    assert vendors.first_step(ordered).startswith("Old Tide: ")


@pytest.mark.parametrize(
    ("due", "word"),
    [
        (None, "now"),
        (TODAY, "now"),
        (TODAY + dt.timedelta(days=60), "soon"),
        (TODAY + dt.timedelta(days=61), "later"),
    ],
)
def test_how_soon_an_action_is_due(due: dt.date | None, word: str) -> None:
    assert vendors.timing(due, TODAY).word == word


@pytest.mark.parametrize(
    ("mechanism", "lawful", "words"),
    [
        ("none", True, "none needed"),
        ("none", False, "none named"),
        (None, None, "not recorded"),
        ("scc;adequacy", True, "standard contractual clauses, adequacy decision"),
    ],
)
def test_what_carries_a_transfer(mechanism: str | None, lawful: bool | None, words: str) -> None:
    assert vendors.mechanism(vendor(transfer_mechanism=mechanism, transfer_ok=lawful)) == words


@pytest.mark.parametrize(
    ("journeys", "said"),
    [
        ([None, ""], "serves no journey"),
        (["cart"], "Cart recovery"),
        (["home;cart", None], "all journeys"),
        (["cart", "home"], "all journeys"),
        (["home", "old", None], "Homepage, old"),
    ],
)
def test_the_journeys_that_vendors_serve_between_them(journeys: list[str | None], said: str) -> None:
    names = {"cart": "Cart recovery", "home": "Homepage"}
    assert vendors.serves([{"journeys": found} for found in journeys], names) == said


def test_of_one_journey_a_vendor_is_not_said_to_serve_all() -> None:
    assert vendors.serves([{"journeys": "cart"}], {"cart": "Cart recovery"}) == "Cart recovery"
    assert vendors.serves([{"journeys": "cart;home"}], {}) == "cart, home"


def test_exposure_is_told_per_journey_and_never_as_zero_when_unknown() -> None:
    name = "events_to_unprotected_recipients"
    rows = frame("journeys", [{"journey": "a", name: 120}, {"journey": "b", name: None}])
    told = vendors.exposure(rows, {"a": "Homepage", "b": "Cart"})
    assert told.lead.startswith("120 events of Homepage fell on days")
    assert told.more.endswith("Not known for Cart.")
    none = vendors.exposure(frame("journeys", [{"journey": "a", name: None}]), {})
    assert none.mark is not None
    assert none.mark.tone == "none"
    zero = vendors.exposure(frame("journeys", [{"journey": "a", name: 0}]), {})
    assert zero.lead == "No event fell on a day on which a vendor might not receive data."
