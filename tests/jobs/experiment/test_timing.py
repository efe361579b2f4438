"""When an experiment's planned look has come, and until when its outcomes count."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.config.models import Experiment, RatioMetric
from jobs.config.workspace import Workspace
from jobs.experiment.timing import Assigned, counted_until, ended
from jobs.export import open_store
from reports.gates.evaluation import gates
from reports.snapshot import load
from tests.jobs.building import corner_shop
from tests.jobs.figures.test_net_value import measured, tables

JUNE = Assigned(dt.date(2026, 6, 1), dt.date(2026, 6, 20))
BASKET = RatioMetric(kind="ratio", numerator="revenue", denominator="conversion")


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    """Revenue counts for 7 days, conversion for 3; summer time in Dublin is an hour ahead of UTC."""
    found = corner_shop(tmp_path)
    return replace(found, metrics={**found.metrics, "basket": BASKET})


def offer(primary: str = "revenue", ends: dt.date | None = dt.date(2026, 6, 30)) -> Experiment:
    return Experiment(
        id="offer", journey="home", control="holdout", allocation={"holdout": 1.0, "personalised": 1.0},
        starts=dt.date(2026, 6, 1), ends=ends, primary=primary, lawful_basis="legitimate_interests",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("primary", "days"), [("revenue", 7), ("conversion", 3), ("basket", 7), ("visit", 0)]
)
def test_the_planned_look_comes_once_the_last_window_is_over(
    shop: Workspace, primary: str, days: int
) -> None:
    """A ratio waits for the longer window of its two parts."""
    over = dt.datetime.fromisoformat("2026-06-30T23:00") + dt.timedelta(days=days)
    just, early = (replace(shop, as_of_end=over - dt.timedelta(hours=hours)) for hours in (0, 1))

    assert ended(just, offer(primary), JUNE)
    assert not ended(early, offer(primary), JUNE)


def test_without_an_end_a_test_with_assignment_times_runs_on(shop: Workspace) -> None:
    assert not ended(shop, offer(ends=None), JUNE)
    assert ended(shop, offer(ends=None), None)


@pytest.mark.parametrize(
    ("ends", "known", "last"),
    [
        (dt.date(2026, 6, 15), JUNE, dt.date(2026, 6, 15)),
        (dt.date(2026, 6, 30), JUNE, JUNE.last),
        (None, JUNE, JUNE.last),
        (dt.date(2026, 6, 30), None, dt.date(2026, 6, 30)),
    ],
    ids=["assigned beyond its end", "assigned no longer", "no planned end", "no assignment times"],
)
@pytest.mark.parametrize(("primary", "days"), [("basket", 7), ("visit", 0)])
def test_outcomes_count_until_the_window_of_the_last_unit(
    shop: Workspace, primary: str, days: int, ends: dt.date, known: Assigned | None, last: dt.date
) -> None:
    over = dt.datetime.combine(last, dt.time(23)) + dt.timedelta(days=days)

    assert counted_until(shop, offer(primary, ends), known, ()) == over


def test_the_last_step_of_the_effects_by_day_knows_it_better(shop: Workspace) -> None:
    found = counted_until(shop, offer(), JUNE, (8, 12))

    assert found == dt.datetime.fromisoformat("2026-06-12T23:00")


def test_where_nothing_says_when_assignment_ended_it_is_not_known(shop: Workspace) -> None:
    assert counted_until(shop, offer(ends=None), None, ()) is None


@pytest.mark.parametrize(
    ("as_of", "ends", "until"),
    [
        ("2026-07-25", "2026-07-31", "2026-07-21"),
        ("2026-09-30", "2026-07-31", "2026-07-21"),
        ("2026-09-30", "null", "2026-07-21"),
        ("2026-07-20", "2026-07-31", "2026-07-21"),
    ],
)
def test_a_run_keeps_an_instant_that_no_later_refresh_moves(
    tmp_path: Path, as_of: str, ends: str, until: str
) -> None:
    """Everybody was assigned at midnight on the first of July and is counted for 20 days."""
    measured(tmp_path, tables(), as_of=as_of, ends=ends)
    with open_store(tmp_path) as store:
        snapshot = load(store)
        (experiment,) = snapshot.experiments()

    assert experiment.facts["counted_until"] == f"{until}T00:00:00+00:00"


def test_the_gate_tells_the_age_of_an_old_test_on_fresh_tables(tmp_path: Path) -> None:
    """The shop's last order is of the day of the refresh; the test was over on 21 July, a year before."""
    inputs = tables()
    inputs["order_lines"].append("fresh,,s1,1,20,4,2027-07-29")
    measured(tmp_path, inputs, as_of="2027-07-29")
    with open_store(tmp_path) as store:
        snapshot = load(store)
    run = replace(snapshot.run, started_at=dt.datetime(2027, 7, 30, 1, tzinfo=dt.UTC))
    judged = gates(replace(snapshot, run=run), (), dt.datetime(2027, 7, 30, 2, tzinfo=dt.UTC))["home"]
    found = next(one for one in judged.checks if one.check.id == "result_age")

    assert (found.observed, found.result, found.evidence.n) == (374, "fail", 40)
    assert "outcomes count until 20 Jul 2026" in found.evidence.note
