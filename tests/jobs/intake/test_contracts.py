"""What each table's contract lets in, and under which rule it keeps a row out."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from jobs.intake.contracts.binding import UNREADABLE, Bound, WorkspaceRules, data_categories
from jobs.intake.contracts.catalogue import CONTRACTS
from jobs.intake.reading.stored import ROW

T = dt.datetime(2026, 7, 1, 10)  # noqa: DTZ001
AS_OF_END = dt.datetime(2026, 9, 30, 23)  # noqa: DTZ001
RULES = WorkspaceRules(
    as_of_end=AS_OF_END,
    last_day=dt.date(2026, 9, 30),
    variants={"cart": ("holdout", "personalised")},
    journeys=("homepage",),
    purposes=frozenset({"p", "6"}),
)
GOOD: dict[str, dict[str, Any]] = {
    "customers": {"customer_id": "c1", "jurisdiction": "US-CA"},
    "consent_events": {"customer_id": "c1", "purpose": "p", "state": "granted", "occurred_at": T},
    "journey_events": {"journey": "homepage", "occurred_at": T},
    "assignments": {"experiment": "cart", "unit_id": "c1", "variant": "holdout"},
    "order_lines": {"order_id": "o1", "sku": "s1", "quantity": -1.0, "revenue": -9.5, "ordered_at": T},
    "unit_outcomes": {"experiment": "cart", "unit_id": "c1"},
    "moments": {"experiment": "cart", "variant": "holdout", "metric": "m", "n": 1, "mean": -2.0},
    "inference_log": {
        "journey": "homepage",
        "model": "m",
        "serving": "edge",
        "occurred_at": T,
        "recommendations": 0,
        "cost": 0.0,
    },
    "dsr_requests": {"request_id": "r1", "kind": "access", "jurisdiction": "IE", "received_at": T},
    "data_inventory": {"system": "crm", "field": "email", "data_category": "user.contact.email"},
    "vendors": {"vendor": "v"},
    "model_rounds": {
        "journey": "homepage",
        "model": "m",
        "round": 0,
        "clients": 10,
        "metric": "auc",
        "value": 0.7,
    },
}


def broken(table: str, values: dict[str, Any], extra: dict[str, str] | None = None) -> tuple[str, str] | None:
    """Rule and column of a row that has these values beside good ones; None: accepted."""
    bound = Bound(CONTRACTS[table].schema, RULES, extra or {})
    row = {**GOOD[table], **values}
    columns = [pl.lit(row.get(name), dtype).alias(name) for name, dtype in bound.dtypes.items()]
    unreadable = pl.lit(row.get(UNREADABLE), pl.String).alias(UNREADABLE)
    accepted, rejected = bound.sift(pl.select(pl.lit(7, pl.UInt32).alias(ROW), *columns, unreadable))
    assert accepted.height + rejected.height == 1
    return rejected.select("rule", "column").row(0) if rejected.height else None


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_good_row_is_accepted(table: str) -> None:
    assert broken(table, {}) is None


@pytest.mark.parametrize(
    ("table", "column"), [(name, column) for name in CONTRACTS for column in CONTRACTS[name].required]
)
def test_a_required_value_may_not_be_missing(table: str, column: str) -> None:
    expected = None if (table, column) == ("moments", "variance") else ("missing_value", column)

    assert broken(table, {column: None}) == expected


NAN, INF = float("nan"), float("inf")
AFTER = AS_OF_END
EARLIER = T - dt.timedelta(days=2)


@pytest.mark.parametrize(
    ("table", "values", "expected"),
    [
        ("customers", {"jurisdiction": "ie"}, ("malformed_jurisdiction", "jurisdiction")),
        ("customers", {"jurisdiction": "Ireland"}, ("malformed_jurisdiction", "jurisdiction")),
        ("customers", {"customer_id": "c" * 256}, None),
        ("customers", {"customer_id": "ç" * 257}, ("too_long", "customer_id")),
        ("customers", {"birth_date": dt.date(2026, 9, 30)}, None),
        ("customers", {"birth_date": dt.date(2026, 10, 1)}, ("time_after_as_of", "birth_date")),
        ("customers", {"created_at": AFTER}, ("time_after_as_of", "created_at")),
        ("customers", {UNREADABLE: "birth_date"}, ("wrong_type", "birth_date")),
        ("consent_events", {"state": "yes"}, ("unknown_state", "state")),
        ("consent_events", {"source": "fax"}, ("unknown_source", "source")),
        ("consent_events", {"source": "gpc"}, ("grant_from_gpc", "state")),
        ("consent_events", {"source": "gpc", "state": "refused"}, None),
        ("consent_events", {"purpose": "6"}, None),
        ("consent_events", {"purpose": "everything"}, ("unknown_purpose", "purpose")),
        ("consent_events", {"purpose": "everything", "source": "cmp"}, ("unknown_purpose", "purpose")),
        ("consent_events", {"purpose": "sale", "source": "gpc", "state": "refused"}, None),
        ("consent_events", {"tc_string": "C" * 10_000}, None),
        ("consent_events", {"tc_string": "C" * 10_001}, ("too_long", "tc_string")),
        ("consent_events", {"occurred_at": AFTER - dt.timedelta(microseconds=1)}, None),
        ("consent_events", {"occurred_at": AFTER}, ("time_after_as_of", "occurred_at")),
        ("journey_events", {"journey": "homepgae"}, ("unknown_journey", "journey")),
        ("journey_events", {"collection": "pixel"}, ("unknown_collection", "collection")),
        ("assignments", {"variant": "control"}, ("unknown_variant", "variant")),
        ("assignments", {"experiment": "elsewhere"}, ("unknown_experiment", "experiment")),
        ("assignments", {"assigned_at": AFTER}, ("time_after_as_of", "assigned_at")),
        ("assignments", {"unit_id": "*erased*", "units": 3}, None),
        ("assignments", {"unit_id": "*erased*"}, ("tombstone_without_units", "unit_id")),
        ("assignments", {"unit_id": "*erased*", "units": 0}, ("tombstone_without_units", "unit_id")),
        ("assignments", {"units": 5}, ("units_outside_tombstone", "unit_id")),
        ("order_lines", {"revenue": NAN}, ("not_finite", "revenue")),
        ("order_lines", {"revenue": -INF}, ("not_finite", "revenue")),
        ("order_lines", {"quantity": INF}, ("not_finite", "quantity")),
        ("order_lines", {"margin": NAN}, ("not_finite", "margin")),
        ("order_lines", {"category": "x" * 4_097}, ("too_long", "category")),
        ("order_lines", {"sku": "a\x00b"}, ("control_character", "sku")),
        ("order_lines", {"category": "\x1b[31mred"}, ("control_character", "category")),
        ("order_lines", {"category": "two\r\nlines\tand a tab, \u200fé😀"}, None),
        ("vendors", {"journeys": ["cart\x7f"]}, ("control_character", "journeys")),
        ("order_lines", {"category": "\u202e65"}, ("control_character", "category")),
        ("order_lines", {"sku": "*other*"}, ("reserved_word", "sku")),
        ("order_lines", {"category": "*all*"}, ("reserved_word", "category")),
        ("order_lines", {"sku": "*offer*"}, None),
        ("data_inventory", {"system": "*all*"}, ("reserved_word", "system")),
        ("data_inventory", {"journeys": ["cart", "*all*"]}, ("reserved_word", "journeys")),
        ("data_inventory", {"journeys": []}, None),
        ("vendors", {"journeys": ["*"]}, ("reserved_word", "journeys")),
        ("inference_log", {"journey": "*programme*"}, ("reserved_word", "journey")),
        ("order_lines", {"quantity": 1e23}, ("out_of_range", "quantity")),
        ("order_lines", {"quantity": -80_995.0}, None),
        ("order_lines", {"revenue": -2e12}, ("out_of_range", "revenue")),
        ("moments", {"n": 0}, ("n_not_positive", "n")),
        ("moments", {"variance": -0.1}, ("negative_variance", "variance")),
        ("moments", {"variance": NAN}, ("not_finite", "variance")),
        ("moments", {"variant": "control"}, ("unknown_variant", "variant")),
        ("moments", {"experiment": "elsewhere", "variant": "control"}, None),
        ("moments", {"day": -1}, ("negative_day", "day")),
        ("moments", {"segment": "IE"}, ("segment_without_dimension", "segment")),
        ("moments", {"segment_dimension": "country"}, None),
        ("inference_log", {"cost": -0.1}, ("negative_cost", "cost")),
        ("inference_log", {"serving": "moon"}, ("unknown_serving", "serving")),
        ("inference_log", {"latency_ms": -1.0}, ("negative_latency", "latency_ms")),
        ("inference_log", {"request_bytes": -1.0}, ("negative_bytes", "request_bytes")),
        ("inference_log", {"recommendations": -1}, ("negative_recommendations", "recommendations")),
        ("dsr_requests", {"kind": "forget"}, ("unknown_kind", "kind")),
        ("dsr_requests", {"outcome": "ignored"}, ("unknown_outcome", "outcome")),
        ("dsr_requests", {"received_at": AFTER}, ("time_after_as_of", "received_at")),
        ("dsr_requests", {"closed_at": AFTER, "extended_at": AFTER}, None),
        ("dsr_requests", {"closed_at": T - dt.timedelta(hours=10)}, None),
        ("dsr_requests", {"closed_at": EARLIER}, ("closed_before_received", "closed_at")),
        ("dsr_requests", {"acknowledged_at": EARLIER}, ("acknowledged_before_received", "acknowledged_at")),
        ("dsr_requests", {"extended_at": EARLIER}, ("extended_before_received", "extended_at")),
        (
            "dsr_requests",
            {"clarification_asked_at": T, "clarification_received_at": EARLIER},
            ("clarified_before_asked", "clarification_received_at"),
        ),
        ("data_inventory", {"data_category": "user.e-mail"}, ("unknown_data_category", "data_category")),
        ("data_inventory", {"sensitivity": 3}, ("unknown_sensitivity", "sensitivity")),
        ("data_inventory", {"retention_days": 0}, ("retention_not_positive", "retention_days")),
        ("data_inventory", {"retention_days": -30}, ("retention_not_positive", "retention_days")),
        ("data_inventory", {"purposes": ["p" * 5_000]}, ("too_long", "purposes")),
        ("data_inventory", {"last_used_at": AFTER}, None),
        (
            "vendors",
            {"contract_start": dt.date(2026, 1, 2), "contract_end": dt.date(2026, 1, 1)},
            ("contract_ends_before_start", "contract_end"),
        ),
        ("vendors", {"contract_start": dt.date(2027, 1, 1), "contract_end": dt.date(2028, 1, 1)}, None),
        ("vendors", {"role": "friend"}, ("unknown_role", "role")),
        ("vendors", {"transfer_mechanism": "hope"}, ("unknown_mechanism", "transfer_mechanism")),
        ("vendors", {"transfer_country": "USA"}, ("malformed_country", "transfer_country")),
        ("vendors", {"clean_room_protections": ["query_log", "keyed_match"]}, None),
        ("vendors", {"clean_room_protections": []}, None),
        ("vendors", {"clean_room_protections": ["trust"]}, ("unknown_protection", "clean_room_protections")),
        ("model_rounds", {"value": INF}, ("not_finite", "value")),
        ("model_rounds", {"bytes_up": -1.0}, ("negative_bytes", "bytes_up")),
        ("model_rounds", {"round": -1}, ("negative_round", "round")),
        ("model_rounds", {"journey": "elsewhere"}, ("unknown_journey", "journey")),
    ],
)
def test_rules(table: str, values: dict[str, Any], expected: tuple[str, str] | None) -> None:
    assert broken(table, values) == expected


def test_the_first_of_several_rules_counts() -> None:
    faults = {"state": "yes", "occurred_at": AFTER, "source": "gpc"}

    assert broken("consent_events", faults) == ("unknown_state", "state")
    assert broken("consent_events", {**faults, "customer_id": None}) == ("missing_value", "customer_id")
    assert broken("consent_events", {**faults, UNREADABLE: "occurred_at"}) == ("wrong_type", "occurred_at")


def test_further_columns_follow_their_kind() -> None:
    extra = {"visits": "number", "tier": "text"}

    assert broken("customers", {"visits": 2.0, "tier": "gold"}, extra) is None
    assert broken("customers", {"visits": NAN}, extra) == ("not_finite", "visits")
    assert broken("customers", {"tier": "x" * 5_000}, extra) == ("too_long", "tier")


def test_without_declared_names_every_name_is_known() -> None:
    rules = WorkspaceRules(AS_OF_END, dt.date(2026, 9, 30), {}, ())
    bound = Bound(CONTRACTS["moments"].schema, rules, {})
    row = {**GOOD["moments"], "variant": "anything"}
    columns = [pl.lit(row.get(name), dtype).alias(name) for name, dtype in bound.dtypes.items()]
    frame = pl.select(pl.lit(1, pl.UInt32).alias(ROW), *columns, pl.lit(None, pl.String).alias(UNREADABLE))

    assert bound.sift(frame).rejected.is_empty()


def test_keys_are_columns() -> None:
    for name, contract in CONTRACTS.items():
        columns = set(contract.schema.columns())
        assert set(contract.key) <= columns, name
        assert contract.time is None or contract.time in columns, name


def test_the_taxonomy_has_its_roots() -> None:
    assert {"user", "system", "user.contact.email"} <= set(data_categories())
