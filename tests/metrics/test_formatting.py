"""Figures have the decimals that their precision deserves, and look like 0 only when they are."""

import datetime as dt
import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import formatting
from metrics.formatting import MISSING

numbers = st.floats(-1e9, 1e9).filter(lambda value: abs(value) > 1e-5)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(formatting).failed == 0


@pytest.mark.parametrize(
    ("values", "unit", "written"),
    [
        ((0.1451, 0.0799, 0.2170), "lift", ("+14.5\u00a0%", "+8.0\u00a0%", "+21.7\u00a0%")),
        ((1.1746, 0.6403, 1.9702), "lift", ("+117\u00a0%", "+64\u00a0%", "+197\u00a0%")),
        ((-0.0082, -0.0133, -0.0031), "points", ("−0.82\u00a0pp", "−1.33\u00a0pp", "−0.31\u00a0pp")),
        ((1.73, 0.78, 2.68), "money", ("+€1.73", "+€0.78", "+€2.68")),
        ((0.0031, 0.0011, 0.0051), "money", ("+€0.0031", "+€0.0011", "+€0.0051")),
        ((-1.157, -3.72, 1.405), "number", ("−1.2", "−3.7", "+1.4")),
        ((0.0, -0.01, 0.01), "lift", ("±0.00\u00a0%", "−1.00\u00a0%", "+1.00\u00a0%")),
        ((0.002, None, None), "points", ("+0.20\u00a0pp", MISSING, MISSING)),
        ((None, None, None), "lift", (MISSING, MISSING, MISSING)),
    ],
)
def test_an_effect_and_its_limits_share_their_decimals(values, unit, written) -> None:
    assert tuple(formatting.effect(*values, unit, currency="EUR")) == written


def test_an_interval_that_lacks_a_limit_is_missing() -> None:
    assert formatting.effect(0.1, None, 0.2, "lift").interval == MISSING


units = st.sampled_from(["lift", "points", "money", "number"])


@given(estimate=numbers, low=numbers, high=numbers, unit=units)
def test_what_is_not_0_is_never_written_as_0(estimate: float, low: float, high: float, unit) -> None:
    for value, text in zip(
        (estimate, low, high), formatting.effect(estimate, low, high, unit, currency="EUR"), strict=True
    ):
        assert text.startswith("+" if value > 0 else formatting.MINUS)
        assert set("123456789") & set(text), text


@pytest.mark.parametrize(
    ("pair", "unit", "written"),
    [
        ((0.381, 0.389), "share", ("38.1\u00a0%", "38.9\u00a0%")),
        ((0.00573, 0.01253), "share", ("0.57\u00a0%", "1.25\u00a0%")),
        ((41.2, 42.93), "money", ("€41.20", "€42.93")),
        ((52.456, 51.299), "number", ("52.5", "51.3")),
        ((0.0, 0.02), "share", ("0.0\u00a0%", "2.0\u00a0%")),
        ((None, 3.0), "number", (MISSING, "3.00")),
    ],
)
def test_the_means_of_two_arms_share_their_decimals(pair, unit, written) -> None:
    assert formatting.means(*pair, unit, "EUR") == written


def test_a_time_is_written_in_its_own_zone() -> None:
    assert formatting.clock(dt.datetime(2026, 9, 30, 7, 5, tzinfo=dt.UTC)) == "30 Sep 2026, 07:05"
    assert formatting.clock(None) == MISSING
