import csv
import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from experiments.effects import noninferiority
from experiments.sequential import sequence
from experiments.survival import (
    LifeTable,
    SurvivalEffect,
    compare_survival,
    kaplan_meier,
    restricted_mean,
    risk,
)
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data
from tests.experiments.lifetimes import (
    Rows,
    arms_of_counts,
    customers,
    reference_users,
    table,
    units,
    waltons,
)


def exactly(expected: object) -> object:
    return pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("horizon", "control", "variant", "difference", "se", "p"),
    [
        (10, (9.9767, 0.0232), (9.7941, 0.1232), -0.1826, 0.1254, 0.1453),
        (40, (39.4160, 0.3201), (24.1176, 1.6725), -15.2984, 1.7028, 0.0),
    ],
)
def test_published_restricted_means(
    horizon: float,
    control: tuple[float, float],
    variant: tuple[float, float],
    difference: float,
    se: float,
    p: float,
) -> None:
    c = compare_survival(*waltons(), horizon).restricted_mean
    assert np.round([c.mean_control, c.se_control], 4).tolist() == list(control)
    assert np.round([c.mean_variant, c.se_variant], 4).tolist() == list(variant)
    assert np.round([c.difference, c.difference_se, c.p_value], 4).tolist() == [difference, se, p]


@needs_acceptance_data
def test_reference_users() -> None:
    cases = json.loads((ACCEPTANCE / "reference" / "refcases.json").read_text())["rmst_tau60"]
    arms = reference_users()
    c = compare_survival(*arms, 60).restricted_mean
    for arm, name, mean, se in (
        (arms[0], "control", c.mean_control, c.se_control),
        (arms[1], "treatment", c.mean_variant, c.se_variant),
    ):
        assert [mean, se] == exactly([cases[name]["rmst60"], cases[name]["se"]])
        assert kaplan_meier(arm, [30, 60]).survival == exactly([cases[name]["S30"], cases[name]["S60"]])
    figures = [c.difference, c.difference_se, c.difference_low, c.difference_high, c.p_value]
    expected = cases["diff"]
    assert figures == exactly([expected["est"], expected["se"], *expected["ci"], expected["p"]])


@needs_acceptance_data
def test_the_variance_is_that_of_the_estimate() -> None:
    """Trap T4: the variance of min(time, horizon) is n times too large to be a standard error."""
    control, _ = reference_users()
    estimate = restricted_mean(control, 60)
    assert estimate.se2 == pytest.approx(0.1706, abs=5e-5)
    assert estimate.se2 * estimate.n == pytest.approx(337.68, rel=1e-3)


@needs_acceptance_data
def test_telco_customers() -> None:
    expected = json.loads((ACCEPTANCE / "expected.json").read_text())["telco"]
    with (ACCEPTANCE / "telco_churn.csv").open(newline="") as file:
        rows = [(int(row["tenure"]), row["Churn"] == "Yes", row["Contract"]) for row in csv.DictReader(file)]
    months, churned = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    contract = np.array([row[2] for row in rows])
    for name, chosen in {
        "all": contract != "",
        "m2m": contract == "Month-to-month",
        "oneyear": contract == "One year",
        "twoyear": contract == "Two year",
    }.items():
        arm, figures = LifeTable.from_durations(months[chosen], churned[chosen]), expected[name]
        assert arm.n == figures.get("n", expected["n"])
        assert arm.events.sum() == figures.get("events", expected["events"])
        for key, value in figures.items():
            if key[0] == "S":
                assert kaplan_meier(arm, float(key[1:])).survival == pytest.approx(value, abs=5e-7)
            if key[:4] == "RMST":
                assert restricted_mean(arm, float(key[4:])).mean == exactly(value)


@given(arms_of_counts)
def test_curves_agree_with_the_libraries(rows: Rows) -> None:
    arm = table(rows)
    assume(arm.n > 0)
    durations, observed = units(arm)
    curve = kaplan_meier(arm)
    theirs = SurvfuncRight(durations, observed)
    own = np.isin(arm.times, theirs.surv_times)
    np.testing.assert_allclose(curve.survival[own], theirs.surv_prob, rtol=1e-9, atol=1e-12)
    left = curve.survival[own] > 0
    np.testing.assert_allclose(
        np.sqrt(curve.variance[own][left]), theirs.surv_prob_se[left], rtol=1e-9, atol=1e-12
    )
    np.testing.assert_array_equal(curve.at_risk[own], theirs.n_risk)


def test_limits_agree_with_scipy() -> None:
    arm = customers(np.random.default_rng(1), 200, 1.0, days=True)
    durations, observed = units(arm)
    data = stats.CensoredData.right_censored(durations, ~observed)
    interval = stats.ecdf(data).sf.confidence_interval(0.9, method="log-log")
    times = arm.times[(arm.survival > 0) & (arm.survival < 1)]
    curve = kaplan_meier(arm, times, confidence=0.9)
    np.testing.assert_allclose(curve.low, interval.low.evaluate(times), rtol=1e-9)
    np.testing.assert_allclose(curve.high, interval.high.evaluate(times), rtol=1e-9)


def test_published_limits() -> None:
    """Of lifelines, for the control flies."""
    curve = kaplan_meier(waltons()[0], [33, 56, 60])
    assert np.round(curve.survival, 6).tolist() == [0.968809, 0.528455, 0.378595]
    assert np.round(curve.low, 6).tolist() == [0.919032, 0.438181, 0.294699]
    assert np.round(curve.high, 6).tolist() == [0.988178, 0.610791, 0.462022]


def test_a_curve_is_read_at_any_time() -> None:
    """Half are gone at 2, one more leaves at 4, and beyond 5 nobody was followed."""
    arm = table([(2, 4, 0), (4, 1, 1), (5, 0, 2)])
    curve = kaplan_meier(arm, [0, 1.9, 2, 3, 4, 4.5, 5, 6])
    np.testing.assert_array_equal(curve.at_risk, [8, 8, 8, 4, 4, 2, 2, 0])
    np.testing.assert_array_equal(curve.events, [0, 0, 4, 4, 5, 5, 5, 5])
    np.testing.assert_allclose(curve.survival, [1, 1, 0.5, 0.5, 0.375, 0.375, 0.375, np.nan])
    np.testing.assert_array_equal(np.isnan(curve.low), [True, True, *[False] * 5, True])
    assert (curve.low[2:-1] < curve.survival[2:-1]).all()
    assert (curve.high[2:-1] > curve.survival[2:-1]).all()


def test_once_all_are_gone_survival_is_known_for_ever() -> None:
    gone = table([(2, 4, 0), (4, 3, 0)])
    assert kaplan_meier(gone, 99).survival == 0
    assert np.isnan(kaplan_meier(gone, 99).low)
    followed = table([(2, 1, 0), (90, 0, 6)])
    effect = compare_survival(followed, gone, 60)
    assert effect.horizon == 60
    assert effect.risk.difference == pytest.approx(6 / 7)


def test_one_last_event_does_not_make_the_risk_certain() -> None:
    """59 of 60 were lost to view, so that nobody knows their risk, and the last one at risk left at 70."""
    control = table([(day, 0, 1) for day in range(1, 60)] + [(70, 1, 0)])
    variant = table([(1, 3, 0), (70, 0, 57)])
    effect = compare_survival(control, variant, 70)
    assert effect.risk.difference == pytest.approx(0.05 - 1)
    assert not effect.risk.testable
    assert np.isnan([effect.risk.difference_low, effect.risk.difference_high, effect.risk.p_value]).all()
    assert noninferiority(effect.risk, 0.01, "lower")[1] == "not_enough_data"
    assert effect.risk.reason == effect.remark
    assert "the last at risk all had the event" in effect.remark
    assert effect.reason == ""
    assert effect.restricted_mean.testable
    assert compare_survival(control, variant, 69).remark == ""


@given(st.lists(st.integers(1, 40), min_size=3, max_size=30), st.integers(1, 45))
def test_without_censoring_all_is_plain_averages(durations: list[int], horizon: int) -> None:
    arm = LifeTable.from_durations(durations, np.ones(len(durations)))
    kept, n = np.minimum(durations, horizon), len(durations)
    gone = np.mean(np.array(durations) <= horizon)
    mean, share = restricted_mean(arm, horizon), risk(arm, horizon)
    np.testing.assert_allclose([mean.mean, mean.se2], [kept.mean(), kept.var() / n], rtol=1e-9, atol=1e-12)
    spread = np.nan if gone == 1 else gone * (1 - gone) / n
    np.testing.assert_allclose([share.mean, share.se2], [gone, spread], atol=1e-12)


@given(arms_of_counts, arms_of_counts, st.randoms(use_true_random=False), st.sampled_from([0.5, 24.0]))
def test_neither_order_nor_chunks_nor_the_clock_matter(
    control: Rows, variant: Rows, random: object, factor: float
) -> None:
    there = compare_survival(table(control), table(variant), 9)
    random.shuffle(variant)
    singly = [(time, 1, 0) for time, events, _ in variant for _ in range(int(events))]
    singly += [(time, 0, int(censored)) for time, _, censored in variant]
    here = compare_survival(table(control, factor), table(singly, factor), 9 * factor)
    assert here.reason == there.reason
    assert here.horizon == pytest.approx(there.horizon * factor)
    for name in ("difference", "difference_se", "difference_low", "difference_high"):
        np.testing.assert_allclose(getattr(here.risk, name), getattr(there.risk, name), atol=1e-12)
        mean = getattr(there.restricted_mean, name) * factor
        np.testing.assert_allclose(getattr(here.restricted_mean, name), mean, rtol=1e-9, atol=1e-9)


@given(arms_of_counts, arms_of_counts, st.none() | st.integers(1, 20))
def test_any_two_arms_have_figures_or_a_reason(control: Rows, variant: Rows, horizon: int | None) -> None:
    effect = compare_survival(table(control), table(variant), horizon)
    back = compare_survival(table(variant), table(control), horizon)
    assert effect.horizon <= (horizon or 12)
    for c, other in ((effect.risk, back.risk), (effect.restricted_mean, back.restricted_mean)):
        assert bool(c.testable) == (c.reason == "")
        assert not (effect.reason and c.testable)
        np.testing.assert_allclose(other.difference, -c.difference, atol=1e-12)
        if c.testable:
            assert c.difference_low <= c.difference <= c.difference_high
            assert 0 <= c.p_value <= 1
        else:
            assert np.isnan([c.difference_se, c.difference_low, c.p_value]).all()


FOLLOWED = [(10, 0, 50)]
DEGENERATE = {
    "no events": (FOLLOWED, FOLLOWED, "no events"),
    "a single event": (FOLLOWED, [(5, 1, 0), (10, 0, 50)], "a single event"),
    "all events beyond the horizon": ([(9, 20, 5)], [(9, 20, 5)], "no events"),
    "empty control": ([(0, 0, 0)], FOLLOWED, "too few units"),
    "no rows": ([], FOLLOWED, "too few units"),
    "one unit": (FOLLOWED, [(5, 1, 0)], "too few units"),
    "nobody followed": ([(0, 0, 9)], FOLLOWED, "nobody followed"),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_arms_are_not_testable(case: str) -> None:
    control, variant, reason = DEGENERATE[case]
    arms = [table(rows) for rows in (control, variant)]
    effect = compare_survival(arms[0], arms[1], 8)
    assert effect.reason == reason
    for c in (effect.risk, effect.restricted_mean):
        assert not c.testable
        assert c.reason == reason
        assert [c.n_control, c.n_variant] == [arms[0].n, arms[1].n]
        assert np.isnan([c.difference_low, c.difference_high, c.p_value, c.relative, c.incremental_low]).all()


def test_an_arm_without_events_still_bounds_the_other() -> None:
    effect = compare_survival(table([(30, 0, 10_000)]), table([(12, 12, 0), (30, 0, 9_988)]), 30)
    assert effect.risk.difference == pytest.approx(0.0012)
    assert effect.risk.p_value == pytest.approx(0.0005, abs=1e-4)


@pytest.mark.parametrize(
    ("horizon", "used"), [(None, 80), (60, 60), (500, 80)], ids=["left out", "within", "too long"]
)
def test_the_horizon_is_one_that_both_arms_reach(horizon: float | None, used: float) -> None:
    control = table([(10, 20, 0), (40, 5, 40), (95, 0, 10)])
    variant = table([(20, 20, 0), (50, 5, 40), (80, 0, 10)])
    effect = compare_survival(control, variant, horizon)
    assert effect.horizon == used
    assert effect.risk.testable
    np.testing.assert_allclose(effect.risk.mean_control, 1 - kaplan_meier(control, used).survival)


@pytest.mark.parametrize("horizon", [0, -5, float("nan")])
def test_a_horizon_lies_after_assignment(horizon: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        compare_survival(*waltons(), horizon)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(-1, 1, 0)], "a duration of 0 or more"),
        ([(float("nan"), 1, 0)], "a duration of 0 or more"),
        ([(float("inf"), 0, 1)], "a duration of 0 or more"),
        ([(3, 0.5, 0)], "whole numbers"),
        ([(3, 1, -1)], "whole numbers"),
        ([(3, float("nan"), 1)], "whole numbers"),
    ],
)
def test_impossible_counts_are_refused(rows: list[tuple[float, float, float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table(rows)


def withdrawals(more: int) -> SurvivalEffect:
    control = table([(5, 100, 0), (28, 0, 19_900)])
    return compare_survival(control, table([(5, 400 + more, 0), (28, 0, 79_600 - more)]), 28)


@pytest.mark.parametrize(("more", "state"), [(0, "not_worse"), (80, "not_enough_data"), (400, "worse")])
def test_withdrawal_is_a_guardrail_with_a_margin(more: int, state: str) -> None:
    """0.5 % withdraw without personalisation; up to 0.12 points more are tolerated."""
    risks = withdrawals(more).risk
    p, found = noninferiority(risks, 0.0012, "higher")
    assert found == state
    assert p == pytest.approx(stats.norm.cdf((risks.difference - 0.0012) / risks.difference_se))
    assert (p < 0.025) == (state == "not_worse")
    assert sequence(risks, 100_000).high > risks.difference_high


def test_promises_are_kept_with_staggered_entry() -> None:
    rng = np.random.default_rng(5)
    truth_risk = np.exp(-0.6 * 1.0) - np.exp(-0.6 * 0.7)
    truth_mean = (1 - np.exp(-0.6 * 0.7)) / 0.007 - (1 - np.exp(-0.6)) / 0.01
    runs = [compare_survival(customers(rng, 150, 1.0), customers(rng, 300, 0.7), 60) for _ in range(1200)]
    for truth, name in ((truth_risk, "risk"), (truth_mean, "restricted_mean")):
        found = [getattr(run, name) for run in runs]
        covered = np.mean([c.difference_low <= truth <= c.difference_high for c in found])
        assert covered == pytest.approx(0.95, abs=0.019)
        spread, claimed = np.std([c.difference for c in found]), np.mean([c.difference_se for c in found])
        assert claimed == pytest.approx(spread, rel=0.05)
        assert np.mean([c.difference for c in found]) == pytest.approx(truth, abs=4 * spread / np.sqrt(1200))


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_limits_contain_the_curve(seed: int) -> None:
    arm = customers(np.random.default_rng(seed), 80, 1.5)
    curve = kaplan_meier(arm, np.arange(0, 110, 0.7))
    inside = ~np.isnan(curve.low)
    assert inside.any()
    assert (curve.low[inside] <= curve.survival[inside]).all()
    assert (curve.survival[inside] <= curve.high[inside]).all()
    assert (curve.low[inside] >= 0).all()
    assert (curve.high[inside] <= 1).all()
    known = curve.survival[~np.isnan(curve.survival)]
    assert (np.diff(known) <= 0).all()
