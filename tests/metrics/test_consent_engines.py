"""Consent counted on Polars and in Spark's dialect (SQLFrame on DuckDB, no Java): the same figures."""

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from jobs.population import by_jurisdiction
from metrics import consent

sqlframe = pytest.importorskip("sqlframe.duckdb")

Load = Callable[[str, pl.DataFrame], consent.Frame]
START = dt.datetime(2026, 1, 1)  # noqa: DTZ001
VALIDITY = {"default": 60, "DE": 20}
EXPIRY = by_jurisdiction(VALIDITY, 20, lambda days: nw.col("since") + dt.timedelta(days=days))
CHANCE = random.Random(7)


def instant() -> dt.datetime:
    return START + dt.timedelta(hours=CHANCE.randrange(24 * 90))


CUSTOMERS = pl.DataFrame(
    [(c, CHANCE.choice(["IE", "DE", None])) for c in range(400)],
    schema=["customer", "jurisdiction"],
    orient="row",
)
LEDGER = pl.DataFrame(
    [
        (CHANCE.randrange(400), CHANCE.choice("ab"), CHANCE.choice(consent.STATES), instant(),
         CHANCE.choice([None, "cmp", "tcf"]))
        for _ in range(2000)
    ],
    schema=["customer", "purpose", "state", "occurred_at", "source"],
    orient="row",
)  # fmt: skip
EVENTS = pl.DataFrame(
    [
        (CHANCE.choice([*range(400), *[None] * 40]), instant(), CHANCE.choice(["server", "client", None]),
         CHANCE.choice([True, False, None]))
        for _ in range(3000)
    ],
    schema=["customer", "occurred_at", "collection", "personalised"],
    orient="row",
)  # fmt: skip


def stages(load: Load) -> dict[str, pl.DataFrame]:
    """What each function returns, by its name."""
    homes, ledger, events = load("customers", CUSTOMERS), load("ledger", LEDGER), load("events", EVENTS)
    states = {p: consent.standings(ledger.filter(nw.col("purpose") == p)) for p in "ab"}
    granted = {p: consent.grants(s.join(homes, on="customer", how="left"), EXPIRY) for p, s in states.items()}
    spans = load("spans", collected(consent.joint([*granted.values()])))
    visits, covered = consent.visits(events), consent.covered(events, spans)
    met = visits.join(covered, on="customer", how="left").join(homes, on="customer", how="left")
    met = met.with_columns(nw.col(name).fill_null(0) for name in ("covered", "lawful", "one_source"))
    met = load("met", collected(met.with_columns(child=nw.lit(0), age_unknown=nw.lit(0))))
    first = consent.first_answers(states["a"]).join(homes, on="customer", how="left")
    weeks = [START + dt.timedelta(weeks=week) for week in range(8)]
    frames = {
        "standings": states["a"],
        "grants": granted["b"],
        "joint": spans,
        "visits": visits,
        "covered": covered,
        "last_states": consent.last_states(met, states["b"], EXPIRY),
        "by_jurisdiction": consent.by_jurisdiction(met),
        "answers_by_week": consent.answers_by_week(first, weeks),
    }
    return {name: collected(frame) for name, frame in frames.items()}


def collected(frame: consent.Frame) -> pl.DataFrame:
    found: pl.DataFrame = frame.collect(backend="polars").to_native()
    return found


@pytest.fixture(scope="module")
def on_both(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    folder: Path = tmp_path_factory.mktemp("tables")
    session = sqlframe.DuckDBSession()

    def in_spark(name: str, frame: pl.DataFrame) -> consent.Frame:
        frame.write_parquet(folder / f"{name}.parquet")
        frame_of: consent.Frame = nw.from_native(session.read.parquet(str(folder / f"{name}.parquet")))
        return frame_of

    def in_polars(_: str, frame: pl.DataFrame) -> consent.Frame:
        return nw.from_native(frame.lazy())

    found = stages(in_polars), stages(in_spark)
    session.stop()
    return found


@pytest.mark.parametrize(
    "name",
    [
        "standings",
        "grants",
        "joint",
        "visits",
        "covered",
        "last_states",
        "by_jurisdiction",
        "answers_by_week",
    ],
)
def test_the_engines_agree(
    on_both: tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]], name: str
) -> None:
    polars, spark = (found[name] for found in on_both)

    assert polars.height >= 3
    assert_frame_equal(
        polars, spark, check_dtypes=False, check_row_order=False, check_column_order=False, check_exact=True
    )
