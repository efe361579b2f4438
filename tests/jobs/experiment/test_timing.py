"""When an experiment's planned look has come."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.config.models import Experiment, RatioMetric
from jobs.config.workspace import Workspace
from jobs.experiment.timing import Assigned, ended
from tests.jobs.building import corner_shop

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
