"""Erased people of whom only a count is left, and ids that no file system likes."""

from pathlib import Path

import polars as pl
import pytest

from jobs.export import open_store
from jobs.refresh import refresh

WORKSPACE = """\
name: Shop
currency: EUR
timezone: UTC
as_of: 2026-09-30
disclosure: {minimum_people: 10}
tables: {assignments: assignments.csv, unit_outcomes: outcomes.csv}
metrics: metrics.yaml
experiments: experiments.yaml
"""
METRICS = "spend: {kind: mean, table: unit_outcomes, value: spend}\n"
EXPERIMENTS = """\
- {id: "a/b test: 1", journey: home, control: off_, allocation: {off_: 1, on_: 1}, primary: spend,
   metrics: [spend], lawful_basis: legitimate_interests}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (("workspace", WORKSPACE), ("metrics", METRICS), ("experiments", EXPERIMENTS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    rows = ["experiment,unit_id,variant,units"]
    rows += [f"a/b test: 1,c{i},{'on_' if i % 2 else 'off_'}," for i in range(400)]
    rows += ["a/b test: 1,*erased*,off_,30", "a/b test: 1,*erased*,on_,90"]
    (tmp_path / "assignments.csv").write_text("\n".join(rows), encoding="utf-8")
    outcomes = ["experiment,unit_id,spend", *(f"a/b test: 1,c{i},{i % 7}" for i in range(400))]
    (tmp_path / "outcomes.csv").write_text("\n".join(outcomes), encoding="utf-8")
    return tmp_path


def test_tombstones_are_counted_as_erased_and_nowhere_else(shop: Path) -> None:
    run = refresh(shop).run
    with open_store(shop) as store:
        effects, health = store.figures("effects", run.run_id), store.figures("health", run.run_id)
        excluded = store.figures("exclusions", run.run_id)
    assert effects.select("n_control", "n_variant").row(0) == (200, 200)
    erased = excluded.filter(pl.col("reason") == "erased").sort("variant")
    assert erased.select("variant", "units").rows() == [("off_", 30), ("on_", 90)]
    checks = {row["check"]: row for row in health.iter_rows(named=True)}
    assert checks["sample_ratio"]["p_value"] == 1.0
    assert checks["crossover_share"]["statistic"] == 0.0
    assert checks["erasure_balance"]["status"] == "warn"
