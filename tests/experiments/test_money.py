import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.effects import Comparison, compare
from experiments.estimates import ArmEstimate, adjusted, unadjusted
from experiments.moments import Moments
from experiments.money import (
    added_cost,
    half_as_wide,
    incremental,
    return_on_cost,
    return_on_measured_cost,
)
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data
from tests.experiments.reference import REVENUE

NONE = float("nan")
Values = npt.NDArray[np.float64]


def exactly(expected: object) -> object:
    return pytest.approx(expected, rel=1e-9)


def effect(mean: object = 12.0, se2: object = 0.25, confidence: float = 0.95) -> Comparison:
    """A variant of 300 units against a control of 100 with mean 10."""
    mean, se2 = np.broadcast_arrays(np.asarray(mean, float), np.asarray(se2, float))
    control = ArmEstimate(*(np.broadcast_to(part, mean.shape) for part in (100.0, 10.0, 0.25, 99.0)))
    variant = ArmEstimate(np.full(mean.shape, 300.0), mean, se2, np.full(mean.shape, 299.0))
    return compare(control, variant, confidence)


def arms(seed: int, cost: float = 1.0, n: int = 400, link: float = 0.5) -> list[Moments]:
    """Revenue and cost per unit; the variant costs more, and earns more where it does."""
    rng = np.random.default_rng(seed)
    found = []
    for added, size in ((0.0, n), (cost, 2 * n)):
        spent = rng.gamma(2, 0.5, size) + added * rng.gamma(1, 1, size)
        found.append(Moments.from_values(np.column_stack([rng.gamma(1, 5, size) + link * 3 * spent, spent])))
    return found


def normal_revenue(reference: Moments) -> Comparison:
    arms = (unadjusted(reference[index], REVENUE)._replace(df=np.array(np.inf)) for index in (0, 1))
    return compare(*arms)


def test_reference_total_and_return(reference_arms: Moments) -> None:
    c = normal_revenue(reference_arms)
    assert list(incremental(c)) == exactly([2313.9486104093003, -156.58602655923096, 4784.4832473778315])
    found = return_on_cost(c, 2500)
    assert list(found.amount) == exactly([0.9255794441637201, -0.06263441062369238, 1.9137932989511326])
    assert found.reason == ""


@needs_acceptance_data
def test_reference_file(reference_arms: Moments) -> None:
    cases = json.loads((ACCEPTANCE / "reference" / "refcases.json").read_text())
    expected = cases["incremental_total_on_treated"]
    c = normal_revenue(reference_arms)
    assert list(incremental(c)) == exactly([expected["inc"], *expected["ci"]])
    earned = return_on_cost(c, expected["cost"]).amount
    assert list(earned) == exactly([expected["iroas"], *expected["iroas_ci"]])


def test_amounts_per_unit_and_for_other_numbers_of_units() -> None:
    c = effect([12.0, 11.0])
    total = incremental(c)
    np.testing.assert_array_equal(total.value, c.incremental_total)
    np.testing.assert_array_equal(total.low, c.incremental_low)
    np.testing.assert_allclose(total.per(c.n_variant).high, c.difference_high)
    np.testing.assert_allclose(incremental(c, 9000).value, 9000 * c.difference)
    per_recommendation = total.per([1200, 0])
    assert per_recommendation.value[0] == pytest.approx(0.5)
    assert np.isnan([part[1] for part in per_recommendation]).all()


def test_what_cannot_be_tested_is_worth_nothing_known() -> None:
    c = effect([12.0, 12.0], [0.25, NONE])
    for amount in (incremental(c), return_on_cost(c, 100).amount):
        assert np.isfinite([part[0] for part in amount]).all()
        assert np.isnan([part[1] for part in amount]).all()
    assert return_on_cost(c, 100).reason.tolist() == ["", "unknown variance"]


@pytest.mark.parametrize("cost", [0, -5, NONE])
def test_there_is_no_return_on_no_cost(cost: float) -> None:
    found = return_on_cost(effect(), cost)
    assert np.isnan(list(found.amount)).all()
    assert found.reason == "no cost"


def test_half_the_interval_takes_four_times_the_units() -> None:
    wide = incremental(effect())
    narrower, more = half_as_wide(wide, 400)
    assert narrower.value == wide.value
    assert narrower.high - narrower.low == pytest.approx((wide.high - wide.low) / 2)
    assert more == 1200
    four_times = compare(*(ArmEstimate(400.0, mean, 0.25 / 4, np.inf) for mean in (10.0, 12.0)))
    once = compare(*(ArmEstimate(100.0, mean, 0.25, np.inf) for mean in (10.0, 12.0)))
    assert half_as_wide(incremental(once, 300), 200)[0] == pytest.approx(list(incremental(four_times, 300)))


@given(st.integers(0, 1000), st.sampled_from([0.3, 1.0, 4.0]))
def test_fieller_limits_are_just_significant(seed: int, cost: float) -> None:
    """At each limit ρ the revenue less ρ times the cost differs between the arms just significantly."""
    control, variant = arms(seed, cost)
    found = return_on_measured_cost(control, variant)
    if found.reason:
        assert found.reason == "added cost not clear of 0"
        return
    quantile = stats.t.isf(0.025, compare(unadjusted(control), unadjusted(variant)).df)
    for limit in (found.amount.low, found.amount.high):
        weights = np.array([1.0, -limit])
        gap = weights @ (variant.mean - control.mean)
        se2 = sum(weights @ arm.covariance @ weights / arm.n for arm in (control, variant))
        assert abs(gap) / np.sqrt(se2) == pytest.approx(quantile, rel=1e-6)
    assert found.amount.low <= found.amount.value <= found.amount.high


@settings(max_examples=50)
@given(st.integers(0, 1000), st.floats(-1, 1))
def test_the_return_excludes_nothing_exactly_when_the_revenue_does(seed: int, link: float) -> None:
    control, variant = arms(seed, 4.0, n=100, link=link)
    earned = compare(unadjusted(control), unadjusted(variant))
    found = return_on_measured_cost(control, variant).amount
    assert (found.low > 0 or found.high < 0) == (earned.difference_low > 0 or earned.difference_high < 0)


def liking(seed: int, n: int = 300) -> tuple[Moments, Moments, float]:
    """Revenue, cost and a covariate that tells something of both; and its mean over the arms."""
    rng = np.random.default_rng(seed)
    found = []
    for size, added in ((n, 0.0), (2 * n, 2.0)):
        taste = rng.gamma(2, 1, size)
        spent = 0.2 * taste + added * rng.gamma(1, 1, size)
        found.append(np.column_stack([taste * rng.gamma(2, 1, size) + 0.4 * spent, spent, taste]))
    control, variant = (Moments.from_values(part) for part in found)
    return control, variant, float(np.concatenate(found)[:, 2].mean())


@given(st.integers(0, 1000))
def test_adjusted_limits_are_just_significant_for_what_each_unit_nets(seed: int) -> None:
    """At each limit ρ, revenue less ρ times the cost, adjusted as one outcome, differs just significantly."""
    control, variant, pooled = liking(seed)
    found = return_on_measured_cost(control, variant, pooled_x=pooled)
    assert found.reason == ""
    earned = compare(*(adjusted(arm, pooled, 0, 2) for arm in (control, variant)))
    spent = compare(*(adjusted(arm, pooled, 1, 2) for arm in (control, variant)))
    assert float(added_cost(control, variant, pooled)) == exactly(float(spent.difference))
    assert float(found.amount.value) == exactly(float(earned.difference / spent.difference))
    quantile = stats.t.isf(0.025, earned.df)
    for limit in (found.amount.low, found.amount.high):
        turn = np.array([[1.0, -limit, 0.0], [0.0, 0.0, 1.0]])
        net = [Moments(a.n, turn @ a.mean, turn @ a.comoment @ turn.T) for a in (control, variant)]
        c = compare(*(adjusted(arm, pooled) for arm in net))
        assert float(abs(c.difference) / c.difference_se) == pytest.approx(quantile, rel=1e-6)
    assert (found.amount.low > 0 or found.amount.high < 0) == bool(earned.p_value < 0.05)


def test_a_covariate_narrows_the_return_and_one_that_never_varies_changes_nothing() -> None:
    control, variant, pooled = liking(1)
    plain = return_on_measured_cost(control, variant).amount
    narrow = return_on_measured_cost(control, variant, pooled_x=pooled).amount
    assert narrow.high - narrow.low < 0.9 * (plain.high - plain.low)
    keep = np.array([1.0, 1.0, 0.0])
    blind = [Moments(a.n, a.mean * keep, a.comoment * np.outer(keep, keep)) for a in (control, variant)]
    same = return_on_measured_cost(*blind, pooled_x=0.0).amount
    assert [float(part) for part in same] == exactly([float(part) for part in plain])


def with_fixed_cost(values: Values, cost: float) -> Moments:
    return Moments.from_values(np.column_stack([values, np.full(len(values), cost)]))


def test_a_cost_without_variation_is_a_known_cost() -> None:
    rng = np.random.default_rng(4)
    control, variant = with_fixed_cost(rng.gamma(1, 5, 300), 0.0), with_fixed_cost(rng.gamma(1, 6, 900), 0.4)
    c = compare(unadjusted(control), unadjusted(variant))
    measured, known = return_on_measured_cost(control, variant), return_on_cost(c, 0.4 * 900)
    np.testing.assert_allclose(measured.amount, known.amount, rtol=1e-9)


def test_a_known_cost_besides_counts_as_if_each_unit_had_borne_it() -> None:
    rng = np.random.default_rng(8)
    base, more = rng.gamma(1, 5, (300, 2)), rng.gamma(2, 5, (400, 2))
    control, variant = Moments.from_values(base), Moments.from_values(more)
    laden = Moments.from_values(more + np.array([0.0, 0.7]))
    found = return_on_measured_cost(control, variant, known_cost=0.7)
    np.testing.assert_allclose(found.amount, return_on_measured_cost(control, laden).amount, rtol=1e-9)


def test_a_wider_multiplier_moves_the_limits_to_where_it_is_just_reached() -> None:
    control, variant = arms(3, 4.0)
    found = return_on_measured_cost(control, variant, multiplier=3.1).amount
    for limit in (found.low, found.high):
        weights = np.array([1.0, -limit])
        gap = weights @ (variant.mean - control.mean)
        se2 = sum(weights @ arm.covariance @ weights / arm.n for arm in (control, variant))
        assert abs(gap) / np.sqrt(se2) == pytest.approx(3.1, rel=1e-6)


def test_a_return_that_cannot_be_told_says_why() -> None:
    control, variant = arms(1, 3.0)
    still = Moments.from_values(np.ones((50, 2)))
    cells = [(control, variant), (variant, control), arms(2, 0.02), (still, still)]
    found = return_on_measured_cost(*(Moments.stack([cell[arm] for cell in cells]) for arm in (0, 1)))
    assert found.reason.tolist() == ["", "no added cost", "added cost not clear of 0", "no variation"]
    assert np.isnan(found.amount.low).tolist() == [False, True, True, True]
    assert np.isnan(found.amount.value).tolist() == [False, True, False, True]


def test_batches_broadcast() -> None:
    cells = [arms(seed, 3.0) for seed in range(3)]
    variants = Moments.stack([Moments.stack([cell[1] for cell in cells])] * 2)
    together = return_on_measured_cost(Moments.stack([cell[0] for cell in cells]), variants)
    assert together.amount.value.shape == together.reason.shape == (2, 3)
    alone = return_on_measured_cost(*cells[1])
    np.testing.assert_allclose([part[1, 1] for part in together.amount], alone.amount, rtol=1e-9)


def test_the_return_covers_the_truth() -> None:
    """Each unit of cost brings 1.5 of revenue; an interval that takes the cost for known is far too wide."""
    rng = np.random.default_rng(7)
    covered, narrower = [], []
    for _ in range(600):
        spent = [rng.gamma(2, 0.5, 300), rng.gamma(2, 0.5, 300) + rng.gamma(1, 1, 300)]
        units = [np.column_stack([1.5 * part + rng.normal(5, 1, 300), part]) for part in spent]
        control, variant = (Moments.from_values(part) for part in units)
        amount = return_on_measured_cost(control, variant).amount
        known = compare(unadjusted(control), unadjusted(variant))
        covered.append(amount.low <= 1.5 <= amount.high)
        added = variant.mean[1] - control.mean[1]
        narrower.append((amount.high - amount.low) * added / (known.difference_high - known.difference_low))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.027)
    assert np.mean(narrower) < 0.7
