"""Random small retailers through the job and through a plain recount of the rules: nothing may differ."""

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.config.load import Workspace, load
from jobs.config.models import Children, Experiment, Policy
from jobs.engine import PolarsEngine
from jobs.experiment import units
from jobs.population import REASONS
from tests.jobs.recount import AS_OF_END, ORDER, Counted, outside_period, recount
from tests.jobs.retailers import (
    AS_OF,
    EXPERIMENT,
    PURPOSES,
    Chance,
    Retailer,
    random_retailer,
    tables,
)

FIGURES = ("revenue", "orders", "conversion")
METRICS = """
revenue:    {kind: mean, table: order_lines, value: revenue, window_days: 7, covariate_days: 5}
orders:     {kind: mean, table: order_lines, value: order_id, aggregate: count_distinct, window_days: 7,
             covariate_days: 5}
conversion: {kind: mean, table: order_lines, value: any, window_days: 3, covariate_days: 5}
visit:      {kind: mean, table: unit_outcomes, value: visit, covariate: history}
"""
SETTINGS = f"""
name: Corner shop
currency: EUR
timezone: Europe/Dublin
as_of: {AS_OF}
metrics: metrics.yaml
tables: {{customers: c.csv, order_lines: o.csv, unit_outcomes: u.csv, assignments: a.csv}}
"""


class InMemory(PolarsEngine):
    """Checkpoints that touch no disk."""

    def checkpoint(self, frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
        return frame.collect(backend="polars").lazy()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("corner-shop")
    (folder / "workspace.yaml").write_text(SETTINGS)
    (folder / "metrics.yaml").write_text(METRICS)
    return load(folder)


def experiment_of(retailer: Retailer) -> Experiment:
    return Experiment(
        id=EXPERIMENT,
        journey="cart_recovery",
        unit="household" if retailer.by_household else "customer",
        control="holdout",
        allocation={"holdout": 0.5, "personalised": 0.5},
        starts=retailer.starts,
        ends=retailer.ends,
        primary="revenue",
        metrics=["orders", "conversion", "visit"],
        segments=["tier"] if retailer.customers is not None else [],
        lawful_basis="consent" if retailer.needs_consent else "legitimate_interests",
        purposes=list(PURPOSES),
    )


def through_the_job(
    workspace: Workspace, retailer: Retailer, loaded_until: dt.datetime = AS_OF_END
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The frame of units that the job builds from a retailer, and those outside the period per variant."""
    frames = tables(retailer)
    policy = Policy(
        consent_validity_days=dict(retailer.validity_days),
        children=Children(unknown_age="include" if retailer.include_unknown_age else "exclude"),
    )
    held_out = pl.LazyFrame({"customer": sorted(retailer.held_out)}) if retailer.held_out else None
    source = units.Source(
        tables={name: nw.from_native(frame.lazy()) for name, frame in frames.items()},
        columns={name: frozenset(frame.columns) for name, frame in frames.items()},
        loaded_until={"order_lines": loaded_until},
        held_out=None if held_out is None else nw.from_native(held_out),
    )
    engine = InMemory(Path())
    built = units.build(replace(workspace, policy=policy), experiment_of(retailer), source, engine)
    outside = engine.collect(built.outside)
    return engine.collect(built.frame), dict(outside.select("variant", "units").iter_rows())


def assert_agreement(frame: pl.DataFrame, expected: dict[int, Counted], *, has_customers: bool) -> None:
    assert set(frame["unit"]) == expected.keys()
    assert frame.height == len(expected)
    for row in frame.iter_rows(named=True):
        unit = expected[row["unit"]]
        counts = unit.reason is None
        assert row["reason"] == (0 if counts else 1 + REASONS.index(unit.reason or "")), row
        assert (row["variant"], row["time"], row["people"]) == (unit.variant, unit.time, unit.people)
        flags = ("age_unknown", "erased", "withdrew")
        assert [bool(row[name]) for name in flags] == [getattr(unit, name) for name in flags], row
        assert row["counted__3_days"] == (counts and unit.mature[3])
        assert row["counted__7_days"] == (counts and unit.mature[7])
        assert row["counted__visit"] == (counts and unit.visit is not None and unit.time <= AS_OF_END)
        if counts:
            figures = {name: row[name] for name in unit.figures}
            assert figures == unit.figures, row
            assert row["visit"] == (unit.visit or 0.0)
        else:
            assert [row[name] for name in FIGURES] == [0.0, 0.0, 0.0]
        if counts and has_customers:
            assert (row["segment__tier"], row["visit__before"]) == (unit.tier, unit.history)


@st.composite
def retailers(draw: st.DrawFn) -> tuple[Retailer, dt.datetime]:
    """A retailer, and the instant up to which its order lines are loaded."""
    chance = Chance(lambda low, high: draw(st.integers(low, high)))
    retailer = random_retailer(chance, customers=chance.count(1, 5))
    return retailer, chance.one_of((AS_OF_END, chance.time(2, 12)))


@given(retailers())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_retailers_are_counted_as_the_rules_say(
    workspace: Workspace, drawn: tuple[Retailer, dt.datetime]
) -> None:
    retailer, loaded_until = drawn
    frame, outside = through_the_job(workspace, retailer, loaded_until)
    has_customers = retailer.customers is not None
    assert_agreement(frame, recount(retailer, loaded_until), has_customers=has_customers)
    assert outside == outside_period(retailer)


def test_larger_retailers_agree_too_and_meet_every_rule(workspace: Workspace) -> None:
    met: set[str | None] = set()
    for seed in range(8):
        chance = Chance(random.Random(seed).randint)
        retailer = random_retailer(chance, customers=400)
        frame, outside = through_the_job(workspace, retailer)
        expected = recount(retailer)
        assert_agreement(frame, expected, has_customers=retailer.customers is not None)
        assert outside == outside_period(retailer)
        met |= {unit.reason for unit in expected.values()}
    assert met == {None, *ORDER}
