"""A snapshot's tables become one record per experiment, each metric with its unit and name."""

import math

import pytest

from reports.assembly import experiments, journey_names
from reports.results import Experiment, arm_name, humanised
from reports.snapshot import Snapshot
from tests.ui.retailer import METRICS, Made, hidden, row, segment, snapshot


def one(made: Made, **metrics: dict[str, object]) -> Experiment:
    found = snapshot(made)
    if metrics:
        found = Snapshot(**{**vars(found), "metric_definitions": {**METRICS, **metrics}})
    return experiments(found)[made.experiment]


def test_primary_comes_first_and_guardrails_last() -> None:
    made = Made(
        rows=[row("orders"), row(), row("returns")],
        definition={"metrics": ["orders", "revenue"], "guardrails": {"returns": {"harm_if": "higher"}}},
    )
    assert [metric.metric for metric in one(made).metrics] == ["revenue", "orders", "returns"]


def test_rows_are_found_by_metric_variant_and_method() -> None:
    made = Made(
        rows=[row(), row(method="unadjusted", headline=False, lift=0.03), segment("country", "IE", 0.1)]
    )
    found = one(made)
    headline, other = found.headline("revenue", "personalised"), found.other_method("revenue", "personalised")
    assert headline
    assert other
    assert (headline.relative, other.relative) == (0.042, 0.03)
    assert headline.units == 23_716 + 94_686
    assert [r.segment for r in found.by_segment("revenue", "personalised", "country")] == ["IE"]
    assert found.headline("orders", "personalised") is None


def test_a_hidden_row_has_no_units() -> None:
    found = one(Made(rows=[hidden()])).headline("revenue", "personalised")
    assert found
    assert found.units is None
    assert found.status == "suppressed"


def with_se(mean: float, other: float, n: int) -> dict[str, object]:
    variance = sum(p * (1 - p) / (n - 1) for p in (mean, other))
    return row(
        "orders", n=(n, n), mean_control=mean, mean_variant=other, difference_se=math.sqrt(variance),
        method="unadjusted",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "unit"),
    [
        ([with_se(0.19, 0.18, 44_700)], "share"),
        ([row("orders", method="unadjusted")], "number"),
        ([], "number"),
    ],
)
def test_a_mean_of_zeros_and_ones_is_written_as_a_share(rows, unit) -> None:
    assert one(Made(rows=[row(), *rows], definition={"metrics": ["orders"]})).metric("orders").unit == unit


@pytest.mark.parametrize(
    ("definition", "unit"),
    [
        ({"kind": "mean", "value": "any"}, "share"),
        ({"kind": "mean", "value": "revenue", "money": True}, "money"),
        ({"kind": "ratio", "numerator": "revenue", "denominator": "orders"}, "money"),
        ({"kind": "ratio", "numerator": "revenue", "denominator": "revenue"}, "number"),
        ({"kind": "survival", "horizon_days": 90.0}, "share"),
        ({}, "number"),
    ],
)
def test_a_metric_is_written_in_its_unit(definition, unit) -> None:
    made = Made(rows=[row()], definition={"metrics": ["extra"]})
    assert one(made, extra=definition).metric("extra").unit == unit


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("aov", "Average order value"),
        ("cart-recovery_q3", "Cart recovery q3"),
        ("Größe", "Größe"),
        ("_", "_"),
    ],
)
def test_an_id_reads_as_words(identifier: str, words: str) -> None:
    assert humanised(identifier) == words


def test_an_arm_without_letters_keeps_its_id() -> None:
    assert (arm_name("mens_email"), arm_name("_")) == ("mens email", "_")


def test_journeys_keep_their_order_and_take_their_id_for_a_name() -> None:
    found = snapshot(journeys={"b": "Basket", "a_b": ""})
    assert journey_names(found) == {"b": "Basket", "a_b": "A b"}
