import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.health import crossover_share, sample_ratio, share_balance
from experiments.rounding import about, about_share


@pytest.mark.parametrize(
    ("count", "step", "told"),
    [
        (1234, 1, "1,234"),
        (0, 50, "0"),
        (49, 50, "fewer than 50"),
        (50, 50, "about 50"),
        (1234, 50, "about 1,250"),
    ],
)
def test_counts_are_told_in_steps(count: float, step: int, told: str) -> None:
    assert about(count, step) == told


@pytest.mark.parametrize(
    ("part", "whole", "step", "told"),
    [
        (5, 961, 1, "0.52 %"),
        (5, 961, 50, "under 10 %"),
        (0, 961, 50, "0 %"),
        (320, 961, 50, "about 30 %"),
        (1234, 100_000, 50, "about 1.25 %"),
        (20, 100_000, 50, "under 0.05 %"),
        (40, 60, 50, "an untold share"),
    ],
)
def test_shares_are_told_in_steps(part: float, whole: float, step: int, told: str) -> None:
    assert about_share(part, whole, step) == told


@given(st.integers(1, 10**6), st.integers(10, 100), st.data())
def test_a_told_share_leaves_k_people_open(whole: int, step: int, data: st.DataObject) -> None:
    """Whoever knows the whole cannot tell a count from others of the same step."""
    part = data.draw(st.integers(1, whole))
    told = about_share(part, whole, step)
    alike = [other for other in range(max(1, part - step), min(whole, part + step) + 1)
             if about_share(other, whole, step) == told]  # fmt: skip
    at_the_edge = 200 * part >= 100 * (2 * whole - step)
    assert len(alike) >= step / 2 or at_the_edge or whole < step


def test_notes_tell_no_count_of_a_few() -> None:
    notes = [
        sample_ratio({"a": 961, "b": 1003}, {"a": 1, "b": 1}, step=50).note,
        share_balance("withdrawal_balance", {"a": 5, "b": 3}, {"a": 961, "b": 1003}, step=50).note,
        crossover_share(7, 1964, step=50).note,
    ]
    assert notes[1] == "Under 10 % of a, under 5 % of b withdrew consent."
    figures = {found for note in notes for found in re.findall(r"\d[\d,.]*\d|\d", note)}
    assert figures == {"950", "1,000", "10", "5", "50", "1,950"}
