import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Text, inspect, text

from storage.control import HEAD
from storage.engine import MIGRATIONS, connect, upgrade
from storage.errors import StoreError, StoreVersionError
from storage.schema import FIGURES, metadata
from storage.store import Store
from tests.storage.samples import effects, refresh


def _differences(url: str, wanted: MetaData) -> list[object]:
    engine = connect(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), wanted)
    engine.dispose()
    return list(found)


def test_migrations_make_the_schema(url: str) -> None:
    Store.open(url).close()

    assert _differences(url, metadata) == []


def test_the_comparison_would_see_a_difference(url: str) -> None:
    Store.open(url).close()
    changed = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["health"].append_column(Column("added", Text))

    assert len(_differences(url, changed)) == 1


def test_the_newest_migration_is_the_expected_one() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_an_older_store_is_upgraded_and_keeps_its_runs(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    engine.dispose()

    with Store.open(url) as store:
        run_id = refresh(store, effects((None, 1.0)))
    with Store.open(url) as store:
        assert store.visible_run() is not None
        assert store.figures("effects", run_id).height == 1


def test_a_newer_store_is_refused_and_untouched(url: str) -> None:
    with Store.open(url) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(
        StoreVersionError, match=r"revision 9999.*a newer Liftgate wrote it. Upgrade Liftgate"
    ):
        Store.open(url)

    assert _differences(url, metadata) == []


def test_two_first_openings_at_once_make_one_store(url: str) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            Store.open(url).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert _differences(url, metadata) == []


def test_a_failed_migration_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    create = Operations.create_table

    def fail_late(self: Operations, name: str, *columns: object, **options: object) -> object:
        if name == "audit":
            raise KeyError(name)
        return create(self, name, *columns, **options)

    engine = connect(url)
    monkeypatch.setattr(Operations, "create_table", fail_late)
    with pytest.raises(KeyError, match="audit"):
        upgrade(engine)

    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_migrations_can_be_taken_back(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    Store.open(url).close()
    engine = connect(url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"folder .*absent does not exist. Create it, or change `store`"):
        Store.open(f"sqlite:///{tmp_path}/absent/liftgate.db")


def test_a_missing_folder_of_the_anchor_is_named(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"anchor .*absent/audit\.anchor does not exist"):
        Store.open(sqlite_url, anchor=tmp_path / "absent" / "audit.anchor")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id\n" * 500)

    with pytest.raises(StoreError, match="cannot be opened: file is not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_damaged_store_asks_for_its_backup(sqlite_url: str, tmp_path: Path) -> None:
    Store.open(sqlite_url).close()
    whole = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    cut = tmp_path / "cut.db"
    cut.write_bytes(whole[:20_000])

    with pytest.raises(StoreError, match=r"malformed\. It is damaged: restore the last backup"):
        Store.open(f"sqlite:///{cut}")


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()

    with pytest.raises(StoreError, match="Let this account write the file and its folder"):
        Store.open(f"sqlite:///{tmp_path}/folder.db")


@pytest.mark.parametrize("address", ["liftgate.db", "mongodb://host/db", "oracle://host/db"])
def test_an_address_that_no_driver_reads_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"Write it like sqlite:///liftgate\.db"):
        Store.open(address)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql+psycopg://ana:secret@127.0.0.1:1/db?connect_timeout=2")
    assert "secret" not in str(caught.value)


def test_sqlite_waits_writes_ahead_and_checks_references(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, store.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    assert found == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1, "synchronous": 2}


def test_columns_stand_as_the_files_promise() -> None:
    assert list(FIGURES["quarantine"].columns.keys()) == ["run_id", "table", "rule", "rows", "example"]
    for name, table in FIGURES.items():
        columns = list(table.columns.keys())
        assert columns[0] == "run_id", name
        assert (
            ("status" in columns)
            == ("note" in columns)
            == (name not in {"gates", "dsr_requests", "quarantine"})
        )
