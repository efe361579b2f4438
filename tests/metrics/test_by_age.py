"""Effects by days since assignment against a count by hand, and the steps that hide small numbers."""

import datetime as dt
import itertools
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.arrays import Floats
from metrics import by_age
from metrics.outcomes import Outcome

ARMS = ("holdout", "personalised")
START = dt.datetime.fromisoformat("2026-07-01T08:30")
WINDOW = 6
KINDS = {
    "sum": Outcome("m", "revenue", False, WINDOW, None),
    "distinct": Outcome("m", "order_id", True, WINDOW, None),
    "any": Outcome("m", "any", False, WINDOW, None),
}


def shop(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Units with an arm, a level and a covariate; lines before, inside and after the window, returns too."""
    rng = np.random.default_rng(seed)
    units = pl.DataFrame(
        {
            "unit": np.arange(40),
            "variant": rng.choice(ARMS, 40),
            "level": rng.integers(1, WINDOW + 1, 40),
            "x": rng.normal(5, 2, 40).round(2),
            "people": 1,
            "time": [START + dt.timedelta(hours=int(h)) for h in rng.integers(0, 200, 40)],
        }
    )
    who = rng.integers(0, 40, 150)
    after = [dt.timedelta(minutes=int(m)) for m in rng.integers(-2 * 1440, 9 * 1440, 150)]
    lines = pl.DataFrame(
        {
            "unit": who,
            "time": [units["time"][int(u)] for u in who],
            "at": [units["time"][int(u)] + late for u, late in zip(who, after, strict=True)],
            "revenue": rng.normal(10, 15, 150).round(2),
            "order_id": [f"o{n}" for n in rng.integers(0, 60, 150)],
        }
    )
    return units, lines


def outcome_by(lines: list[dict[str, Any]], kind: str, day: int, cap: float | None) -> float:
    """A unit's outcome from its assignment to the end of a day."""
    inside = [
        line
        for line in lines
        if line["time"] <= line["at"] < line["time"] + dt.timedelta(days=min(day, WINDOW))
    ]
    value = {
        "sum": sum(line["revenue"] for line in inside),
        "distinct": float(len({line["order_id"] for line in inside})),
        "any": float(bool(inside)),
    }[kind]
    return value if cap is None else min(value, cap)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(KINDS)), st.sampled_from([None, 18.0]))
def test_every_day_is_that_of_a_count_by_hand(seed: int, kind: str, cap: float | None) -> None:
    units, lines = shop(seed)
    own = {u: lines.filter(unit=u).to_dicts() for u in units["unit"]}
    changes = by_age.increments(nw.from_native(lines.lazy()), KINDS[kind], cap)
    table = by_age.sums_by_day(changes, nw.from_native(units.lazy())).collect().to_native()
    sizes = by_age.Sizes.of(with_sums(units), ARMS, WINDOW)
    so_far, daily = by_age.curves(table, sizes, ARMS, WINDOW)

    for (number, arm), day in itertools.product(enumerate(ARMS), range(1, WINDOW + 1)):
        there = units.filter(pl.col("variant") == arm, pl.col("level") >= day)
        now = np.array([outcome_by(own[u], kind, day, cap) for u in there["unit"]])
        before = np.array([outcome_by(own[u], kind, day - 1, cap) for u in there["unit"]])
        assert so_far.n[day - 1, number] == len(now)
        if len(now) > 1:
            for moments, values in ((so_far, now), (daily, now - before)):
                x = there["x"].to_numpy()
                assert moments.mean[day - 1, number, 0] == pytest.approx(values.mean(), abs=1e-9)
                expected = np.cov(values, x)
                np.testing.assert_allclose(moments.covariance[day - 1, number], expected, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_halves_are_those_of_units_that_completed_the_window(seed: int) -> None:
    units, lines = shop(seed)
    own = {u: lines.filter(unit=u).to_dicts() for u in units["unit"]}
    changes = by_age.increments(nw.from_native(lines.lazy()), KINDS["sum"], None)
    table = by_age.sums_by_half(changes, nw.from_native(units.lazy()), WINDOW).collect().to_native()
    found = by_age.halves(table, by_age.Sizes.of(with_sums(units), ARMS, WINDOW), ARMS, WINDOW)

    for number, arm in enumerate(ARMS):
        there = units.filter(pl.col("variant") == arm, pl.col("level") >= WINDOW)
        first = np.array([outcome_by(own[u], "sum", WINDOW // 2, None) for u in there["unit"]])
        whole = np.array([outcome_by(own[u], "sum", WINDOW, None) for u in there["unit"]])
        assert found.n[number] == len(first)
        if len(first) > 1:
            expected = np.cov([first, whole - first, there["x"].to_numpy()])
            np.testing.assert_allclose(found.covariance[number], expected, atol=1e-8)


def with_sums(units: pl.DataFrame) -> pl.DataFrame:
    return units.group_by("variant", "level").agg(
        n=pl.len().cast(pl.Float64), people=pl.len(), x=pl.col("x").sum(), xx=(pl.col("x") ** 2).sum()
    )


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), min_size=4, max_size=40),
    st.sets(st.integers(1, 39), max_size=3),
)
def test_no_step_of_a_curve_is_of_few_people(people: list[tuple[int, int]], windows: set[int]) -> None:
    """Between two windows whoever drops out between two days is nobody, or at least k in each arm."""
    crowd = np.array(people, dtype=float)
    inside = sorted(w for w in windows if w < len(people))
    found = by_age.levels(crowd, inside, 50)

    assert np.all(found <= np.arange(len(people)))
    assert np.all(np.diff(found) >= 0)
    for level in set(found.tolist()):
        step = crowd[found == level].sum(axis=0)
        if level not in (0, *inside):
            assert np.all((step == 0) | (step >= 50))


def test_a_window_that_all_have_completed_loses_nobody() -> None:
    found = by_age.levels(np.array([[0, 0], [3, 0], [7, 2], [500, 900]]), [3], 50)
    assert found.tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize(
    ("hours", "days"), [(0.0, 0), (23.99, 0), (24.0, 1), (47.9, 1), (24.0 * WINDOW, WINDOW), (999.0, WINDOW)]
)
def test_a_day_counts_once_it_is_over(hours: float, days: int) -> None:
    units = nw.from_native(pl.LazyFrame({"time": [START]}))
    until = START + dt.timedelta(hours=hours)
    assert units.select(d=by_age.observed_days(until, WINDOW)).collect().to_native()["d"].item() == days


def test_days_past_the_window_stand_with_its_last() -> None:
    table = pl.DataFrame({"variant": ["holdout", "holdout"], "level": [2, 90], "n": [1.0, 5.0]})
    found: Floats = by_age.grid(table, "n", ARMS, 3, "level")
    assert found[:, 0].tolist() == [0, 0, 1, 5]
