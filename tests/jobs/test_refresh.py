import datetime as dt
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from jobs.audit import verify
from jobs.demo import make
from jobs.export import export, open_store
from jobs.problems import WorkspaceError
from jobs.refresh import refresh, shown
from storage.audit import Search, entries
from storage.schema import FIGURES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "northlight"
    make(folder, scale=1.0, seed=7)
    refresh(folder)
    return folder


@pytest.fixture
def small(tmp_path: Path, small_demo: Path) -> Path:
    return Path(shutil.copytree(small_demo, tmp_path / "northlight"))


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "northlight"
    make(folder, scale=0.04, seed=3)
    return folder


def effects_of(folder: Path) -> pl.DataFrame:
    with open_store(folder) as store:
        run = store.visible_run()
        assert run is not None
        return store.figures("effects", run.run_id)


def test_intervals_cover_the_true_effects_of_the_demo(demo: Path) -> None:
    truth = json.loads((demo / "truth.json").read_text())["experiments"]
    rows = effects_of(demo).filter(
        "headline", pl.col("segment_dimension").is_null(), pl.col("status") == "ok"
    )
    judged, missed = 0, []
    for row in rows.iter_rows(named=True):
        known = truth[row["experiment"]]["variants"][row["variant"]]["metrics"].get(row["metric"], {})
        if known.get("exact") and row["difference_low"] is not None:
            judged += 1
            if not row["difference_low"] <= known["difference"] <= row["difference_high"]:
                missed.append((row["experiment"], row["variant"], row["metric"]))
    assert judged >= 25
    assert len(missed) <= 0.15 * judged, missed


def test_withdrawals_are_read_where_most_people_are_still_followed_and_cover_the_truth(demo: Path) -> None:
    truth = json.loads((demo / "truth.json").read_text())["experiments"]
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        effects, curves = (store.figures(name, run.run_id) for name in ("survival_effects", "survival"))
    rows = effects.filter(metric="withdrawal").rows(named=True)
    for row in rows:
        known = truth[row["experiment"]]["variants"][row["variant"]]["withdrawal"]["risk_difference"]
        assert row["risk_low"] <= known[f"{row['horizon_days']:g}"] <= row["risk_high"]
        for arm, units in ((row["control"], row["n_control"]), (row["variant"], row["n_variant"])):
            curve = curves.filter(experiment=row["experiment"], metric="withdrawal", variant=arm)
            at = curve.filter(pl.col("day") <= row["horizon_days"]).sort("day")["at_risk"][-1]
            assert at > units / 2
    assert len(rows) == 4


def test_the_demo_has_a_win_an_open_question_and_a_harm(demo: Path) -> None:
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        codes = {(v.experiment, v.variant): v.code for v in store.verdicts(run.run_id)}
        health = store.figures("health", run.run_id)
    assert codes["cart-recovery-2026q3", "personalised"] == "better"
    assert codes["homepage-aa-2026q2", "personalised"] == "no_clear_effect"
    assert codes["homepage-2026q3", "personalised"] in {"too_early", "no_clear_effect"}
    harmed = health.filter(
        pl.col("experiment") == "post-purchase-2026q3", pl.col("check") == "withdrawal_balance"
    )
    assert harmed["status"].item() == "warn"


def test_counts_in_are_accepted_plus_quarantined(demo: Path) -> None:
    planned = json.loads((demo / "truth.json").read_text())["bad_rows"]
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        quarantined = store.figures("quarantine", run.run_id)
    for name, facts in run.inputs.items():
        assert facts["rows_in"] == facts["accepted"] + sum(facts["quarantined"].values()), name
    found = {(row["table"], row["rule"]): row["rows"] for row in quarantined.iter_rows(named=True)}
    assert found == {(table, rule): n for table, rules in planned.items() for rule, n in rules.items()}


def test_nothing_personal_is_in_the_store(demo: Path) -> None:
    ids = pl.read_parquet(demo / "data" / "customers" / "*.parquet", columns=["customer_id"])["customer_id"]
    sample = {identifier for identifier in ids.drop_nulls().to_list() if len(identifier) > 5}
    connection = sqlite3.connect(demo / "liftgate.db")
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    words = set()
    for name in names:
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            words.update(
                word for cell in row if isinstance(cell, str) for word in re.findall(r"[\w-]+", cell)
            )
    connection.close()
    assert len(sample) > 1000
    assert not sample & words


@pytest.mark.parametrize("table", ["effects", "effects_by_day", "exclusions"])
def test_no_cell_under_k_is_in_the_store(demo: Path, table: str) -> None:
    counts = {"effects": ["n_control", "n_variant"], "effects_by_day": ["n_control", "n_variant"],
              "exclusions": ["units"]}[table]  # fmt: skip
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        frame = store.figures(table, run.run_id)
        k = int(run.workspace["minimum_people"])
    for name in counts:
        assert frame.filter(pl.col(name).is_between(1, k - 1)).is_empty()
    figures = [
        c.name for c in FIGURES[table].columns if c.name.startswith(("mean", "difference", "relative"))
    ]
    hidden = frame.filter(pl.col("status") == "suppressed")
    assert all(hidden[name].null_count() == hidden.height for name in figures)


def test_days_step_by_nobody_or_k_people(demo: Path) -> None:
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        frame = store.figures("effects_by_day", run.run_id)
    assert frame.height > 50
    for _, rows in frame.group_by("experiment", "metric", "variant"):
        ordered = rows.sort("day")
        for name in ("n_control", "n_variant"):
            steps = ordered[name].diff().fill_null(ordered[name])
            assert steps.is_between(1, 49).sum() == 0


def test_the_last_day_equals_the_total(demo: Path) -> None:
    with open_store(demo) as store:
        run = store.visible_run()
        assert run is not None
        days, totals = store.figures("effects_by_day", run.run_id), effects_of(demo)
    assert days["date"].max() <= dt.date(2026, 9, 30)
    last = days.sort("day").group_by("experiment", "metric", "variant").last()
    whole = totals.filter("headline", pl.col("segment_dimension").is_null())
    both = last.join(whole, on=["experiment", "metric", "variant"], suffix="_total")
    assert both.height == last.height
    for name in ("n_control", "n_variant", "difference", "difference_low", "relative_sequential_high"):
        gap = (both[name] - both[f"{name}_total"]).abs() / both[f"{name}_total"].abs()
        assert gap.max() < 1e-9, name


def test_nothing_is_computed_when_nothing_changed(small: Path) -> None:
    first = refresh(small)
    again = refresh(small)
    assert (first.changed, again.changed, again.run.run_id) == (True, False, first.run.run_id)
    assert refresh(small, full=True).run.run_id == first.run.run_id + 1
    with (small / "metrics.yaml").open("a", encoding="utf-8") as stream:
        stream.write("\n# another definition\n")
    assert refresh(small).changed


def test_personal_data_leaves_with_the_run(small: Path) -> None:
    refresh(small)
    kept = sorted(file.name for file in (small / "state").iterdir())
    assert kept == ["editions.json.gz", "refresh.lock", "secret.key"]


def test_a_second_refresh_says_who_holds_the_first(small: Path) -> None:
    (small / "state").mkdir()
    (small / "state" / "refresh.holder").write_text("ana@store since 09:00", encoding="utf-8")
    with (
        FileLock(small / "state" / "refresh.lock"),
        pytest.raises(WorkspaceError, match="ana@store since 09:00"),
    ):
        refresh(small)


def test_a_failed_refresh_leaves_the_last_run_in_place(small: Path) -> None:
    first = refresh(small)
    (small / "data" / "dsr_requests.csv").write_text("request_id,kind\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="dsr_requests"):
        refresh(small)
    with open_store(small) as store:
        visible = store.visible_run()
        assert visible is not None
        assert visible.run_id == first.run.run_id
        assert store.runs()[0].status == "failed"
    assert not list((small / "state").glob("run-*"))


def test_a_refresh_that_failed_does_not_hold_the_next(small: Path) -> None:
    (small / "data" / "dsr_requests.csv").unlink()
    with pytest.raises(WorkspaceError, match="dsr_requests"):
        refresh(small)
    assert (small / "state").stat().st_mode & 0o077 == 0
    assert not (small / "state" / "refresh.holder").exists()


def test_a_stores_password_is_not_shown() -> None:
    assert "hush" not in shown("postgresql+psycopg://reader:hush@db/liftgate")


def test_without_consent_events_an_experiment_on_consent_has_no_evidence(small: Path) -> None:
    for name in ("workspace", "metrics", "experiments"):
        file = small / f"{name}.yaml"
        kept = file.read_text(encoding="utf-8").splitlines(keepends=True)
        gone = re.compile(r" *(consent_events|withdrawal|guardrails|margin: {harm_if).*")
        file.write_text("".join(line for line in kept if not gone.match(line)), encoding="utf-8")
    refresh(small)
    rows = effects_of(small).filter(pl.col("experiment") == "cart-recovery-2026q3")
    assert set(rows["status"]) == {"no_evidence"}
    assert rows["difference"].null_count() == rows.height
    with open_store(small) as store:
        run = store.visible_run()
        assert run is not None
        health = store.figures("health", run.run_id).filter(check="exclusion_balance")
        codes = {v.experiment: v.code for v in store.verdicts(run.run_id)}
    assert codes["cart-recovery-2026q3"] == "no_evidence"
    assert codes["universal-holdout-2026"] != "no_evidence"
    alike = health.filter(pl.col("experiment").is_in(["cart-recovery-2026q3", "homepage-2026q3"]))
    assert set(alike["note"]) == {
        "All of them were excluded, in every arm alike."
    }  # the erased are in neither


def test_a_killed_refresh_leaves_the_last_run_in_place(small: Path) -> None:
    first = refresh(small)
    process = subprocess.Popen([sys.executable, "-m", "jobs", "refresh", str(small), "--full"], cwd=ROOT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    deadline = time.monotonic() + 30
    while not list((small / "state").glob("run-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    with open_store(small) as store:
        visible = store.visible_run()
        assert visible is not None
        assert visible.run_id == first.run.run_id
        assert store.runs()[0].status in {"running", "interrupted"}
    again = refresh(small, full=True)
    assert again.changed
    with open_store(small) as store:
        assert [run.status for run in store.runs()] == ["complete", "failed", "complete"]
    assert not list((small / "state").glob("run-*"))
    assert verify(small).ok


def test_an_erased_customer_leaves_every_figure(small: Path) -> None:
    refresh(small)
    before = effects_of(small)
    frame = pl.read_parquet(small / "data" / "assignments" / "*.parquet")
    ours = frame.filter(pl.col("experiment") == "universal-holdout-2026", pl.col("variant") == "programme")
    who = ours["unit_id"].unique().sort().head(40).to_list()
    file = small / "data" / "dsr_requests.csv"
    requests = pl.read_csv(file, infer_schema_length=0)
    erased = pl.DataFrame({"request_id": [f"new-{i}" for i in range(40)], "customer_id": who}).with_columns(
        kind=pl.lit("delete"), jurisdiction=pl.lit("IE"), received_at=pl.lit("2026-09-01"),
        closed_at=pl.lit("2026-09-10"), outcome=pl.lit("complied"),
    )  # fmt: skip
    pl.concat([requests, erased], how="diagonal").write_csv(file)
    refresh(small)
    after = effects_of(small)

    def treated(rows: pl.DataFrame) -> int:
        keep = (pl.col("experiment") == "universal-holdout-2026", pl.col("metric") == "conversion")
        return int(rows.filter(*keep, pl.col("segment_dimension").is_null())["n_variant"].max())

    assert 20 <= treated(before) - treated(after) <= 40


def test_curves_tell_no_few_people_from_run_to_run(small: Path) -> None:
    """Five of the first assigned leave: no row before the total that both runs show has moved by them."""
    refresh(small)
    with open_store(small) as store:
        before = {name: store.figures(name, 1) for name in ("effects_by_day", "survival", "effects_by_age")}
    parts = sorted((small / "data" / "assignments").glob("*.parquet"))
    frame = pl.read_parquet(parts[0])
    ours = frame.filter(pl.col("experiment") == "universal-holdout-2026").sort("assigned_at", "unit_id")
    few = ours["unit_id"].unique(maintain_order=True).head(5)
    dropped = pl.col("unit_id").is_in(few.implode()) & (pl.col("experiment") == "universal-holdout-2026")
    frame.filter(~dropped).write_parquet(parts[0])
    refresh(small)
    with open_store(small) as store:
        after = {name: store.figures(name, 2) for name in before}
    days = ("experiment", "metric", "variant", "day")
    arms = ["n_control", "n_variant"]
    for name, counts in {"effects_by_day": arms, "survival": ["at_risk"], "effects_by_age": arms}.items():
        both = before[name].join(after[name], on=days, suffix="_after")
        last = pl.col("day") == pl.col("day").max().over(days[:-1])
        first = pl.col("day") == pl.col("day").min().over(days[:-1])
        inner = both.filter(~last if name == "effects_by_day" else ~first)
        assert inner.height > 10
        for count in counts:
            moved = (inner[count] - inner[f"{count}_after"]).abs()
            assert not moved.is_between(1, 49).any(), name
        kept = after[name].filter(pl.col("note").str.contains("figures of an earlier run"))
        assert kept["experiment"].unique().to_list() == ["universal-holdout-2026"]


def test_a_segment_that_moved_by_a_few_people_keeps_its_figures(small: Path) -> None:
    refresh(small)
    before = effects_of(small)
    parts = sorted((small / "data" / "assignments").glob("*.parquet"))
    frame = pl.read_parquet(parts[0])
    leaving = frame.filter(pl.col("experiment") == "universal-holdout-2026", pl.col("variant") == "programme")
    few = leaving["unit_id"].unique().sort().head(5)
    dropped = pl.col("unit_id").is_in(few.implode()) & (pl.col("experiment") == "universal-holdout-2026")
    frame.filter(~dropped).write_parquet(parts[0])
    refresh(small)
    after = effects_of(small)
    keys = ["experiment", "metric", "variant", "segment_dimension", "segment", "method"]
    both = before.join(after, on=keys, suffix="_after", nulls_equal=True).filter(
        pl.col("experiment") == "universal-holdout-2026",
        pl.col("status") == "ok",
        pl.col("status_after") == "ok",
    )
    total = pl.col("segment_dimension").is_null()
    assert both.filter(total, pl.col("n_variant") != pl.col("n_variant_after")).height > 0
    moved = (pl.col("n_variant") - pl.col("n_variant_after")).abs().is_between(1, 49)
    assert both.filter(~total, moved).is_empty()
    assert both.filter(~total, pl.col("as_of_run_after") == 1).height > 0


def test_two_refreshes_of_the_same_data_agree(small: Path) -> None:
    refresh(small)
    first = effects_of(small)
    refresh(small, full=True)
    again = effects_of(small)
    for name in first.drop("as_of_run").columns:
        if first[name].dtype == pl.Float64:
            assert again[name].is_null().equals(first[name].is_null())
            known = first[name].drop_nulls().to_list()
            assert again[name].drop_nulls().to_list() == pytest.approx(known, rel=1e-9), name
        else:
            assert again[name].equals(first[name]), name


def test_the_export_names_its_run_and_is_in_the_log(small: Path, tmp_path: Path) -> None:
    outcome = refresh(small)
    export(small, tmp_path / "out", "2026Q3")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["run_id"], manifest["period"]) == (outcome.run.run_id, "2026Q3")
    with pytest.raises(WorkspaceError, match="No run measured 2026Q1"):
        export(small, tmp_path / "none", "2026Q1")
    with pytest.raises(WorkspaceError, match="Set as_of: 2025-12-31 in"):
        export(small, tmp_path / "none", "2025Q4")
    assert not (tmp_path / "none").exists()
    check = verify(small)
    assert check.ok
    with open_store(small) as store:
        (entry,) = entries(store, Search(action="export"))
    recorded = json.loads(entry.detail)["files"]
    assert recorded.items() >= manifest["files"].items()
    assert set(recorded) == {*manifest["files"], "manifest.json"}


def test_computing_again_tells_the_same_of_the_health_of_a_test(small: Path) -> None:
    refresh(small)
    refresh(small, full=True)

    with open_store(small) as store:
        runs = (store.figures("health", run_id) for run_id in (1, 2))
        first, second = (health.filter(pl.col("check") == "placebo_calibration") for health in runs)
    assert first.height > 0
    assert first.equals(second)
