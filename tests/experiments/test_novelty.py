"""Whether an effect fades: what is said, how often it is said wrongly, and what the intervals cover."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.effects import compare
from experiments.estimates import adjusted
from experiments.moments import Moments
from experiments.novelty import Trend, read, trend

DAYS = (14, 14)
UNITS = 400
RUNS = 1_500


def arm(rng: np.random.Generator, early: float, late: float, n: int = UNITS) -> Moments:
    """Skewed halves that go together, with a covariate that tells something of both."""
    taste = rng.gamma(2, 1, n)
    halves = [taste * rng.gamma(1, 1, n) + shift for shift in (early, late)]
    return Moments.from_values(np.column_stack([*halves, taste + rng.normal(0, 1, n)]))


def run(rng: np.random.Generator, early: float, late: float, n: int = UNITS) -> Trend:
    found = trend(Moments.stack([arm(rng, 0, 0, n), arm(rng, early, late, n)]), DAYS)
    assert found is not None
    return found


def said(early: float, late: float, seed: int) -> Counter[str]:
    rng = np.random.default_rng(seed)
    return Counter(run(rng, early, late).reading for _ in range(RUNS))


def test_without_an_effect_hardly_anything_is_said() -> None:
    """Fading, growing or holding is said of nothing in fewer runs than the error rate allows."""
    found = said(0, 0, 1)
    assert found["fades"] < 0.05 * RUNS
    assert found["grows"] < 0.05 * RUNS
    assert found["holds"] < 0.01 * RUNS
    assert found["unclear"] > 0.93 * RUNS


def test_an_effect_that_stays_is_seldom_said_to_fade() -> None:
    found = said(0.8, 0.8, 2)
    assert found["fades"] + found["grows"] < 0.06 * RUNS
    assert found["holds"] > 0.5 * RUNS


def test_an_effect_of_which_half_is_left_is_seldom_said_to_hold() -> None:
    assert said(0.8, 0.4, 3)["holds"] < 0.04 * RUNS


def test_fading_and_growing_are_found_where_they_are() -> None:
    assert said(1.2, 0.0, 4)["fades"] > 0.95 * RUNS
    assert said(0.0, 1.2, 5)["grows"] > 0.95 * RUNS
    assert said(-1.2, 0.0, 6)["fades"] > 0.95 * RUNS


def test_the_change_covers_the_truth_and_its_smallest_size_is_seen_as_often_as_promised() -> None:
    rng = np.random.default_rng(7)
    found = [run(rng, 1.0, 0.6) for _ in range(RUNS)]
    true = (0.6 - 1.0) / 14
    covered = np.mean([one.change_low <= true <= one.change_high for one in found])
    size = float(np.mean([one.smallest_change for one in found])) * 14
    seen = np.mean([run(rng, size, 0.0).change_high < 0 for _ in range(RUNS)])

    assert covered == pytest.approx(0.95, abs=0.017)
    assert seen == pytest.approx(0.8, abs=0.04)


def test_without_a_covariate_it_is_welchs_test_of_each_units_own_change() -> None:
    rng = np.random.default_rng(8)
    values = [rng.gamma(1, 2, (n, 2)) for n in (120, 300)]
    plain = [Moments.from_values(np.column_stack([v, np.zeros(len(v))])) for v in values]
    found = trend(Moments.stack(plain), (10, 18))
    own = [v[:, 1] / 18 - v[:, 0] / 10 for v in values]
    expected = stats.ttest_ind(own[1], own[0], equal_var=False)
    span = expected.confidence_interval(0.95)

    assert found is not None
    assert found.change == pytest.approx(own[1].mean() - own[0].mean())
    assert (found.change_low, found.change_high) == pytest.approx((span.low, span.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_a_covariate_narrows_the_halves() -> None:
    rng = np.random.default_rng(9)
    both = Moments.stack([arm(rng, 0, 0), arm(rng, 0.5, 0.5)])
    blind = Moments(both.n, both.mean * [1, 1, 0], both.comoment * np.outer([1, 1, 0], [1, 1, 0]))
    wide, narrow = trend(blind, DAYS), trend(both, DAYS)
    assert wide is not None
    assert narrow is not None
    assert narrow.early_high - narrow.early_low < wide.early_high - wide.early_low


def test_with_several_variants_the_halves_add_up_to_the_effect_itself() -> None:
    """The effect is adjusted to the covariate's mean over all arms, so its halves are too."""
    rng = np.random.default_rng(13)
    arms = Moments.stack([arm(rng, 0, 0), arm(rng, 0.5, 0.3), arm(rng, 5, 5, 3 * UNITS)])
    pooled = float(arms.merge_all(0).mean[2])
    added = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    whole = Moments(arms.n, arms.mean @ added.T, added @ arms.comoment @ added.T)
    effect = compare(*(adjusted(whole[index], pooled) for index in (0, 1)))
    found = trend(arms.take([0, 1]), DAYS, pooled_x=pooled)
    assert found is not None
    assert DAYS[0] * found.early + DAYS[1] * found.late == pytest.approx(float(effect.difference), rel=1e-12)


def test_before_the_planned_end_limits_are_those_of_every_look() -> None:
    rng = np.random.default_rng(10)
    both = Moments.stack([arm(rng, 0, 0), arm(rng, 1.2, 0)])
    once, any_look = trend(both, DAYS), trend(both, DAYS, planned=4_000)
    assert once is not None
    assert any_look is not None
    assert any_look.change == once.change
    assert any_look.change_high - any_look.change_low > 1.4 * (once.change_high - once.change_low)


def test_swapping_the_arms_turns_every_sign_and_keeps_the_reading() -> None:
    rng = np.random.default_rng(11)
    both = Moments.stack([arm(rng, 0, 0), arm(rng, 1.2, 0)])
    one, other = trend(both, DAYS), trend(both.take([1, 0]), DAYS)
    assert one is not None
    assert other is not None
    assert (other.change, other.change_low) == pytest.approx((-one.change, -one.change_high))
    assert other.reading == one.reading


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_units_or_no_variation_say_nothing(n: int) -> None:
    few = Moments.from_values(np.ones((n, 3)))
    assert trend(Moments.stack([few, few]), DAYS) is None
    steady = np.random.default_rng(12).gamma(1, 3, 50)
    same = Moments.from_values(np.column_stack([steady, steady, np.zeros(50)]))
    assert trend(Moments.stack([same, same]), DAYS) is None
    still = Moments.from_values(np.ones((50, 3)))
    assert trend(Moments.stack([still, still]), DAYS) is None


spans = st.tuples(st.floats(-5, 5), st.floats(0, 5)).map(lambda pair: (pair[0] - pair[1], pair[0] + pair[1]))


@given(spans, spans, spans, spans)
def test_nothing_is_said_without_an_effect_that_is_clear(
    early: tuple[float, float],
    late: tuple[float, float],
    change: tuple[float, float],
    kept: tuple[float, float],
) -> None:
    word = read(early, late, change, kept)
    if early[0] <= 0 <= early[1]:
        assert word in ("grows", "unclear")
    if change[0] <= 0 <= change[1]:
        assert word in ("holds", "unclear")
