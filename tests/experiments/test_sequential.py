import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.effects import SMALLEST_P, Comparison, compare
from experiments.estimates import ArmEstimate, unadjusted
from experiments.moments import Moments
from experiments.sequential import mixing_scale, multiplier, sequence


def estimated(n_control: float, n_variant: float, difference: float, se: float) -> Comparison:
    """A comparison with a given difference and standard error, from a control mean of 100."""
    half = se**2 / 2
    control = ArmEstimate(*(np.asarray(field) for field in (n_control, 100.0, half, np.inf)))
    variant = ArmEstimate(*(np.asarray(field) for field in (n_variant, 100.0 + difference, half, np.inf)))
    return compare(control, variant)


@pytest.mark.parametrize(
    ("planned_n", "rho"),
    [(1000, 0.08908509752892212), (5000, 0.03984006677137368), (10000, 0.02817118137696317)],
)
def test_mixing_scale(planned_n: int, rho: float) -> None:
    assert mixing_scale(planned_n, 0.05) == pytest.approx(rho, rel=1e-9)


@pytest.mark.parametrize(
    ("planned_n", "low", "high", "p"),
    [
        (1000, -0.8054323714416045, 3.095336983425078, 1.0),
        (5000, -0.7513322650164738, 3.0412368769999474, 0.6322879783740981),
        (10000, -0.803352295676466, 3.0932569076599394, 0.5673163149679418),
    ],
)
def test_reference_revenue(
    reference_arms: Moments, planned_n: int, low: float, high: float, p: float
) -> None:
    c = compare(unadjusted(reference_arms[0]), unadjusted(reference_arms[1]))
    s = sequence(c, planned_n)
    assert [s.low, s.high, s.p] == pytest.approx([low, high, p], rel=1e-9)


def test_reference_adjusted_revenue() -> None:
    c = estimated(1979, 2021, 1.1467954262590947, 0.5932837424986895)
    s = sequence(c, 5000)
    expected = [-0.6570088684650195, 2.9505997209832087, 0.539730490742096]
    assert [s.low, s.high, s.p] == pytest.approx(expected, rel=1e-9)


def test_published_growthbook_cases() -> None:
    """Two published relative lifts with delta-method standard errors, as printed to five digits."""
    counts = [3000, 3461]
    spend = Moments.from_shifted_sums(counts, [[1396.87], [2422.7]], [[[52377.9767]], [[134698.29]]], [0.0])
    orders = Moments.from_shifted_sums(counts, [[1396.0], [2422.0]], [[[1396.0]], [[2422.0]]], [0.0])
    for arms, planned_n, expected in (
        (spend, 1000, [0.50336, -0.55844, 1.56516, 1.0]),
        (orders, 5000, [0.50386, 0.40098, 0.60675, 0.0]),
    ):
        estimate = unadjusted(arms)
        ratio = estimate.mean[1] / estimate.mean[0]
        se = np.sqrt(estimate.se2[1] + ratio**2 * estimate.se2[0]) / estimate.mean[0]
        c = estimated(3000, 3461, ratio - 1, se)
        s = sequence(c, planned_n)
        assert np.round([c.difference, s.low, s.high, s.p], 4) == pytest.approx(
            np.round(expected, 4), abs=2e-4
        )


def test_the_price_of_looking_whenever_one_likes() -> None:
    planned = [1000, 5000, 10_000, 20_000, 50_000]
    widths = multiplier(20_000, planned, 0.05) / 1.959964
    assert np.round(widths, 2).tolist() == [1.7, 1.6, 1.56, 1.55, 1.59]


@given(
    st.integers(2, 10**6),
    st.integers(2, 10**6),
    st.floats(-50, 50),
    st.integers(10, 10**6),
    st.integers(1, 5),
)
def test_the_p_value_and_both_intervals_tell_one_story(
    n_control: int, n_variant: int, difference: float, planned_n: int, variants: int
) -> None:
    c = estimated(n_control, n_variant, difference, 1.0)
    s = sequence(c, planned_n, 0.05, variants)
    assert s.low <= c.difference <= s.high
    excluded = s.low > 0 or s.high < 0
    if abs(s.p - 0.05) > 1e-9:
        assert (s.p < 0.05) == excluded
    assert SMALLEST_P <= s.p <= 1
    if not np.isnan(s.relative_low):
        assert s.relative_low <= c.relative <= s.relative_high
        assert (s.relative_low > 0 or s.relative_high < 0) == excluded


@given(st.integers(2, 10**7), st.integers(10, 10**7))
def test_a_sequence_is_wider_than_the_fixed_interval(n: int, planned_n: int) -> None:
    assert multiplier(n, planned_n, 0.05) > 3.03


def test_several_variants_widen_the_bound() -> None:
    c = estimated(1000, 1000, 4.0, 1.0)
    alone, shared = sequence(c, 2000), sequence(c, 2000, bonferroni=3)
    same = sequence(c, 2000, alpha=0.05 / 3)
    assert shared.low == same.low < alone.low
    assert shared.p == pytest.approx(3 * same.p)


def test_what_cannot_be_tested_has_no_sequence() -> None:
    c = estimated(1000, 1000, 4.0, float("nan"))
    assert np.isnan(sequence(c, 2000)).all()


def test_an_unbounded_lift_keeps_its_absolute_limits() -> None:
    s = sequence(estimated(20, 20, 4.0, 90.0), 2000)
    assert np.isfinite([s.low, s.high]).all()
    assert np.isnan([s.relative_low, s.relative_high]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"planned_n": 0}, "positive number of planned units"),
        ({"planned_n": float("nan")}, "positive number of planned units"),
        ({"planned_n": 100, "alpha": 1.0}, "Alpha must lie between 0 and 1"),
        ({"planned_n": 100, "bonferroni": 0}, "at least 1, but is 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sequence(estimated(10, 10, 1.0, 1.0), **arguments)
