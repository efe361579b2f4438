import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.verdict import Code, Interval, Verdict, decide, needed_more

NONE = float("nan")
ABOVE, BELOW, AROUND, ABSENT = (
    Interval(0.5, 2.0),
    Interval(-2.0, -0.5),
    Interval(-1.0, 2.0),
    Interval(NONE, NONE),
)


def verdict(**changes: object) -> Verdict:
    usual = {"status": "ok", "direction": "higher", "fixed": ABOVE, "sequential": AROUND, "ended": True}
    return decide(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "better"),
        ({"fixed": BELOW}, "worse"),
        ({"direction": "lower"}, "worse"),
        ({"direction": "lower", "fixed": BELOW}, "better"),
        ({"fixed": AROUND, "sequential": ABOVE}, "no_clear_effect"),
        ({"fixed": Interval(0.0, 1.0)}, "no_clear_effect"),
        ({"ended": False}, "too_early"),
        ({"ended": False, "sequential": ABOVE}, "better"),
        ({"ended": False, "sequential": BELOW}, "worse"),
        ({"fixed": ABSENT}, "not_testable"),
        ({"ended": False, "sequential": ABSENT}, "not_testable"),
        ({"status": "not_testable"}, "not_testable"),
        ({"status": "suppressed"}, "suppressed"),
        ({"status": "no_evidence"}, "no_evidence"),
    ],
)
def test_the_primary_metric_decides(changes: dict[str, object], code: str) -> None:
    assert verdict(**changes) == Verdict(code)


def test_a_failed_check_withholds_everything_else() -> None:
    withheld = verdict(failed_checks=["sample_ratio", "crossover_share"], guardrails={"withdrawal": "worse"})
    assert withheld == Verdict("withheld", failed_checks=("sample_ratio", "crossover_share"))


def test_a_harmed_guardrail_stands_beside_the_primary() -> None:
    guardrails = {"withdrawal": "worse", "returns": "possibly_worse", "visits": "not_worse"}
    assert verdict(guardrails=guardrails) == Verdict("harmful_guardrail", harmed_guardrails=("withdrawal",))
    unclear = verdict(fixed=AROUND, guardrails=guardrails)
    assert unclear == Verdict("no_clear_effect", harmed_guardrails=("withdrawal",))


@pytest.mark.parametrize("state", ["not_worse", "possibly_worse", "not_enough_data"])
def test_other_guardrail_states_leave_the_verdict(state: str) -> None:
    assert verdict(guardrails={"withdrawal": state}) == Verdict("better")


def test_every_combination_has_a_code() -> None:
    statuses = ("ok", "not_testable", "suppressed", "no_evidence")
    intervals = (ABOVE, BELOW, AROUND, ABSENT)
    for status, direction, fixed, sequential, ended in product(
        statuses, ("higher", "lower"), intervals, intervals, (True, False)
    ):
        found = decide(status=status, direction=direction, fixed=fixed, sequential=sequential, ended=ended)
        assert found.code in get_args(Code)


@pytest.mark.parametrize("changes", [{"status": "fine"}, {"direction": "up"}])
def test_unknown_words_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"not '(fine|up)'"):
        verdict(**changes)


@pytest.mark.parametrize(
    ("n", "half_width", "target", "more"),
    [
        (1000, 2.0, 1.0, 3000),
        (1000, 2.0, -1.0, 3000),
        (1000, 1.0, 2.0, 0),
        (999, 1.1, 1.0, 210),
        (1000, 1.0, 0.0, None),
        (1000, NONE, 1.0, None),
        (1000, 1.0, NONE, None),
        (0, 1.0, 1.0, None),
        (1000, 1e300, 1e-300, None),
    ],
)
def test_how_many_more_are_needed(n: float, half_width: float, target: float, more: int | None) -> None:
    assert needed_more(n, half_width, target) == more


@given(st.integers(100, 10**6), st.floats(0.01, 100), st.floats(0.01, 100))
def test_with_those_added_the_interval_is_narrow_enough(n: int, half_width: float, target: float) -> None:
    more = needed_more(n, half_width, target)
    assert more is not None
    assert half_width * (n / (n + more)) ** 0.5 <= target * (1 + 1e-9) or more == 0
    assert more == 0 or half_width * (n / (n + more - 1)) ** 0.5 > target * (1 - 1e-9)


def test_reading_a_verdict_loads_no_statistics() -> None:
    script = "import sys, experiments.verdict; print({'numpy', 'scipy', 'statsmodels'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
