import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from experiments.estimates import ArmEstimate, adjusted, ratio, unadjusted
from experiments.moments import Moments

Values = npt.NDArray[np.float64]

cents = st.integers(-(10**6), 10**6).map(lambda value: value / 100)
pairs = arrays.arrays(np.float64, st.tuples(st.integers(4, 30), st.just(2)), elements=cents)


def correlated(seed: int, n: int = 400, slope: float = 0.7) -> Values:
    rng = np.random.default_rng(seed)
    x = rng.gamma(2, 10, n)
    return np.column_stack([slope * x + rng.gamma(1, 5, n), x])


def assert_close(left: ArmEstimate, right: ArmEstimate, rtol: float = 1e-9) -> None:
    for ours, theirs in zip(left, right, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol)


def test_unadjusted_is_the_plain_mean() -> None:
    values = correlated(1)
    estimate = unadjusted(Moments.from_values(values), y=1)
    assert estimate.n == 400
    assert estimate.mean == pytest.approx(values[:, 1].mean(), rel=1e-12)
    assert estimate.se2 == pytest.approx(values[:, 1].var(ddof=1) / 400, rel=1e-12)
    assert estimate.df == 399


@given(pairs)
def test_a_constant_covariate_adjusts_nothing(values: Values) -> None:
    values[:, 1] = values[0, 1]
    m = Moments.from_values(values)
    assert_close(adjusted(m, pooled_x=values[0, 1] + 3), unadjusted(m), rtol=0)


@given(pairs, st.integers(-50, 50).filter(bool), st.integers(-(10**4), 10**4))
def test_the_covariates_scale_and_origin_do_not_matter(values: Values, scale: int, origin: int) -> None:
    assume(np.ptp(values[:, 1]) > 1)
    m = Moments.from_values(values)
    other = Moments.from_values(np.column_stack([values[:, 0], values[:, 1] * scale + origin]))
    pooled = values[:, 1].mean() + np.ptp(values[:, 1]) / 10
    ours, theirs = adjusted(m, pooled), adjusted(other, pooled * scale + origin)
    size = np.abs(values).max()
    np.testing.assert_allclose(theirs.mean, ours.mean, rtol=1e-9, atol=1e-9 * size)
    np.testing.assert_allclose(theirs.se2, ours.se2, rtol=1e-7, atol=1e-12 * size**2)


def test_adjustment_at_the_arms_own_mean_moves_nothing_but_narrows() -> None:
    m = Moments.from_values(correlated(2))
    plain, line = unadjusted(m), adjusted(m, m.mean[1])
    assert line.mean == pytest.approx(plain.mean, rel=1e-12)
    correlation2 = m.comoment[0, 1] ** 2 / (m.comoment[0, 0] * m.comoment[1, 1])
    assert line.se2 == pytest.approx(plain.se2 * (1 - correlation2) * 399 / 398, rel=1e-12)


def test_equal_slopes_give_the_classical_regression_adjustment() -> None:
    rng = np.random.default_rng(3)
    arms = []
    for shift in (0.0, 4.0):
        x = rng.gamma(2, 10, 300)
        noise = rng.normal(0, 3, 300)
        design = np.column_stack([np.ones(300), x])
        noise -= design @ np.linalg.lstsq(design, noise, rcond=None)[0]
        arms.append(Moments.from_values(np.column_stack([0.6 * x + shift + noise, x])))
    both = Moments.stack(arms)
    estimate = adjusted(both, both.merge_all().mean[1])
    (y0, x0), (y1, x1) = both.mean
    assert estimate.mean[1] - estimate.mean[0] == pytest.approx(y1 - y0 - 0.6 * (x1 - x0), rel=1e-9)


def test_an_outcome_that_is_its_covariate_has_no_variance_left() -> None:
    x = correlated(4)[:, 1]
    estimate = adjusted(Moments.from_values(np.column_stack([3 * x, x])), pooled_x=20.0)
    assert estimate.mean == pytest.approx(60, rel=1e-12)
    assert estimate.se2 == 0


def test_two_units_cannot_carry_a_line() -> None:
    estimate = adjusted(Moments.from_values([[1.0, 2.0], [3.0, 5.0]]), pooled_x=3.0)
    assert estimate.df == 0
    assert np.isnan(estimate.se2)


@given(pairs)
def test_a_ratio_to_one_per_unit_is_the_mean(values: Values) -> None:
    values[:, 1] = 1
    m = Moments.from_values(values)
    assert_close(ratio(m), unadjusted(m))


def test_a_ratio_is_its_linearisation() -> None:
    values = correlated(5)
    estimate = ratio(Moments.from_values(values))
    assert estimate.mean == pytest.approx(values[:, 0].sum() / values[:, 1].sum(), rel=1e-12)
    line = (values[:, 0] - estimate.mean * values[:, 1]) / values[:, 1].mean()
    assert estimate.se2 == pytest.approx(line.var(ddof=1) / 400, rel=1e-9)


def test_a_fixed_ratio_has_no_variance() -> None:
    x = correlated(6)[:, 1]
    assert ratio(Moments.from_values(np.column_stack([0.3 * x, x]))).se2 == 0


def test_a_ratio_to_nothing_is_unknown() -> None:
    estimate = ratio(Moments.from_values([[1.0, 0.0], [2.0, 0.0]]))
    assert np.isnan(estimate.mean)
    assert np.isnan(estimate.se2)


@pytest.mark.parametrize("estimator", [unadjusted, ratio, lambda m: adjusted(m, 20.0)])
def test_a_batch_is_its_cells_one_by_one(estimator: object) -> None:
    cells = [Moments.from_values(correlated(seed, 10 + seed)) for seed in range(6)]
    batch = Moments.stack([Moments.stack(cells[:3]), Moments.stack(cells[3:])])
    together = estimator(batch)
    for position, cell in enumerate(cells):
        alone = estimator(cell)
        assert_close(ArmEstimate(*(field.flat[position] for field in together)), alone, rtol=1e-13)


@pytest.mark.parametrize("estimator", [unadjusted, ratio, lambda m: adjusted(m, 0.0)])
def test_empty_and_unknown_cells_give_no_variance(estimator: object) -> None:
    empty = Moments.from_values(np.empty((0, 2)))
    holes = Moments.from_values([[1.0, 2.0], [np.nan, 3.0], [4.0, 5.0]])
    for cell in (empty, holes):
        estimate = estimator(cell)
        assert np.isnan(estimate.mean)
        assert np.isnan(estimate.se2)
