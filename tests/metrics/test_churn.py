import datetime as dt

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.churn import churn_spans, counts, life_table, observed_spans, withdrawal_spans

START = dt.datetime(2026, 7, 1, 12)  # noqa: DTZ001 - naive UTC is the house's form
DAY = dt.timedelta(days=1)


def lazy(frame: pl.DataFrame) -> nw.LazyFrame[pl.LazyFrame]:
    return nw.from_native(frame.lazy())


def units(until: float = 100, *, left: int = 0, refused: float | None = None) -> pl.DataFrame:
    refused_at = None if refused is None else START + refused * DAY
    return pl.DataFrame(
        {"unit": [1], "variant": ["a"], "time": [START], "until": [START + until * DAY], "left": [left],
         "refused_at": [refused_at]},
        schema_overrides={"refused_at": pl.Datetime("us")},
    )  # fmt: skip


def churn(
    days: list[float], *, until: float = 100, inactive: float = 60, left: int = 0
) -> tuple[float, int, int]:
    bought = pl.DataFrame(
        {"unit": [1] * len(days), "at": [START + day * DAY for day in days]},
        schema={"unit": pl.Int64, "at": pl.Datetime("us")},
    )
    found = churn_spans(lazy(units(until, left=left)), lazy(bought), inactive).collect().to_native()
    row = found.select("days", "happened", "left").row(0)
    return float(row[0]), int(row[1]), int(row[2])


@pytest.mark.parametrize(
    ("days", "until", "expected"),
    [
        pytest.param([], 100, (60, 1), id="assignment is activity"),
        pytest.param([], 60, (60, 1), id="a gap complete at the last moment"),
        pytest.param([], 59, (59, 0), id="a gap not yet complete is no churn"),
        pytest.param([30], 100, (90, 1), id="a purchase starts the gap anew"),
        pytest.param([30, 95], 100, (90, 1), id="coming back after the gap does not undo it"),
        pytest.param([30, 89.99], 100, (100, 0), id="a purchase just before the gap is complete"),
        pytest.param([60], 100, (60, 1), id="a purchase when the gap is complete comes too late"),
        pytest.param([-5], 100, (60, 1), id="purchases before assignment do not count"),
        pytest.param([20, 40, 40, 20], 90, (90, 0), id="order and repeats do not matter"),
        pytest.param([50], 49, (49, 0), id="nothing after the end of following counts"),
    ],
)
def test_churn_comes_once_a_gap_is_complete(
    days: list[float], until: float, expected: tuple[float, int]
) -> None:
    assert churn(days, until=until)[:2] == expected


def test_a_withdrawal_censors_and_is_marked() -> None:
    assert churn([10], until=40, left=1) == (40.0, 0, 1)
    assert churn([], until=80, left=1) == (60.0, 1, 0)


@given(st.lists(st.integers(-20, 200), max_size=8), st.integers(1, 150), st.integers(5, 70))
@settings(max_examples=150, deadline=None)
def test_churn_equals_a_plain_recount(days: list[int], until: int, inactive: int) -> None:
    active = sorted({0, *(day for day in days if 0 < day < until)})
    ends = [day + inactive for day, following in zip(active, [*active[1:], None], strict=True)
            if following is None or following >= day + inactive]  # fmt: skip
    first = min(ends)
    expected = (float(first), 1) if first <= until else (float(until), 0)
    assert churn([float(day) for day in days], until=until, inactive=inactive)[:2] == expected


@pytest.mark.parametrize(
    ("refused", "until", "expected"), [(30, 100, (30, 1)), (None, 100, (100, 0)), (100, 100, (100, 1))]
)
def test_withdrawal_is_the_first_refusal(
    refused: float | None, until: float, expected: tuple[float, int]
) -> None:
    found = withdrawal_spans(lazy(units(until, refused=refused))).collect().to_native()
    assert found.select("days", "happened").row(0) == expected


def test_observed_durations_without_a_value_are_missing() -> None:
    frame = pl.DataFrame(
        {
            "unit": [1, 2, 3, 4],
            "variant": ["a"] * 4,
            "weeks": [5, None, 7, -1],
            "lapsed": [1.0, 1.0, 0.0, 1.0],
        }
    )
    found = observed_spans(lazy(frame), "weeks", "lapsed").collect().to_native().sort("unit")
    assert found.select("unit", "days", "happened").rows() == [(1, 5.0, 1), (3, 7.0, 0)]


def test_life_tables_count_events_and_the_worst_case() -> None:
    spans = pl.DataFrame(
        {"unit": range(5), "variant": ["a", "a", "a", "b", "b"], "days": [1.0, 1.0, 2.0, 3.0, 3.0],
         "happened": [1, 0, 0, 1, 1], "left": [0, 1, 0, 0, 0]}
    )  # fmt: skip
    found = counts(lazy(spans)).collect().to_native()
    table = life_table(found, "a")
    assert (table.events.tolist(), table.censored.tolist()) == ([1.0, 0.0], [1.0, 1.0])
    worst = life_table(found, "a", leavers_churn=True)
    assert (worst.events.tolist(), worst.censored.tolist()) == ([2.0, 0.0], [0.0, 1.0])
    assert life_table(found, "nobody").n == 0
