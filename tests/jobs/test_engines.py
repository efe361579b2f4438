"""Who counts and what is counted, on Polars and in Spark's dialect: the same figures.

SQLFrame runs Spark's dialect on DuckDB, so that no Java is needed.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from jobs.engine import PARTS, PolarsEngine
from jobs.population import Frame
from metrics.outcomes import Outcome, Variables, event_outcomes, shifted_sums
from metrics.sku_lift import Packing, cell_sums, sku_sums, unit_sku_revenue
from tests.jobs.judging import Load, collected, in_polars, judge
from tests.jobs.recount import ORDER, recount
from tests.jobs.retailers import Chance, Retailer, after, random_retailer

sqlframe = pytest.importorskip("sqlframe.duckdb")

CUSTOMERS = 3_000
OUTCOMES = (
    Outcome("revenue", "revenue", distinct=False, window_days=7, covariate_days=5),
    Outcome("orders", "order_id", distinct=True, window_days=7, covariate_days=5),
    Outcome("conversion", "any", distinct=False, window_days=3, covariate_days=5),
)
COLUMNS = [name for outcome in OUTCOMES for name in (outcome.name, outcome.before)]
VARIABLES = (
    Variables("revenue", ("revenue", "revenue__before"), "mature", (12.0, 10.0), (3.0, 2.0)),
    Variables("aov", ("revenue", "orders"), "mature", (None, None), (0.5, 0.25)),
)
CELLS = ("variant", "age_unknown")


@pytest.fixture(scope="module")
def retailer() -> Retailer:
    """Households and single customers, and every reason not to count."""
    drawn = random_retailer(Chance(random.Random(16).randint), CUSTOMERS)
    drawn = replace(drawn, held_out=frozenset(range(1, CUSTOMERS, 20)))
    assert drawn.by_household
    assert {unit.reason for unit in recount(drawn).values()} == {None, *ORDER}
    return drawn


@pytest.fixture(scope="module")
def in_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """Tables written to Parquet and read by a session that speaks Spark's dialect."""
    folder: Path = tmp_path_factory.mktemp("tables")
    session = sqlframe.DuckDBSession()

    def load(name: str, frame: pl.DataFrame) -> Frame:
        file = folder / f"{name}.parquet"
        frame.write_parquet(file)
        return nw.from_native(session.read.parquet(str(file)))

    yield load
    session.stop()


@pytest.fixture(scope="module")
def on_polars(retailer: Retailer) -> dict[str, pl.DataFrame]:
    return stages(retailer, in_polars)


@pytest.fixture(scope="module")
def on_spark(retailer: Retailer, in_spark: Load) -> dict[str, pl.DataFrame]:
    return stages(retailer, in_spark)


def stages(retailer: Retailer, load: Load) -> dict[str, pl.DataFrame]:
    """What each function returns, by its name."""
    judged = judge(retailer, load)
    found = event_outcomes(judged.spans, judged.lines, OUTCOMES)
    units = judged.standing.filter(nw.col("reason") == 0).join(found, on="unit", how="left")
    units = units.with_columns(nw.col(name).fill_null(0.0) for name in COLUMNS)
    units = load("outcomes", collected(units.with_columns(mature=nw.col("time") < after(6))))
    frames = {
        "assigned_units": judged.units,
        "outside_period": judged.outside,
        "members": judged.members,
        "unit_standing": judged.standing,
        "usable_spans": judged.spans,
        "event_outcomes": units,
        "shifted_sums": shifted_sums(units, CELLS, VARIABLES),
    }
    return {name: collected(frame) for name, frame in frames.items()}


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("assigned_units", ["unit"]),
        ("outside_period", ["variant"]),
        ("members", ["unit", "customer"]),
        ("unit_standing", ["unit"]),
        ("usable_spans", ["customer", "since"]),
        ("event_outcomes", ["unit"]),
        ("shifted_sums", CELLS),
    ],
)
def test_engines_agree(
    stage: str, key: Sequence[str], on_polars: dict[str, pl.DataFrame], on_spark: dict[str, pl.DataFrame]
) -> None:
    expected, found = (frames[stage].sort(*key) for frames in (on_polars, on_spark))
    assert expected.height > 0
    assert_frame_equal(
        found, expected, check_dtypes=False, check_column_order=False, rel_tol=1e-9, abs_tol=1e-9
    )


def test_both_agree_with_a_plain_recount(retailer: Retailer, on_spark: dict[str, pl.DataFrame]) -> None:
    expected = {unit: counted for unit, counted in recount(retailer).items() if counted.reason is None}
    found = {row["unit"]: row for row in on_spark["event_outcomes"].iter_rows(named=True)}
    assert found.keys() == expected.keys()
    for unit, counted in expected.items():
        assert {name: found[unit][name] for name in COLUMNS} == counted.figures
        assert found[unit]["people"] == counted.people


SKUS = 40
PACKING = Packing(SKUS, 2)


def basket(load: Load) -> dict[str, pl.DataFrame]:
    """Sums per SKU, and per cell of four SKUs, of lines that repeat and return products."""
    draw = random.Random(5)
    rows = [
        (unit, unit % 2, draw.randrange(SKUS), draw.randint(-900, 3_000) / 100, draw.randint(-1, 2))
        for unit in (draw.randrange(300) for _ in range(20_000))
    ]
    lines = pl.DataFrame(rows, schema=["unit", "arm", "sku", "revenue", "quantity"], orient="row")
    places = pl.DataFrame({"sku": range(SKUS), "cell": [sku // 4 for sku in range(SKUS)]})
    pairs = unit_sku_revenue(load("lines", lines), PACKING)
    sums = {"sku": sku_sums(pairs, PACKING), "cell": cell_sums(pairs, load("places", places), PACKING)}
    return {name: collected(frame) for name, frame in sums.items()}


def test_engines_agree_on_products(in_spark: Load) -> None:
    expected, found = basket(in_polars), basket(in_spark)
    for key, cells in (("sku", SKUS), ("cell", SKUS // 4)):
        assert expected[key].height == cells * PACKING.arms
        one, other = (frames[key].sort("arm", key) for frames in (expected, found))
        assert_frame_equal(other, one, check_dtypes=False, check_column_order=False, rel_tol=1e-9)


def test_grouping_in_many_parts_changes_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = basket(in_polars)
    monkeypatch.delenv(PARTS, raising=False)
    with PolarsEngine.many_groups():
        assert int(os.environ[PARTS]) >= 128
        found = basket(in_polars)
    assert PARTS not in os.environ
    for key in ("sku", "cell"):
        assert_frame_equal(found[key].sort("arm", key), expected[key].sort("arm", key), rel_tol=1e-12)


def test_a_number_of_parts_from_outside_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PARTS, "7")
    with PolarsEngine.many_groups():
        assert os.environ[PARTS] == "7"
    assert os.environ[PARTS] == "7"
