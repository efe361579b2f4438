"""Connections to the store's database, and its migrations."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from storage.control import HEAD
from storage.errors import NoStoreError, StoreError, StoreVersionError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x11F76A7E


def plain_json(value: object) -> str:
    """Write JSON without spaces, keys in their own order; dates as ISO text.

    Raises:
        ValueError: a number is NaN or infinite.
        TypeError: a value has no form in JSON.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_as_json)


def canonical_json(value: object) -> str:
    """Write JSON with sorted keys, so that equal values give equal text; otherwise as `plain_json`."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_as_json
    )


def _as_json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    msg = f"{type(value).__name__} {value!r} cannot be kept as JSON."
    raise TypeError(msg)


def connect(url: str) -> Engine:
    """Make an engine whose `writing` form begins transactions that write at once.

    SQLite runs in write-ahead mode, fully synchronous, so that readers never wait and a power cut loses
    no commit.

    Raises:
        StoreError: the address cannot be read, its driver is missing, or the folder is not there.
    """
    try:
        address = make_url(url)
        _require_folder(address)
        engine = create_engine(address, json_serializer=plain_json)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        msg = f"The store's address is not usable ({error}). Write it like sqlite:///liftgate.db."
        raise StoreError(msg) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def writing(engine: Engine) -> Engine:
    """Give the engine whose transactions take SQLite's write lock when they begin, never halfway."""
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def sqlite_path(engine: Engine) -> Path | None:
    """Give the file of a SQLite store; None for another database or one in memory."""
    name = engine.url.database
    in_file = engine.dialect.name == "sqlite" and name and name != ":memory:"
    return Path(name).absolute() if in_file and name else None


def require_store(engine: Engine) -> None:
    """Demand that the database holds a store, without making a file.

    Raises:
        NoStoreError: it does not.
        StoreError: the database cannot be opened.
    """
    file = sqlite_path(engine)
    try:
        if file is None or file.exists():
            with engine.connect() as connection:
                if _revision(connection) is not None:
                    return
    except DatabaseError as error:
        raise _unusable(engine, error) from error
    msg = f"There is no store at {engine.url.render_as_string(hide_password=True)}."
    raise NoStoreError(msg)


def upgrade(engine: Engine) -> None:
    """Bring the store to the newest revision, in one transaction.

    Raises:
        StoreVersionError: the store's revision is unknown here: a newer Liftgate wrote it.
        StoreError: the database cannot be opened.
    """
    try:
        with engine.connect() as connection:
            current = _revision(connection)
        if current == HEAD:
            return
        with writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            _run_migrations(connection)
    except DatabaseError as error:
        raise _unusable(engine, error) from error


_UNWRITABLE = "Let this account write the file and its folder, and see that the disk has space left."
_REMEDIES = {
    **dict.fromkeys(("CANTOPEN", "IOERR", "FULL", "READONLY", "PERM"), _UNWRITABLE),
    "CORRUPT": "It is damaged: restore the last backup, with its anchor and `state/`.",
}
"""What to do, by SQLite's primary result code."""


def _unusable(engine: Engine, error: DatabaseError) -> StoreError:
    where = engine.url.render_as_string(hide_password=True)
    kind = getattr(error.orig, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]
    remedy = _REMEDIES.get(kind, "Check its address, and that it is Liftgate's.")
    return StoreError(f"The store {where} cannot be opened: {str(error.orig).rstrip('.')}. {remedy}")


def _require_folder(address: URL) -> None:
    name = address.database
    if address.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return
    folder = Path(name).absolute().parent
    if not folder.is_dir():
        msg = f"The store's folder {folder} does not exist. Create it, or change `store` in workspace.yaml."
        raise StoreError(msg)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _run_migrations(connection: Connection) -> None:
    # Alembic takes 0.2 s to import, and a store is mostly opened without any change to make.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    current = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        msg = (
            f"The store is at revision {current}, which this Liftgate (revision {HEAD}) does not know: "
            "a newer Liftgate wrote it. Upgrade Liftgate, or use another store."
        )
        raise StoreVersionError(msg)
    command.upgrade(config, HEAD)
