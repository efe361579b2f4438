import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.effects import HarmIf, compare, guardrail_states, noninferiority
from experiments.estimates import ArmEstimate

NONE = float("nan")

# harm estimate, its interval's ends towards good and harm, margin, state
CASES = [
    (0.0, -1.0, 1.0, 2.0, "not_worse"),
    (1.0, 0.5, 1.5, 2.0, "not_worse"),
    (-3.0, -4.0, -2.0, 2.0, "not_worse"),
    (0.0, -2.0, 2.0, 2.0, "not_enough_data"),
    (1.5, 0.5, 2.5, 2.0, "worse"),
    (3.0, 2.5, 3.5, 2.0, "worse"),
    (2.5, -0.5, 5.5, 2.0, "possibly_worse"),
    (1.5, -0.5, 3.5, 2.0, "not_enough_data"),
    (0.5, -0.5, 1.5, 0.0, "possibly_worse"),
    (-1.0, -1.5, -0.5, NONE, "not_worse"),
    (1.0, 0.5, 1.5, NONE, "worse"),
    (1.0, -0.5, 2.5, NONE, "not_enough_data"),
    (1.0, NONE, NONE, 0.5, "not_enough_data"),
]


@pytest.mark.parametrize(("harm", "best", "worst", "margin", "state"), CASES)
def test_states(harm: float, best: float, worst: float, margin: float, state: str) -> None:
    higher = guardrail_states(np.array(harm), np.array(best), np.array(worst), margin, "higher")
    lower = guardrail_states(np.array(-harm), np.array(-worst), np.array(-best), margin, "lower")
    assert higher == lower == state


def test_states_are_found_for_a_whole_batch() -> None:
    harm, best, worst, margin, state = (np.array(column) for column in zip(*CASES, strict=True))
    assert guardrail_states(harm, best, worst, margin, "higher").tolist() == state.tolist()


@given(
    difference=st.floats(-3, 3),
    margin=st.floats(0, 2),
    harm_if=st.sampled_from(["higher", "lower"]),
    confidence=st.sampled_from([0.8, 0.95]),
)
def test_the_one_sided_test_and_the_state_agree(
    difference: float, margin: float, harm_if: HarmIf, confidence: float
) -> None:
    control = ArmEstimate(*(np.array(field) for field in (50.0, 10.0, 0.2, 49.0)))
    c = compare(control, control._replace(mean=10 + difference))
    p, state = noninferiority(c, margin, harm_if, confidence)
    level = (1 - confidence) / 2
    if abs(p - level) > 1e-9:
        assert (p < level) == (state == "not_worse")


def test_without_margin_or_variance_there_is_no_test() -> None:
    control = ArmEstimate(
        *(np.array(field) for field in ([50.0, 50.0], [10.0, 10.0], [0.2, NONE], [49.0, 49.0]))
    )
    p, state = noninferiority(compare(control, control), [NONE, 1.0], "higher")
    assert np.isnan(p).all()
    assert state.tolist() == ["not_enough_data", "not_enough_data"]


def test_a_negative_margin_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 0, but one is -0\.5"):
        guardrail_states(np.zeros(2), np.zeros(2), np.zeros(2), [NONE, -0.5], "higher")
