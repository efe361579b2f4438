import numpy as np
import pytest

from experiments.arrays import Floats
from experiments.effects import Comparison, compare
from experiments.estimates import unadjusted
from experiments.moments import Moments
from experiments.skewness import difference_skewness, without_skewness

FAMILY = 400_000
SMALL, LARGE, BUYERS = 5_000, 95_000, 60


def arm(rng: np.random.Generator, n: int) -> tuple[Moments, Floats]:
    """A family of SKUs without effect: who buys spends 1 or, one time in five, 2."""
    once = rng.binomial(n, BUYERS / SMALL, FAMILY).astype(float)
    twice = rng.binomial(once.astype(int), 0.2).astype(float)
    first, second, third = once + twice, once + 3 * twice, once + 7 * twice
    mean = first / n
    central = third / n - 3 * mean * second / n + 2 * mean**3
    zero = np.zeros(1)
    return Moments.from_shifted_sums(
        np.full(FAMILY, float(n)), first[:, None], second[:, None, None], zero
    ), central


@pytest.fixture(scope="module")
def placebo() -> tuple[Comparison, Floats]:
    rng = np.random.default_rng(4)
    (control, third_control), (variant, third_variant) = arm(rng, SMALL), arm(rng, LARGE)
    welch = compare(unadjusted(control), unadjusted(variant))
    return welch, difference_skewness(welch, third_control, third_variant)


@pytest.mark.parametrize("rate", [1e-2, 1e-3, 1e-4])
def test_a_small_holdout_is_not_misled_far_in_the_tail(
    placebo: tuple[Comparison, Floats], rate: float
) -> None:
    welch, skewness = placebo
    corrected = without_skewness(welch, skewness)
    error = np.sqrt(rate / FAMILY)
    assert (corrected.p_value < rate).mean() < rate + 4 * error + 0.15 * rate
    if rate <= 1e-3:
        assert (welch.p_value < rate).mean() > 2 * rate


def test_without_skewness_nothing_changes(placebo: tuple[Comparison, Floats]) -> None:
    welch, _ = placebo
    np.testing.assert_allclose(without_skewness(welch, 0.0).p_value, welch.p_value, rtol=1e-12)


def test_the_skewness_of_a_difference_is_that_of_its_arms() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.exponential(1, (2000, 400)), rng.exponential(2, (2000, 300))
    means = y.mean(axis=1) - x.mean(axis=1)
    observed = ((means - means.mean()) ** 3).mean() / means.std() ** 3
    arms = [Moments.from_values(values[0]) for values in (x, y)]
    one = compare(*(unadjusted(m) for m in arms))
    skewness = difference_skewness(one, 2.0, 16.0)
    assert float(skewness) == pytest.approx(observed, abs=0.2)


def test_swapping_the_arms_mirrors_it(placebo: tuple[Comparison, Floats]) -> None:
    rng = np.random.default_rng(4)
    (control, third_control), (variant, third_variant) = arm(rng, SMALL), arm(rng, LARGE)
    swapped = compare(unadjusted(variant), unadjusted(control))
    skewness = difference_skewness(swapped, third_variant, third_control)
    welch, original = placebo
    np.testing.assert_allclose(
        without_skewness(swapped, skewness).p_value, without_skewness(welch, original).p_value, rtol=1e-9
    )
