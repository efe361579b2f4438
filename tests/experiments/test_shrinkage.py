import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from experiments.arrays import Floats
from experiments.multiplicity import benjamini_hochberg
from experiments.shrinkage import Prior, _posterior, fit, shrink

MANY = 20_000
families = arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(-30, 30))


def effects(kind: str, rng: np.random.Generator, se: Floats) -> Floats:
    """True effects of a family, in the metric's unit."""
    n = se.size
    match kind:
        case "normal, one size":
            return rng.normal(0, 1, n)
        case "normal, as noisy as the estimates":
            return se * rng.normal(0, 1, n)
        case "all a little better":
            return rng.normal(0.5, 0.5, n)
        case "relative":
            return se**2 * rng.normal(0.1, 0.3, n)
    share = {"none": 0.0, "one in a hundred": 0.01, "one in ten": 0.1}[kind]
    return np.where(rng.random(n) < share, se * rng.normal(0, 4, n), 0.0)


def simulated(kind: str, n: int = MANY, seed: int = 1) -> tuple[Floats, Floats, Floats]:
    """Truth, estimate and standard error of each of n differences, whose precision varies widely."""
    rng = np.random.default_rng(seed)
    se = np.exp(rng.normal(0, 0.7, n))
    truth = effects(kind, rng, se)
    return truth, truth + se * rng.normal(size=n), se


def selected(estimate: Floats, se: Floats) -> npt.NDArray[np.bool_]:
    return benjamini_hochberg(2 * stats.norm.sf(np.abs(estimate / se))) <= 0.05


DENSE = ["normal, one size", "normal, as noisy as the estimates", "all a little better", "relative"]
SPARSE = ["one in a hundred", "one in ten"]


@pytest.mark.parametrize("kind", DENSE)
def test_intervals_cover_dense_effects(kind: str) -> None:
    truth, estimate, se = simulated(kind)
    shrunk = shrink(estimate, se)
    assert 0.93 <= ((shrunk.low <= truth) & (truth <= shrunk.high)).mean() <= 0.97
    assert (shrunk.high - shrunk.low).mean() < 0.85 * 2 * 1.96 * se.mean()


@pytest.mark.parametrize("kind", [*SPARSE, "normal, one size"])
def test_intervals_cover_the_selected(kind: str) -> None:
    """Where most effects are nothing, intervals near 0 hold nearly always: what counts are the finds."""
    found = [simulated(kind, seed=seed) for seed in range(4)]
    covered, chosen = [], []
    for truth, estimate, se in found:
        shrunk = shrink(estimate, se)
        covered.append((shrunk.low <= truth) & (truth <= shrunk.high))
        chosen.append(selected(estimate, se))
    assert np.mean(covered) >= 0.94
    assert 0.93 <= np.concatenate(covered)[np.concatenate(chosen)].mean() <= 0.97


@pytest.mark.parametrize("n", [10, 50, 300])
@pytest.mark.parametrize("kind", ["normal, as noisy as the estimates", "one in ten", "none"])
def test_small_families_are_covered_too(kind: str, n: int) -> None:
    covered = []
    for seed in range(1000 // n):
        truth, estimate, se = simulated(kind, n, seed)
        shrunk = shrink(estimate, se)
        covered.append((shrunk.low <= truth) & (truth <= shrunk.high))
    assert np.mean(np.concatenate(covered)) >= 0.93


@pytest.mark.parametrize("kind", [*SPARSE, *DENSE[:2]])
def test_the_winners_curse_is_taken_away(kind: str) -> None:
    truth, estimate, se = simulated(kind, 100_000)
    chosen = selected(estimate, se)
    shrunk = shrink(estimate, se).difference
    side = np.sign(estimate)[chosen]
    size = (side * truth[chosen] / se[chosen]).mean()
    assert (side * estimate[chosen] / se[chosen]).mean() > 1.03 * size
    assert (side * shrunk[chosen] / se[chosen]).mean() == pytest.approx(size, rel=0.03)
    assert np.mean(((shrunk - truth) / se) ** 2) < 0.7 * np.mean(((estimate - truth) / se) ** 2)


def test_normal_effects_are_shrunk_as_if_their_spread_were_known() -> None:
    _, estimate, se = simulated("normal, as noisy as the estimates", 50_000)
    shrunk = shrink(estimate, se)
    usual = np.abs(estimate / se) < 3
    np.testing.assert_allclose(shrunk.difference[usual], estimate[usual] / 2, atol=0.08 * se.max())
    width = (shrunk.high - shrunk.low)[usual] / se[usual]
    assert width.mean() == pytest.approx(2 * 1.96 * np.sqrt(0.5), rel=0.03)


def test_the_posterior_of_one_normal_is_the_textbooks() -> None:
    size = np.linspace(0, 9, 50)
    mean, low, high = _posterior(size, Prior(np.array([3.0]), np.array([1.0])), 0.05)
    np.testing.assert_allclose(mean, 0.75 * size, rtol=1e-12)
    np.testing.assert_allclose(low, 0.75 * size - stats.norm.isf(0.025) * np.sqrt(0.75), atol=1e-9)
    np.testing.assert_allclose(high, 0.75 * size + stats.norm.isf(0.025) * np.sqrt(0.75), atol=1e-9)


def test_limits_are_quantiles_of_the_mixture() -> None:
    prior = Prior(np.array([0.01, 1.0, 25.0]), np.array([0.9, 0.06, 0.04]))
    for z in (0.3, 2.0, 3.1, 6.0):
        mean, low, high = (float(part[0]) for part in _posterior(np.array([z]), prior, 0.1))
        effect = np.linspace(-20, 25, 200_001)
        parts = stats.norm.pdf(effect[:, None], scale=np.sqrt(prior.variances)) @ prior.weights
        density = stats.norm.pdf(z - effect) * parts
        share = np.cumsum(density) / density.sum()
        assert mean == pytest.approx((effect * density).sum() / density.sum(), abs=1e-6)
        assert low == pytest.approx(min(effect[np.searchsorted(share, 0.05)], mean), abs=4e-4)
        assert high == pytest.approx(max(effect[np.searchsorted(share, 0.95)], mean), abs=4e-4)


def test_the_prior_is_the_likeliest_mixture() -> None:
    _, estimate, se = simulated("one in ten", 3000)
    size = np.abs(estimate / se)
    prior = fit(size, np.ones(size.size))
    assert prior.weights.sum() == pytest.approx(1)
    density = stats.norm.pdf(size[:, None], scale=np.sqrt(1 + prior.variances))
    gain = (density / (density @ prior.weights)[:, None]).sum(axis=0)
    assert gain.max() <= size.size + 1.01
    share = (prior.weights * gain + 1 / gain.size) / (size.size + 1)
    np.testing.assert_allclose(prior.weights, share, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(families)
def test_estimates_are_drawn_towards_nothing_and_keep_their_order(z: Floats) -> None:
    shrunk = shrink(z, 1.0)
    assert (np.abs(shrunk.difference) <= np.abs(z) + 1e-9).all()
    assert (shrunk.difference * z >= 0).all()
    assert (shrunk.low <= shrunk.difference).all()
    assert (shrunk.difference <= shrunk.high).all()
    order = np.argsort(z)
    for part in shrunk:
        assert (np.diff(part[order]) >= -1e-9).all()


@settings(max_examples=20, deadline=None)
@given(families, st.sampled_from([0.01, 3.0, 1e6]), st.randoms(use_true_random=False))
def test_neither_unit_nor_order_nor_sign_matters(z: Floats, factor: float, random: object) -> None:
    order = np.arange(z.size)
    random.shuffle(order)
    there, here = shrink(z, 1.0), shrink(-z[order] * factor, factor)
    for ours, theirs in zip(here, (there.difference, there.high, there.low), strict=True):
        np.testing.assert_allclose(ours / factor, -theirs[order], rtol=1e-6, atol=1e-6)


def test_what_is_not_known_takes_no_part() -> None:
    z = np.array([[0.5, -1.0, 6.0], [np.nan, 1.2, 0.1]])
    se = np.array([[1.0, 1.0, 1.0], [1.0, np.nan, 0.0]])
    shrunk, alone = shrink(z, se), shrink(z[0], 1.0)
    for ours, theirs in zip(shrunk, alone, strict=True):
        np.testing.assert_array_equal(ours[0], theirs)
        assert np.isnan(ours[1]).all()
    for empty in (shrink([], []), shrink([np.nan], [1.0]), shrink([1.0], [0.0])):
        assert np.isnan(empty.difference).all()


@pytest.mark.parametrize("z", [[0.0], [0.0, 0.0], [1e8], [-37.5, 2.0], [1e8, *np.zeros(50)], np.zeros(3000)])
def test_extremes_have_finite_limits(z: npt.ArrayLike) -> None:
    shrunk, beyond_doubt = shrink(z, 1.0), np.abs(z) > 30
    assert np.isfinite(shrunk).all()
    np.testing.assert_allclose(shrunk.difference[beyond_doubt], np.array(z)[beyond_doubt], rtol=0.02)


@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_the_confidence_is_kept(confidence: float) -> None:
    truth, estimate, se = simulated("normal, one size")
    shrunk = shrink(estimate, se, confidence)
    covered = ((shrunk.low <= truth) & (truth <= shrunk.high)).mean()
    assert covered == pytest.approx(confidence, abs=0.02)
    with pytest.raises(ValueError, match="between 0 and 1"):
        shrink(estimate, se, 95)
