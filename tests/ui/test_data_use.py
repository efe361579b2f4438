"""The page on data use: what fails and what mends it, retention, vendors, transfers."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.ui.conftest import markup, words
from tests.ui.privacy_tables import TODAY, field, score, vendor, write

Open = Callable[..., AppTest]
FIELDS = [
    field("pregnancy", 8, basis_ok=False, score_if_fixed=0.83, excess_load_if_fixed=2.0),
    field("location", 4, passes=False, purpose_ok=True, retention_ok=None, note="retention not declared",
          fix="Declare for how many days it may be kept.", journeys="cart"),
    field("notes", 2, passes=False, purpose_ok=True, retention_ok=False, retention_overdue_days=959,
          fix="Erase records older than 1095 days."),
    field("email", 2, passes=True, journeys="homepage;cart"),
]  # fmt: skip
SCORES = [
    score(0.13, 14),
    score(0.2, 10, journey="homepage"),
    score(0.13, 14, system="shop"),
    score(0.2, 10, system="shop", journey="homepage"),
]
VENDORS = [
    vendor("Harbour Cloud", journeys="homepage;cart"),
    vendor("Old Tide", contract_status="expired", due=TODAY, transfer_ok=False, transfer_country="IN",
           next_action="Renew the contract, or send no more data.", clean_room=False,
           protections_missing="min_group_size;query_log", journeys="cart"),
    vendor("Kelp", contract_status="expiring", due=dt.date(2026, 11, 15), transfer_country="US",
           transfer_mechanism="dpf", next_action="Renew the contract, or let it end on 2026-11-15."),
]  # fmt: skip
CATEGORIES = [
    {"journey": "*all*", "data_category": "user.demographic", "fields": 4, "passing": 1, "score": 0.13,
     "excess_load": 14.0, "retention_overdue": 1, "status": "ok"},
]  # fmt: skip
EXPOSED = "events_to_unprotected_recipients"
HANDED = [
    {"journey": "homepage", "period": "2026Q3", "status": "ok", "vendors_live": 2, EXPOSED: None},
    {"journey": "cart", "period": "2026Q3", "status": "ok", "vendors_live": 1, EXPOSED: 51_223},
]
TABLES = {
    "minimization_fields": FIELDS, "minimization": SCORES, "minimization_categories": CATEGORIES,
    "vendors": VENDORS, "journeys": HANDED,
}  # fmt: skip
INPUTS = {"data_inventory": 2, "vendors": 0}


def test_the_failing_fields_and_barred_vendors_lead(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES, inputs=INPUTS), "data-use"))
    assert (
        "■ excess special data 3 of 4 fields hold the score at 0.13: pregnancy, location and notes. "
        "Excess load 14 of 16. 1 of 3 vendors may not receive data as things stand: Old Tide."
    ) in said
    assert "pregnancy in shop: Delete it: no active purpose lists it as needed. That alone brings" in said
    assert (
        "1 field holds records for too long, notes in shop by 959 days. For 1 field nobody can tell." in said
    )
    assert "2 rows of data_inventory broke a rule and are not counted" in said


def test_every_failing_field_says_which_test_and_what_mends_it(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "data-use"))
    assert "pregnancy shop 8 special category ■ no purpose needs it ■ no lawful basis Delete it" in said
    assert "location shop 4 location or finance ◌ retention not known Declare for how many days" in said
    assert "0.83 2" in said
    assert "email" not in said.split("Where the excess lies")[0]
    everything = words(open_app(tmp_path, "data-use", show="All fields"))
    assert "email shop 2 contact or behaviour ● justified" in everything


def test_a_journey_has_its_own_score_fields_and_vendors(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "data-use", journey="Homepage"))
    assert "2 of 3 fields hold the score at 0.20: pregnancy and notes." in said
    assert "Old Tide" not in said
    assert "All 2 vendors may receive data" in said


def test_scores_by_data_category(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "data-use", by="Data category"))
    assert "user.demographic 1 of 4 0.130 14 1" in said.replace("0.13 ", "0.130 ")


def test_vendors_stand_by_due_date_with_why_no_data_may_go(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "data-use"))
    listed = said.split("By the day of the next action.")[1]
    assert (
        listed.index("Old Tide processor")
        < listed.index("Kelp processor")
        < listed.index("Harbour Cloud processor")
    )
    assert "■ now 30 Sep 2026 Renew the contract, or send no more data." in listed
    assert "■ Send no data: contract expired, transfer not lawful." in listed
    assert "▲ incomplete lacks min group size and query log" in listed
    assert "▲ soon 15 Nov 2026 Renew the contract, or let it end on 15 Nov 2026." in listed
    assert "IN ■ not lawful none named Old Tide" in listed
    assert "US ● lawful Data Privacy Framework Implementing Decision (EU) 2023/1795" in listed
    assert "secondary source read. Kelp" in listed


def test_what_nobody_knows_about_transfers_is_not_zero(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "data-use"))
    assert "51,223 events of Cart recovery fell on days" in said
    assert "Not known for Homepage." in said
    assert "Homepage 2 ◌ not known ◌ not known ◌ not known" in said


def test_what_changed_since_the_run_before(tmp_path: Path, open_app: Open) -> None:
    before = {"minimization_fields": [field("pregnancy", 8)], "minimization": [score(0.1, 16)]}
    said = words(open_app(write(tmp_path, TABLES, runs=[before]), "data-use"))
    assert "Since run 1: score 0.10 → 0.13, excess load 16 → 14; added: email, location and notes; " in said
    assert "of these failing: location and notes." in said
    first = words(open_app(write(tmp_path / "new", TABLES), "data-use"))
    assert "This is the first run: there is nothing to compare with." in first


def test_one_half_without_evidence_says_so_beside_the_other(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, {"vendors": VENDORS}, inputs={"vendors": 0}), "data-use"))
    assert "No evidence: this workspace has no table data_inventory." in said
    assert "Old Tide" in said
    held = {name: TABLES[name] for name in ("minimization", "minimization_fields")}
    said = words(open_app(write(tmp_path / "held", held, inputs={"data_inventory": 0}), "data-use"))
    assert "No evidence: this workspace has no table vendors." in said
    assert "pregnancy" in said


def test_without_both_tables_nothing_is_claimed(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, {}), "data-use")
    assert "No evidence: this workspace lacks the tables data_inventory and vendors." in words(app)
    assert "lg-good" not in markup(app)


def test_long_and_hostile_names_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    nasty = "<script>alert(1)</script>" + "y" * 300
    tables = {
        "minimization_fields": [field(nasty, system=nasty, fix=nasty, data_category=nasty)],
        "minimization": [score()],
        "vendors": [vendor(nasty, services=nasty, next_action=nasty, journeys=nasty)],
    }
    page = markup(open_app(write(tmp_path, tables), "data-use"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_files_are_the_rows_on_the_page(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(write(tmp_path, TABLES), "data-use", journey="Cart recovery")
    assert made_files["fields.csv"].decode().count("\n") == 2
    assert b"Kelp" not in made_files["vendors.csv"]
    assert made_files["vendors.csv"].decode().splitlines()[1].startswith("Old Tide,cart,expired")
