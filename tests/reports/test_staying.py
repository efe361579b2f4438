"""Who stayed, as plain records."""

import math

import polars as pl
import pytest

from reports.assembly import experiments
from reports.growth import staying
from reports.growth.staying import Staying
from tests.ui.growing import NAME, curve, followed, run
from tests.ui.retailer import Made, check, row


def record(**cells: object) -> Staying:
    snapshot = run(Made(rows=[row()]), survival_effects=[followed(**cells)])
    found = staying.staying(snapshot, experiments(snapshot)[NAME], "churn", "personalised")
    assert found is not None
    return found


def test_retained_customers_are_the_risk_difference_over_the_variant() -> None:
    assert record().retained() == pytest.approx((800, 400, 1_200))
    assert record(difference=0.02).retained() == pytest.approx((-800, -1_200, -400))
    assert record(risk_low=None).retained() is None
    assert record(n_variant=None).retained() is None


def test_an_equal_pace_lies_at_0() -> None:
    assert record(hazard_ratio=1.0, hazard_low=0.5, hazard_high=2.0).hazard_log() == pytest.approx(
        (0, math.log(0.5), math.log(2))
    )
    assert record(hazard_ratio=None, hazard_low=None, hazard_high=None).hazard_log() == (None, None, None)


@pytest.mark.parametrize(
    ("last", "horizon", "days"),
    [
        (91, 90, [0, 15, 30, 45, 60, 75, 90]),
        (91, None, [0, 14, 28, 42, 56, 70, 84]),
        (4, 4, [0, 1, 2, 3, 4]),
        (0, None, [0]),
    ],
)
def test_the_number_at_risk_is_told_on_few_days_and_at_the_horizon(
    last: int, horizon: float | None, days: list[int]
) -> None:
    found = pl.DataFrame({"variant": ["a", "a", "b", "b"], "day": [0, last, 0, last + 3]})
    assert staying.at_risk_days(found, horizon) == days


def test_between_published_days_the_last_one_stands() -> None:
    snapshot = run(Made(rows=[row()]), survival=[*curve(), *curve(arm="personalised", loss=0.003)])
    experiment = experiments(snapshot)[NAME]
    found = staying.curves(snapshot, experiment, "churn", ["holdout"])
    assert set(found["variant"]) == {"holdout"}
    assert staying.standing(found, "holdout", 5)["at_risk"] == 9_700
    assert staying.standing(found, "personalised", 5) == {}
    assert staying.at_risk_days(staying.curves(snapshot, experiment, "lapse", ["holdout"]), 90) == []


@pytest.mark.parametrize(
    ("limits", "made", "word"),
    [
        ((-0.03, -0.01), {}, "better"),
        ((0.01, 0.03), {}, "worse"),
        ((-0.01, 0.03), {}, "no clear effect"),
        ((-0.03, -0.01), {"ended": False}, "too early to say"),
        ((None, None), {}, "not testable"),
        ((-0.03, -0.01), {"code": "withheld", "checks": [check("sample_ratio", "fail")]}, "withheld"),
    ],
)
def test_every_interval_has_a_word(limits, made, word) -> None:
    snapshot = run(Made(rows=[row()], **made))
    assert staying.staying_mark(experiments(snapshot)[NAME], *limits, harm=1).word == word
