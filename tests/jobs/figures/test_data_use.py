from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.jobs.figures.desk import SETTINGS, figures, measured

FIELDS = (
    "system,field,data_category,sensitivity,journeys,needed_by,lawful_basis,last_used_at,oldest_record_at,"
    "retention_days"
)
INVENTORY = [
    FIELDS,
    "shop,sku,user.behavior,2,homepage;cart,recommend,contract,2026-09-30,2026-06-01,365",
    "shop,birth_date,user.demographic.date_of_birth,4,homepage,,consent,2025-01-01,2020-01-01,365",
    "crm,email,user.contact.email,2,,recommend,consent,2026-09-30,2026-06-01,",
]
CONTRACTS = (
    "vendor,role,service,journeys,contract_start,contract_end,dpa_signed_on,clean_room_protections,"
    "transfer_country,transfer_mechanism,tia_on,reviewed_on"
)
HARBOUR = (
    "Harbour,processor,hosting,homepage;cart,2024-01-01,2027-12-31,2024-01-01,min_group_size,IE,,,2026-05-01"
)
KELP = "Kelp,processor,ranking,homepage,2024-01-01,2026-08-31,2024-01-01,,US,scc,2024-01-01,2026-05-01"
CONSENT = ["customer_id,purpose,state,occurred_at", "c1,recommend,granted,2026-07-01"]
COLUMNS = (
    "vendors_live", "vendors_with_protections", "vendors_unprotected", "events_to_unprotected_recipients",
)  # fmt: skip


def events(people: int, journey: str = "homepage", day: str = "2026-09-10") -> list[str]:
    return [f"{journey},c{person},{day}T10:00:00Z" for person in range(people)]


def journal(*rows: Sequence[str]) -> list[str]:
    return ["journey,customer_id,occurred_at", *(line for part in rows for line in part)]


def of_journey(frame: pl.DataFrame, journey: str, columns: Sequence[str] = COLUMNS) -> tuple[Any, ...]:
    return frame.filter(pl.col("journey") == journey).select(columns).row(0)


def test_minimisation_by_system_journey_field_and_category(tmp_path: Path) -> None:
    systems, fields, categories, journeys = measured(
        tmp_path, {"data_inventory": INVENTORY, "consent_events": CONSENT},
        "minimization", "minimization_fields", "minimization_categories", "journeys",
    )  # fmt: skip

    scores = {(r["system"], r["journey"]): (r["score"], r["excess_load"]) for r in systems.to_dicts()}
    assert scores == {
        ("*all*", "*all*"): (2 / 8, 6.0), ("*all*", "homepage"): (2 / 6, 4.0), ("*all*", "cart"): (1.0, 0.0),
        ("shop", "*all*"): (2 / 6, 4.0), ("shop", "homepage"): (2 / 6, 4.0), ("shop", "cart"): (1.0, 0.0),
        ("crm", "*all*"): (0.0, 2.0),
    }  # fmt: skip
    assert fields.filter(pl.col("field") == "birth_date").select(
        "purpose_ok", "use_ok", "retention_ok", "retention_overdue_days", "score_if_fixed"
    ).row(0) == (False, False, False, 2099, 0.5)
    email = fields.filter(pl.col("field") == "email").row(0, named=True)
    assert (email["status"], email["retention_ok"], email["passes"]) == ("no_evidence", None, False)
    assert (email["note"], email["fix"]) == (
        "retention not declared",
        "Declare for how many days it may be kept.",
    )
    assert categories.filter(pl.col("journey") == "*all*")["fields"].sum() == 3
    columns = ("minimization_score", "excess_load", "fields_past_retention")
    assert of_journey(journeys, "homepage", columns) == (2 / 6, 4.0, 1)
    assert of_journey(journeys, "cart", columns) == (1.0, 0.0, 0)


def test_consent_is_no_basis_without_a_record_of_it(tmp_path: Path) -> None:
    fields, _ = measured(tmp_path, {"data_inventory": INVENTORY}, "minimization_fields", "journeys")

    assert dict(fields.select("field", "basis_ok").iter_rows()) == {
        "sku": True,
        "birth_date": False,
        "email": False,
    }


@pytest.mark.parametrize(
    ("purposes", "score"),
    [("", 2 / 8), ("active_purposes: [finance]\n", 0.0), ("active_purposes: []\n", 0.0)],
)
def test_active_purposes_are_those_listed_or_else_those_named(
    tmp_path: Path, purposes: str, score: float
) -> None:
    (systems,) = measured(
        tmp_path, {"data_inventory": INVENTORY}, "minimization", settings=SETTINGS + purposes
    )

    assert systems.row(0, named=True)["score"] == score


def test_the_window_of_use_is_the_workspaces(tmp_path: Path) -> None:
    wide = SETTINGS + "use_window_days: 1000\n"

    (fields,) = measured(tmp_path, {"data_inventory": INVENTORY}, "minimization_fields", settings=wide)

    assert fields["use_ok"].to_list() == [True] * 3


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ("user.behavior,2,homepage,recommend,contract,2026-09-30,2026-06-01,0", "retention_not_positive"),
        ("user.behaviour,2,homepage,recommend,contract,2026-09-30,2026-06-01,9", "unknown_data_category"),
        ("user.behavior,3,homepage,recommend,contract,2026-09-30,2026-06-01,9", "unknown_sensitivity"),
    ],
)
def test_a_bad_field_is_set_aside_and_said_beside_every_score(tmp_path: Path, bad: str, rule: str) -> None:
    systems, fields, quarantine = measured(
        tmp_path,
        {"data_inventory": [*INVENTORY, f"shop,wish,{bad}"]},
        "minimization",
        "minimization_fields",
        "quarantine",
    )

    assert quarantine.select("table", "rule", "rows").row(0) == ("data_inventory", rule, 1)
    assert "wish" not in fields["field"]
    assert set(systems["note"]) == {"1 row of the table set aside, see quarantine.csv"}
    if rule == "unknown_data_category":
        assert quarantine["example"].item().endswith("(nearest known: user.behavior)")


def test_without_inventory_and_register_there_is_no_evidence(tmp_path: Path) -> None:
    tables = ("minimization", "minimization_fields", "minimization_categories", "vendors")

    *empty, journeys = measured(tmp_path, {"consent_events": CONSENT}, *tables, "journeys")

    assert all(frame.is_empty() for frame in empty)
    columns = ("minimization_score", "excess_load", "fields_past_retention", *COLUMNS)
    assert of_journey(journeys, "homepage", columns) == (None,) * 7


def test_a_journey_without_fields_has_no_score(tmp_path: Path) -> None:
    (journeys,) = measured(tmp_path, {"data_inventory": [INVENTORY[0], INVENTORY[2]]}, "journeys")

    assert of_journey(journeys, "cart", ("minimization_score", "excess_load")) == (None, None)


def test_vendors_and_the_events_they_may_not_have_had(tmp_path: Path) -> None:
    log = journal(events(12, day="2026-08-31"), events(15), events(12, "cart"), events(11, day="2026-06-30"))

    register, journeys = measured(
        tmp_path, {"vendors": [CONTRACTS, HARBOUR, KELP], "journey_events": log}, "vendors", "journeys"
    )

    kelp = register.filter(pl.col("vendor") == "Kelp").row(0, named=True)
    assert (kelp["contract_status"], kelp["transfer_ok"], kelp["clean_room"]) == ("expired", True, False)
    assert kelp["note"] == "not recorded: type of contract"
    assert of_journey(journeys, "homepage") == (1, 1, 1, 15)
    assert of_journey(journeys, "cart") == (1, 1, 0, 0)


def test_the_exposure_of_a_few_people_stays_behind_the_door(tmp_path: Path) -> None:
    few = journal(events(9), [",".join(["homepage", "", "2026-09-10"])] * 40)

    (journeys,) = measured(
        tmp_path, {"vendors": [CONTRACTS, HARBOUR, KELP], "journey_events": few}, "journeys"
    )

    assert of_journey(journeys, "homepage") == (1, 1, 1, None)
    assert of_journey(journeys, "cart") == (1, 1, 0, 0)


@pytest.mark.parametrize("known", [0, 15])
def test_the_erased_are_in_no_exposure(tmp_path: Path, known: int) -> None:
    erasure = ["request_id,customer_id,kind,jurisdiction,received_at,closed_at,outcome",
               "r1,c0,delete,IE,2026-09-12,2026-09-14,complied"]  # fmt: skip
    customers = ["customer_id,jurisdiction", *(f"c{person},IE" for person in range(known))]
    tables = {
        "vendors": [CONTRACTS, HARBOUR, KELP], "journey_events": journal(events(15), events(1)),
        "dsr_requests": erasure, **({"customers": customers} if known else {}),
    }  # fmt: skip

    (journeys,) = measured(tmp_path, tables, "journeys")

    assert of_journey(journeys, "homepage")[-1] == 14


def test_without_events_no_exposure_is_claimed(tmp_path: Path) -> None:
    (journeys,) = measured(tmp_path, {"vendors": [CONTRACTS, HARBOUR]}, "journeys")

    assert of_journey(journeys, "homepage") == (1, 1, 0, None)


def test_a_contract_that_ends_before_it_starts_is_set_aside_and_none_wrong_is_not_claimed(
    tmp_path: Path,
) -> None:
    bad = "Borrowed Time,processor,surveys,cart,2026-01-01,2019-01-31,2024-01-01,,IE,,,2026-05-01"

    register, quarantine, journeys = measured(
        tmp_path, {"vendors": [CONTRACTS, HARBOUR, KELP, bad], "journey_events": journal(events(15))},
        "vendors", "quarantine", "journeys",
    )  # fmt: skip

    assert quarantine.select("table", "rule", "rows").row(0) == ("vendors", "contract_ends_before_start", 1)
    assert register["vendor"].to_list() == ["Harbour", "Kelp"]
    assert of_journey(journeys, "homepage") == (1, 1, 1, 15)
    assert of_journey(journeys, "cart") == (1, 1, None, None)


def test_the_demo_has_good_and_bad_to_say(measured_demo: Path) -> None:
    systems, fields, register, journeys = figures(
        measured_demo, "minimization", "minimization_fields", "vendors", "journeys"
    )

    assert systems.row(0, named=True)["score"] == pytest.approx(43 / 72)
    assert fields.filter(~pl.col("passes"))["fix"].null_count() == 0
    assert fields.filter(pl.col("passes"))["fix"].null_count() == 23
    assert set(register["contract_status"]) == {"valid", "expiring", "expired"}
    assert of_journey(journeys, "cart_recovery") == (4, 4, 0, 0)
    assert of_journey(journeys, "homepage", COLUMNS[:3]) == (5, 5, 1)
    assert of_journey(journeys, "post_purchase", COLUMNS[:3]) == (4, 2, 4)
    assert (journeys.filter(pl.col("journey") != "cart_recovery")[COLUMNS[3]] > 1000).all()
