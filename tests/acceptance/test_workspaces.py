"""Real public data, from files to CSV, against figures computed independently."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.export import export
from jobs.refresh import refresh
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data

pytestmark = needs_acceptance_data
COLUMNS = {
    "n_t": "n_variant", "n_c": "n_control", "mean_t": "mean_variant", "mean_c": "mean_control",
    "diff": "difference", "se": "difference_se", "ci_lo": "difference_low", "ci_hi": "difference_high",
    "p": "p_value", "rel_lift": "relative", "incremental_total": "incremental_total",
}  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    def run(name: str) -> Path:
        folder = tmp_path_factory.mktemp("acceptance") / name
        shutil.copytree(ACCEPTANCE / name, folder, copy_function=shutil.copyfile)
        refresh(folder)
        export(folder, folder / "out", None)
        return folder / "out"

    return run


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ACCEPTANCE / "expected.json").read_text())[name]
    return found


def row_of(out: Path, **keys: str | None) -> dict[str, Any]:
    rows = pl.read_csv(out / "effects.csv", infer_schema_length=None)
    for name, value in keys.items():
        rows = rows.filter(pl.col(name).is_null() if value is None else pl.col(name) == value)
    assert rows.height == 1, keys
    return rows.row(0, named=True)


def assert_same(row: dict[str, Any], figures: dict[str, Any]) -> None:
    for name, column in COLUMNS.items():
        if name in figures:
            assert row[column] == pytest.approx(figures[name], rel=1e-7), column


def health(out: Path, check: str) -> dict[str, Any]:
    return pl.read_csv(out / "health.csv").filter(pl.col("check") == check).row(0, named=True)


VARIANTS = {"Mens E-Mail": "mens_email", "Womens E-Mail": "womens_email"}
METRICS = ["visit", "conversion", "spend"]


def test_hillstrom(exported: Callable[[str], Path]) -> None:
    out = exported("hillstrom")
    known = expected("hillstrom")
    for label, variant in VARIANTS.items():
        for metric in METRICS:
            row = row_of(out, metric=metric, variant=variant, method="unadjusted", segment_dimension=None)
            assert_same(row, known[f"{label}:{metric}"])
        for code, segment in (("0", "existing"), ("1", "new")):
            row = row_of(out, metric="visit", variant=variant, segment_dimension="tenure", segment=segment)
            assert_same(row, known[f"newbie={code}:{label}:visit"])
    ratio = health(out, "sample_ratio")
    assert [ratio["statistic"], ratio["p_value"]] == pytest.approx(known["srm_equal"], rel=1e-7)


def test_cookie_cats(exported: Callable[[str], Path]) -> None:
    out = exported("cookie_cats")
    known = expected("cookie_cats")
    for metric, label in (
        ("retention_1", "retention_1"),
        ("retention_7", "retention_7"),
        ("rounds", "sum_gamerounds"),
    ):
        assert_same(row_of(out, metric=metric), known[f"{label} gate40-gate30"])
    ratio = health(out, "sample_ratio")
    assert [ratio["statistic"], ratio["p_value"]] == pytest.approx(known["srm"], rel=1e-7)
    assert ratio["status"] == "warn"


def test_the_placebo_shows_no_effect(exported: Callable[[str], Path]) -> None:
    out = exported("online_retail_placebo")
    rows = pl.read_csv(out / "effects.csv").filter("headline", pl.col("segment_dimension").is_null())
    assert set(rows["metric"]) == {"revenue", "orders", "conversion", "aov"}
    assert rows.filter((pl.col("difference_low") > 0) | (pl.col("difference_high") < 0)).is_empty()
    assert health(out, "placebo_calibration")["status"] == "pass"
    last = pl.read_csv(out / "effects_by_day.csv").sort("day").row(-1, named=True)
    total = row_of(out, metric="revenue", method="adjusted", segment_dimension=None)
    for column in ("n_control", "n_variant", "difference", "difference_low", "sequential_high"):
        assert last[column] == pytest.approx(total[column], rel=1e-12)
