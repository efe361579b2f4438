"""Published and independently computed figures, to nine digits, by every input path."""

import json

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.effects import Comparison, compare, noninferiority
from experiments.estimates import ArmEstimate, adjusted, ratio, unadjusted
from experiments.moments import Moments
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data
from tests.experiments import reference
from tests.experiments.reference import ORDERS, PRE, REVENUE, SESSIONS


def exactly(expected: object) -> object:
    return pytest.approx(expected, rel=1e-9)


def revenue(arms: Moments) -> Comparison:
    return compare(unadjusted(arms[0]), unadjusted(arms[1]))


def normal(estimate: ArmEstimate) -> ArmEstimate:
    return estimate._replace(df=np.full_like(estimate.df, np.inf))


def normal_revenue(arms: Moments) -> Comparison:
    return compare(normal(unadjusted(arms[0])), normal(unadjusted(arms[1])))


def adjusted_revenue(arms: Moments) -> Comparison:
    pooled = arms.merge_all().mean[PRE]
    return compare(adjusted(arms[0], pooled, REVENUE, PRE), adjusted(arms[1], pooled, REVENUE, PRE))


def test_difference_in_means(reference_arms: Moments) -> None:
    c = revenue(reference_arms)
    assert c.difference == exactly(1.1449523059917368)
    assert c.difference_se == exactly(0.6237011467490399)
    assert c.df == exactly(3997.9968166282915)
    assert c.difference_low == exactly(-0.07784967132008558)
    assert c.difference_high == exactly(2.367754283303559)
    assert c.p_value == exactly(0.06647054555375512)


def test_relative_lift_by_fieller_with_the_normal_quantile(reference_arms: Moments) -> None:
    c = normal_revenue(reference_arms)
    assert c.relative == exactly(0.0607178278497505)
    assert c.relative_low == exactly(-0.0039811323539312715)
    assert c.relative_high == exactly(0.12984080177924162)


HOUSE_UNADJUSTED = {
    "n_control": 1979,
    "n_variant": 2021,
    "mean_control": 18.856937847397674,
    "mean_variant": 20.00189015338941,
    "relative": 0.06071782784975044,
    "relative_low": -0.004000116937183051,
    "relative_high": 0.12986247183403576,
}
HOUSE_ADJUSTED = {
    "mean_control": 18.856029413615026,
    "mean_variant": 20.00282376403591,
    "difference": 1.1467943504208833,
    "difference_se": 0.5934139726084562,
    "difference_low": -0.016628062153628775,
    "difference_high": 2.3102167629953954,
    "p_value": 0.053363871478152046,
    "relative": 0.06081844301710926,
    "relative_low": -0.0008556178138802162,
    "relative_high": 0.12651334438548334,
}


def test_house_figures(reference_arms: Moments) -> None:
    unadjusted_row, adjusted_row = revenue(reference_arms), adjusted_revenue(reference_arms)
    assert {name: getattr(unadjusted_row, name) for name in HOUSE_UNADJUSTED} == exactly(HOUSE_UNADJUSTED)
    assert {name: getattr(adjusted_row, name) for name in HOUSE_ADJUSTED} == exactly(HOUSE_ADJUSTED)


@needs_acceptance_data
def test_house_cases_file(reference_arms: Moments) -> None:
    cases = json.loads((ACCEPTANCE / "reference" / "house_cases.json").read_text())
    rows = {"unadjusted": revenue(reference_arms), "adjusted": adjusted_revenue(reference_arms)}
    for method, row in rows.items():
        assert {name: getattr(row, name) for name in cases[method]} == exactly(cases[method])


def test_adjustment_agrees_with_the_sandwich_form(reference_arms: Moments) -> None:
    c = adjusted_revenue(reference_arms)
    assert c.difference == exactly(1.1467943504208642)
    assert c.difference_se == pytest.approx(0.5934387353691185, rel=1e-3)
    assert c.difference_low == pytest.approx(-0.0163241979336, abs=1e-3)
    assert c.difference_high == pytest.approx(2.309912898775332, rel=1e-3)
    assert c.p_value == pytest.approx(0.053303225889479194, rel=2e-3)


@needs_acceptance_data
def test_adjustment_is_one_regression_per_arm() -> None:
    values, arm = reference.users()
    pooled = values[:, PRE].mean()
    estimate = adjusted(reference.from_values(), pooled, REVENUE, PRE)
    for index in (0, 1):
        own = values[arm == index]
        line = sm.OLS(own[:, REVENUE], sm.add_constant(own[:, PRE])).fit()
        at_pooled = line.get_prediction([[1.0, pooled]])
        assert estimate.mean[index] == exactly(at_pooled.predicted[0])
        assert np.sqrt(estimate.se2[index]) == exactly(at_pooled.se[0])
        assert estimate.df[index] == line.df_resid


def test_ratio_of_sums(reference_arms: Moments) -> None:
    control, variant = (ratio(arm, ORDERS, SESSIONS) for arm in (reference_arms[0], reference_arms[1]))
    assert control.mean == exactly(0.3157745279000426)
    assert variant.mean == exactly(0.33876404494382023)
    assert np.sqrt(control.se2) == exactly(0.005627462652682933)
    assert np.sqrt(variant.se2) == exactly(0.005785106261835717)
    c = compare(control, variant)
    assert c.difference == exactly(0.022989517043777608)
    assert c.difference_se == exactly(0.008070674715788765)
    assert c.difference_low == exactly(0.007166493588757952)
    assert c.difference_high == exactly(0.03881254049879726)
    assert c.p_value == exactly(0.004414686533802741)
    assert c.relative == exactly(0.0728035829763154)


def test_noninferiority(reference_arms: Moments) -> None:
    c = normal_revenue(reference_arms)
    margin = 0.02 * c.mean_control
    assert margin == exactly(0.3771387569479535)
    p, state = noninferiority(c, margin, "lower")
    assert p == exactly(0.00733515243291021)
    assert state == "not_worse"
    assert c.difference_low == exactly(-0.07747947875271222)


@needs_acceptance_data
def test_winsorised_revenue() -> None:
    values, arm = reference.users()
    cap = np.quantile(values[:, REVENUE], 0.99)
    assert cap == exactly(77.34119999999997)
    capped = np.minimum(values[:, REVENUE], cap)
    c = compare(*(unadjusted(Moments.from_values(capped[arm == index])) for index in (0, 1)))
    assert c.difference == exactly(1.1485420172573981)
    assert c.difference_se == exactly(0.6106863643149483)


def test_incremental_total(reference_arms: Moments) -> None:
    c = normal_revenue(reference_arms)
    assert c.incremental_total == exactly(2313.9486104093003)
    assert c.difference_se * c.n_variant == exactly(1260.5000175798093)
    assert c.incremental_low == exactly(-156.58602655923096)
    assert c.incremental_high == exactly(4784.4832473778315)
    assert c.incremental_total / 2500 == exactly(0.9255794441637201)


def growthbook_case() -> Comparison:
    """A published test case: mean revenue of 3,407 and 3,461 users from their sums."""
    arms = Moments.from_shifted_sums(
        [3407, 3461], [[1396.87], [2422.7]], [[[52377.9767]], [[134698.29]]], [0.0]
    )
    return revenue(arms)


def test_published_growthbook_case() -> None:
    c = growthbook_case()
    shown = [c.difference, c.difference_low, c.difference_high, c.p_value]
    assert np.round(shown, 5).tolist() == [0.29, 0.04538, 0.53462, 0.02016]
    assert np.round(c.relative, 5) == 0.70732


def test_relative_and_absolute_verdict_agree() -> None:
    """Trap T1: with the delta method the same data gave p 0.0202 absolute and 0.0619 relative."""
    c = growthbook_case()
    assert c.p_value < 0.05
    assert c.difference_low > 0
    assert c.relative_low > 0
