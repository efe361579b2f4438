from dataclasses import replace

import pytest

from reports.assembly import experiments
from reports.growth.worth import Worth, mark
from reports.readings import NO_CLEAR_EFFECT, WORSE
from reports.results import Experiment
from reports.wording.worth import decision, quarter, worth
from tests.ui.retailer import Made, row, snapshot

MARGIN = Worth(
    metric="revenue", control="holdout", variant="personalised", kind="margin", window_days=28.0,
    n_control=2_000, n_variant=8_000, incremental_total=8_000.0, incremental_low=2_000.0,
    incremental_high=14_000.0, per_unit=1.0, per_unit_low=0.25, per_unit_high=1.75,
    recommendations_per_unit=4.0, per_recommendation=0.25, per_recommendation_low=0.0625,
    per_recommendation_high=0.4375, cost_per_unit=0.5, cost_basis="ledger", return_on_cost=2.0,
    return_low=0.5, return_high=3.5, quarter_units=20_000, quarter_basis="personalised",
    quarter_total=20_000.0, quarter_low=5_000.0, quarter_high=35_000.0, half_low=12_500.0,
    half_high=27_500.0, units_for_half=30_000, status="ok", note=None,
)  # fmt: skip
UNCLEAR = replace(
    MARGIN, per_unit_low=-0.5, incremental_low=-4_000.0, quarter_low=-10_000.0, half_low=5_000.0
)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return next(iter(experiments(snapshot(Made(rows=[row()]))).values()))


def plain(*parts: str) -> str:
    return " ".join(parts).replace("\u00a0", " ")


def test_a_gain_is_told_with_its_limits_and_its_return(experiment: Experiment) -> None:
    said = plain(*worth([MARGIN], experiment, "EUR"))
    assert "It earns margin: +€1.00 per customer (+€0.25 to +€1.75), +€8.0k in all (+€2.0k" in said
    assert "+€2.0k to +€14.0k) among the 8,000 customers measured" in said
    assert "Every €1.00 spent on inference brought back €2.00 of margin (€0.50 to €3.50)" in said
    assert "whether it pays is not clear" in said


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(1.2, 3.5, ": it pays."), (0.2, 0.9, ": it does not pay."), (0.5, 2, "not clear.")],
)
def test_margin_pays_only_when_its_whole_interval_lies_above_one(
    low: float, high: float, told: str, experiment: Experiment
) -> None:
    row = replace(MARGIN, return_low=low, return_high=high)
    assert worth([row], experiment, "EUR").more.endswith(told)
    revenue = replace(row, kind="revenue")
    assert "pay" not in worth([revenue], experiment, "EUR").more


def test_an_interval_that_holds_nothing_is_no_gain(experiment: Experiment) -> None:
    said = worth([UNCLEAR], experiment, "EUR").lead
    assert said.startswith("Whether it earns margin is not clear: −€0.50 to +€1.75 per customer")
    assert mark(UNCLEAR, experiment) == NO_CLEAR_EFFECT


def test_a_loss_is_a_loss(experiment: Experiment) -> None:
    loss = replace(MARGIN, per_unit=-1.0, per_unit_low=-1.75, per_unit_high=-0.25)
    assert worth([loss], experiment, "EUR").lead.startswith("It loses margin")
    assert mark(loss, experiment) == WORSE


def test_missing_figures_are_missing_and_say_why(experiment: Experiment) -> None:
    nothing = replace(MARGIN, per_unit=None, status="suppressed", note="fewer than 50 people in an arm")
    assert plain(*worth([nothing], experiment, "EUR")) == (
        "What it is worth is not known. Fewer than 50 people in an arm."
    )
    assert "no return" in worth([replace(MARGIN, return_on_cost=None)], experiment, "EUR").more
    without = replace(MARGIN, return_low=None, return_high=None)
    assert "no limits" in worth([without], experiment, "EUR").more


def test_half_the_interval_is_told_for_the_quarter_with_what_it_takes(experiment: Experiment) -> None:
    said = plain(*quarter(MARGIN, experiment, "2026Q3", "EUR"))
    known = "Q3 2026, for the 20,000 customers personalised in it, 28 days each: +€20k of margin"
    assert f"{known} (+€5k to +€35k)." in said
    assert "Half the interval would say +€12,500 to +€27,500, if the estimate stays" in said
    assert "about 30,000 more customers" in said


def test_nothing_is_told_of_a_quarter_whose_customers_are_not_on_record(experiment: Experiment) -> None:
    row = replace(MARGIN, quarter_units=8_000, quarter_basis="measured")
    said = plain(*quarter(row, experiment, "2026Q3", "EUR"))
    assert said.startswith("Among the 8,000 customers measured, 28 days each: +€20k of margin")
    assert "How many it reached in Q3 2026 is not on record." in said


def test_half_the_interval_decides_only_what_is_open() -> None:
    assert "would not change" in decision(MARGIN)
    assert decision(UNCLEAR) == "At this estimate the sign would then be clear: a gain."
    assert decision(replace(UNCLEAR, half_low=-1.0)) == "Even then the sign would not be clear."
