import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from jobs.export import export
from jobs.problems import WorkspaceError
from jobs.refresh import refresh
from jobs.secret import pseudonym, workspace_secret
from tests.jobs.figures.desk import SETTINGS, figures, measured, workspace

HEADER = (
    "request_id,customer_id,kind,jurisdiction,received_at,acknowledged_at,extended_at,closed_at,outcome,"
    "denial_basis,channel"
)
LOG = [
    HEADER,
    "r1,mary@example.com,access,IE,2026-07-01,,,2026-07-20,complied,,form",
    "r2,c2,delete,IE,2026-07-02,,,2026-09-30,complied,,form",
    "r3,c3,access,IE,2026-07-03,,,,,,form",
    "r4,c4,access,IE,2026-09-20,,,,,,form",
    "r5,c5,access,IE,2026-09-28,,,2026-10-02,complied,,form",
    "r6,c6,opt_out,US-CA,2026-07-06,,,2026-07-10,complied,,form",
    "r7,c7,delete,US-CA,2025-12-01,,,2025-12-11,denied,exempt,",
    "r8,c8,access,IE,2026-05-04,,,,,,form",
    "r9,c9,access,XX,2026-08-01,,,,,,form",
    "r10,c10,access,IE,2026-07-01,,2026-09-15,2026-09-20,complied,,form",
]
TABLES = ("dsr_requests", "dsr_sla", "dsr_7102", "journeys", "quarantine")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "shop"
    refresh(workspace(folder, {"dsr_requests": LOG}))
    return folder


def request_of(desk: Path, identifier: str) -> dict[str, object]:
    queue, *_ = figures(desk, "dsr_requests")
    name = pseudonym(workspace_secret(desk / "state"), "dsr_requests", identifier)
    return queue.filter(pl.col("request_id") == name).row(0, named=True)


def test_a_request_leads_back_only_with_the_secret(desk: Path) -> None:
    queue, *_ = figures(desk, "dsr_requests")

    assert queue.height == len(LOG) - 1
    assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in queue["request_id"])
    other = pseudonym(b"another secret", "dsr_requests", "r1")
    assert other not in queue["request_id"]
    assert "customer_id" not in queue.columns


def test_no_customer_leaves_with_the_files(desk: Path, tmp_path: Path) -> None:
    files = export(desk, tmp_path / "out", None)

    written = "".join(file.read_text(encoding="utf-8") for file in files if file.suffix == ".csv")
    assert "mary@example.com" not in written
    assert not re.search(r"\b[cr]\d+\b", written)


@pytest.mark.parametrize(
    ("identifier", "state", "due", "remarks"),
    [
        ("r1", "on_time", date(2026, 8, 4), None),
        ("r2", "late", date(2026, 8, 4), None),
        ("r3", "overdue", date(2026, 8, 4), None),
        ("r4", "open", date(2026, 10, 20), None),
        ("r6", "on_time", date(2026, 7, 24), None),
        ("r9", "unknown", None, None),
        ("r10", "late", date(2026, 8, 4),
         "The extension was not announced by 2026-08-04 and does not count."),
    ],
)  # fmt: skip
def test_states_and_last_days(
    desk: Path, identifier: str, state: str, due: date | None, remarks: str | None
) -> None:
    found = request_of(desk, identifier)

    assert (found["state"], found["respond_due"], found["remarks"]) == (state, due, remarks)


def test_what_was_closed_after_the_measurement_date_was_open_on_it(desk: Path) -> None:
    found = request_of(desk, "r5")

    assert (found["state"], found["closed_at"], found["outcome"], found["days"]) == ("open", None, None, None)
    assert found["received_at"] == datetime(2026, 9, 27, 23, tzinfo=UTC)


def test_days_are_counted_to_the_measurement_date_itself(desk: Path) -> None:
    assert request_of(desk, "r4")["days_left"] == 20
    assert request_of(desk, "r3")["days_left"] == -57


def test_the_service_level_by_quarter_of_receipt(desk: Path) -> None:
    sla, *_ = figures(desk, "dsr_sla")
    columns = ("received", "on_time", "late", "overdue", "open", "sla_rate", "median_days")

    access = sla.filter(pl.col("regime") == "GDPR", pl.col("kind") == "access")

    assert access.filter(pl.col("period") == "2026Q3").select(columns).row(0) == (5, 1, 1, 1, 2, 1 / 3, 50.0)
    assert access.filter(pl.col("period") == "2026Q2").select(columns).row(0) == (1, 0, 0, 1, 0, 0.0, None)
    unknown = sla.filter(pl.col("regime") == "unknown").row(0, named=True)
    assert (unknown["status"], unknown["sla_rate"], unknown["received"]) == ("no_evidence", None, 1)


def test_every_journey_shows_the_service_level_of_the_company(desk: Path) -> None:
    journeys, sla = figures(desk, "journeys", "dsr_sla")

    quarter = sla.filter(pl.col("period") == "2026Q3")
    due = quarter.select(pl.sum("on_time", "late", "overdue")).row(0)
    assert due == (2, 2, 1)
    assert journeys["dsr_sla_rate"].to_list() == [2 / 5] * 2
    assert journeys["dsr_overdue"].to_list() == [2, 2]
    assert all(0 < low < 2 / 5 for low in journeys["dsr_sla_low"])


def test_californias_yearly_table(desk: Path) -> None:
    yearly, *_ = figures(desk, "dsr_7102")

    assert yearly.height == 10
    denied = yearly.filter(pl.col("year") == 2025, pl.col("right") == "delete").row(0, named=True)
    assert (denied["received"], denied["denied"], denied["median_days"]) == (1, 1, 10.0)
    assert denied["note"] == "1 logged without channel (manner of request)"
    opted = yearly.filter(pl.col("year") == 2026, pl.col("right") == "opt_out").row(0, named=True)
    assert (opted["complied"], opted["note"]) == (1, "year not complete")


def test_a_remark_on_the_whole_log_stands_alone_where_a_year_has_none(tmp_path: Path) -> None:
    bad = "b1,c11,access,IE,2026-07-10,,,2026-06-01,complied,,form"

    _, sla, yearly, *_ = measured(tmp_path, {"dsr_requests": [*LOG, bad]}, *TABLES)

    quiet = yearly.filter(pl.col("year") == 2025, pl.col("right") == "limit").row(0, named=True)
    assert quiet["note"].startswith("1 row of the table set aside")
    assert not any(note.startswith(";") for note in [*sla["note"], *yearly["note"]])


def test_a_request_closed_before_it_was_received_is_set_aside_and_said(tmp_path: Path) -> None:
    bad = "b1,c11,access,IE,2026-07-10,,,2026-06-01,complied,,form"

    queue, sla, _, journeys, quarantine = measured(tmp_path, {"dsr_requests": [*LOG, bad]}, *TABLES)

    row = quarantine.filter(pl.col("rule") == "closed_before_received").row(0, named=True)
    assert (row["table"], row["rows"]) == ("dsr_requests", 1)
    assert queue.height == len(LOG) - 1
    assert all("1 row of the table set aside" in note for note in sla["note"])
    assert journeys["dsr_sla_rate"].to_list() == [2 / 5] * 2


def test_without_a_log_there_is_no_evidence(tmp_path: Path) -> None:
    consent = ["customer_id,purpose,state,occurred_at", "c1,recommend,granted,2026-07-01"]

    queue, sla, yearly, journeys, _ = measured(tmp_path, {"consent_events": consent}, *TABLES)

    assert queue.is_empty()
    assert sla.is_empty()
    assert yearly.is_empty()
    assert journeys.select("dsr_sla_rate", "dsr_overdue").unique().rows() == [(None, None)]


def test_a_quarter_without_requests_has_no_service_level(tmp_path: Path) -> None:
    (journeys,) = measured(tmp_path, {"dsr_requests": [HEADER, LOG[8]]}, "journeys")

    assert journeys.select("dsr_sla_rate", "dsr_overdue").unique().rows() == [(None, 1)]


def test_an_establishment_outside_europe_is_refused_with_its_line(tmp_path: Path) -> None:
    abroad = SETTINGS.replace("establishment: IE", "establishment: BR")

    with pytest.raises(WorkspaceError, match=r"workspace\.yaml, line 6: 'BR' is no country of the EU"):
        refresh(workspace(tmp_path, {"dsr_requests": LOG}, abroad))


def test_the_demo_has_requests_in_every_state(measured_demo: Path) -> None:
    queue, sla, yearly, journeys = figures(measured_demo, *TABLES[:4])

    states = {"on_time", "late", "open", "due_soon", "overdue", "excluded", "unknown"}
    assert states - set(queue["state"]) <= {"due_soon"}
    assert sla["received"].sum() == queue.height
    assert set(yearly["right"]) == {"delete", "correct", "know", "opt_out", "limit"}
    assert journeys["dsr_sla_rate"].is_between(0.5, 1).all()
