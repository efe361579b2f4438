import math
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import text

from metrics.published import Published
from storage.errors import NoRunError, StoreError
from storage.frames import dtypes, key
from storage.records import ExperimentRecord, MetricRecord, VerdictRecord
from storage.schema import FIGURES
from storage.store import Store
from tests.storage.samples import RECORD, effects, figures, refresh

ROOT = Path(__file__).parents[2]


def test_figures_of_every_table_come_back_as_they_went_in(store: Store) -> None:
    run_id = refresh(store, *(Published(table, figures(table).reverse()) for table in FIGURES))

    for name, table in FIGURES.items():
        assert_frame_equal(store.figures(name, run_id), figures(name).sort(key(table)))


def test_every_table_without_rows_has_its_columns_and_types(store: Store) -> None:
    run_id = refresh(store)

    for name, table in FIGURES.items():
        frame = store.figures(name, run_id)
        assert frame.is_empty()
        assert dict(frame.schema) == dtypes(table)
        assert "run_id" not in frame.columns


def test_a_run_is_told_in_full(store: Store) -> None:
    run_id = store.begin_run(RECORD)
    store.complete_run(
        run_id,
        [],
        experiments=[ExperimentRecord("cart", {"starts": date(2026, 7, 1)}, {"caps": {"revenue": 812.5}})],
        verdicts=[VerdictRecord("cart", "b", "win", {}), VerdictRecord("cart", "a", "loss", {"p": 0.1})],
        metrics=[MetricRecord("revenue", {"kind": "mean", "note": "Größe"})],
        fingerprint="f2",
        summary={"seconds": 1.5},
    )

    run = store.visible_run()

    assert run is not None
    assert (run.run_id, run.status, run.reason, run.actor) == (run_id, "complete", None, "ana")
    assert (run.as_of, run.period, run.fingerprint) == (RECORD.as_of, "2026Q3", "f2")
    assert (run.workspace, run.inputs, run.summary) == (RECORD.workspace, RECORD.inputs, {"seconds": 1.5})
    assert (run.policy_version, run.policy_hash, run.policy_text) == (3, "p1", "version: 3\n")
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at <= datetime.now(UTC)
    assert store.experiments(run_id) == [
        ExperimentRecord("cart", {"starts": "2026-07-01"}, {"caps": {"revenue": 812.5}})
    ]
    assert [verdict.variant for verdict in store.verdicts(run_id)] == ["a", "b"]
    assert store.metrics(run_id) == [MetricRecord("revenue", {"kind": "mean", "note": "Größe"})]


def test_configuration_keeps_its_order(store: Store) -> None:
    allocation = {"treated": 0.5, "control": 0.25, "another": 0.25}
    run_id = store.begin_run(RECORD)

    store.complete_run(run_id, [], experiments=[ExperimentRecord("cart", {"allocation": allocation}, {})])

    assert list(store.experiments(run_id)[0].definition["allocation"]) == list(allocation)


def test_nothing_is_visible_before_the_first_complete_run(store: Store) -> None:
    assert store.visible_run() is None
    store.begin_run(RECORD)
    assert store.visible_run() is None
    with pytest.raises(NoRunError, match="no run 99"):
        store.run(99)


def test_the_newest_complete_run_is_visible_and_earlier_ones_stay(store: Store) -> None:
    first = refresh(store, effects((None, 1.0)))
    second = refresh(store, effects((None, 2.0)))
    failed = store.begin_run(RECORD)
    store.fail_run(failed, "orders.csv is missing")

    visible = store.visible_run()

    assert visible is not None
    assert visible.run_id == second
    assert [run.run_id for run in store.runs()] == [failed, second, first]
    assert store.runs()[0].reason == "orders.csv is missing"
    assert store.figures("effects", first)["difference"].to_list() == [1.0]
    latest = store.latest_run("2026Q3")
    assert latest is not None
    assert latest.run_id == second
    assert store.latest_run("2026Q2") is None


def test_parts_of_one_table_are_put_together(store: Store) -> None:
    run_id = refresh(store, effects((None, 1.0)), effects(("IE", 2.0), experiment="home"))

    assert store.figures("effects", run_id)["difference"].to_list() == [1.0, 2.0]


BAD = {
    "unknown column": ({"diference": [1.0]}, "no column 'diference'.*'difference'"),
    "the run's number": ({"run_id": [1]}, "no column 'run_id'"),
    "NaN": ({"relative": [math.nan]}, r"effects\.relative holds NaN or infinity"),
    "infinity": ({"relative": [-math.inf]}, r"effects\.relative holds NaN or infinity"),
    "text for a number": ({"relative": ["1.0"]}, r"effects\.relative takes Float64, not String"),
    "half a person": ({"n_control": [1.5]}, r"effects\.n_control takes whole numbers"),
    "a number for a flag": ({"headline": [1]}, r"effects\.headline takes Boolean, not Int64"),
    "a date for a text": ({"note": [date(2026, 1, 1)]}, r"effects\.note takes String, not Date"),
    "NUL": ({"note": ["a\0b"]}, r"effects\.note holds a text with a NUL"),
}


@pytest.mark.parametrize(("columns", "message"), BAD.values(), ids=BAD)
def test_what_does_not_fit_its_table_is_refused_whole(
    sqlite_store: Store, columns: dict[str, list[object]], message: str
) -> None:
    run_id = sqlite_store.begin_run(RECORD)
    bad = Published(
        "effects", effects((None, 1.0)).frame.with_columns(**{k: pl.Series(v) for k, v in columns.items()})
    )

    with pytest.raises(ValueError, match=message):
        sqlite_store.complete_run(run_id, [effects((None, 1.0), experiment="home"), bad])

    assert sqlite_store.figures("effects", run_id).is_empty()
    assert sqlite_store.visible_run() is None


def test_rows_with_one_key_are_refused(sqlite_store: Store) -> None:
    run_id = sqlite_store.begin_run(RECORD)

    with pytest.raises(ValueError, match="2 rows that share their key, for example experiment 'cart'"):
        sqlite_store.complete_run(run_id, [effects(("IE", 1.0), ("IE", 2.0))])


def test_a_key_column_must_be_there_and_filled(sqlite_store: Store) -> None:
    run_id = sqlite_store.begin_run(RECORD)

    nameless = pl.DataFrame({"year": [None], "right": ["delete"]}, schema_overrides={"year": pl.Int64})

    with pytest.raises(ValueError, match="needs its key column 'rule'"):
        sqlite_store.complete_run(run_id, [Published("quarantine", pl.DataFrame({"table": ["orders"]}))])
    with pytest.raises(ValueError, match=r"dsr_7102\.year identifies the row and cannot be null"):
        sqlite_store.complete_run(run_id, [Published("dsr_7102", nameless)])


def test_an_unknown_table_is_named_with_its_neighbour(sqlite_store: Store) -> None:
    with pytest.raises(ValueError, match=r"no figure table 'effect'\. Did you mean 'effects'"):
        sqlite_store.figures("effect", 1)
    with pytest.raises(ValueError, match="no figure table 'runs'"):
        sqlite_store.complete_run(sqlite_store.begin_run(RECORD), [Published("runs", pl.DataFrame())])


def test_only_published_figures_are_taken(sqlite_store: Store) -> None:
    with pytest.raises(TypeError, match=r"published by policy\.disclosure, not DataFrame"):
        sqlite_store.complete_run(sqlite_store.begin_run(RECORD), [effects((None, 1.0)).frame])


def test_records_hold_no_nan(sqlite_store: Store) -> None:
    with pytest.raises(ValueError, match="experiments, cart: NaN or infinity"):
        sqlite_store.complete_run(
            sqlite_store.begin_run(RECORD), [], experiments=[ExperimentRecord("cart", {}, {"cap": math.nan})]
        )


def test_whole_floats_count_and_times_without_zone_are_utc(store: Store) -> None:
    received = pl.Series([datetime(2026, 1, 1, 12, tzinfo=UTC)]).dt.replace_time_zone(None)
    requests = pl.DataFrame({"request_id": ["r1"], "received_at": received, "days_left": [3.0]})

    run_id = refresh(store, Published("dsr_requests", requests))

    row = store.figures("dsr_requests", run_id).row(0, named=True)
    assert (row["received_at"], row["days_left"]) == (datetime(2026, 1, 1, 12, tzinfo=UTC), 3)


def test_empty_text_and_null_are_one(store: Store) -> None:
    frame = effects((None, 1.0)).frame.with_columns(segment=pl.lit(""), note=pl.lit(""))

    row = store.figures("effects", refresh(store, Published("effects", frame))).row(0, named=True)

    assert (row["segment_dimension"], row["segment"], row["note"]) == (None, None, None)


def test_a_zero_has_no_sign(store: Store) -> None:
    run_id = refresh(store, effects((None, -0.0)))

    assert math.copysign(1, store.figures("effects", run_id)["difference"][0]) == 1


def test_last_published_looks_past_failed_and_suppressed_rows(store: Store) -> None:
    first = refresh(store, effects((None, 1.0), ("IE", 10.0), ("FR", 20.0)))
    second = refresh(store, effects((None, 2.0), ("IE", None), status="suppressed"))
    store.begin_run(RECORD)
    third = store.begin_run(RECORD)

    last = store.last_published("effects", third)

    assert last.select("segment", "difference", "run_id").rows() == [
        (None, 2.0, second),
        ("FR", 20.0, first),
        ("IE", 10.0, first),
    ]
    assert store.last_published("effects", first).is_empty()
    assert store.last_published("quarantine", third).columns[0] == "run_id"


def test_a_planned_number_is_fixed_by_the_first_complete_run(store: Store) -> None:
    abandoned = store.begin_run(RECORD)
    assert store.planned_n("cart", 500, abandoned) == 500
    assert store.planned_n("cart", 501, abandoned) == 500

    first = store.begin_run(RECORD)
    assert store.planned_n("cart", 1000, first) == 1000
    store.complete_run(first, [])

    second = store.begin_run(RECORD)
    assert store.planned_n("cart", 9000, second) == 1000
    assert store.planned_n("home", 70, second) == 70


def test_a_completed_run_stays_as_it_is(store: Store) -> None:
    run_id = refresh(store)

    with pytest.raises(StoreError, match="is complete, not running"):
        store.complete_run(run_id, [])
    with pytest.raises(StoreError, match="is complete, not running"):
        store.fail_run(run_id, "late")


def test_a_refresh_that_lost_its_place_cannot_complete(store: Store) -> None:
    slow = store.begin_run(RECORD)
    quick = refresh(store, effects((None, 1.0)))

    with pytest.raises(
        StoreError, match=f"Run {slow} is failed, not running: another refresh took its place"
    ):
        store.complete_run(slow, [effects((None, 2.0))])

    visible = store.visible_run()
    assert visible is not None
    assert visible.run_id == quick
    assert store.figures("effects", slow).is_empty()


def test_a_running_run_shows_as_interrupted_unless_its_lease_is_held(store: Store) -> None:
    with store.lease("refresh", "ana"):
        run_id = store.begin_run(RECORD)
        assert store.run(run_id).status == "running"

    assert (store.run(run_id).status, store.runs()[0].status) == ("interrupted", "interrupted")

    store.begin_run(RECORD)
    assert store.run(run_id).status == "failed"
    assert store.run(run_id).reason == "Its process ended before the run was complete."


KILLED = """
import sys, time
from pathlib import Path
from storage import chain
from storage.store import Store
from tests.storage.samples import RECORD, effects

def halt(*_):
    print("figures written, not committed", flush=True)
    time.sleep(60)

store = Store.open(sys.argv[1], anchor=Path(sys.argv[2]))
run_id = store.begin_run(RECORD)
chain.append = halt
store.complete_run(run_id, [effects((None, 99.0))])
"""


def test_a_kill_in_the_middle_leaves_the_last_complete_run(store: Store, url: str) -> None:
    first = refresh(store, effects((None, 1.0)))
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, url, str(store.anchor)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("figures written")
        os.kill(process.pid, signal.SIGKILL)

    visible = store.visible_run()
    assert visible is not None
    assert visible.run_id == first
    killed = store.runs()[0]
    assert (killed.run_id, killed.status) == (first + 1, "interrupted")
    assert store.figures("effects", killed.run_id).is_empty()

    third = refresh(store, effects((None, 3.0)))

    visible = store.visible_run()
    assert visible is not None
    assert visible.run_id == third
    assert [run.status for run in store.runs()] == ["complete", "failed", "complete"]
    assert store.figures("effects", third)["difference"].to_list() == [3.0]


def test_half_a_run_is_never_seen(store: Store, url: str) -> None:
    """While one connection writes a run, another still reads the last one."""
    first = refresh(store, effects((None, 1.0)))

    with Store.open(url, anchor=store.anchor) as reader, store._writing() as connection:
        connection.execute(text("UPDATE runs SET reason = 'busy'"))
        visible = reader.visible_run()

    assert visible is not None
    assert (visible.run_id, visible.reason) == (first, None)
