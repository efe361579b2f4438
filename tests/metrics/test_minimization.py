from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.minimization import ALL, Rules, by_category, by_system, fields_table, judge

AS_OF = date(2026, 9, 30)
RULES = Rules(AS_OF, "Europe/Dublin", frozenset({"recommend", "deliver"}), 180, consent_ledger=True)
SCHEMA: dict[str, Any] = {
    "system": pl.String, "field": pl.String, "data_category": pl.String, "sensitivity": pl.Int64,
    "journeys": pl.List(pl.String), "needed_by": pl.List(pl.String), "lawful_basis": pl.String,
    "last_used_at": pl.Datetime("us"), "oldest_record_at": pl.Datetime("us"), "retention_days": pl.Int64,
}  # fmt: skip
Row = dict[str, Any]


def ago(days: int) -> datetime:
    """Noon of a day that lies so many days before the measurement date."""
    return datetime.fromisoformat("2026-09-30T12:00") - timedelta(days=days)


def field(name: str, **entries: Any) -> Row:
    """A field that passes every test, but for what `entries` say."""
    good = {
        "system": "shop", "field": name, "data_category": "user.behavior", "sensitivity": 2,
        "journeys": ["homepage"], "needed_by": ["recommend"], "lawful_basis": "contract",
        "last_used_at": ago(1), "oldest_record_at": ago(100), "retention_days": 365,
    }  # fmt: skip
    return good | entries


def inventory(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


def totals(rows: list[Row], rules: Rules = RULES) -> Row:
    """Figures of the whole inventory."""
    found = by_system(judge(inventory(*rows), rules))
    return found.filter(pl.col("system") == ALL, pl.col("journey") == ALL).row(0, named=True)


WORKED = [
    field("customer_id"),
    field("order_sku"),
    field("order_date"),
    field("email"),
    field("basket_sku", oldest_record_at=ago(400)),
    field("birth_date", needed_by=[], last_used_at=ago(300)),
    field(
        "lat_lon", sensitivity=4, needed_by=None, lawful_basis=None, last_used_at=None, retention_days=None
    ),
]


def test_the_worked_example() -> None:
    found = totals(WORKED)

    assert (found["passing"], found["fields"]) == (4, 7)
    assert (found["score"], found["excess_load"]) == (8 / 16, 8)
    failing = [found[f"failing_{test}"] for test in ("purpose", "basis", "use", "retention")]
    assert failing == [2, 1, 2, 2]
    assert (found["unknown"], found["retention_overdue"], found["retention_overdue_days"]) == (1, 1, 35)


def test_deleting_the_worst_field_of_the_worked_example() -> None:
    found = totals(WORKED[:-1])

    assert found["score"] == pytest.approx(8 / 12)
    assert found["excess_load"] == 4
    table = fields_table(judge(inventory(*WORKED), RULES), RULES)
    first = table.row(0, named=True)
    assert first["field"] == "lat_lon"
    assert first["fix"] == "Delete it: no active purpose lists it as needed."
    assert (first["score_if_fixed"], first["excess_load_if_fixed"]) == (found["score"], found["excess_load"])


def test_an_empty_inventory_has_no_score() -> None:
    nothing = judge(inventory(), RULES)

    assert by_system(nothing).is_empty()
    assert by_category(nothing).is_empty()
    assert fields_table(nothing, RULES).is_empty()


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ({}, (True, True, True, True)),
        ({"needed_by": ["sell"]}, (False, True, True, True)),
        ({"needed_by": ["sell", "deliver"]}, (True, True, True, True)),
        ({"needed_by": None}, (False, True, True, True)),
        ({"lawful_basis": None}, (True, False, True, True)),
        ({"lawful_basis": "to be decided"}, (True, False, True, True)),
        ({"lawful_basis": "Legitimate interests"}, (True, True, True, True)),
        ({"lawful_basis": "consent"}, (True, True, True, True)),
        ({"last_used_at": ago(180)}, (True, True, True, True)),
        ({"last_used_at": ago(181)}, (True, True, False, True)),
        ({"last_used_at": None}, (True, True, None, True)),
        ({"oldest_record_at": ago(365)}, (True, True, True, True)),
        ({"oldest_record_at": ago(366)}, (True, True, True, False)),
        ({"oldest_record_at": None}, (True, True, True, None)),
        ({"retention_days": None}, (True, True, True, None)),
        # 23:30 UTC is past midnight in Dublin: a day fresher there.
        ({"last_used_at": datetime.fromisoformat("2026-04-02T23:30")}, (True, True, True, True)),
        ({"last_used_at": datetime.fromisoformat("2026-04-02T22:30")}, (True, True, False, True)),
    ],
)
def test_each_test_of_a_field(entries: Row, outcome: tuple[bool | None, ...]) -> None:
    row = judge(inventory(field("f", **entries)), RULES).row(0, named=True)

    assert tuple(row[f"{test}_ok"] for test in ("purpose", "basis", "use", "retention")) == outcome
    assert row["passes"] is all(result is True for result in outcome)


def test_consent_without_a_ledger_is_no_basis() -> None:
    rows = [field("a", lawful_basis="consent"), field("b")]

    table = fields_table(judge(inventory(*rows), replace(RULES, consent_ledger=False)), RULES)

    assert table["basis_ok"].to_list() == [False, True]
    assert table["fix"].to_list() == ["Keep a record of consent (table consent_events).", None]


def test_no_field_can_show_its_need_when_no_purpose_is_known() -> None:
    rows = [field("a")]

    unknown = fields_table(judge(inventory(*rows), replace(RULES, active_purposes=None)), RULES)
    none = judge(inventory(*rows), replace(RULES, active_purposes=frozenset()))

    assert unknown.select("purpose_ok", "status", "passes").row(0) == (None, "no_evidence", False)
    assert "active_purposes" in unknown["fix"].item()
    assert none["purpose_ok"].to_list() == [False]


@pytest.mark.parametrize(
    ("entries", "fix", "note"),
    [
        ({"last_used_at": ago(181)}, "Delete it: not used for 181 days, 180 are allowed.", None),
        ({"oldest_record_at": ago(400)}, "Erase records older than 365 days.", None),
        ({"retention_days": None}, "Declare for how many days it may be kept.", "retention not declared"),
        ({"last_used_at": None}, "Record when it was last used.", "last use not recorded"),
        (
            {"oldest_record_at": None, "lawful_basis": None},
            "Record its lawful basis: consent, contract, legal_obligation, vital_interests, public_task or "
            "legitimate_interests. Record the time of its oldest record.",
            "oldest record not recorded",
        ),
    ],
)
def test_what_mends_a_field(entries: Row, fix: str, note: str | None) -> None:
    table = fields_table(judge(inventory(field("f", **entries), field("g")), RULES), RULES)

    row = table.row(0, named=True)
    assert (row["fix"], row["note"]) == (fix, note)
    assert row["status"] == ("no_evidence" if note else "ok")
    assert (row["score_if_fixed"], row["excess_load_if_fixed"]) == (1.0, 0.0)
    assert table.row(1, named=True)["fix"] is None


def test_deleting_the_only_field_leaves_no_score() -> None:
    table = fields_table(judge(inventory(field("f", needed_by=[])), RULES), RULES)

    assert table.select("score_if_fixed", "excess_load_if_fixed").row(0) == (None, 0.0)


def test_systems_and_journeys_share_fields() -> None:
    rows = [
        field("a", journeys=["homepage", "cart"]),
        field("b", system="crm", journeys=["cart", "cart"], needed_by=[]),
        field("c", system="crm", journeys=None, sensitivity=4),
    ]

    found = by_system(judge(inventory(*rows), RULES), "noted")

    scores = {(row["system"], row["journey"]): row["score"] for row in found.iter_rows(named=True)}
    assert scores == {
        (ALL, ALL): 0.75, (ALL, "cart"): 0.5, (ALL, "homepage"): 1.0, ("shop", ALL): 1.0,
        ("shop", "cart"): 1.0, ("shop", "homepage"): 1.0, ("crm", ALL): 4 / 6, ("crm", "cart"): 0.0,
    }  # fmt: skip
    assert set(found["note"]) == {"noted"}


def test_fields_by_category() -> None:
    rows = [field("a"), field("b", data_category="user.contact.email", oldest_record_at=ago(500))]

    found = by_category(judge(inventory(*rows), RULES)).filter(pl.col("journey") == ALL)

    columns = ("data_category", "fields", "passing", "excess_load", "retention_overdue")
    assert found.select(columns).rows() == [
        ("user.behavior", 1, 1, 0.0, 0),
        ("user.contact.email", 1, 0, 2.0, 1),
    ]


def test_an_unrecorded_sensitivity_never_flatters() -> None:
    known = [field("a"), field("b", needed_by=[])]
    unknown = [field("c", sensitivity=None), field("d", sensitivity=None, needed_by=[])]

    found = totals(known + unknown)

    assert found["score"] == (2 + 1) / (2 + 2 + 1 + 8)
    assert found["note"] == "2 without sensitivity, at its least favourable weight"
    recorded = totals([*known, *(row | {"sensitivity": 4} for row in unknown)])
    assert recorded["score"] >= found["score"]


def test_required_columns_are_enough() -> None:
    bare = inventory(field("a")).select("system", "field", "data_category")

    row = fields_table(judge(bare, RULES), RULES).row(0, named=True)

    assert (row["passes"], row["status"]) == (False, "no_evidence")


PURPOSES = st.lists(st.sampled_from(["recommend", "deliver", "sell"]), unique=True, max_size=2)
FIELDS: st.SearchStrategy[Row] = st.builds(
    dict,
    system=st.sampled_from(["shop", "crm"]),
    sensitivity=st.sampled_from([1, 2, 4, 8]),
    needed_by=PURPOSES,
    lawful_basis=st.sampled_from(["consent", "contract", None]),
    last_used_at=st.sampled_from([ago(3), ago(170), ago(200), None]),
    oldest_record_at=st.sampled_from([ago(10), ago(364), ago(400), None]),
    retention_days=st.sampled_from([30, 365, None]),
)
INVENTORIES = st.lists(FIELDS, min_size=1, max_size=6).map(
    lambda rows: [field(f"f{place}", **row) for place, row in enumerate(rows)]
)
FAILING = field("failing", needed_by=[], sensitivity=4)


def passes(row: Row) -> bool:
    return bool(judge(inventory(row), RULES)["passes"].item())


@settings(max_examples=80, deadline=None)
@given(INVENTORIES, st.randoms(use_true_random=False))
def test_invariants_of_the_score(rows: list[Row], random: Any) -> None:
    now = totals(rows)
    passing = [passes(row) for row in rows]

    assert 0 <= now["score"] <= 1
    assert (now["score"] == 1) == all(passing)
    assert (now["score"] == 0) == (not any(passing))
    shuffled = totals(random.sample(rows, len(rows)))
    assert (shuffled["score"], shuffled["excess_load"]) == (now["score"], now["excess_load"])
    renamed = totals([row | {"system": f"{row['system']} {place}"} for place, row in enumerate(rows)])
    assert renamed["excess_load"] == now["excess_load"]
    deactivated = totals(rows, replace(RULES, active_purposes=frozenset({"recommend"})))
    assert deactivated["score"] <= now["score"]


@settings(max_examples=80, deadline=None)
@given(INVENTORIES)
def test_a_failing_field_always_costs(rows: list[Row]) -> None:
    now, more = totals(rows), totals([*rows, FAILING])

    assert more["score"] <= now["score"]
    assert more["excess_load"] > now["excess_load"]
    heavier = totals([*rows, FAILING | {"sensitivity": 8}])
    assert heavier["score"] <= more["score"]


@settings(max_examples=80, deadline=None)
@given(INVENTORIES, st.data())
def test_better_evidence_never_lowers_the_score(rows: list[Row], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    better = data.draw(st.sampled_from([{"last_used_at": ago(0)}, {"oldest_record_at": ago(0)}]))

    improved = [row | better if position == place else row for position, row in enumerate(rows)]

    assert totals(improved)["score"] >= totals(rows)["score"]


@settings(max_examples=80, deadline=None)
@given(INVENTORIES)
def test_the_promised_score_is_the_score_after_the_fix(rows: list[Row]) -> None:
    table = fields_table(judge(inventory(*rows), RULES), RULES)
    for promised in table.filter(~pl.col("passes")).iter_rows(named=True):
        others = [row for row in rows if row["field"] != promised["field"]]
        mended = field(promised["field"], sensitivity=promised["sensitivity"])
        after = others if promised["fix"].startswith("Delete") else [*others, mended]
        if not after:
            assert promised["score_if_fixed"] is None
            continue
        found = totals(after)
        assert promised["score_if_fixed"] == pytest.approx(found["score"])
        assert promised["excess_load_if_fixed"] == found["excess_load"]
