from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest

from reports.snapshot import Snapshot, load
from storage.errors import NoRunError
from storage.records import RunRecord
from storage.schema import FIGURES
from storage.store import Store
from tests.storage.samples import RECORD, effects, refresh


def test_facts_of_the_workspace(snapshot: Snapshot) -> None:
    assert (snapshot.name, snapshot.currency, snapshot.minimum_people) == ("Northlight Retail", "EUR", 50)
    assert snapshot.zone.key == "Europe/Dublin"


@pytest.mark.parametrize(
    ("as_of", "zone", "expected"),
    [
        (datetime(2026, 9, 30, 23, tzinfo=UTC), "Europe/Dublin", date(2026, 9, 30)),
        (datetime(2026, 10, 1, 7, tzinfo=UTC), "America/Los_Angeles", date(2026, 9, 30)),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), "Europe/Dublin", date(2026, 9, 30)),
        (datetime(2026, 10, 1, tzinfo=UTC), "UTC", date(2026, 9, 30)),
    ],
)
def test_the_last_day_that_counts_is_local(store: Store, as_of: datetime, zone: str, expected: date) -> None:
    workspace = {**RECORD.workspace, "timezone": zone}
    refresh(store, record=RunRecord(as_of, "2026Q3", "d1", "p1", workspace=workspace))

    assert load(store).as_of_date == expected


def test_effects_of_whole_experiments_and_of_segments(snapshot: Snapshot) -> None:
    assert snapshot.effects()["difference"].to_list() == [1.0, 9.0]
    assert snapshot.effects("cart", "revenue", "personalised")["difference"].to_list() == [1.0]
    assert snapshot.effects(headline=False)["experiment"].to_list() == ["home"]
    assert snapshot.effects("cart", "orders").is_empty()
    assert snapshot.segments("cart")["segment"].to_list() == ["FR", "IE"]
    assert snapshot.segments("cart", dimension="loyalty").is_empty()
    assert snapshot.segments(headline=True).height == 2


def test_rows_of_the_other_tables(snapshot: Snapshot) -> None:
    first = snapshot.table("health")["experiment"][0]

    assert snapshot.health(first).height == 1
    assert snapshot.health().height == 7
    assert snapshot.by_day(snapshot.table("effects_by_day")["experiment"][0]).height == 1
    assert snapshot.exclusions().height == 7
    assert snapshot.journeys().height == 7
    assert set(snapshot.frames) == set(FIGURES)
    with pytest.raises(ValueError, match="Did you mean 'gates'"):
        snapshot.table("gate")


def test_records(snapshot: Snapshot) -> None:
    assert [record.experiment for record in snapshot.experiments()] == ["cart", "home"]
    assert snapshot.experiment("cart").definition == {"unit": "customer"}
    assert [verdict.code for verdict in snapshot.verdicts("cart")] == ["win"]
    assert snapshot.metric_definitions["revenue"]["money"] is True
    with pytest.raises(KeyError, match=r"has no experiment 'crt'\. Did you mean 'cart'"):
        snapshot.experiment("crt")


def test_it_cannot_be_changed(snapshot: Snapshot) -> None:
    with pytest.raises(FrozenInstanceError):
        snapshot.run = None
    with pytest.raises(TypeError):
        snapshot.frames["effects"] = None


def test_the_visible_run_is_read_unless_another_is_named(store: Store) -> None:
    first = refresh(store, effects((None, 1.0)))
    second = refresh(store, effects((None, 2.0)))

    assert load(store).run.run_id == second
    assert load(store, first).effects()["difference"].to_list() == [1.0]


def test_without_a_complete_run_there_is_no_snapshot(store: Store) -> None:
    with pytest.raises(NoRunError, match=r"no refresh has been completed\. Run: python -m jobs refresh"):
        load(store)
    failed = store.begin_run(RECORD)
    store.fail_run(failed, "no data")
    with pytest.raises(NoRunError, match=f"Run {failed} is failed"):
        load(store, failed)
    with pytest.raises(NoRunError, match="no run 99"):
        load(store, 99)
