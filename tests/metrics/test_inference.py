"""Cost and latency of inference: worked examples, the promised error of the grid, and both engines."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics import inference
from metrics.inference import ERROR, MODEL, QUANTILES, binned, histogram, quantiles

START = dt.datetime.fromisoformat("2026-07-01T10:00")
UTC = [(START, dt.timedelta())]
LOG: dict[str, Any] = {
    "journey": pl.String,
    "model": pl.String,
    "serving": pl.String,
    "occurred_at": pl.Datetime("us"),
    "recommendations": pl.Int64,
    "cost": pl.Float64,
    "latency_ms": pl.Float64,
    "request_bytes": pl.Float64,
}
BY_DAY = (*MODEL, "day")
LEVELS = (MODEL, BY_DAY, ("journey",))
TARGETS = {"home": 100.0, "cart": 50.0}

wild = st.one_of(
    st.floats(0, 1e300, allow_subnormal=False),
    st.floats(1e-6, 1e6),
    st.integers(0, 400).map(float),
    st.sampled_from([0.0, 1.0, 1e-300, 1e300, 1.7e308]),
)


def row(
    journey: str = "home",
    model: str = "m",
    serving: str = "central",
    hours: float = 0,
    made: int = 10,
    cost: float = 0.5,
    latency: float | None = 20.0,
    size: float | None = None,
) -> tuple[Any, ...]:
    return (journey, model, serving, START + dt.timedelta(hours=hours), made, cost, latency, size)


def lazy(rows: Sequence[tuple[Any, ...]]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.LazyFrame(list(rows), schema=LOG, orient="row"))


def collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    result: pl.DataFrame = frame.collect(backend="polars").to_native()
    return result


def counted(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    return collected(histogram(binned(lazy(rows), UTC), TARGETS))


def exactly(rows: Sequence[tuple[Any, ...]], counts: pl.DataFrame) -> pl.DataFrame:
    cells = nw.from_native(inference.deciding_cells(counts, LEVELS).lazy())
    return collected(inference.latencies_in(binned(lazy(rows), UTC), cells))


def figures(*rows: tuple[Any, ...]) -> dict[str, Any]:
    """Figures of the only model in the log."""
    counts = counted(rows)
    found = inference.figures(counts, MODEL, TARGETS, exactly(rows, counts))
    assert found.height == 1
    return found.row(0, named=True)


def test_cost_and_latency_of_three_requests() -> None:
    found = figures(row(latency=10), row(latency=20, made=30, cost=0.1), row(latency=130, made=0, cost=0.2))
    expected = {
        "requests": 3,
        "recommendations": 40,
        "cost": 0.8,
        "cost_per_1k": 20.0,
        "latency_p50": 20.0,
        "latency_p95": 119.0,
        "latency_p99": 127.8,
        "share_over_latency_target": 0.0,
        "note": None,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_what_is_over_target_is_weighed_by_recommendations() -> None:
    found = figures(row(latency=100, made=30), row(latency=100.1, made=10), row(latency=None, made=60))
    assert found["share_over_latency_target"] == 0.25
    assert found["note"] == "latency is recorded for 2 of 3 requests"


@pytest.mark.parametrize(
    ("log", "missing", "note"),
    [
        (
            [row(made=0)],
            ["cost_per_1k", "share_over_latency_target"],
            "nothing recommended: no cost per thousand",
        ),
        ([row(latency=None)], [*QUANTILES, "share_over_latency_target"], "no latency recorded"),
        ([row(journey="untargeted")], ["share_over_latency_target"], None),
        (
            [row(made=0, latency=None)],
            [*QUANTILES, "cost_per_1k"],
            "nothing recommended: no cost per thousand; no latency recorded",
        ),
    ],
)
def test_what_cannot_be_told_is_empty_and_says_why(
    log: list[tuple[Any, ...]], missing: list[str], note: str | None
) -> None:
    found = figures(*log)
    assert [name for name in missing if found[name] is not None] == []
    assert found["note"] == note


def test_the_histogram_states_its_error() -> None:
    found = inference.figures(counted([row(latency=77.7)]), MODEL, TARGETS)
    assert found["note"].item() == "latency from a histogram, within 0.5\u00a0% of the exact quantile"
    assert found["latency_p95"].item() == pytest.approx(77.7, rel=ERROR)


@settings(deadline=None)
@given(st.lists(wild, min_size=1, max_size=60))
def test_the_grid_keeps_its_promise_and_reading_again_is_exact(latencies: list[float]) -> None:
    rows = [row(latency=value) for value in latencies]
    counts = counted(rows)
    rough, exact = (quantiles(counts, MODEL, values) for values in (None, exactly(rows, counts)))
    for name, quantile in QUANTILES.items():
        with np.errstate(over="ignore"):
            expected = float(np.quantile(latencies, quantile))
        assert exact[name].item() == pytest.approx(expected, rel=1e-12, abs=0)
        assert rough[name].item() == pytest.approx(expected, rel=ERROR * (1 + 1e-9), abs=0)
    assert ERROR <= 0.01


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(wild, st.integers(0, 2), st.integers(0, 60)), min_size=1, max_size=40), st.data())
def test_histograms_add_up(drawn: list[tuple[float, int, int]], data: st.DataObject) -> None:
    rows = [row(latency=value, model=f"m{model}", hours=hours) for value, model, hours in drawn]
    cut = data.draw(st.integers(0, len(rows)))
    whole, parts = counted(rows), pl.concat([counted(rows[:cut]), counted(rows[cut:])])
    for by in LEVELS:
        assert_frame_equal(quantiles(whole, by), quantiles(parts, by), check_row_order=False)
        found, expected = (inference.figures(counts, by, TARGETS) for counts in (parts, whole))
        assert_frame_equal(found, expected, check_row_order=False)


@settings(deadline=None, max_examples=50)
@given(st.lists(wild, min_size=1, max_size=40))
def test_quantiles_are_in_order(latencies: list[float]) -> None:
    found = quantiles(counted([row(latency=value) for value in latencies]), MODEL).row(0, named=True)
    assert found["latency_p50"] <= found["latency_p95"] <= found["latency_p99"]


def test_a_group_of_several_models_and_days_is_exact_too() -> None:
    rng = np.random.default_rng(3)
    values = rng.lognormal(4, 1, 3000)
    rows = [row(model=f"m{n % 3}", hours=n % 70, latency=float(value)) for n, value in enumerate(values)]
    counts = counted(rows)
    known = exactly(rows, counts)
    assert known.height < len(rows)
    journey = quantiles(counts, ["journey"], known)
    assert journey["latency_p99"].item() == pytest.approx(np.quantile(values, 0.99), rel=1e-12)
    models = quantiles(counts, MODEL, known).sort("model")
    assert models["latency_p50"].to_list() == pytest.approx(
        [np.quantile(values[n::3], 0.5) for n in range(3)]
    )


def test_days_are_local_and_follow_the_clock_change() -> None:
    summer, winter = dt.timedelta(hours=1), dt.timedelta()
    change = dt.datetime.fromisoformat("2026-10-25T01:00")
    times = ["2026-10-24T22:59", "2026-10-24T23:00", "2026-10-25T23:59", "2026-10-26T00:00"]
    frame = pl.LazyFrame({"t": [dt.datetime.fromisoformat(text) for text in times]})
    day = inference.local_day(nw.col("t"), [(START, summer), (change, winter)])
    found = collected(nw.from_native(frame).select(day=day))
    assert found["day"].dt.day().to_list() == [24, 25, 25, 26]


def test_requests_kept_from_servers_and_their_bytes() -> None:
    log = [
        row(size=1000.0),
        row(serving="edge", size=2000.0),
        row(serving="edge", size=None),
        *[row(serving="on_device", model="small", hours=n) for n in range(4)],
        row(serving="contextual", model="popular"),
        row(journey="cart", serving="on_device", model="small"),
    ]
    training = pl.DataFrame({"journey": ["home"], "model": ["small"], "training_bytes": [7e6]})
    rows = inference.with_traffic(inference.figures(counted(log), MODEL, TARGETS), training)
    found = {(r["journey"], r["serving"]): r for r in rows.iter_rows(named=True)}
    avoided = {key: (r["server_requests_avoided"], r["server_bytes_avoided"]) for key, r in found.items()}
    assert avoided == {
        ("home", "central"): (0, 0.0),
        ("home", "edge"): (0, 0.0),
        ("home", "on_device"): (4, 6000.0),
        ("home", "contextual"): (1, 1500.0),
        ("cart", "on_device"): (1, None),
    }
    assert {key for key, r in found.items() if r["training_bytes"] is not None} == {("home", "on_device")}


def test_training_traffic_counts_a_round_once_and_an_unknown_one_spoils_the_sum() -> None:
    rounds = pl.DataFrame(
        [
            ("home", "a", 1, "auc", 10.0, 40.0),
            ("home", "a", 1, "loss", 10.0, 40.0),
            ("home", "a", 2, "auc", 5.0, 5.0),
            ("home", "b", 1, "auc", 10.0, 40.0),
            ("home", "b", 2, "auc", None, 40.0),
        ],
        schema=["journey", "model", "round", "metric", "bytes_up", "bytes_down"],
        orient="row",
    )
    found = dict(inference.training_bytes(rounds).select("model", "training_bytes").iter_rows())
    assert found == {"a": 60.0, "b": None}


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Any]:
    """A session that speaks Spark's dialect, on DuckDB."""
    sqlframe = pytest.importorskip("sqlframe.duckdb")
    session = sqlframe.DuckDBSession()
    yield lambda name: nw.from_native(session.read.parquet(str(tmp_path / f"{name}.parquet")))
    session.stop()


def test_engines_agree(spark: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [
        row(
            journey=("home", "cart", "other")[n % 3],
            serving=("central", "edge", "on_device")[n % 7 % 3],
            hours=n / 3,
            made=int(rng.poisson(3)),
            cost=float(rng.random()),
            latency=None if n % 11 == 0 else 0.0 if n % 13 == 0 else float(rng.lognormal(3, 1)),
            size=None if n % 2 else 100.0 * n,
        )
        for n in range(400)
    ]
    collected(lazy(rows)).write_parquet(tmp_path / "log.parquet")
    offsets = [(START, dt.timedelta(hours=1)), (START + dt.timedelta(days=2), dt.timedelta())]
    log, dialect = binned(lazy(rows), offsets), binned(spark("log"), offsets)
    expected, found = (collected(histogram(frame, TARGETS)) for frame in (log, dialect))
    order = list(inference.CELL)
    same: dict[str, Any] = {"check_dtypes": False, "check_column_order": False, "rel_tol": 1e-9}
    assert_frame_equal(found.sort(order), expected.sort(order), **same)
    cells = inference.deciding_cells(expected, LEVELS)
    cells.write_parquet(tmp_path / "cells.parquet")
    read_again = collected(inference.latencies_in(dialect, spark("cells")))
    known = collected(inference.latencies_in(log, nw.from_native(cells.lazy())))
    order = [*order, "latency_ms"]
    assert_frame_equal(read_again.sort(order), known.sort(order), **same)
