"""Worked examples: which rows make a unit's outcome and covariate, and what becomes of them."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.outcomes import Outcome, Variables, event_outcomes, member_rows, shifted_sums

ASSIGNED = dt.datetime.fromisoformat("2026-10-20T09:30")
SPAN = {
    "unit": pl.Int64,
    "customer": pl.Int64,
    "time": pl.Datetime("us"),
    "since": pl.Datetime("us"),
    "until": pl.Datetime("us"),
}
ROW = {"customer": pl.Int64, "at": pl.Datetime("us"), "revenue": pl.Float64, "order_id": pl.String}
REVENUE = Outcome("spend", "revenue", distinct=False, window_days=28, covariate_days=14)
ORDERS = Outcome("orders", "order_id", distinct=True, window_days=28, covariate_days=14)
BOUGHT = Outcome("bought", "any", distinct=False, window_days=28, covariate_days=14)
ALL = (REVENUE, ORDERS, BOUGHT)


def later(days: float, microseconds: int = 0) -> dt.datetime:
    return ASSIGNED + dt.timedelta(days=days, microseconds=microseconds)


def lazy(rows: Sequence[tuple[Any, ...]], schema: dict[str, Any]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.LazyFrame(list(rows), schema=schema, orient="row"))


def span(
    customer: int = 1, since: float | None = None, until: float | None = None, unit: int | None = None
) -> tuple[Any, ...]:
    borders = (None if day is None else later(day) for day in (since, until))
    return (unit or customer, customer, ASSIGNED, *borders)


def line(
    at: dt.datetime, revenue: float | None = 10.0, order: str | None = "a", customer: int | None = 1
) -> tuple[Any, ...]:
    return (customer, at, revenue, order)


def outcomes(
    lines: Sequence[tuple[Any, ...]],
    spans: Sequence[tuple[Any, ...]] = (span(),),
    wanted: Sequence[Outcome] = ALL,
) -> dict[int, dict[str, float]]:
    found = event_outcomes(lazy(spans, SPAN), lazy(lines, ROW), wanted).collect(backend="polars").to_native()
    return {row.pop("unit"): row for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("at", "counted_in"),
    [
        pytest.param(later(0), "outcome", id="at assignment"),
        pytest.param(later(28, -1), "outcome", id="last instant of the window"),
        pytest.param(later(28), None, id="window over"),
        pytest.param(later(0, -1), "covariate", id="just before assignment"),
        pytest.param(later(-14), "covariate", id="first instant of the covariate's period"),
        pytest.param(later(-14, -1), None, id="too early"),
    ],
)
def test_windows_hold_their_first_instant_and_not_their_last(at: dt.datetime, counted_in: str | None) -> None:
    found = outcomes([line(at)])
    now, before = counted_in == "outcome", counted_in == "covariate"
    expected = {"spend": 10.0 * now, "orders": now, "bought": now} | {
        "spend__before": 10.0 * before, "orders__before": before, "bought__before": before
    }  # fmt: skip
    assert found == ({1: expected} if counted_in else {})


def test_a_day_has_24_hours_even_when_clocks_change() -> None:
    within = dt.datetime.fromisoformat("2026-11-17T09:29:59.999999")
    assert outcomes([line(within)])[1]["spend"] == 10.0
    assert outcomes([line(within + dt.timedelta(microseconds=1))]) == {}


@pytest.mark.parametrize(("hours", "inside"), [(11.9, True), (12, False)])
def test_windows_may_be_fractions_of_a_day(hours: float, inside: bool) -> None:
    half_a_day = (Outcome("spend", "revenue", distinct=False, window_days=0.5, covariate_days=None),)
    assert bool(outcomes([line(later(hours / 24))], wanted=half_a_day)) is inside


@pytest.mark.parametrize(
    ("lines", "spend", "orders", "bought"),
    [
        pytest.param([(10.0, "a"), (5.0, "a")], 15.0, 1, 1, id="two lines of an order"),
        pytest.param([(10.0, "a"), (5.0, "b")], 15.0, 2, 1, id="two orders"),
        pytest.param([(10.0, "a"), (10.0, "a")], 20.0, 1, 1, id="equal lines are two lines"),
        pytest.param([(10.0, "a"), (-10.0, "a")], 0.0, 1, 1, id="returned"),
        pytest.param([(-4.0, "a")], -4.0, 1, 1, id="a return alone is negative"),
        pytest.param([(0.0, "a")], 0.0, 1, 1, id="free of charge"),
        pytest.param([(None, "a"), (5.0, "a")], 5.0, 1, 1, id="a missing value adds nothing"),
        pytest.param([(None, "a")], 0.0, 1, 1, id="only a missing value"),
        pytest.param([(5.0, None)], 5.0, 0, 1, id="no order id"),
    ],
)
@pytest.mark.parametrize(("day", "suffix"), [(3, ""), (-3, "__before")])
def test_rows_are_added_counted_once_or_looked_for(
    lines: Sequence[tuple[float | None, str | None]],
    spend: float,
    orders: float,
    bought: float,
    day: int,
    suffix: str,
) -> None:
    found = outcomes([line(later(day), *values) for values in lines])[1]
    names = (f"spend{suffix}", f"orders{suffix}", f"bought{suffix}")
    assert tuple(found[name] for name in names) == (spend, orders, bought)
    assert sum(value != 0 for name, value in found.items() if name not in names) == 0


@pytest.mark.parametrize("wanted", [(REVENUE,), (ORDERS,), (BOUGHT,)], ids=lambda wanted: wanted[0].name)
def test_rows_of_others_and_of_nobody_are_left_out(wanted: Sequence[Outcome]) -> None:
    assert outcomes([line(later(1), customer=who) for who in (2, None)], wanted=wanted) == {}


def test_every_outcome_has_its_own_window() -> None:
    wanted = [
        Outcome(f"spend_{days}", "revenue", distinct=False, window_days=days, covariate_days=before)
        for days, before in ((3, None), (7, 1), (28, 14))
    ]
    found = outcomes([line(later(day), 1.0) for day in (-10, -1, 0, 3, 10)], wanted=wanted)[1]
    expected = {"spend_3": 1, "spend_7": 2, "spend_28": 3, "spend_7__before": 1, "spend_28__before": 2}
    assert found == expected


def test_a_metric_may_have_the_name_of_a_column() -> None:
    wanted = (
        Outcome("order_id", "revenue", distinct=False, window_days=28, covariate_days=None),
        Outcome("revenue", "order_id", distinct=True, window_days=28, covariate_days=None),
    )
    found = outcomes([line(later(1), 10.0, "a"), line(later(1), 5.0, "b")], wanted=wanted)
    assert found == {1: {"order_id": 15.0, "revenue": 2.0}}


@pytest.mark.parametrize(
    ("spans", "spend", "before"),
    [
        pytest.param([span()], 4.0, 1.0, id="no end"),
        pytest.param([span(until=2)], 2.0, 1.0, id="frozen: rows before the withdrawal stay"),
        pytest.param([span(until=0)], 0.0, 1.0, id="objection at assignment: the covariate stays"),
        pytest.param([span(until=2), span(since=4)], 3.0, 1.0, id="a pause"),
        pytest.param([span(until=2), span(since=3, until=4)], 3.0, 1.0, id="a pause, then withdrawal"),
        pytest.param([], None, None, id="does not count"),
    ],
)
def test_only_rows_in_usable_spans_count(
    spans: Sequence[tuple[Any, ...]], spend: float | None, before: float | None
) -> None:
    found = outcomes([line(later(day), 1.0) for day in (-5, 0, 1, 3, 5)], spans)
    if spend is None:
        assert found == {}
    else:
        assert (found[1]["spend"], found[1]["spend__before"]) == (spend, before)


def test_a_row_at_the_end_of_a_span_is_out_and_at_its_start_is_in() -> None:
    spans = [span(until=2), span(since=4)]
    days = (2, 4)
    kept = member_rows(lazy(spans, SPAN), lazy([line(later(day)) for day in days], ROW), ALL)
    assert kept.collect(backend="polars").to_native()["at"].to_list() == [later(4)]


def test_a_household_adds_its_members_up_and_counts_a_shared_order_once() -> None:
    spans = [span(1, unit=100), span(2, unit=100, until=2), span(3, unit=300)]
    lines = [
        line(later(1), 10.0, "a", 1),
        line(later(1), 5.0, "a", 2),
        line(later(3), 7.0, "b", 1),
        line(later(3), 100.0, "c", 2),
        line(later(1), 1.0, "d", 3),
    ]
    found = outcomes(lines, spans)
    assert {unit: (row["spend"], row["orders"]) for unit, row in found.items()} == {
        100: (22.0, 2),
        300: (1.0, 1),
    }


# Sums behind the moments


def sums(units: pl.DataFrame, by: Sequence[str], *metrics: Variables) -> list[dict[str, Any]]:
    found = shifted_sums(nw.from_native(units.lazy()), by, metrics).collect(backend="polars").to_native()
    return found.sort(*by).to_dicts() if by else found.to_dicts()


UNITS = pl.DataFrame(
    {
        "variant": ["a", "a", "a", "b", "b"],
        "segment": ["x", "x", "y", "x", "y"],
        "people": [1, 2, 1, 3, 1],
        "mature": [True, True, False, True, True],
        "spend": [1.0, 5.0, 1000.0, 2.0, 4.0],
        "before": [0.0, 2.0, 1000.0, 8.0, 6.0],
    }
)
PLAIN = Variables("m", ("spend",), "mature", (None,), (0.0,))
PAIR = Variables("m", ("spend", "before"), "mature", (None, None), (0.0, 0.0))


def test_only_mature_units_are_summed() -> None:
    assert sums(UNITS, ["variant"], PLAIN) == [
        {"variant": "a", "mature__n": 2, "mature__people": 3, "m__sum__0": 6, "m__sum__0__0": 26},
        {"variant": "b", "mature__n": 2, "mature__people": 4, "m__sum__0": 6, "m__sum__0__0": 20},
    ]


def test_cells_are_any_columns_or_none() -> None:
    by_cell = sums(UNITS, ["variant", "segment"], PLAIN)
    assert {(row["variant"], row["segment"]): row["mature__n"] for row in by_cell} == {
        ("a", "x"): 2, ("a", "y"): 0, ("b", "x"): 1, ("b", "y"): 1
    }  # fmt: skip
    assert sums(UNITS, [], PLAIN) == [
        {"mature__n": 4, "mature__people": 7, "m__sum__0": 12, "m__sum__0__0": 46}
    ]


def test_two_columns_have_their_cross_product() -> None:
    first = sums(UNITS, ["variant"], PAIR)[0]
    assert [first[PAIR.label(*parts)] for parts in ((0,), (1,), (0, 0), (0, 1), (1, 1))] == [6, 2, 26, 10, 4]


def test_caps_come_before_pilots_and_products() -> None:
    capped = Variables("m", ("spend", "before"), "mature", (4.0, 6.0), (1.0, 2.0))
    first, second = sums(UNITS, ["variant"], capped)
    parts = ((0,), (1,), (0, 0), (0, 1), (1, 1))
    assert [first[capped.label(*p)] for p in parts] == [0 + 3, -2 + 0, 0 + 9, 0 + 0, 4 + 0]
    assert [second[capped.label(*p)] for p in parts] == [1 + 3, 4 + 4, 1 + 9, 4 + 12, 16 + 16]


def test_each_way_of_maturing_is_counted_once() -> None:
    units = UNITS.with_columns(late=pl.col("variant") == "b")
    late = Variables("late_metric", ("spend",), "late", (None,), (0.0,))
    other = Variables("other", ("before",), "mature", (None,), (0.0,))
    first = sums(units, ["variant"], PLAIN, other, late)[0]
    assert (first["mature__n"], first["late__n"]) == (2, 0)
    assert (first["m__sum__0"], first["other__sum__0"], first["late_metric__sum__0"]) == (6, 2, 0)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans()), min_size=1, max_size=30),
    st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    st.integers(0, 2**32),
)
@settings(max_examples=50, deadline=None)
def test_sums_do_not_depend_on_the_order_of_units(
    values: list[tuple[float, float, bool]], pilots: tuple[float, float], seed: int
) -> None:
    metric = Variables("m", ("spend", "before"), "mature", (1e5, None), pilots)

    def of(rows: list[tuple[float, float, bool]]) -> dict[str, float]:
        units = pl.DataFrame(rows, schema=["spend", "before", "mature"], orient="row")
        return sums(units.with_columns(people=1), [], metric)[0]

    shuffled = random.Random(seed).sample(values, len(values))
    scale = 1e12 * len(values)
    assert of(shuffled) == pytest.approx(of(values), rel=1e-9, abs=1e-15 * scale)
    mature = [(min(x, 1e5) - pilots[0], y - pilots[1]) for x, y, counted in values if counted]
    assert of(values)["m__sum__0__1"] == pytest.approx(sum(x * y for x, y in mature), abs=1e-15 * scale)
