import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from experiments.effects import SMALLEST_P, Comparison, compare
from experiments.estimates import ArmEstimate, adjusted, ratio, unadjusted
from experiments.moments import Moments

Values = npt.NDArray[np.float64]

cents = st.integers(0, 10**6).map(lambda value: value / 100)
outcomes = arrays.arrays(np.float64, st.tuples(st.integers(3, 25), st.just(2)), elements=cents)
estimates = st.builds(
    ArmEstimate,
    n=st.integers(2, 10**7).map(float),
    mean=st.floats(-1e4, 1e4).map(lambda value: round(value, 4)),
    se2=st.floats(1e-6, 1e6),
    df=st.integers(1, 10**7).map(float) | st.just(float("inf")),
)
FIGURES = [
    "difference_se",
    "df",
    "difference_low",
    "difference_high",
    "relative",
    "relative_low",
    "relative_high",
    "p_value",
    "incremental_total",
    "incremental_low",
    "incremental_high",
]


def arm(mean: float, se2: float = 0.25, n: float = 100, df: float | None = None) -> ArmEstimate:
    return ArmEstimate(*(np.asarray(field, float) for field in (n, mean, se2, n - 1 if df is None else df)))


def means(control: Values, variant: Values) -> Comparison:
    return compare(*(unadjusted(Moments.from_values(values)) for values in (control, variant)))


def lines(control: Values, variant: Values) -> Comparison:
    arms = Moments.stack([Moments.from_values(values) for values in (control, variant)])
    return compare(*(adjusted(arms[index], arms.merge_all().mean[1]) for index in (0, 1)))


def ratios(control: Values, variant: Values) -> Comparison:
    shifted = (values + np.array([0, 1]) for values in (control, variant))
    return compare(*(ratio(Moments.from_values(values)) for values in shifted))


every_method = pytest.mark.parametrize("method", [means, lines, ratios])


def assert_close(left: Comparison, right: Comparison, factor: float = 1.0) -> None:
    """Equal figures, with those in the metric's unit multiplied."""
    assert left.reason == right.reason
    for name in ["mean_control", "mean_variant", "difference", *FIGURES]:
        ours, theirs = getattr(left, name), getattr(right, name)
        unit_free = name in {"df", "p_value", "relative", "relative_low", "relative_high"}
        size = 1e-9 * (1 if unit_free else abs(factor) * (1 + abs(float(right.mean_control))))
        np.testing.assert_allclose(
            ours, theirs * (1 if unit_free else factor), rtol=1e-6, atol=size, err_msg=name
        )


def test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    control, variant = rng.gamma(1, 10, 60), rng.gamma(1, 12, 300)
    c, theirs = means(control, variant), stats.ttest_ind(variant, control, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert c.p_value == pytest.approx(theirs.pvalue, rel=1e-11)
    assert c.df == pytest.approx(theirs.df, rel=1e-11)
    assert [c.difference_low, c.difference_high] == pytest.approx(list(interval), rel=1e-11)


@given(estimates, estimates, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_every_row_tells_one_story(control: ArmEstimate, variant: ArmEstimate, confidence: float) -> None:
    """Traps T1 and T12: intervals contain their estimate, and p, absolute and relative limits agree."""
    c = compare(control, variant, confidence)
    assert c.testable
    assert c.difference_low <= c.difference <= c.difference_high
    assert c.incremental_low <= c.incremental_total <= c.incremental_high
    excluded = c.difference_low > 0 or c.difference_high < 0
    if abs(c.p_value - (1 - confidence)) > 1e-9:
        assert (c.p_value < 1 - confidence) == excluded
    assert SMALLEST_P <= c.p_value <= 1
    assert c.unbounded == np.isnan(c.relative_low) == np.isnan(c.relative_high)
    if not c.unbounded:
        assert c.relative_low <= c.relative <= c.relative_high
        assert (c.relative_low > 0 or c.relative_high < 0) == excluded


@given(estimates, estimates)
def test_relative_limits_are_those_of_fieller(control: ArmEstimate, variant: ArmEstimate) -> None:
    """At each limit ρ the test of mean_variant = (1 + ρ) mean_control is just significant."""
    c = compare(control, variant)
    if c.unbounded:
        return
    quantile = stats.t.isf(0.025, c.df)
    for limit in (c.relative_low, c.relative_high):
        gap = variant.mean - (1 + limit) * control.mean
        se = np.sqrt(variant.se2 + (1 + limit) ** 2 * control.se2)
        assert abs(gap) / se == pytest.approx(quantile, rel=1e-6)


@every_method
@given(control=outcomes, variant=outcomes)
def test_swapping_the_arms_flips_the_sign(method: object, control: Values, variant: Values) -> None:
    there, back = method(control, variant), method(variant, control)
    assert there.reason == back.reason
    np.testing.assert_allclose(back.difference, -there.difference, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(back.difference_low, -there.difference_high, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(back.p_value, there.p_value, rtol=1e-9)


@every_method
@given(control=outcomes, variant=outcomes, factor=st.sampled_from([0.01, 0.5, 3.0, 1e6]))
def test_a_change_of_currency_changes_only_the_unit(
    method: object, control: Values, variant: Values, factor: float
) -> None:
    scaled = [values * [factor, 1] for values in (control, variant)]
    assert_close(method(*scaled), method(control, variant), factor)


@every_method
@given(control=outcomes, variant=outcomes, seed=st.integers(0, 99))
def test_the_order_of_units_does_not_matter(
    method: object, control: Values, variant: Values, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(values) for values in (control, variant)]
    assert_close(method(*shuffled), method(control, variant))


@given(outcomes, outcomes, st.sampled_from([1.0, 1e3, 1e9]))
def test_a_shift_of_both_arms_leaves_the_difference(control: Values, variant: Values, shift: float) -> None:
    here, there = means(control[:, 0], variant[:, 0]), means(control[:, 0] + shift, variant[:, 0] + shift)
    assert here.reason == there.reason
    for name in ("difference", "difference_low", "difference_high"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=1e-6, atol=1e-6)


@given(outcomes, outcomes)
def test_doubling_the_data_narrows_by_root_two(control: Values, variant: Values) -> None:
    once = [unadjusted(Moments.from_values(values[:, 0])) for values in (control, variant)]
    twice = [unadjusted(Moments.from_values(np.tile(values[:, 0], 2))) for values in (control, variant)]
    for one, two in zip(once, twice, strict=True):
        np.testing.assert_allclose(two.mean, one.mean, rtol=1e-12)
        np.testing.assert_allclose(two.se2, one.se2 * (one.n - 1) / (2 * one.n - 1), rtol=1e-9, atol=1e-12)


DEGENERATE = {
    "one unit": (arm(1.0, se2=np.nan, n=1), arm(2.0), "too few units"),
    "one unit in the variant": (arm(1.0), arm(2.0, se2=np.nan, n=1), "too few units"),
    "no unit": (arm(np.nan, se2=np.nan, n=0), arm(2.0), "too few units"),
    "no degree of freedom": (arm(1.0, se2=np.nan, n=2, df=0), arm(2.0), "too few units"),
    "all zero": (arm(0.0, se2=0), arm(0.0, se2=0), "no variation"),
    "two constants": (arm(1.0, se2=0), arm(2.0, se2=0), "no variation"),
    "unknown variance": (arm(1.0, se2=np.nan), arm(2.0), "unknown variance"),
    "unknown mean": (arm(1.0), arm(np.nan, se2=np.nan), "unknown mean"),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_input_is_not_testable(case: str) -> None:
    control, variant, reason = DEGENERATE[case]
    c = compare(control, variant)
    assert not c.testable
    assert c.reason == reason
    assert not c.unbounded
    assert all(np.isnan(getattr(c, name)) for name in FIGURES)
    assert [c.n_control, c.n_variant] == [control.n, variant.n]
    np.testing.assert_equal([c.mean_control, c.mean_variant], [control.mean, variant.mean])
    np.testing.assert_equal(c.difference, variant.mean - control.mean)


@pytest.mark.parametrize(
    ("control", "variant", "reason"),
    [
        ([0] * 9, [0] * 9, "no variation"),
        ([0.1] * 9, [0.7] * 7, "no variation"),
        ([3.0], [1.0, 2.0, 4.0], "too few units"),
        ([], [1.0, 2.0, 4.0], "too few units"),
        ([1.0, np.nan, 3.0], [1.0, 2.0, 4.0], "unknown mean"),
    ],
)
def test_degenerate_data_is_not_testable(control: list[float], variant: list[float], reason: str) -> None:
    c = means(np.array(control), np.array(variant))
    assert c.reason == reason
    assert np.isnan(c.p_value)


def test_one_still_arm_is_testable() -> None:
    c = compare(arm(0.0, se2=0, n=50), arm(0.1, se2=0.0004, n=50))
    assert c.testable
    assert c.df == pytest.approx(49)
    assert c.unbounded


@pytest.mark.parametrize(
    ("control", "variant", "relative"),
    [(-10.0, -5.0, 0.5), (-10.0, -20.0, -1.0), (0.0, 1.0, np.nan), (0.001, 0.5, 499.0)],
)
def test_a_baseline_not_clear_of_zero_has_no_relative_interval(
    control: float, variant: float, relative: float
) -> None:
    """Trap T6: the sign stays that of the difference, and no limits are made up."""
    c = compare(arm(control), arm(variant))
    assert c.unbounded
    np.testing.assert_allclose(c.relative, relative, rtol=1e-9)
    assert np.isnan([c.relative_low, c.relative_high]).all()
    assert c.difference_low <= c.difference <= c.difference_high


def test_a_fall_below_zero_keeps_its_limits_in_order() -> None:
    """Trap T6: from 2 to -1 a log-scale interval turns its limits round."""
    c = compare(arm(2.0, se2=0.01), arm(-1.0, se2=0.01))
    assert c.relative == -1.5
    assert c.relative_low < -1.5 < c.relative_high < 0


def test_tiny_p_values_do_not_underflow() -> None:
    """Trap T2: one minus the distribution function is 0 from about eight standard errors on."""
    se2 = np.full(3, 0.5)
    distance = np.array([20.6, 37.0, 60.0])
    control = ArmEstimate(np.full(3, 1e6), np.full(3, 100.0), se2, np.full(3, np.inf))
    c = compare(control, control._replace(mean=control.mean + distance))
    np.testing.assert_allclose(c.p_value[:2], 2 * stats.norm.sf(distance[:2]), rtol=1e-9)
    assert c.p_value[0] == pytest.approx(2.7444e-94, rel=1e-4)
    assert c.p_value[2] == SMALLEST_P


def test_batches_broadcast_and_equal_single_comparisons() -> None:
    rng = np.random.default_rng(7)
    control = ArmEstimate(np.full(4, 50.0), rng.normal(10, 1, 4), rng.gamma(1, 1, 4), np.full(4, 49.0))
    variants = ArmEstimate(
        np.full((3, 4), 70.0), rng.normal(11, 1, (3, 4)), rng.gamma(1, 1, (3, 4)), np.full((3, 4), 69.0)
    )
    together = compare(control, variants)
    for row, column in np.ndindex(3, 4):
        one = ArmEstimate(*(field[column] for field in control))
        alone = compare(one, ArmEstimate(*(field[row, column] for field in variants)))
        for name in FIGURES:
            np.testing.assert_allclose(getattr(together, name)[row, column], getattr(alone, name), rtol=1e-13)


def test_the_incremental_total_is_over_the_variants_units() -> None:
    c = compare(arm(10.0, n=100), arm(12.0, n=900))
    assert c.incremental_total == 1800
    assert c.incremental_low == pytest.approx(900 * c.difference_low)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, -0.1, float("nan")])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare(arm(1.0), arm(2.0), confidence)
