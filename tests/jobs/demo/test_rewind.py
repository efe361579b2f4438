from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.demo import make
from jobs.export import open_store
from jobs.refresh import refresh

BOTH = (
    "data/order_lines/part-000.parquet",
    "data/dsr_requests.csv",
    "data/data_inventory.csv",
    "workspace.yaml",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history") / "northlight"
    command = ["demo", str(folder), "--scale", "0.04", "--seed", "3", "--history"]
    assert CliRunner().invoke(app, command).exit_code == 0
    return folder


def test_the_quarter_before_is_in_the_store_and_the_demo_itself_is_as_ever(
    made: Path, tmp_path: Path
) -> None:
    make(tmp_path / "plain", scale=0.04, seed=3)

    for name in BOTH:
        assert (made / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    with open_store(made) as store:
        assert [(run.period, run.status) for run in store.runs()] == [("2026Q2", "complete")]


def test_what_came_later_was_not_known_then(made: Path) -> None:
    with open_store(made) as store:
        (run,) = store.runs()
        late = [facts["quarantined"].get("time_after_as_of", 0) for facts in run.inputs.values()]
        began = store.figures("journeys", run.run_id)

    assert sum(late) == 0
    assert run.inputs["order_lines"]["last_time"] < "2026-06-30T23:00"
    assert began["period"].unique().to_list() == ["2026Q2"]


def test_what_changed_since_can_be_told(made: Path) -> None:
    refresh(made)

    with open_store(made) as store:
        assert [run.period for run in store.runs()] == ["2026Q3", "2026Q2"]
        gates = store.across_runs("gates")
    assert gates.filter(pl.col("run_id") == 1).height > 0


def test_a_test_that_had_not_begun_then_is_planned_by_those_assigned_later(made: Path) -> None:
    refresh(made)

    with open_store(made) as store:
        planned = {record.experiment: record.facts["planned_units"] for record in store.experiments(2)}
        assigned = store.figures("health", 2).filter(pl.col("check") == "sample_ratio")
    assert planned["homepage-2026q3"] > 1000
    assert planned["universal-holdout-2026"] < 1700
    assert assigned.height == len(planned)
