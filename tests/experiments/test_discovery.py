import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from experiments.arrays import Floats
from experiments.discovery import Discoveries, discover
from experiments.effects import Comparison, compare
from experiments.estimates import ArmEstimate
from experiments.multiplicity import benjamini_hochberg
from experiments.shrinkage import shrink
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data

NONE = float("nan")
PUBLISHED = [0.0004, 0.003, 0.011, 0.018, 0.029, 0.041, 0.12, 0.33, 0.58, 0.91]


def comparisons(z: object, se: object = 1.0, df: float = np.inf) -> Comparison:
    """A family with these differences in standard errors; NaN = not testable."""
    z, se2 = np.asarray(z, float), np.asarray(se, float) ** 2 / 2
    control = ArmEstimate(*(np.broadcast_to(part, z.shape) for part in (1e12, 50.0, se2, df / 2)))
    return compare(control, control._replace(mean=50 + z * se))


def test_the_published_case() -> None:
    found = discover(comparisons(special.ndtri(1 - np.array(PUBLISHED) / 2), se=2.0))
    np.testing.assert_allclose(found.q_value, benjamini_hochberg(PUBLISHED), rtol=1e-9)
    assert found.selected.tolist() == [True] * 4 + [False] * 6
    width = (found.fcr_high - found.fcr_low)[:4] / 4
    np.testing.assert_allclose(width, stats.norm.isf(0.01), rtol=1e-9)
    assert np.isnan(found.fcr_low[4:]).all()


@needs_acceptance_data
def test_the_published_case_file() -> None:
    expected = json.loads((ACCEPTANCE / "reference" / "refcases2.json").read_text())["bh_fcr"]
    c = comparisons(special.ndtri(1 - np.array(PUBLISHED) / 2))
    found = discover(c)
    assert found.selected.sum() == expected["k"]
    assert found.p_value[found.selected].max() <= expected["threshold"]
    level = 1 - 2 * stats.norm.sf((found.fcr_high - found.fcr_low)[0] / 2)
    assert level == pytest.approx(expected["fcr_level"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-8, 8), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_every_row_tells_one_story(z: list[float], rate: float) -> None:
    c = comparisons(z, df=80)
    found = discover(c, rate)
    chosen = found.selected
    assert ((found.q_value <= rate) == chosen).all()
    assert (found.fcr_low <= c.difference)[chosen].all()
    assert (c.difference <= found.fcr_high)[chosen].all()
    assert ((found.fcr_low > -1e-9) | (found.fcr_high < 1e-9))[chosen].all()
    assert np.isnan(found.fcr_low[~chosen]).all()
    assert (found.fcr_low <= c.difference_low + 1e-9)[chosen].all() or rate > 1 - c.confidence
    assert (found.shrunk_low <= found.shrunk).all()
    assert (found.shrunk <= found.shrunk_high).all()


def test_a_family_keeps_its_shape() -> None:
    c = comparisons([[-3.0, 0.2], [5.0, 60.0]], df=30)
    found = discover(c)
    np.testing.assert_allclose(found.p_value, c.p_value, rtol=1e-9)
    assert found.q_value.shape == found.fcr_low.shape == (2, 2)
    np.testing.assert_array_equal(found.shrunk, shrink(c.difference, c.difference_se).difference)


def test_arms_without_units_are_left_out() -> None:
    arm = ArmEstimate(*np.array([[0.0, 50.0], [NONE, 1.0], [NONE, 0.1], [-1.0, 49.0]]))
    found = discover(compare(arm, arm._replace(mean=arm.mean + 2)))
    assert np.isnan(found.p_value[0])
    assert found.selected.tolist() == [False, True]


def test_hidden_and_untestable_rows_take_no_part() -> None:
    z = [4.0, 2.5, NONE, 1.0, 3.0]
    whole = discover(comparisons([4.0, 2.5, 1.0]))
    part = discover(comparisons(z), hidden=[False] * 4 + [True])
    for name in ("p_value", "q_value", "fcr_low", "fcr_high", "shrunk", "shrunk_low", "shrunk_high"):
        ours = getattr(part, name)
        np.testing.assert_array_equal(ours[[0, 1, 3]], getattr(whole, name))
        assert np.isnan(ours[[2, 4]]).all()
    assert part.selected.tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("z", [[], [NONE, NONE], [0.3, -0.2]])
def test_a_family_may_have_nothing_to_find(z: list[float]) -> None:
    found = discover(comparisons(z))
    assert not found.selected.any()
    assert np.isnan(found.fcr_low).all()


@pytest.mark.parametrize("rate", [0, 1, 5, NONE])
def test_the_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        discover(comparisons([1.0]), rate)


def simulated(share: float, m: int, runs: int) -> list[tuple[Floats, Comparison, Discoveries]]:
    """True effects, comparisons and discoveries of many families."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(runs):
        truth = np.where(rng.random(m) < share, rng.normal(0, 4, m), 0.0)
        c = comparisons(truth + rng.normal(size=m))
        found.append((truth, c, discover(c)))
    return found


@pytest.mark.parametrize(("share", "m", "runs"), [(0, 150, 250), (0.01, 5000, 30), (0.1, 3000, 12)])
def test_promises_to_the_selected_are_kept(share: float, m: int, runs: int) -> None:
    """False discoveries, false coverage and shrunk intervals, with 0, 1 and 10 % true effects."""
    false, missed, covered = [], [], []
    for truth, _, found in simulated(share, m, runs):
        chosen, number = found.selected, max(found.selected.sum(), 1)
        false.append((truth[chosen] == 0).sum() / number)
        missed.append(((truth < found.fcr_low) | (truth > found.fcr_high))[chosen].sum() / number)
        covered.append(((found.shrunk_low <= truth) & (truth <= found.shrunk_high)).mean())
    error = np.std(false) / np.sqrt(runs)
    assert np.mean(false) <= 0.05 + 3 * error
    assert np.mean(missed) <= 0.05 + 3 * error
    assert np.mean(covered) >= 0.94


def test_a_discovery_convinces_welch_and_student() -> None:
    """The first small arm happens to vary little, the second is large in the mean and in the variance."""
    control = ArmEstimate(*np.array([[500.0, 500.0], [0.5, 1.5], [0.005, 0.025], [499.0, 499.0]]))
    variant = ArmEstimate(*np.array([[9500.0, 9500.0], [0.9, 0.9], [0.001, 0.001], [9499.0, 9499.0]]))
    c = compare(control, variant)
    sds = np.sqrt(control.se2 * 500), np.sqrt(variant.se2 * 9500)
    student = stats.ttest_ind_from_stats(control.mean, sds[0], 500, variant.mean, sds[1], 9500).pvalue
    np.testing.assert_allclose(discover(c).p_value, np.maximum(c.p_value, student), rtol=1e-9)
    assert (student > c.p_value).tolist() == [True, False]


def rare_purchases(seed: int, m: int, sizes: tuple[int, int], spread: float) -> Comparison:
    """A placebo of m SKUs with about 60 buyers in the smaller arm, whose baskets differ a lot."""
    rng = np.random.default_rng(seed)
    arms = []
    for n in sizes:
        buyers = rng.binomial(n, 60 / min(sizes), m)
        sku = np.repeat(np.arange(m), buyers)
        revenue = rng.lognormal(0, spread, sku.size)
        mean, square = (np.bincount(sku, revenue**power, m) / n for power in (1, 2))
        size = np.full(m, float(n))
        arms.append(ArmEstimate(size, mean, (square - mean**2) / (n - 1), size - 1))
    return compare(*arms)


@pytest.mark.parametrize("sizes", [(5_000, 95_000), (20_000, 80_000), (50_000, 50_000)])
@pytest.mark.parametrize("spread", [0.5, 1.2])
def test_a_placebo_holds_no_discoveries(sizes: tuple[int, int], spread: float) -> None:
    """Welch's test alone finds about 100 of 10,000 SKUs in the most uneven of these."""
    family = [rare_purchases(seed, 2000, sizes, spread) for seed in range(4)]
    assert sum(discover(c).selected.sum() for c in family) <= 1
    if sizes[0] < 10_000 and spread > 1:
        assert sum((benjamini_hochberg(c.p_value) <= 0.05).sum() for c in family) > 20
