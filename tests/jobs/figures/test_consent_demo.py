"""The demo's consent figures against a recount of its files, one event at a time."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.jobs.figures.desk import figures
from tests.metrics.consent_recount import Met, Said, last_states, tally

STATES = ("granted", "refused", "withdrawn", "expired", "undecided")
QUARTER = (dt.datetime(2026, 6, 30, 23), dt.datetime(2026, 9, 30, 23))  # noqa: DTZ001


def rows_of(frame: pl.DataFrame) -> dict[tuple[str, ...], dict[str, Any]]:
    return {(row["journey"], row["jurisdiction"], row["purpose"]): row for row in frame.iter_rows(named=True)}


def naive(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(column).dt.replace_time_zone(None))


@pytest.fixture(scope="module")
def demo(measured_demo: Path) -> Mapping[str, pl.DataFrame]:
    """The demo's tables without its bad rows, as somebody reads them who knows what is wrong with those."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_parquet(measured_demo / "data" / name / "*.parquet")

    consent = naive(read("consent_events").drop_nulls("customer_id"), "occurred_at").filter(
        pl.col("state").is_in(["granted", "refused", "withdrawn"]),
        pl.col("purpose") != "personalise.everything",
        ~((pl.col("source") == "gpc") & (pl.col("state") == "granted")),
        pl.col("occurred_at") < QUARTER[1],
    )
    events = naive(read("journey_events").drop_nulls("journey"), "occurred_at").filter(
        pl.col("occurred_at").is_between(*QUARTER, closed="left"), pl.col("collection") != "carrier pigeon"
    )
    requests = pl.read_csv(measured_demo / "data" / "dsr_requests.csv", infer_schema=False)
    erased = requests.filter(
        pl.col("kind") == "delete", pl.col("outcome").is_in(["complied", "complied_in_part"]),
        pl.col("closed_at").is_null() | (pl.col("closed_at") < "2026-09-30T23:00"),
    )["customer_id"].drop_nulls()  # fmt: skip
    gone = pl.col("customer_id").is_in(erased.implode()).fill_null(value=False)
    return {
        "consent": consent.filter(~gone), "events": events.filter(~gone),
        "customers": read("customers").drop_nulls("customer_id"),
    }  # fmt: skip


def demo_ledger(demo: Mapping[str, pl.DataFrame]) -> dict[str, list[Said]]:
    """What every customer said; strings that were cut off refuse."""
    ledger: dict[str, list[Said]] = {}
    for row in demo["consent"].iter_rows(named=True):
        cut_off = row["tc_string"] is not None and len(row["tc_string"]) < 30
        state = "refused" if cut_off else row["state"]
        said = Said(row["customer_id"], row["purpose"], state, row["occurred_at"], row["source"])
        ledger.setdefault(row["customer_id"], []).append(said)
    return ledger


def met(rows: Iterable[Mapping[str, Any]]) -> list[Met]:
    return [
        Met(row["customer_id"], row["occurred_at"], row["collection"] == "server", row["personalised"])
        for row in rows
    ]


@pytest.mark.parametrize("place", ["IE", "DE", "US-CA", None])
@pytest.mark.parametrize(
    ("journey", "purposes"),
    [
        ("homepage", ("personalize.content.profiled", "analytics.reporting.content_performance")),
        ("post_purchase", ("personalize.content.profiled", "marketing.communications.email")),
    ],
)
def test_the_demo_is_counted_as_one_by_one(
    measured_demo: Path,
    demo: Mapping[str, pl.DataFrame],
    journey: str,
    purposes: Sequence[str],
    place: str | None,
) -> None:
    homes = dict(demo["customers"].select("customer_id", "jurisdiction").iter_rows())
    validity = {"IE": 183, "FR": 183, "DE": 365, "US-CA": 730}
    days = {customer: validity[home] for customer, home in homes.items()}
    ledger = demo_ledger(demo)
    own = [
        row for row in demo["events"].filter(pl.col("journey") == journey).iter_rows(named=True)
        if homes.get(row["customer_id"]) == place
    ]  # fmt: skip
    by_customer: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in own:
        by_customer.setdefault(row["customer_id"], []).append(row)
    tallies = [tally(met(rows), ledger.get(c or "", []), purposes, days) for c, rows in by_customer.items()]
    (table,) = figures(measured_demo, "consent")
    shown = rows_of(table)
    joint = shown[journey, place or "(unknown)", "*joint*"]

    assert [joint["eligible"], joint["granted"], joint["leakage_events"]] == [
        sum(t.events for t in tallies), sum(t.covered for t in tallies), sum(t.leaked for t in tallies)
    ]  # fmt: skip
    assert joint["server_share"] == pytest.approx(sum(t.server for t in tallies) / len(own))
    if joint["granted"]:
        assert joint["one_source_share"] == pytest.approx(
            sum(t.one_source for t in tallies) / joint["granted"]
        )
    for purpose in purposes if place else ():
        row = shown[journey, place or "", purpose]
        found = dict.fromkeys(STATES, 0)
        for customer, rows in by_customer.items():
            for state in last_states(met(rows), ledger.get(customer or "", []), purpose, days):
                found[state] += 1
        assert row["eligible"] == len(by_customer)
        for state in STATES:
            assert row[state] in (found[state], None), (purpose, state)
            assert row[state] is None or not 0 < row[state] < 50
            assert row[state] is not None or sum(row[other] is None for other in STATES) >= 2


def test_the_journeys_are_the_sum_of_their_jurisdictions(measured_demo: Path) -> None:
    consent, journeys = figures(measured_demo, "consent", "journeys")
    joint = consent.filter(pl.col("purpose") == "*joint*")
    for row in journeys.iter_rows(named=True):
        own = joint.filter(pl.col("journey") == row["journey"])
        parts = own.filter(pl.col("jurisdiction") != "*all*").select("eligible", "granted", "leakage_events")
        (whole,) = own.filter(pl.col("jurisdiction") == "*all*").select(parts.columns).rows()
        assert parts.sum().row(0) == whole
        assert row["events_needing_consent"] == whole[0]
        assert row["consent_coverage"] == whole[1] / whole[0]
        assert row["leakage_events"] == whole[2]
        assert 0 < row["consent_coverage_low"] < row["consent_coverage"]
    leaks = journeys.filter(pl.col("leakage_events") > 0)

    assert leaks["journey"].to_list() == ["post_purchase"]


def test_no_published_group_is_small(measured_demo: Path) -> None:
    consent, signals, alerts = figures(measured_demo, "consent", "consent_signals", "consent_alerts")
    by_purpose = consent.filter(pl.col("purpose") != "*joint*").select("eligible", *STATES)
    ages = consent.select("children_excluded", "age_unknown")
    for counts in (by_purpose, ages, alerts.select("decided", "granted", "declined")):
        values = counts.unpivot()["value"].drop_nulls()
        assert not values.is_between(1, 49).any()
    assert by_purpose.unpivot()["value"].drop_nulls().len() > 50
    assert set(signals["finding"]) >= {"granted", "refused", "binding"}
    assert signals.filter(pl.col("status") == "suppressed")["rows"].drop_nulls().is_empty()


def test_no_tc_string_is_in_the_store(measured_demo: Path, demo: Mapping[str, pl.DataFrame]) -> None:
    content = b"".join(file.read_bytes() for file in measured_demo.glob("liftgate.*"))
    strings = demo["consent"]["tc_string"].drop_nulls().unique()

    assert strings.len() > 20
    assert not any(text.encode() in content for text in strings)
