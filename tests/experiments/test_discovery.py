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
    control = ArmEstimate(*(np.broadcast_to(part, z.shape) for part in (1e4, 50.0, se2, df / 2)))
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
    assert c.p_value[found.selected].max() <= expected["threshold"]
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
    assert found.q_value.shape == found.fcr_low.shape == (2, 2)
    np.testing.assert_array_equal(found.shrunk, shrink(c.difference, c.difference_se).difference)


def test_hidden_and_untestable_rows_take_no_part() -> None:
    z = [4.0, 2.5, NONE, 1.0, 3.0]
    whole = discover(comparisons([4.0, 2.5, 1.0]))
    part = discover(comparisons(z), hidden=[False] * 4 + [True])
    for name in ("q_value", "fcr_low", "fcr_high", "shrunk", "shrunk_low", "shrunk_high"):
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
