import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.dsr_tables import assess, ccpa_7102_table, requests_table, sla_by_period, sla_table
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
UTC_TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "request_id": pl.String,
    "customer_id": pl.String,
    "kind": pl.String,
    "jurisdiction": pl.String,
    "received_at": UTC_TIME,
    "acknowledged_at": UTC_TIME,
    "identity_verified_at": UTC_TIME,
    "clarification_asked_at": UTC_TIME,
    "clarification_received_at": UTC_TIME,
    "extended_at": UTC_TIME,
    "closed_at": UTC_TIME,
    "outcome": pl.String,
    "denial_basis": pl.String,
    "channel": pl.String,
}


def log(*rows: dict[str, Any]) -> pl.DataFrame:
    numbered = [
        {
            "request_id": f"r{place}",
            "kind": "access",
            "jurisdiction": "IE",
            "received_at": datetime(2026, 7, 1, tzinfo=UTC),
            "channel": "form",
        }
        | row
        for place, row in enumerate(rows)
    ]
    return pl.DataFrame(numbered, schema=SCHEMA)


def closed(days: int, outcome: str | None = "complied", **entries: Any) -> dict[str, Any]:
    start = entries.get("received_at", datetime(2026, 7, 1, tzinfo=UTC))
    return {"closed_at": start + timedelta(days=days), "outcome": outcome} | entries


REQUESTS = [
    "request_id",
    "kind",
    "jurisdiction",
    "regime",
    "received_at",
    "acknowledge_due",
    "respond_due",
    "conservative_due",
    "extended_due",
    "closed_at",
    "state",
    "days_left",
    "rule",
    "outcome",
    "acknowledged",
    "days",
    "remarks",
]
SLA = [
    "regime",
    "kind",
    "period",
    "received",
    "complied",
    "complied_in_part",
    "denied",
    "open",
    "overdue",
    "on_time",
    "late",
    "sla_rate",
    "sla_low",
    "ack_rate",
    "median_days",
    "mean_days",
    "status",
    "note",
]
YEARLY = [
    "year",
    "right",
    "received",
    "complied",
    "complied_in_part",
    "denied",
    "median_days",
    "mean_days",
    "status",
    "note",
]


@pytest.mark.parametrize("rows", [0, 3])
def test_the_columns_of_the_interface(rows: int) -> None:
    assessed = assess(log(*[{"jurisdiction": "US-CA"}] * rows), AS_OF)
    assert requests_table(assessed).columns == REQUESTS
    assert sla_table(assessed, "Europe/Dublin").columns == SLA
    assert sla_by_period(assessed, "Europe/Dublin").columns == SLA[2:]
    assert ccpa_7102_table(assessed, AS_OF).columns == YEARLY
    assert requests_table(assessed).height == rows
    if rows == 0:
        assert ccpa_7102_table(assessed, AS_OF).is_empty()
        assert sla_table(assessed, "UTC").is_empty()


def test_required_columns_are_enough() -> None:
    needed = log({}, {"jurisdiction": "US-CA"}).select("request_id", "kind", "jurisdiction", "received_at")
    assessed = assess(needed, AS_OF)
    assert assessed["state"].to_list() == ["overdue", "overdue"]
    assert ccpa_7102_table(assessed, AS_OF)["received"].sum() == 1


def test_the_queue_comes_first_and_the_most_urgent_on_top() -> None:
    table = requests_table(
        assess(
            log(
                closed(3),
                {"received_at": datetime(2026, 10, 28, tzinfo=UTC)},
                {"received_at": datetime(2026, 9, 1, tzinfo=UTC)},
                {"jurisdiction": "XX"},
            ),
            AS_OF,
        )
    )
    assert table["request_id"].to_list() == ["r2", "r1", "r0", "r3"]
    assert table["state"].to_list() == ["overdue", "due_soon", "on_time", "unknown"]
    assert table["rule"].to_list() == ["gdpr-12-3", "gdpr-12-3", "gdpr-12-3", "unknown"]
    assert table.filter(pl.col("rule") == "unknown")["respond_due"].to_list() == [None]


def test_the_service_level_cannot_be_gamed_by_leaving_requests_open() -> None:
    new = {"received_at": datetime(2026, 9, 30, tzinfo=UTC)}  # due 30 October
    assessed = assess(
        log(*[closed(5)] * 80, *[closed(40)] * 5, *[new] * 10, *[{}] * 5, closed(2, "withdrawn")),
        datetime(2026, 10, 15, tzinfo=UTC),
    )
    row = sla_table(assessed, "Europe/Dublin").row(0, named=True)
    assert (row["regime"], row["kind"], row["period"]) == ("GDPR", "access", "2026Q3")
    assert (row["received"], row["on_time"], row["late"], row["open"], row["overdue"]) == (101, 80, 5, 10, 5)
    assert row["sla_rate"] == pytest.approx(80 / 90)
    assert row["complied"] == 85
    assert row["median_days"] == 5
    assert row["mean_days"] == pytest.approx((80 * 5 + 5 * 40) / 85)
    assert row["ack_rate"] is None
    assert (row["status"], row["note"]) == ("ok", "1 withdrawn or duplicate")


@pytest.mark.parametrize(
    ("on_time", "total", "low"), [(96, 100, 0.9138), (960, 1000, 0.9485), (20, 20, 0.8808), (0, 5, 0.0)]
)
def test_the_lower_bound_is_wilsons_one_sided(on_time: int, total: int, low: float) -> None:
    rows = [closed(5)] * on_time + [closed(60)] * (total - on_time)
    table = sla_table(assess(log(*rows), AS_OF), "UTC")
    assert table["sla_low"][0] == pytest.approx(low, abs=5e-5)


def test_a_period_is_the_quarter_of_the_workspace() -> None:
    received = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 1 July in Dublin
    for frame in (
        log({"received_at": received}),
        log({"received_at": received}).with_columns(pl.col("received_at").dt.replace_time_zone(None)),
        log({"received_at": received}).with_columns(pl.col("received_at").dt.convert_time_zone("Asia/Tokyo")),
    ):
        assessed = assess(frame, AS_OF)
        assert sla_table(assessed, "Europe/Dublin")["period"].to_list() == ["2026Q3"]
        assert sla_table(assessed, "UTC")["period"].to_list() == ["2026Q2"]
        assert assessed["received_on"].to_list() == [date(2026, 7, 1)]


def test_unknown_clocks_are_no_evidence() -> None:
    assessed = assess(log(closed(3, jurisdiction="US"), closed(5, "denied", jurisdiction="US")), AS_OF)
    row = sla_table(assessed, "UTC").row(0, named=True)
    assert (row["regime"], row["received"], row["complied"], row["denied"]) == ("unknown", 2, 1, 1)
    assert [row[name] for name in ("open", "overdue", "on_time", "late", "sla_rate", "sla_low")] == [None] * 6
    assert (row["status"], row["note"]) == ("no_evidence", "2 of unknown clock")


def test_nothing_due_yet_is_no_evidence() -> None:
    row = sla_table(assess(log({}), datetime(2026, 7, 2, tzinfo=UTC)), "UTC").row(0, named=True)
    assert (row["open"], row["sla_rate"], row["sla_low"], row["status"]) == (1, None, None, "no_evidence")


def test_all_regimes_of_a_quarter_together() -> None:
    assessed = assess(
        log(closed(3), closed(60, jurisdiction="US-CA"), {"jurisdiction": "XX"}, closed(60, kind="delete")),
        AS_OF,
    )
    row = sla_by_period(assessed, "UTC").row(0, named=True)
    assert (row["period"], row["received"], row["on_time"], row["late"]) == ("2026Q3", 4, 1, 2)
    assert row["sla_rate"] == pytest.approx(1 / 3)
    assert row["note"] == "1 of unknown clock"


def test_the_confirmation_has_its_own_rate() -> None:
    californian = {"jurisdiction": "US-CA"}
    confirmed = {"acknowledged_at": datetime(2026, 7, 3, tzinfo=UTC)} | californian
    rows = [
        confirmed,
        confirmed,
        californian,
        closed(5, **californian),
        closed(1, "duplicate", **californian),
    ]
    table = sla_table(assess(log(*rows), AS_OF), "UTC")
    assert table["ack_rate"].to_list() == [0.75]


def test_the_yearly_table_of_california() -> None:
    start = datetime(2025, 3, 3, 20, tzinfo=UTC)
    california = {"jurisdiction": "US-CA", "received_at": start}
    midnight = {
        "jurisdiction": "US-CA",
        "received_at": datetime(2026, 1, 1, 3, tzinfo=UTC),
    }  # 2025 in California
    table = ccpa_7102_table(
        assess(
            log(
                closed(10, **california),
                closed(20, "complied_in_part", kind="portability", **california),
                closed(30, "denied", **california),
                closed(60, "denied", denial_basis="unverifiable", channel=None, **california),
                closed(1, "duplicate", **california),
                california,
                {"kind": "opt_out", "outcome": "complied"} | midnight,
                closed(4, None, kind="delete", **california),
                closed(3),
            ),
            AS_OF,
        ),
        AS_OF,
    )
    assert table["right"].to_list() == ["delete", "correct", "know", "opt_out", "limit"]
    assert table["year"].unique().to_list() == [2025]
    rows = {row["right"]: row for row in table.iter_rows(named=True)}
    know = rows["know"]
    assert [know[name] for name in YEARLY[2:6]] == [6, 1, 1, 2]
    assert (know["median_days"], know["mean_days"]) == (25, 30)
    assert know["note"] == (
        "1 not answered; 1 withdrawn or duplicate; 1 logged without channel (manner of request); "
        "1 logged without denial_basis"
    )
    assert rows["opt_out"]["note"] == "1 not answered; 1 logged without closed_at (date of response)"
    assert rows["delete"]["note"] == "1 not answered; 1 logged without outcome (nature of response)"
    assert [rows["limit"][name] for name in YEARLY[2:]] == [0, 0, 0, 0, None, None, "ok", None]


def test_every_year_between_has_five_rights_and_the_running_one_says_so() -> None:
    years = [
        {"jurisdiction": "US-CA", "received_at": datetime(year, 5, 5, tzinfo=UTC)} for year in (2024, 2026)
    ]
    table = ccpa_7102_table(assess(log(*years), AS_OF), AS_OF)
    assert table["year"].to_list() == [2024] * 5 + [2025] * 5 + [2026] * 5
    assert table.filter(pl.col("year") == 2026)["note"].str.starts_with("year not complete").all()


@needs_acceptance_data
def test_published_disclosures_are_reproduced_by_a_log_of_their_shape() -> None:
    content = json.loads((ACCEPTANCE / "dsr" / "published_metrics.json").read_text(encoding="utf-8"))
    kinds = {"know": "access"}
    for row in content["rows"]:
        shrink = max(1, row["received"] // 500)
        received, denied = row["received"] // shrink, row["unfulfilled"] // shrink
        mean = row.get("mean_days", row["days"] if row["stat"] == "mean" else None)
        base = {
            "jurisdiction": "US-CA",
            "kind": kinds.get(row["right"], row["right"]),
            "received_at": datetime(row["year"], 3, 1, 20, tzinfo=UTC),
        }
        lengths = spread(received, row["days"] if row["stat"] == "median" else None, mean)
        outcomes = ["denied"] * denied + ["complied"] * (received - denied)
        rows = [closed(days, outcome, **base) for days, outcome in zip(lengths, outcomes, strict=True)]
        table = ccpa_7102_table(assess(log(*rows), AS_OF), AS_OF)
        found = table.filter(pl.col("right") == row["right"]).row(0, named=True)
        assert (found["received"], found["complied"], found["denied"]) == (
            received,
            received - denied,
            denied,
        )
        assert found["mean_days"] == pytest.approx(mean, abs=0.01)
        if row["stat"] == "median":
            assert found["median_days"] == row["days"]


def spread(count: int, median: float | None, mean: float) -> list[int]:
    """Whole numbers of days with a given mean (to half a day over the count) and median."""
    total = round(count * mean)
    if median is None:
        return [total // count + (place < total % count) for place in range(count)]
    low = [int(median)] * (count // 2 + 1)
    rest, left = count - len(low), total - sum(low)
    return low + [left // rest + (place < left % rest) for place in range(rest)]


past = st.integers(0, 7000).map(lambda hours: AS_OF - timedelta(hours=hours))
moments = st.none() | st.integers(-900, 7000).map(lambda hours: AS_OF - timedelta(hours=hours))
some_request = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["access", "delete", "opt_out", "object"]),
        "jurisdiction": st.sampled_from(["IE", "GB", "US-CA", "US", "BR"]),
        "received_at": past,
        "acknowledged_at": moments,
        "identity_verified_at": moments,
        "clarification_asked_at": moments,
        "clarification_received_at": moments,
        "extended_at": moments,
        "closed_at": moments,
        "outcome": st.sampled_from(
            ["complied", "complied_in_part", "denied", "withdrawn", "duplicate", None]
        ),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(some_request, max_size=25))
def test_every_request_is_counted_once(rows: list[dict[str, Any]]) -> None:
    assessed = assess(log(*rows), AS_OF)
    table = sla_table(assessed, "Europe/Dublin")
    assert table["received"].sum() == len(rows) == sla_by_period(assessed, "UTC")["received"].sum()
    states = assessed["state"].value_counts().rows()
    assert {name for name, _ in states} <= {
        "on_time",
        "late",
        "open",
        "due_soon",
        "overdue",
        "excluded",
        "unknown",
    }
    counted = sum(table[name].sum() or 0 for name in ("open", "overdue", "on_time", "late"))
    apart = sum(count for name, count in states if name in {"excluded", "unknown"})
    assert counted + apart == len(rows)
    rates = table.drop_nulls("sla_rate")
    assert rates.filter(~pl.col("sla_rate").is_between(0, 1)).is_empty()
    assert rates.filter(pl.col("sla_low") > pl.col("sla_rate")).is_empty()
    assert (table["sla_rate"].is_null() == (table["status"] == "no_evidence")).all()


def test_beside_a_withdrawn_request_an_unknown_clock_still_counts_nothing() -> None:
    unknown, withdrawn = {"jurisdiction": "BR", "kind": "delete"}, closed(3, "withdrawn")
    counts = ("open", "overdue", "on_time", "late")

    mixed = sla_table(assess(log(unknown, {**unknown, **withdrawn}), AS_OF), "UTC")
    taken_back = sla_table(assess(log({**unknown, **withdrawn}), AS_OF), "UTC")

    assert mixed.select(counts).row(0) == (None, None, None, None)
    assert mixed["note"].item() == "1 of unknown clock; 1 withdrawn or duplicate"
    assert taken_back.select(counts).row(0) == (0, 0, 0, 0)
