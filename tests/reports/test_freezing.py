"""A frozen quarter never changes; what comes later is a version that says what moved."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from metrics.published import Published
from reports.board_pdf import compiled, pack
from reports.quarters.content import DOCUMENT, PDF, RECORDS, from_contents, to_contents
from reports.quarters.freezing import FreezeError, freeze
from reports.quarters.moved import moved
from reports.quarters.quarter import before, frozen, pack_of, quarter
from reports.snapshot import load
from storage import audit
from storage.errors import NoRunError, StoreError
from storage.frozen import Version, content_hash
from storage.store import Store
from tests.storage.samples import RECORD, figures, refresh

JOURNEYS = [{"id": "cart", "name": "Cart recovery"}]
ENDED = replace(RECORD, workspace={**RECORD.workspace, "journeys": JOURNEYS}, inputs={})


def row(**figures_: object) -> Published:
    """The one journey of the quarter."""
    known = {
        "journey": "cart",
        "period": "2026Q3",
        "status": "ok",
        "relative": 0.04,
        "consent_coverage": 0.81,
    }
    return Published("journeys", pl.DataFrame([{**known, **figures_}]))


def test_all_that_a_run_holds_comes_back(store: Store) -> None:
    run_id = refresh(store, *(Published(table, figures(table)) for table in ("dsr_requests", "vendors")))
    snapshot = load(store, run_id)

    back = from_contents(to_contents(snapshot))

    assert back.run == snapshot.run
    assert back.experiment_records == snapshot.experiment_records
    assert back.verdict_records == snapshot.verdict_records
    assert back.metric_definitions == snapshot.metric_definitions
    for table, frame in snapshot.frames.items():
        assert back.frames[table].equals(frame, null_equal=True), table
        assert back.frames[table].schema == frame.schema


def test_a_later_refresh_changes_nothing_that_is_frozen(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    version = freeze(store, "2026Q3", "ana", "Board of 14 October")
    issued = pack_of(store, quarter(store, "2026Q3"))

    refresh(store, row(relative=-0.2), record=replace(ENDED, fingerprint="f2"))

    found = quarter(store, "2026Q3")
    assert (found.version, found.snapshot.run.run_id) == (version, 1)
    assert pack_of(store, found) == issued
    contents = store.frozen_content(version)
    assert contents[PDF] == issued
    assert compiled(json.loads(contents[DOCUMENT])) == issued
    assert pack(found.snapshot, before(store, found.snapshot), version=version) == issued
    assert quarter(store).snapshot.run.run_id == 2, "without a quarter the visible run speaks"


def test_a_correction_is_a_version_that_says_what_moved(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    first = freeze(store, "2026Q3", "ana", "")
    refresh(store, row(consent_coverage=0.7904, gate="held"), record=replace(ENDED, fingerprint="f2"))

    second = freeze(store, "2026Q3", "ben", "Events of 12 August were loaded twice")

    assert (first.version, first.moved, second.version, second.run_id) == (1, (), 2, 2)
    assert [tuple(item) for item in second.moved] == [
        ("Cart recovery", "Joint coverage, of events", "81.0\u00a0%", "79.0\u00a0%"),
        ("Cart recovery", "Gate", "–", "held"),
    ]
    assert quarter(store, "2026Q3").version == second
    assert frozen(store, first).snapshot.run.run_id == 1, "the version before stays as it was"
    assert store.frozen_versions("2026Q3") == [second, first]
    assert store.frozen_versions("2026Q2") == []


def test_an_estimate_is_told_with_its_limits(store: Store) -> None:
    limits = {"net_value": 1_000.0, "net_low": 500.0, "net_high": 1_500.0}
    old = load(store, refresh(store, row(**limits), record=ENDED))
    new = load(store, refresh(store, row(**limits | {"net_low": -20.0}), record=ENDED))

    assert [tuple(m)[2:] for m in moved(old, new)] == [
        (
            "1,000.00\u00a0EUR (500.00\u00a0EUR to 1,500.00\u00a0EUR)",
            "1,000.00\u00a0EUR (−20.00\u00a0EUR to 1,500.00\u00a0EUR)",
        )
    ]


def test_what_moved_tells_apart_what_looks_alike(store: Store) -> None:
    old = load(store, refresh(store, row(consent_coverage=0.81004), record=ENDED))
    new = load(store, refresh(store, row(consent_coverage=0.81001), record=ENDED))

    assert [(m.before, m.after) for m in moved(old, new)] == [("81.004\u00a0%", "81.001\u00a0%")]
    assert moved(old, old) == ()


def test_sums_in_another_order_are_no_correction(store: Store) -> None:
    noisy = figures("sku_lift").with_columns(pl.col("difference") * (1 + 1e-13))
    parts = Published("sku_lift", figures("sku_lift")), Published("sku_lift", noisy)
    old, new = (
        load(store, refresh(store, row(consent_coverage=share), part, record=ENDED))
        for share, part in zip((0.1 + 0.2, 0.3), parts, strict=True)
    )

    assert moved(old, new) == ()


def test_a_figure_that_is_not_named_is_counted(store: Store) -> None:
    old = load(store, refresh(store, row(), Published("sku_lift", figures("sku_lift")), record=ENDED))
    changed = figures("sku_lift").with_columns(n_control=pl.col("n_control") + 1)
    new = load(store, refresh(store, row(), Published("sku_lift", changed), record=ENDED))

    assert [tuple(m) for m in moved(old, new)] == [("sku_lift.csv", "Rows that differ", "", "7")]


def test_a_quarter_is_not_frozen_before_its_end(store: Store) -> None:
    refresh(store, row(), record=replace(ENDED, as_of=datetime(2026, 9, 29, 23, tzinfo=UTC)))

    with pytest.raises(
        FreezeError, match=r"ends on 30 Sep 2026, and run 1 measures to 29 Sep 2026.*as_of: 2026-09-30"
    ):
        freeze(store, "2026Q3", "ana", "too early")
    assert store.frozen_versions() == []


def test_nothing_to_correct_and_no_reason_are_refused(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    freeze(store, "2026Q3", "ana", "")
    with pytest.raises(FreezeError, match="no figure of run 1 differs"):
        freeze(store, "2026Q3", "ana", "again")
    refresh(store, row(relative=0.05), record=ENDED)
    with pytest.raises(FreezeError, match="say why with --reason"):
        freeze(store, "2026Q3", "ana", "  ")
    with pytest.raises(NoRunError, match="No run measured 2026Q2"):
        freeze(store, "2026Q2", "ana", "")


def test_the_log_holds_the_hash_of_what_was_frozen(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    version = freeze(store, "2026Q3", "ana", "Board")

    entry = audit.entries(store, audit.Search(action="freeze"))[0]

    assert entry.actor == "ana"
    assert content_hash(store.frozen_content(version)) in entry.detail
    assert audit.verify(store).ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frozen SET reason = 'other'",
        "DELETE FROM frozen",
        "UPDATE frozen_content SET name = 'x'",
        "DELETE FROM frozen_content",
        "DELETE FROM runs WHERE run_id = 1",
    ],
)
def test_the_database_keeps_what_is_frozen(store: Store, statement: str) -> None:
    refresh(store, row(), record=ENDED)
    freeze(store, "2026Q3", "ana", "Board")

    with pytest.raises(DatabaseError), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_content_that_was_tampered_with_is_not_shown(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    version = freeze(store, "2026Q3", "ana", "Board")
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER frozen_content_no_update"))
        connection.execute(text(f"UPDATE frozen_content SET content = x'00' WHERE name = '{RECORDS}'"))

    with pytest.raises(StoreError, match="Version 1 of 2026Q3 is not what was frozen"):
        quarter(store, "2026Q3")
    with pytest.raises(StoreError, match="not what was frozen"):
        frozen(store, version)


def test_of_two_at_once_one_is_told_to_freeze_again(store: Store) -> None:
    refresh(store, row(), record=ENDED)
    made = Version("2026Q3", 1, 1, datetime(2026, 10, 1, tzinfo=UTC), "ana", "Board")
    answers: list[str] = []

    def keep() -> None:
        try:
            store.freeze(made, {RECORDS: b"{}"})
            answers.append("kept")
        except StoreError as error:
            answers.append(str(error))

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers)[0].startswith("2026Q3 is at version 1 by now")
    assert sorted(answers)[1] == "kept"


def test_the_quarter_before_speaks_in_its_frozen_version(store: Store) -> None:
    earlier = replace(ENDED, period="2026Q2", as_of=datetime(2026, 6, 30, 23, tzinfo=UTC))
    refresh(store, row(period="2026Q2", consent_coverage=0.7), record=earlier)
    freeze(store, "2026Q2", "ana", "Board")
    refresh(store, row(period="2026Q2", consent_coverage=0.1), record=earlier)
    now = load(store, refresh(store, row(), record=ENDED))

    found = before(store, now)

    assert found is not None
    assert found.journeys()["consent_coverage"].to_list() == [0.7]
    assert before(store, found) is None


def test_the_pack_prints_its_version_and_what_moved(store: Store, tmp_path: Path) -> None:
    from tests.reports.paper.conftest import words

    refresh(store, row(), record=ENDED)
    assert "not frozen" in words(pack_of(store, quarter(store)))
    freeze(store, "2026Q3", "ana", "Board")
    assert "Version 1, frozen" in words(pack_of(store, quarter(store, "2026Q3")))
    refresh(store, row(consent_coverage=0.79), record=ENDED)
    freeze(store, "2026Q3", "ben", "Events were loaded twice")

    said = words(pack_of(store, quarter(store, "2026Q3")))

    assert "Version 2, frozen" in said
    assert "What moved since version 1" in said
    assert "Events were loaded twice" in said
    assert "81.0 % 79.0 %" in said
