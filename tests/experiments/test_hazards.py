import csv
import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

from experiments.effects import SMALLEST_P
from experiments.hazards import RiskSets, cox, logrank, proportionality
from experiments.survival import LifeTable
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data
from tests.experiments.lifetimes import (
    Arms,
    Rows,
    arms_of_counts,
    customers,
    reference_users,
    table,
    units,
    waltons,
)

Values = npt.NDArray[np.float64]


def rows_of(arms: Arms) -> tuple[Values, Values, Values]:
    """Duration, observed and variant (0, 1) of every unit of both arms."""
    parts = [units(arm) for arm in arms]
    durations, observed = (np.concatenate(part) for part in zip(*parts, strict=True))
    return durations, observed.astype(float), np.repeat([0.0, 1.0], [len(part[0]) for part in parts])


def drift_by_regression(arms: Arms) -> float:
    """Score test of a covariate variant × clock, from PHReg on units cut at every event time."""
    durations, observed, variant = rows_of(arms)
    sets = RiskSets.of(*arms)
    clock = 1 - np.append(1.0, np.cumprod(1 - sets.events / sets.at_risk)[:-1])
    entry = np.append(0.0, (sets.times[:-1] + sets.times[1:]) / 2)
    unit, step = np.nonzero(durations[:, None] >= sets.times)
    x = np.column_stack([variant[unit], variant[unit] * clock[step]])
    status = (observed[unit] == 1) & (durations[unit] == sets.times[step])
    model = PHReg(sets.times[step], x, status=status, entry=entry[step], ties="efron")
    at = np.array([PHReg(durations, variant, status=observed, ties="efron").fit().params[0], 0.0])
    score = model.score(at)
    return float(score @ np.linalg.inv(-model.hessian(at)) @ score)


def test_waltons_agree_with_lifelines() -> None:
    sets = RiskSets.of(*waltons())
    assert logrank(sets) == pytest.approx((122.24912557300637, 2.0359832222853224e-28), rel=1e-9)
    ratio = cox(sets)
    assert ratio.log_ratio == pytest.approx(2.0525351544849775, rel=1e-9)
    assert ratio.log_se == pytest.approx(0.21697400373490594, rel=1e-9)
    assert [ratio.ratio, ratio.low, ratio.high] == pytest.approx([7.787619, 5.089980, 11.91498], rel=1e-6)
    assert ratio.p_value == pytest.approx(3.084719e-21, rel=1e-6)
    assert proportionality(sets).p_value < 0.001


@needs_acceptance_data
def test_reference_users() -> None:
    sets = RiskSets.of(*reference_users())
    expected = json.loads((ACCEPTANCE / "reference" / "refcases.json").read_text())["rmst_tau60"]["logrank"]
    assert logrank(sets) == pytest.approx((expected["chi2"], expected["p"]), rel=1e-9)
    ratio = cox(sets)
    durations, observed, variant = rows_of(reference_users())
    fit = PHReg(durations, variant, status=observed, ties="efron").fit()
    assert [ratio.log_ratio, ratio.log_se] == pytest.approx([fit.params[0], fit.bse[0]], rel=1e-8)
    assert ratio.log_ratio == pytest.approx(-0.12724179279443862, rel=1e-7)
    assert proportionality(sets).p_value == pytest.approx(0.797, abs=0.02)  # lifelines, on its own clock


@needs_acceptance_data
def test_telco_customers() -> None:
    expected = json.loads((ACCEPTANCE / "expected.json").read_text())["telco"]["logrank_gender"]
    with (ACCEPTANCE / "telco_churn.csv").open(newline="") as file:
        rows = [(int(r["tenure"]), r["Churn"] == "Yes", r["gender"]) for r in csv.DictReader(file)]
    arms = []
    for gender in ("Female", "Male"):
        chosen = [row for row in rows if row[2] == gender]
        arms.append(LifeTable.from_durations([row[0] for row in chosen], [row[1] for row in chosen]))
    assert logrank(RiskSets.of(arms[0], arms[1])) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("days", [True, False], ids=["tied", "real-valued"])
@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_statsmodels(seed: int, days: bool) -> None:
    rng = np.random.default_rng(seed)
    arms = customers(rng, 60, 1.0, days=days), customers(rng, 140, 0.6 + seed / 2, days=days)
    durations, observed, variant = rows_of(arms)
    sets = RiskSets.of(*arms)
    fit = PHReg(durations, variant, status=observed, ties="efron").fit()
    ratio = cox(sets)
    assert [ratio.log_ratio, ratio.log_se] == pytest.approx([fit.params[0], fit.bse[0]], rel=1e-8, abs=1e-9)
    assert ratio.p_value == pytest.approx(fit.pvalues[0], rel=1e-7)
    assert logrank(sets) == pytest.approx(survdiff(durations, observed, variant), rel=1e-9)
    assert proportionality(sets).statistic == pytest.approx(drift_by_regression(arms), rel=1e-6)


@settings(max_examples=60)
@given(arms_of_counts, arms_of_counts)
def test_any_two_arms_have_a_ratio_or_a_reason(control: Rows, variant: Rows) -> None:
    sets, mirrored = RiskSets.of(table(control), table(variant)), RiskSets.of(table(variant), table(control))
    ratio, inverse = cox(sets), cox(mirrored)
    assert ratio.reason == inverse.reason
    assert (ratio.reason == "") == bool(np.isfinite(ratio.ratio))
    if not ratio.reason:
        assert ratio.low <= ratio.ratio <= ratio.high
        assert inverse.log_ratio == pytest.approx(-ratio.log_ratio, abs=1e-8)
    for test in (logrank, proportionality):
        assert test(mirrored) == pytest.approx(test(sets), rel=1e-6, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(arms_of_counts, arms_of_counts)
def test_the_ratio_is_the_likeliest(control: Rows, variant: Rows) -> None:
    sets = RiskSets.of(table(control), table(variant))
    ratio = cox(sets)
    assume(not ratio.reason)
    durations, observed, arm = rows_of((table(control), table(variant)))
    model = PHReg(durations, arm, status=observed, ties="efron")
    at = np.array([ratio.log_ratio])
    assert model.score(at) == pytest.approx(0.0, abs=1e-6)
    assert -model.hessian(at).item() == pytest.approx(ratio.log_se**-2, rel=1e-6)


EMPTY: Rows = []
DEGENERATE = {
    "no events": ([(10, 0, 5)], [(10, 0, 5)], "no events"),
    "empty arm": (EMPTY, [(5, 3, 0), (10, 0, 5)], "events in one arm only"),
    "no rows": (EMPTY, EMPTY, "no events"),
    "one event": ([(5, 1, 0), (10, 0, 5)], [(10, 0, 5)], "events in one arm only"),
    "one after the other": ([(8, 5, 0)], [(2, 5, 0)], "no overlap of the arms in time"),
    "last of both": ([(8, 5, 0)], [(2, 0, 5)], "events in one arm only"),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_arms_have_no_ratio(case: str) -> None:
    control, variant, reason = DEGENERATE[case]
    sets = RiskSets.of(table(control), table(variant))
    ratio = cox(sets)
    assert ratio.reason == reason
    assert np.isnan([ratio.ratio, ratio.low, ratio.high, ratio.log_se, ratio.p_value]).all()
    assert np.isnan(proportionality(sets)).all()


@pytest.mark.parametrize("rows", [EMPTY, [(2.0, 0, 5)]])
def test_the_log_rank_test_needs_both_arms_at_risk(rows: Rows) -> None:
    assert np.isnan(logrank(RiskSets.of(table(rows), table([(5, 3, 0)])))).all()


def test_one_common_event_time_says_nothing_of_drift() -> None:
    sets = RiskSets.of(table([(5, 3, 9)]), table([(5, 6, 9)]))
    assert cox(sets).reason == ""
    assert np.isnan(proportionality(sets)).all()


def test_tiny_p_values_do_not_underflow() -> None:
    sets = RiskSets.of(table([(5, 9000, 0), (9, 0, 1000)]), table([(5, 1000, 0), (9, 0, 9000)]))
    assert logrank(sets).p_value == cox(sets).p_value == SMALLEST_P


@pytest.fixture(scope="module")
def simulated() -> dict[str, list[RiskSets]]:
    """Equal arms; a variant that halves the pace; one that does so only after day 30."""
    rng = np.random.default_rng(3)
    effects = {"none": (1.0, 1.0), "steady": (0.5, 1.0), "late": (1.0, 0.3)}
    return {
        name: [
            RiskSets.of(customers(rng, 150, 1.5), customers(rng, 300, 1.5 * pace, after)) for _ in range(400)
        ]
        for name, (pace, after) in effects.items()
    }


def test_false_alarms_are_as_promised(simulated: dict[str, list[RiskSets]]) -> None:
    for test in (logrank, cox):
        alarms = [test(sets).p_value < 0.05 for sets in simulated["none"]]
        assert np.mean(alarms) == pytest.approx(0.05, abs=0.033)
    drift = [proportionality(sets).p_value < 0.05 for sets in simulated["steady"]]
    assert np.mean(drift) == pytest.approx(0.05, abs=0.033)


def test_the_ratio_covers_the_truth(simulated: dict[str, list[RiskSets]]) -> None:
    found = [cox(sets) for sets in simulated["steady"]]
    assert np.mean([ratio.low <= 0.5 <= ratio.high for ratio in found]) == pytest.approx(0.95, abs=0.033)
    assert np.mean([ratio.log_ratio for ratio in found]) == pytest.approx(np.log(0.5), abs=0.03)


def test_a_changing_ratio_is_noticed(simulated: dict[str, list[RiskSets]]) -> None:
    noticed = np.mean([proportionality(sets).p_value < 0.05 for sets in simulated["late"]])
    assert noticed > 0.5
    p = [proportionality(sets).p_value for sets in simulated["none"]]
    assert stats.kstest(p, "uniform").pvalue > 0.001
