"""The tables keep to the columns, keys and values of the public interface, and look like a shop's."""

import datetime as dt

import polars as pl
import pytest
from fideslang.default_taxonomy import DEFAULT_TAXONOMY

from tests.jobs.demo.recount import Demo

col = pl.col
TEXT, TIME = pl.String, pl.Datetime("us", "UTC")
COLUMNS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "customers": {
        "customer_id": TEXT, "jurisdiction": TEXT, "birth_date": pl.Date, "household_id": TEXT,
        "created_at": TIME, "country": TEXT, "loyalty_tier": TEXT, "acquisition_channel": TEXT,
    },
    "consent_events": {
        "customer_id": TEXT, "purpose": TEXT, "state": TEXT, "occurred_at": TIME, "source": TEXT,
        "tc_string": TEXT,
    },
    "journey_events": {
        "journey": TEXT, "customer_id": TEXT, "occurred_at": TIME, "collection": TEXT,
        "personalised": pl.Boolean,
    },
    "assignments": {"experiment": TEXT, "unit_id": TEXT, "variant": TEXT, "assigned_at": TIME},
    "order_lines": {
        "order_id": TEXT, "customer_id": TEXT, "sku": TEXT, "category": TEXT, "quantity": pl.Int64,
        "revenue": pl.Float64, "margin": pl.Float64, "ordered_at": TIME, "recommended": pl.Boolean,
        "voucher": pl.Float64,
    },
    "unit_outcomes": {"experiment": TEXT, "unit_id": TEXT, "satisfaction": pl.Float64},
    "inference_log": {
        "journey": TEXT, "model": TEXT, "serving": TEXT, "occurred_at": TIME, "recommendations": pl.Int64,
        "cost": pl.Float64, "latency_ms": pl.Float64, "request_bytes": pl.Int64,
    },
}  # fmt: skip
CSV_COLUMNS = {
    "moments": "experiment variant metric n mean variance day segment_dimension segment",
    "dsr_requests": "request_id customer_id kind jurisdiction received_at acknowledged_at "
    "identity_verified_at clarification_asked_at clarification_received_at extended_at "
    "closed_at outcome denial_basis channel",
    "data_inventory": "system field data_category sensitivity journeys purposes needed_by lawful_basis "
    "last_used_at oldest_record_at retention_days",
    "vendors": "vendor role service journeys contract_start contract_end contract_type dpa_signed_on "
    "clean_room_protections transfer_country transfer_mechanism tia_on reviewed_on",
    "model_rounds": "journey model round clients metric value centralised_value bytes_up bytes_down",
}
KEYS = {
    "moments": ["experiment", "variant", "metric", "day", "segment_dimension", "segment"],
    "data_inventory": ["system", "field"],
    "vendors": ["vendor", "service"],
    "model_rounds": ["journey", "model", "round", "metric"],
}
VALUES = {
    ("consent_events", "state"): {"granted", "refused", "withdrawn"},
    ("consent_events", "source"): {"cmp", "preference_centre", "gpc", "import", "tcf"},
    ("journey_events", "collection"): {"server", "client"},
    ("inference_log", "serving"): {"central", "edge", "on_device", "contextual"},
}
PER_BLOCK = {
    "customers": (50_000, 50_000),
    "consent_events": (90_000, 170_000),
    "journey_events": (600_000, 800_000),
    "order_lines": (450_000, 650_000),
    "inference_log": (90_000, 110_000),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_part_files_have_the_columns_of_the_interface(demo: Demo, name: str) -> None:
    assert dict(demo.table(name).schema) == COLUMNS[name]


@pytest.mark.parametrize("name", CSV_COLUMNS)
def test_csv_files_have_the_columns_of_the_interface(demo: Demo, name: str) -> None:
    assert demo.csv(name).columns == CSV_COLUMNS[name].split()


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique(demo: Demo, name: str) -> None:
    rows = demo.csv(name)
    assert rows.select(pl.struct(KEYS[name]).n_unique()).item() == rows.height


def test_ids_are_unique_but_for_the_broken_rows(demo: Demo) -> None:
    assert demo.table("customers")["customer_id"].drop_nulls().is_unique().all()
    assert demo.csv("dsr_requests")["request_id"].is_duplicated().sum() == 2
    answers = demo.table("unit_outcomes")
    assert answers.select(pl.struct("experiment", "unit_id").is_unique().all()).item()


@pytest.mark.parametrize(("name", "column"), VALUES)
def test_values_are_known_but_for_the_broken_rows(demo: Demo, name: str, column: str) -> None:
    found = demo.table(name)[column].value_counts(sort=True)
    known = found.filter(col(column).is_in(VALUES[name, column]))
    assert set(known[column]) == VALUES[name, column]
    assert found["count"].sum() - known["count"].sum() <= 2


@pytest.mark.parametrize("name", PER_BLOCK)
def test_sizes_grow_with_scale(demo: Demo, name: str) -> None:
    low, high = PER_BLOCK[name]
    assert low * demo.truth["scale"] <= demo.table(name).height <= high * demo.truth["scale"] + 10


def test_few_rows_are_bad_and_all_of_them_are_listed(demo: Demo) -> None:
    listed = demo.truth["bad_rows"]
    for name in COLUMNS:
        assert sum(listed[name].values()) < 0.005 * demo.table(name).height
    end = demo.end
    orders = demo.table("order_lines")
    assert orders.filter(col("ordered_at") >= end).height == listed["order_lines"]["time_after_as_of"]
    missing = pl.any_horizontal(col("order_id", "sku", "ordered_at").is_null())
    assert orders.filter(missing).height == listed["order_lines"]["missing_value"]
    assignments = demo.table("assignments").drop_nulls("unit_id")
    crossed = col("variant").n_unique().over("experiment", "unit_id") > 1
    known = assignments.filter(col("variant") != "personalized")
    assert known.filter(crossed).height == listed["assignments"]["crossover"]
    events = demo.table("consent_events")
    from_gpc = events.filter(col("source") == "gpc", col("state") == "granted")
    assert from_gpc.height == listed["consent_events"]["grant_from_gpc"]


def test_some_rows_came_late(demo: Demo) -> None:
    times = demo.table("order_lines")["ordered_at"].drop_nulls().head(-10)
    back = times.diff().dt.total_seconds() < 0
    assert back.sum() == 1
    late = times[back.arg_true()[0] :]
    assert 100 < len(late) < 0.02 * len(times)
    assert late.min() > demo.end - dt.timedelta(days=11)


def test_orders_look_like_a_shops(demo: Demo) -> None:
    lines = demo.lines()
    product = lines.filter(col("category").is_not_null())
    extra = lines.filter(col("category").is_null())
    assert extra["sku"].str.contains("^(POST|GIFT|FEE)").all()
    assert product.filter(col("sku").str.contains("^(POST|GIFT|FEE)")).is_empty()
    assert 0.25 < product["margin"].sum() / product["revenue"].sum() < 0.45
    assert 0.02 < (lines["quantity"] < 0).mean() < 0.08
    assert 0.01 < lines["customer_id"].null_count() / lines.height < 0.06
    per_customer = lines.group_by("customer_id").agg(col("order_id").n_unique())["order_id"]
    assert per_customer.var() > 1.5 * per_customer.mean()
    weekdays = lines.group_by(col("ordered_at").dt.weekday()).len().sort("ordered_at")["len"]
    assert weekdays.arg_max() == 6
    months = dict(lines.group_by(col("ordered_at").dt.strftime("%Y-%m")).len().iter_rows())
    assert months["2025-12"] > 1.2 * months["2025-10"]
    share = product["sku"].value_counts(sort=True)["count"]
    assert share.head(20).sum() > 0.2 * share.sum()


def test_recommended_lines_belong_to_personalised_customers(demo: Demo) -> None:
    recommended = demo.lines().filter("recommended")
    universal = demo.table("assignments").filter(col("experiment") == "universal-holdout-2026")
    held_out = universal.filter(col("variant") == "holdout")
    assert recommended.height > 1000
    assert recommended["customer_id"].null_count() == 0
    assert recommended.join(held_out, left_on="customer_id", right_on="unit_id").is_empty()


def test_inventory_uses_fides_keys(demo: Demo) -> None:
    categories = {item.fides_key for item in DEFAULT_TAXONOMY.data_category}
    uses = {item.fides_key for item in DEFAULT_TAXONOMY.data_use}
    rows = demo.csv("data_inventory").with_columns(col("purposes").str.split(";"))
    assert rows.filter(~col("data_category").is_in(categories)).height == 1
    assert set(rows["purposes"].explode().drop_nulls()) <= uses
    assert set(demo.yaml("workspace")["active_purposes"]) <= uses


def test_vendors_are_valid_expiring_expired_and_without_agreement(demo: Demo) -> None:
    rows = demo.csv("vendors").with_columns(col("contract_start", "contract_end").str.to_date())
    days = (col("contract_end") - dt.date(2026, 9, 30)).dt.total_days()
    counts = rows.select(
        valid=(days > 60).sum(), expiring=days.is_between(0, 60).sum(), expired=(days < 0).sum()
    ).row(0, named=True)
    assert min(counts.values()) >= 2
    assert rows["dpa_signed_on"].null_count() >= 2
    assert rows["clean_room_protections"].null_count() >= 2


def test_gpc_speaks_for_californians_alone(demo: Demo) -> None:
    people = demo.table("customers").select("customer_id", "jurisdiction")
    signals = demo.consent().filter(col("source") == "gpc").join(people, on="customer_id")
    assert signals.height > 20
    assert set(signals["jurisdiction"]) == {"US-CA"}
    assert set(signals["state"]) == {"refused"}


def test_tcf_rows_bear_a_string_and_some_cannot_be_read(demo: Demo) -> None:
    events = demo.table("consent_events")
    assert events.filter((col("source") == "tcf") != col("tc_string").is_not_null()).is_empty()
    length = events["tc_string"].drop_nulls().str.len_chars()
    assert 0 < (length < 30).sum() < 0.02 * len(length)


def test_children_strangers_and_households_are_there(demo: Demo) -> None:
    people = demo.table("customers")
    children = (people["birth_date"].dt.year() > 2010).sum()
    assert 50 < children < 0.02 * people.height
    assert 0.03 < people["birth_date"].null_count() / people.height < 0.1
    sizes = people.drop_nulls("household_id")["household_id"].value_counts()["count"]
    assert set(sizes) >= {1, 2, 3}
    assert set(people["jurisdiction"]) == {"IE", "DE", "FR", "US-CA"}
