from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import anchor, chain
from storage.anchor import Anchor
from storage.audit import Search, actors, count, entries, find, renew_anchor, verify, whole
from storage.chain import GENESIS
from storage.migrations.versions import r0002_append_only_log
from storage.store import Store
from tests.storage.samples import RECORD, refresh


def _export(name: str = "effects.csv") -> dict[str, object]:
    return {"files": {name: "0" * 64}, "via": "page"}


def _fill(store: Store) -> Store:
    for number in range(1, 7):
        store.audit("ana" if number % 2 else "ben", "export", _export(f"{number}.csv"))
    return store


def _unguarded(connection: Connection) -> None:
    """Take the triggers away, as whoever owns the database can."""
    if connection.dialect.name == "sqlite":
        for name in r0002_append_only_log.SQLITE:
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))


@pytest.fixture
def log(sqlite_store: Store) -> Store:
    """A store whose log has six entries."""
    return _fill(sqlite_store)


def _sql(*statements: str) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        _unguarded(connection)
        for statement in statements:
            connection.execute(text(statement))

    return run


def _forge_end(connection: Connection) -> None:
    """Rewrite the last entry with a hash that fits."""
    _unguarded(connection)
    body = (6, "2026-01-01T00:00:00.000000+00:00", "eve", "export", "{}", chain.end(connection).head)
    previous = connection.execute(text("SELECT hash FROM audit WHERE seq = 5")).scalar_one()
    body = (*body[:5], previous)
    connection.execute(text("DELETE FROM audit WHERE seq = 6"))
    values = dict(zip(chain.Entry._fields, (*body, chain.digest(body)), strict=True))
    connection.execute(chain.audit.insert().values(values))


_COPY = "INSERT INTO audit SELECT {seq}, at, actor, action, detail, previous, hash FROM audit WHERE seq = 3"
TAMPERING = {
    "edited detail": (_sql("UPDATE audit SET detail = '{}' WHERE seq = 3"), 3, "Entry 3 was altered"),
    "edited actor": (_sql("UPDATE audit SET actor = 'eve' WHERE seq = 1"), 1, "Entry 1 was altered"),
    "edited action": (_sql("UPDATE audit SET action = 'refresh' WHERE seq = 6"), 6, "Entry 6 was altered"),
    "edited time": (_sql("UPDATE audit SET at = '2020-01-01' WHERE seq = 2"), 2, "Entry 2 was altered"),
    "edited hash": (_sql("UPDATE audit SET hash = 'x' WHERE seq = 4"), 4, "Entry 4 was altered"),
    "removed first": (_sql("DELETE FROM audit WHERE seq = 1"), 1, "Entry 1 is missing"),
    "removed middle": (_sql("DELETE FROM audit WHERE seq = 3"), 3, "Entry 3 is missing"),
    "removed middle and renumbered": (
        _sql(
            "DELETE FROM audit WHERE seq = 3",
            *(f"UPDATE audit SET seq = {seq - 1} WHERE seq = {seq}" for seq in (4, 5, 6)),
        ),
        3,
        "Entry 3 does not follow entry 2",
    ),
    "removed last": (_sql("DELETE FROM audit WHERE seq = 6"), 6, "Entry 6 is missing"),
    "removed all": (_sql("DELETE FROM audit"), 1, "Entry 1 is missing"),
    "swapped": (
        _sql(*(f"UPDATE audit SET seq = {to} WHERE seq = {old}" for old, to in ((3, 99), (4, 3), (99, 4)))),
        3,
        "Entry 3 does not follow entry 2",
    ),
    "inserted at the end": (_sql(_COPY.format(seq=7)), 7, "Entry 7 does not follow entry 6"),
    "inserted before the first": (_sql(_COPY.format(seq=0)), 0, "Entry 0 was inserted"),
    "inserted in the middle": (
        _sql(
            *(f"UPDATE audit SET seq = {seq + 1} WHERE seq = {seq}" for seq in (6, 5, 4)),
            _COPY.format(seq=4),
        ),
        4,
        "Entry 4 does not follow entry 3",
    ),
    "end written anew": (_forge_end, 6, "Entry 6 was replaced"),
}


@pytest.mark.parametrize(("tamper", "first", "what"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found_and_the_first_broken_entry_named(
    log: Store, tamper: Callable[[Connection], None], first: int, what: str
) -> None:
    assert verify(log).ok

    with log.engine.begin() as connection:
        tamper(connection)
    check = verify(log)

    assert (check.ok, check.first_broken) == (False, first)
    assert check.what.startswith(what)
    assert check.why


@pytest.mark.parametrize("tampering", ["edited detail", "removed last", "removed all", "end written anew"])
def test_going_on_writing_does_not_hide_it(log: Store, tampering: str) -> None:
    tamper, first, _ = TAMPERING[tampering]
    with log.engine.begin() as connection:
        tamper(connection)
    for _ in range(7):
        log.audit("ana", "export", _export())

    check = verify(log)

    assert not check.ok
    assert check.first_broken is not None
    assert check.first_broken >= first


def test_a_sound_log_says_what_was_checked(log: Store) -> None:
    check = verify(log)

    assert (check.ok, check.entries, check.first_broken) == (True, 6, None)
    assert check.what == "6 entries, none altered."
    assert "reaches the anchor liftgate.audit.anchor" in check.why


@pytest.mark.parametrize(
    "tampering",
    [
        *("edited detail", "removed middle", "removed last", "removed all"),
        *("swapped", "inserted in the middle", "end written anew"),
    ],
)
def test_tampering_is_found_in_every_database(store: Store, tampering: str) -> None:
    tamper, first, _ = TAMPERING[tampering]
    with _fill(store).engine.begin() as connection:
        tamper(connection)

    assert verify(store).first_broken == first


REFUSED = {
    "edited": "UPDATE audit SET detail = '{}' WHERE seq = 3",
    "removed": "DELETE FROM audit WHERE seq = 3",
    "emptied": "DELETE FROM audit",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses_to_change_the_log(store: Store, statement: str) -> None:
    _fill(store)
    with (
        pytest.raises(DBAPIError, match="The audit log is append-only"),
        store.engine.begin() as connection,
    ):
        connection.execute(text(statement))

    assert verify(store).ok
    assert store.audit("ana", "export", _export()).seq == 7


def test_sqlite_refuses_to_replace_an_entry(log: Store) -> None:
    statement = _COPY.format(seq=2).replace("INSERT", "INSERT OR REPLACE")
    with pytest.raises(DBAPIError, match="append-only"), log.engine.begin() as connection:
        connection.execute(text(statement))
    assert verify(log).ok


def test_postgresql_refuses_to_empty_the_log(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        _fill(store)
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(text("TRUNCATE audit"))
        assert len(entries(store)) == 6


def test_many_writers_at_once_make_one_chain(store: Store) -> None:
    def write(actor: str) -> None:
        for number in range(5):
            store.audit(actor, "export", _export(f"{number}.csv"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ("ana", "ben", "cem", "dag")))

    check = verify(store)
    assert (check.ok, check.entries) == (True, 20)
    assert store.anchor is not None
    reached = anchor.read(store.anchor)
    assert reached is not None
    assert reached.entries == 20


def test_an_empty_log_is_sound(store: Store) -> None:
    assert verify(store).ok
    assert verify(store).entries == 0


def test_a_crash_between_commit_and_anchor_is_no_tampering(log: Store) -> None:
    assert log.anchor is not None
    before = anchor.read(log.anchor)
    assert before is not None
    for _ in range(2):
        log.audit("ana", "export", _export())
    anchor.write(log.anchor, before)

    assert verify(log).ok
    log.audit("ana", "export", _export())
    after = anchor.read(log.anchor)
    assert after is not None
    assert after.entries == 9
    assert verify(log).ok


def test_a_crash_before_the_first_anchor_is_no_tampering(store: Store) -> None:
    assert store.anchor is not None
    assert anchor.read(store.anchor) == Anchor(0, GENESIS)
    store.audit("ana", "export", _export())
    anchor.write(store.anchor, Anchor(0, GENESIS))
    assert verify(store).ok


@pytest.mark.parametrize("content", [None, "", "{}", '{"entries": "six", "head": ""}', "null"])
def test_a_lost_or_spoilt_anchor_fails_closed_and_stays_so(log: Store, content: str | None) -> None:
    assert log.anchor is not None
    log.anchor.unlink()
    if content is not None:
        log.anchor.write_text(content)
    log.audit("ana", "export", _export())

    check = verify(log)

    assert not check.ok
    assert check.what == "The log's length cannot be checked."
    assert "estore it" in check.why


def test_opening_again_does_not_make_up_a_lost_anchor(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        store.audit("ana", "export", _export())
        assert store.anchor is not None
        store.anchor.unlink()
    with Store.open(sqlite_url) as store:
        assert not verify(store).ok


def test_a_renewed_anchor_is_sound_and_on_record(log: Store) -> None:
    with log.engine.begin() as connection:
        _sql("DELETE FROM audit WHERE seq > 4")(connection)
    assert not verify(log).ok

    renew_anchor(log, "ana", "restored the backup of Monday")

    assert verify(log).ok
    newest = entries(log)[0]
    assert (newest.seq, newest.action) == (5, "anchor renewed")
    assert "restored the backup of Monday" in newest.detail


def test_without_anchor_the_finding_says_what_it_cannot_see(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        store.audit("ana", "export", _export())
        check = verify(store)
        assert check.ok
        assert "no anchor is kept, so a cut end would not show" in check.why
        with pytest.raises(ValueError, match="keeps no anchor"):
            renew_anchor(store, "ana", "why not")


def test_the_anchor_lies_beside_a_sqlite_store(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store:
        assert store.anchor == tmp_path / "liftgate.audit.anchor"


def test_runs_are_on_record(store: Store) -> None:
    done = refresh(store)
    lost = store.begin_run(RECORD)
    failed = store.begin_run(RECORD)
    store.fail_run(failed, "orders.csv is missing")

    found = [(entry.actor, entry.action) for entry in reversed(entries(store))]

    assert found == [("ana", "refresh"), ("ana", "refresh interrupted"), ("ana", "refresh failed")]
    assert f'"run_id":{done}' in entries(store, Search(action="refresh"))[0].detail
    assert '"refused":{"negative":1}' in entries(store, Search(action="refresh"))[0].detail
    assert f'"run_id":{lost}' in entries(store, Search(action="refresh interrupted"))[0].detail
    assert "orders.csv is missing" in entries(store, Search(action="refresh failed"))[0].detail
    assert verify(store).ok


def test_a_refused_run_leaves_no_entry(store: Store) -> None:
    run_id = refresh(store)
    with pytest.raises(Exception, match="not running"):
        store.complete_run(run_id, [])
    assert len(entries(store)) == 1


def test_the_log_can_be_searched(log: Store) -> None:
    now = datetime.now(UTC)
    assert [entry.seq for entry in entries(log)] == [6, 5, 4, 3, 2, 1]
    assert [entry.seq for entry in entries(log, Search(actor="ben"))] == [6, 4, 2]
    assert [entry.seq for entry in entries(log, Search(containing="3.CSV"))] == [3]
    assert entries(log, Search(containing="%")) == []
    assert [entry.seq for entry in entries(log, limit=2)] == [6, 5]
    assert entries(log, Search(action="refresh")) == []
    assert entries(log, Search(since=now + timedelta(minutes=1))) == []
    assert len(entries(log, Search(since=now - timedelta(hours=1), until=now + timedelta(minutes=1)))) == 6
    assert entries(log, Search(until=now - timedelta(hours=1))) == []


def test_a_run_and_a_job_can_be_searched(store: Store) -> None:
    for run_id in (5, 55, 5):
        detail = {"run_id": run_id, "reason": f"{run_id} files"}
        store.audit(f"job@till (process {run_id})", "refresh failed", detail)
    store.audit("job@tilly", "export", {"run_id": 5, **_export()})

    assert [entry.seq for entry in entries(store, Search(run_id=5))] == [4, 3, 1]
    assert [entry.seq for entry in entries(store, Search(run_id=55))] == [2]
    assert [entry.seq for entry in entries(store, Search(actor="job@till"))] == [3, 2, 1]
    assert actors(store) == ["job@till", "job@tilly"]
    assert [entry.seq for entry in entries(store, limit=2, skip=1)] == [3, 2]
    assert (count(store), count(store, Search(action="export"))) == (4, 1)
    assert find(store, 2) == entries(store, Search(run_id=55))[0]
    assert find(store, 9) is None
    assert [entry.seq for entry in whole(store)] == [1, 2, 3, 4]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(str.strip),
    detail=st.dictionaries(st.text(), _json, max_size=4),
)
def test_any_content_chains(sqlite_store: Store, actor: str, detail: dict[str, object]) -> None:
    sqlite_store.audit(actor, "export", {"files": detail, "via": "page"})

    assert verify(sqlite_store).ok


def test_what_json_cannot_hold_is_refused(sqlite_store: Store) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        sqlite_store.audit("ana", "export", {"files": {"p": float("nan")}, "via": "page"})
    with pytest.raises(TypeError, match="cannot be kept as JSON"):
        sqlite_store.audit("ana", "export", {"files": {"p": object()}, "via": "page"})
