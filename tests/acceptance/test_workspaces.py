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
    skus = pl.read_csv(out / "sku_lift.csv", infer_schema_length=None)
    assert skus.height > 5
    assert skus.filter(pl.col("q_value") <= 0.05).height <= 1
    categories = pl.read_csv(out / "category_lift.csv", infer_schema_length=None)
    whole = categories.filter(pl.col("category") == "*all*", pl.col("part") == "all")["difference"].item()
    assert skus["difference"].sum() == pytest.approx(whole, rel=1e-9)
    churned = pl.read_csv(out / "survival_effects.csv").row(0, named=True)
    assert churned["metric"] == "churn"
    assert churned["risk_low"] < 0 < churned["risk_high"]


SUBSCRIBERS = """\
name: Subscribers
currency: USD
timezone: UTC
as_of: 2026-09-30
disclosure: {minimum_people: 10}
tables: {assignments: assignments.csv, unit_outcomes: outcomes.csv}
metrics: metrics.yaml
experiments: experiments.yaml
"""


def test_observed_durations_give_the_published_survival(tmp_path: Path) -> None:
    rows = pl.read_csv(ACCEPTANCE / "telco_churn.csv", infer_schema_length=None)
    arms = {"Month-to-month": "monthly", "One year": "yearly"}
    rows = rows.filter(pl.col("Contract").is_in(list(arms))).with_columns(experiment=pl.lit("contracts"))
    pl.DataFrame(
        rows.select("experiment", unit_id="customerID", variant=pl.col("Contract").replace(arms))
    ).write_csv(tmp_path / "assignments.csv")
    churned = pl.when(pl.col("Churn") == "Yes").then(1).otherwise(0)
    rows.select("experiment", unit_id="customerID", months="tenure", churned=churned).write_csv(
        tmp_path / "outcomes.csv"
    )
    (tmp_path / "workspace.yaml").write_text(SUBSCRIBERS)
    (tmp_path / "metrics.yaml").write_text(
        "lapse: {kind: survival, table: unit_outcomes, duration: months, event: churned, horizon_days: 72}\n"
    )
    (tmp_path / "experiments.yaml").write_text(
        "- {id: contracts, journey: subscription, control: monthly, allocation: {monthly: 1, yearly: 1},\n"
        "   primary: lapse, lawful_basis: legitimate_interests}\n"
    )
    refresh(tmp_path)
    export(tmp_path, tmp_path / "out", None)
    known = expected("telco")
    effect = pl.read_csv(tmp_path / "out" / "survival_effects.csv").row(0, named=True)
    assert 1 - effect["risk_control"] == pytest.approx(known["m2m"]["S72"], abs=1e-6)
    assert 1 - effect["risk_variant"] == pytest.approx(known["oneyear"]["S72"], abs=1e-6)
    curve = pl.read_csv(tmp_path / "out" / "survival.csv").filter(pl.col("variant") == "monthly")
    survival = dict(zip(curve["day"], curve["survival"], strict=True))
    months = [month for month in (12, 24, 36, 48, 60) if month in survival]
    assert len(months) >= 3
    for month in months:
        assert survival[month] == pytest.approx(known["m2m"][f"S{month}"], abs=1e-6)
