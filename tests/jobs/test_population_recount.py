"""Random small retailers through the job and through a plain recount of the rules: nothing may differ."""

import datetime as dt
import random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.config.workspace import Workspace
from jobs.population import REASONS
from tests.jobs.building import through_the_job
from tests.jobs.recount import AS_OF_END, ORDER, Counted, outside_period, recount
from tests.jobs.retailers import Chance, Retailer, random_retailer

FIGURES = ("revenue", "orders", "conversion")


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
