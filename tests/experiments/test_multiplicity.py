import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.multiplicity import benjamini_hochberg, false_coverage_confidence, holm

NONE = float("nan")
families = arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))


@pytest.mark.parametrize(
    ("adjust", "p", "expected"),
    [
        (holm, [0.01, 0.04, 0.03, 0.005, 0.55, 0.6], [0.05, 0.12, 0.12, 0.03, 1, 1]),
        (holm, [0.898, 0.138, 0.007, 0.964, 0.538, 0.006, 0.138], [1, 0.69, 0.042, 1, 1, 0.042, 0.69]),
        (benjamini_hochberg, [0.01, 0.04, 0.03, 0.005, 0.55, 0.6], [0.03, 0.06, 0.06, 0.03, 0.6, 0.6]),
        (
            benjamini_hochberg,
            [0.898, 0.138, 0.007, 0.964, 0.538, 0.006, 0.138],
            [0.964, 0.2415, 0.0245, 0.964, 0.7532, 0.0245, 0.2415],
        ),
        (benjamini_hochberg, [0.005, 0.06, 0.007, 0.04, 0.01, 0.03], [0.02, 0.06, 0.02, 0.048, 0.02, 0.045]),
    ],
)
def test_published_cases(adjust: object, p: list[float], expected: list[float]) -> None:
    assert adjust(p) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=15)
@given(families)
def test_agrees_with_the_libraries(p: np.ndarray) -> None:
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p), rtol=1e-12)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@given(p=families)
def test_adjusting_keeps_the_order_and_never_helps(adjust: object, p: np.ndarray) -> None:
    adjusted = adjust(p)
    assert (adjusted >= p * (1 - 1e-15)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_was_not_tested_is_no_part_of_the_family(adjust: object) -> None:
    with_holes = adjust([[0.01, NONE, 0.04], [NONE, 0.03, 0.2]])
    expected = adjust([0.01, 0.04, 0.03, 0.2])
    np.testing.assert_array_equal(with_holes[~np.isnan(with_holes)], expected)
    assert with_holes.shape == (2, 3)
    assert np.isnan(adjust([NONE])).all()
    assert adjust([]).size == 0


@pytest.mark.parametrize("p", [[-0.1, 0.5], [0.5, 1.5]])
def test_what_is_no_p_value_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(p)


def test_coverage_of_the_selected() -> None:
    p = [0.0004, 0.003, 0.011, 0.018, 0.029, 0.041, 0.12, 0.33, 0.58, 0.91]
    selected = int((benjamini_hochberg(p) <= 0.05).sum())
    assert selected == 4
    assert false_coverage_confidence(selected, len(p)) == pytest.approx(0.98)
    with pytest.raises(ValueError, match="select 1 to 10"):
        false_coverage_confidence(11, 10)
