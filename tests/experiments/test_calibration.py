"""The methods keep their promises on simulated customers: many buy nothing, a few buy a lot."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from experiments.effects import Comparison, compare
from experiments.estimates import adjusted, ratio, unadjusted
from experiments.moments import Moments
from experiments.sequential import sequence

REVENUE, PRE, ORDERS, SESSIONS = range(4)
MEAN_REVENUE = 0.25 * np.exp(3 + (0.6**2 + 0.8**2) / 2)
RUNS = 4000
Values = npt.NDArray[np.float64]
Method = Callable[[Moments, Moments], Comparison]


def customers(rng: np.random.Generator, runs: int, n: int) -> Values:
    """Revenue, revenue before, orders and sessions of `n` customers in each of many runs: (runs, n, 4)."""
    loyal = rng.random((runs, n)) < 0.25
    now, before = (rng.random((runs, n)) < np.where(loyal, 0.7, 0.1) for _ in range(2))
    taste = rng.normal(3, 0.6, (runs, n))
    revenue, pre = (bought * np.exp(taste + rng.normal(0, 0.8, (runs, n))) for bought in (now, before))
    sessions = 1 + rng.poisson(np.where(loyal, 4.0, 1.0))
    return np.stack([revenue, pre, rng.binomial(sessions, 0.2), sessions], axis=-1)


def moments(values: Values) -> Moments:
    """One cell per run."""
    pilot = values[0, 0]
    shifted = values - pilot
    products = np.swapaxes(shifted, -1, -2) @ shifted
    n = np.full(len(values), values.shape[1])
    return Moments.from_shifted_sums(n, shifted.sum(axis=1), products, pilot)


def simulated(seed: int, n_control: int, n_variant: int, lift: float = 0.0) -> tuple[Moments, Moments]:
    """Control and variant of all runs, the variant's revenue multiplied by 1 + lift."""
    rng = np.random.default_rng(seed)
    sizes = (n_control, n_variant)
    blocks = [Moments.stack([moments(customers(rng, 100, n)) for n in sizes]) for _ in range(RUNS // 100)]
    arms = Moments.stack(blocks, axis=1)
    return arms[0], arms[1].scale([1 + lift, 1, 1, 1])


def plain(control: Moments, variant: Moments) -> Comparison:
    return compare(unadjusted(control), unadjusted(variant))


def lines(control: Moments, variant: Moments) -> Comparison:
    pooled = control.merge(variant).mean[..., PRE]
    return compare(adjusted(control, pooled, REVENUE, PRE), adjusted(variant, pooled, REVENUE, PRE))


def rates(control: Moments, variant: Moments) -> Comparison:
    return compare(ratio(control, ORDERS, SESSIONS), ratio(variant, ORDERS, SESSIONS))


METHODS = {"unadjusted": plain, "adjusted": lines, "ratio": rates}


@pytest.fixture(scope="module")
def placebo() -> tuple[Moments, Moments]:
    return simulated(1, 2000, 2000)


@pytest.fixture(scope="module")
def holdout() -> tuple[Moments, Moments]:
    return simulated(2, 2000, 4000, lift=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_a_placebo_is_rejected_as_often_as_promised(method: str, placebo: tuple[Moments, Moments]) -> None:
    c = METHODS[method](*placebo)
    assert c.testable.all()
    error = np.sqrt(0.05 * 0.95 / RUNS)
    assert (c.p_value < 0.05).mean() == pytest.approx(0.05, abs=3 * error)


@pytest.mark.parametrize("method", ["unadjusted", "adjusted"])
def test_intervals_cover_the_truth(method: str, holdout: tuple[Moments, Moments]) -> None:
    c = METHODS[method](*holdout)
    truth = 0.1 * MEAN_REVENUE
    assert 0.94 <= ((c.difference_low <= truth) & (truth <= c.difference_high)).mean() <= 0.96
    assert 0.94 <= ((c.relative_low <= 0.1) & (c.relative_high >= 0.1)).mean() <= 0.96
    assert c.difference.mean() == pytest.approx(truth, rel=0.02)


def test_standard_errors_are_the_spread_and_adjustment_narrows_it(holdout: tuple[Moments, Moments]) -> None:
    unadjusted_rows, adjusted_rows = plain(*holdout), lines(*holdout)
    for c in (unadjusted_rows, adjusted_rows):
        assert c.difference_se.mean() == pytest.approx(c.difference.std(), rel=0.05)
    assert adjusted_rows.difference.std() < 0.985 * unadjusted_rows.difference.std()


def test_looking_often_misleads_the_fixed_interval_but_not_the_sequence() -> None:
    """Twenty looks at a placebo, 500 customers each, as a dashboard that refreshes invites."""
    rng = np.random.default_rng(3)
    looks = Moments.stack(
        [
            Moments.stack([moments(customers(rng, 1000, 250)) for _ in range(20)]).cumulative()
            for _ in range(2)
        ]
    )
    c = plain(looks[0], looks[1])
    s = sequence(c, planned_n=10_000)
    fixed_alarms = (c.p_value < 0.05).any(axis=0).mean()
    assert (c.p_value[-1] < 0.05).mean() == pytest.approx(0.05, abs=0.021)
    assert fixed_alarms > 0.15
    assert (s.p < 0.05).any(axis=0).mean() <= 0.05
    assert ((s.low > 0) | (s.high < 0)).any(axis=0).mean() <= 0.05
