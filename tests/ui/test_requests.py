"""The page on requests: the queue by days left, the service level with its limits, the yearly table."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import markup, words
from tests.ui.privacy_tables import TODAY, answered, request, service, write

Open = Callable[..., AppTest]
QUEUE = [
    request(1, "overdue", -26, kind="correct"),
    request(2, "due_soon", 4, jurisdiction="BR", regime="LGPD", rule="lgpd-19"),
    request(3, "open", 30, kind="delete"),
    request(4, "unknown", None, jurisdiction="CA", regime="PIPEDA", kind="delete", rule="unknown"),
    request(
        5, "open", 43, jurisdiction="US-CA", regime="CCPA", rule="ccpa-7021", kind="access",
        respond_due=dt.date(2026, 9, 28), conservative_due=dt.date(2026, 9, 28),
        extended_due=dt.date(2026, 11, 12), acknowledged="on_time",
    ),
    answered(6), answered(7, "late", 40), request(8, "excluded", None, outcome="withdrawn"),
]  # fmt: skip
YEARS = [
    {"year": 2025, "right": "know", "received": 5, "complied": 3, "complied_in_part": 1, "denied": 1,
     "median_days": 12.0, "mean_days": 14.5, "status": "ok", "note": "1 logged without denial_basis"},
    {"year": 2026, "right": "know", "received": 2, "complied": 2, "complied_in_part": 0, "denied": 0,
     "median_days": 8.0, "mean_days": 8.0, "status": "ok", "note": "year not complete"},
]  # fmt: skip
TABLES = {
    "dsr_requests": QUEUE,
    "dsr_sla": [
        service(received=12, on_time=8, late=1, overdue=1, open=2, sla_rate=0.8, sla_low=0.54, ack_rate=None),
        service("CCPA", "opt_out", 3, ack_rate=1.0),
        service("PIPEDA", "delete", 0, received=1, open=None, overdue=None, late=None, sla_rate=None,
                sla_low=None, status="no_evidence", note="1 of unknown clock"),
    ],
    "dsr_7102": YEARS,
    "journeys": [{"journey": "homepage", "period": "2026Q3", "status": "ok", "dsr_sla_low": 0.61}],
}  # fmt: skip


def test_the_queue_comes_first_by_days_left(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES, inputs={"dsr_requests": 4}), "requests")
    said = words(app)
    assert "■ overdue 1 request is overdue and 1 is due within 7 days." in said
    assert "26 days overdue" in said
    assert "4 rows of dsr_requests broke a rule" in said
    shown = re.findall(r"Pseudonym (\w{32})", markup(app))
    assert [int(name, 16) for name in shown] == [1, 2, 4]
    assert said.index("The queue") < said.index("Service level") < said.index("California, year by year")


def test_all_open_requests_show_both_dates_and_the_rule_in_words(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "requests", show="All open"))
    assert "12 Nov 2026 extended from 28 Sep 2026" in said
    assert "28 Sep 2026 before the extension" in said
    assert "45 days from receipt" in said
    assert "1 month from receipt, then the next working day" in said
    assert "no clock in the law data for this right here" in said
    assert "receipt to be confirmed within 10 business days" in said
    everything = words(open_app(tmp_path, "requests", show="All requests"))
    assert "answered after 40 days" in everything
    assert "not counted" in everything


def test_the_service_level_has_denominator_limit_and_what_is_open_beside(
    tmp_path: Path, open_app: Open
) -> None:
    app = open_app(write(tmp_path, TABLES), "requests")
    said = words(app)
    assert "Access EU and EEA (GDPR) 80.0 % 8 of 10 54.0 % ▼ 1 ■ 1 2 –" in said
    assert "Opt out of sale or sharing California (CCPA) 100.0 % 3 of 3 70.0 % 0 0 0 100.0 %" in said
    assert "1 more erase in Canada (PIPEDA) ◌ clock not known" in said
    assert "33.3 % of the 3 requests that were due, at least 61.0 % (one-sided 95 %)" in said
    assert 'aria-label="80.0\u00a0% in time, at least 54.0\u00a0%"' in markup(app)


def test_a_law_narrows_everything_and_stands_in_the_address(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES), "requests", law="Brazil (LGPD)")
    said = words(app)
    assert "No request is overdue; 1 is due within 7 days." in said
    assert "There is no service level for this choice." in said
    assert "California, year by year" not in said


def test_the_yearly_table_shows_the_last_whole_year_as_california_wants_it(
    tmp_path: Path, open_app: Open
) -> None:
    said = words(open_app(write(tmp_path, TABLES), "requests"))
    assert "The table of 2025 was to be published by 1 Jul 2026." in said
    assert "Know 5 4 1 in part 1 12.0 14.5" in said
    assert "▲ log incomplete · 1 entry is missing: the denial basis of 1." in said
    said = words(open_app(tmp_path, "requests", year="2026"))
    assert "2026 is not complete: its table is to be published by 1 Jul 2027." in said
    assert "● log complete" in said


def test_quarters_as_chart_and_as_table(tmp_path: Path, open_app: Open) -> None:
    earlier = answered(20, received_at=dt.datetime(2026, 5, 5, tzinfo=dt.UTC))
    tables = TABLES | {"dsr_requests": [*QUEUE, earlier]}
    app = open_app(write(tmp_path, tables), "requests")
    assert len(app.get("plotly_chart")) == 1
    app = open_app(tmp_path, "requests", view="Table")
    assert not app.get("plotly_chart")
    assert "Q3 2026 1 1 1 1 2 1 1 33.3 % of 3" in words(app)


@pytest.mark.parametrize(("inputs", "expected"), [
    ({}, "No evidence: this workspace has no table dsr_requests."),
    ({"dsr_requests": 2}, "No evidence: nothing in dsr_requests counts for this period."),
])  # fmt: skip
def test_without_requests_nothing_is_claimed(
    inputs: dict[str, int], expected: str, tmp_path: Path, open_app: Open
) -> None:
    app = open_app(write(tmp_path, {}, inputs=inputs), "requests")
    assert expected in words(app)
    assert "lg-good" not in markup(app)


def test_a_quiet_queue_says_so(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, {"dsr_requests": [answered(1)]}), "requests"))
    assert "● in time No request waits for an answer." in said
    assert "No request to show here." in said
    assert "No request of a resident of California is on record." in said


def test_long_and_hostile_words_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    nasty = "<img src=x onerror=alert(1)>" + "x" * 300
    rows = [request(1, "overdue", -1, kind=nasty, jurisdiction=nasty, remarks=nasty)]
    page = markup(open_app(write(tmp_path, {"dsr_requests": rows}), "requests"))
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_the_files_are_the_rows_on_the_page(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(write(tmp_path, TABLES), "requests", law="California (CCPA)")
    rows = list(csv.DictReader(io.StringIO(made_files["requests.csv"].decode())))
    assert [row["request_id"] for row in rows] == [f"{5:032x}"]
    assert rows[0]["extended_due"] == "2026-11-12"
    assert "customer_id" not in rows[0]
    assert made_files["requests-7102-2025.csv"].decode().splitlines()[0].startswith("year,right,received")
    assert TODAY.isoformat() not in rows[0].values()
