"""What a journey is worth on balance: worked examples, invariants, and how often the interval is right."""

import datetime as dt
import doctest
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from experiments.arrays import Floats
from experiments.effects import compare
from experiments.estimates import ArmEstimate
from metrics import net_value
from metrics.net_value import Effect, Ledger, cost_per_incremental_unit, first_days, unit_days, worth

START = dt.datetime.fromisoformat("2026-07-01T00:00")
DAYS = 92
UTC = [(START, dt.timedelta())]
EVENT: dict[str, Any] = {
    "journey": pl.String,
    "unit": pl.Int64,
    "customer": pl.Int64,
    "occurred_at": pl.Datetime("us"),
    "personalised": pl.Boolean,
}
MARGIN = Effect(units=1000, difference=0.5, low=0.2, high=0.8, window_days=28)
LEDGER = Ledger(cost=920.0, recommendations=2_300_000, unit_days=92_000)

money = st.floats(-1e6, 1e6, allow_subnormal=False)
effects = st.builds(
    lambda units, limits, days: Effect(units, limits[1], limits[0], limits[2], days),
    st.integers(1, 10**7),
    st.tuples(money, money, money).map(sorted),
    st.floats(1, 90),
)
ledgers = st.builds(Ledger, st.floats(0, 1e6), st.integers(1, 10**9), st.integers(1, 10**9))


def test_examples_in_the_text_hold() -> None:
    assert doctest.testmod(net_value).failed == 0


def test_a_worked_example() -> None:
    found = worth(MARGIN, LEDGER, uncovered=400)
    expected = net_value.Worth(
        cost_per_unit=0.28,
        net_value=220.0,
        net_low=-80.0,
        net_high=520.0,
        break_even_cost_per_recommendation=0.5 / 700,
        break_even_low=0.2 / 700,
        break_even_high=0.8 / 700,
        value_of_consent=88.0,
        value_of_consent_low=-32.0,
        value_of_consent_high=208.0,
    )
    assert found == pytest.approx(expected)


def test_nothing_recommended_has_no_price_and_unknown_coverage_no_value() -> None:
    found = worth(MARGIN, LEDGER._replace(recommendations=0), uncovered=None)
    missing = {name for name, value in found._asdict().items() if value is None}
    assert missing == {
        *("break_even_cost_per_recommendation", "break_even_low", "break_even_high"),
        *("value_of_consent", "value_of_consent_low", "value_of_consent_high"),
    }


@given(effects, ledgers)
def test_limits_enclose_the_estimate_and_net_is_nothing_at_break_even(margin: Effect, ledger: Ledger) -> None:
    found = worth(margin, ledger, uncovered=margin.units)
    assert found.net_low <= found.net_value <= found.net_high
    assert found.value_of_consent == found.net_value
    price = found.break_even_cost_per_recommendation
    assert price is not None
    at_break_even = worth(margin, ledger._replace(cost=price * ledger.recommendations), None)
    assert at_break_even.net_value == pytest.approx(
        0, abs=1e-9 * margin.units * max(1, abs(margin.difference))
    )


@given(effects, ledgers, st.floats(1.01, 10))
def test_dearer_inference_is_never_worth_more(margin: Effect, ledger: Ledger, factor: float) -> None:
    dear = worth(margin, ledger._replace(cost=ledger.cost * factor), None)
    cheap = worth(margin, ledger, None)
    assert dear.net_value <= cheap.net_value
    assert dear.break_even_cost_per_recommendation == cheap.break_even_cost_per_recommendation


@given(effects, st.floats(1e-6, 10))
def test_a_price_per_unit_needs_a_gain_clear_of_zero(effect: Effect, rate: float) -> None:
    price = cost_per_incremental_unit(effect, rate)
    assert (price is None) == (effect.low <= 0)
    if price is not None:
        assert price * effect.difference == pytest.approx(rate * effect.window_days)


def days_of(
    events: Sequence[tuple[str, int | None, int | None, float, bool | None]],
    spans: dict[str, tuple[int, int]],
) -> dict[str, tuple[int, int, int]]:
    """Units, people and unit-days per journey; times in days from the start."""
    rows = [
        (name, unit, who, START + dt.timedelta(days=day), shown) for name, unit, who, day, shown in events
    ]
    frame: nw.LazyFrame[Any] = nw.from_native(pl.LazyFrame(rows, schema=EVENT, orient="row"))
    at = {name: [START + dt.timedelta(days=day) for day in span] for name, span in spans.items()}
    between = {name: (since, until) for name, (since, until) in at.items()}
    first = first_days(frame, between, UTC).collect(backend="polars").to_native()
    last = {name: until.date() - dt.timedelta(days=1) for name, (_, until) in at.items()}
    return {row[0]: row[1:] for row in unit_days(first, last).iter_rows()}


def test_person_time_runs_from_the_first_personalised_event() -> None:
    events = [
        ("home", 1, 1, 0.0, True),
        ("home", 1, 1, 50.0, True),
        ("home", 2, 2, 81.9, None),
        ("home", 3, 3, 91.99, True),
        ("home", 4, 4, 3.0, False),
        ("home", None, None, 3.0, True),
        ("cart", 1, 1, 10.0, True),
        ("unlogged", 1, 1, 10.0, True),
    ]
    found = days_of(events, {"home": (0, DAYS), "cart": (0, DAYS)})
    assert found == {"home": (3, 3, 92 + 11 + 1), "cart": (1, 1, 82)}


def test_only_days_whose_cost_is_known_count() -> None:
    events = [("home", 1, 1, 2.0, True), ("home", 1, 1, 5.0, True), ("home", 2, 2, 40.0, True)]
    assert days_of(events, {"home": (4, 14)}) == {"home": (1, 1, 9)}


def test_a_household_is_one_unit_of_several_people() -> None:
    events = [("home", 7, 1, 5.0, True), ("home", 7, 2, 2.0, True), ("home", 8, 3, 2.0, True)]
    assert days_of(events, {"home": (0, 10)}) == {"home": (2, 3, 16)}


def test_engines_agree_on_first_days(tmp_path: Path) -> None:
    """SQLFrame runs Spark's dialect on DuckDB, so that no Java is needed."""
    sqlframe = pytest.importorskip("sqlframe.duckdb")
    rng = np.random.default_rng(4)
    hours = rng.integers(0, 24 * 92, 500)
    events = pl.DataFrame(
        {
            "journey": [("home", "cart", "other")[n % 3] for n in range(500)],
            "unit": [None if n % 17 == 0 else n % 40 for n in range(500)],
            "customer": [n % 80 for n in range(500)],
            "occurred_at": [START + dt.timedelta(hours=int(hour)) for hour in hours],
            "personalised": [(True, False, None)[n % 5 % 3] for n in range(500)],
        },
        schema=EVENT,
    )
    events.write_parquet(tmp_path / "events.parquet")
    session = sqlframe.DuckDBSession()
    frames = [
        nw.from_native(events.lazy()),
        nw.from_native(session.read.parquet(str(tmp_path / "events.parquet"))),
    ]
    spans = {name: (START, START + dt.timedelta(days=60)) for name in ("home", "cart")}
    offsets = [(START, dt.timedelta(hours=1)), (START + dt.timedelta(days=30), dt.timedelta())]
    found, expected = (
        first_days(frame, spans, offsets).collect(backend="polars").to_native().sort("journey", "day")
        for frame in frames
    )
    session.stop()
    assert expected["units"].sum() > 40
    assert_frame_equal(found, expected, check_dtypes=False, check_column_order=False)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """10,000 experiments whose costs differ by unit, go with its margin, and are known as one bill for all.

    The truth is the expected net value, so that the bill is as random as it will be.
    """
    rng = np.random.default_rng(20)
    runs, size, others, lift, cost = 10_000, 400, 1600, 0.30, 0.20
    control, treated = (rng.gamma(0.8, 2.5, (runs, size)) + gain for gain in (0, lift))
    spent = cost * treated / (2.0 + lift) * rng.gamma(4, 0.25, (runs, size))
    elsewhere = rng.normal(cost * others, spent.std() * others**0.5, runs)
    bill = spent.sum(1) + elsewhere
    found = compare(arm_estimate(control), arm_estimate(treated))
    truth, covered = (lift - cost) * size, 0
    for run in range(runs):
        limits = (found.difference[run], found.difference_low[run], found.difference_high[run])
        value = worth(Effect(size, *limits, 28), Ledger(bill[run], 10, 28 * (size + others)), None)
        covered += value.net_low <= truth <= value.net_high
    assert 0.94 <= covered / runs <= 0.96


def arm_estimate(units: Floats) -> ArmEstimate:
    """Mean of every experiment's arm, shape (runs, units)."""
    runs, size = units.shape
    n = np.full(runs, float(size))
    return ArmEstimate(n, units.mean(1), units.var(1, ddof=1) / size, n - 1)
