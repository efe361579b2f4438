"""The app's only door to the store: the visible run, read once and kept until another becomes visible."""

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st
import yaml
from sqlalchemy.exc import SQLAlchemyError

from reports import assembly, journeys
from reports.results import Experiment
from reports.snapshot import Snapshot, load
from reports.wording.variants import result
from reports.wording.verdicts import Said
from storage.engine import connect, upgrade
from storage.errors import StoreError
from storage.location import sqlite_file, store_url
from storage.records import Run, VerdictRecord
from storage.store import Store

MOMENT = timedelta(microseconds=1)
"""What an exclusive end is after the last moment that counts."""

WORKSPACE = "LIFTGATE_WORKSPACE"
DEMO = "demo-workspace"


@dataclass(frozen=True)
class Missing:
    """Why there is nothing to show, and what to do."""

    what: str
    remedy: str
    title: str = "No figures yet"


@dataclass(frozen=True)
class Loaded:
    """The visible run, ready for pages.

    Attributes:
        experiments: by id.
        journeys: those that ask for an act first.
        by_day: rows of effects_by_day by experiment.
    """

    snapshot: Snapshot
    experiments: Mapping[str, Experiment]
    journeys: tuple[journeys.Journey, ...]
    by_day: Mapping[str, pl.DataFrame]

    @property
    def currency(self) -> str:
        """ISO 4217 code of the workspace."""
        return self.snapshot.currency

    def said(self, experiment: Experiment) -> Said:
        """What an experiment amounts to, in words."""
        snapshot = self.snapshot
        return result(
            experiment,
            currency=snapshot.currency,
            minimum_people=snapshot.minimum_people,
            as_of=snapshot.as_of_date,
        )


def workspace() -> Path:
    """The folder whose figures are shown."""
    return Path(os.environ.get(WORKSPACE) or DEMO).resolve()


def now() -> datetime:
    """Present time."""
    return datetime.now(UTC)


def current() -> Loaded | Missing:
    """The visible run; else why there is none and what to do."""
    folder = workspace()
    try:
        url = _url(folder)
        if url is None:
            return _no_workspace(folder)
        store = _store(url)
        run = store.visible_run() if store else None
        if store is None or run is None:
            return _no_figures(folder)
        return _loaded(store, url, run.run_id, run.started_at)
    except (StoreError, SQLAlchemyError, sqlite3.Error, OSError, yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Missing(f"{first}.", f"Run: python -m jobs refresh {folder}", "The figures cannot be read")


def runs(limit: int) -> list[Run]:
    """The newest runs, newest first; none without a store."""
    store = _open_store()
    return store.runs(limit) if store else []


def verdicts(run_id: int) -> list[VerdictRecord]:
    """A run's verdicts."""
    store = _open_store()
    return store.verdicts(run_id) if store else []


def figures(table: str, run_id: int) -> pl.DataFrame:
    """A run's rows of a figure table; none without a store."""
    store = _open_store()
    return store.figures(table, run_id) if store else pl.DataFrame()


def _open_store() -> Store | None:
    url = _url(workspace())
    return _store(url) if url else None


def _no_workspace(folder: Path) -> Missing:
    if folder.name == DEMO:
        return Missing("The demo retailer has not been made yet.", "Run: make run")
    return Missing(
        f"There is no workspace in {folder}.",
        f"Set {WORKSPACE} to a folder with a workspace.yaml, or make the demo with: make run",
    )


def _no_figures(folder: Path) -> Missing:
    return Missing(
        "There are no figures yet: no refresh has been completed.", f"Run: python -m jobs refresh {folder}"
    )


def _url(folder: Path) -> str | None:
    """The store's address as workspace.yaml has it; None where there is no workspace."""
    file = folder / "workspace.yaml"
    if not file.is_file():
        return None
    stated = file.stat()
    return store_url(folder, _configured(file, stated.st_mtime_ns, stated.st_size))


@lru_cache(maxsize=8)
def _configured(file: Path, changed_at: int, size: int) -> str | None:
    settings: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = settings.get("store") if isinstance(settings, dict) else None
    return found if isinstance(found, str) else None


def _store(url: str) -> Store | None:
    """An open store; None while its file does not exist: looking must not make one."""
    file = sqlite_file(url)
    if file is None:
        return _opened(url, 0)
    return _opened(url, file.stat().st_ino) if file.is_file() else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(url: str, file: int) -> Store:
    """A store; a file made anew under the same name is another store."""
    engine = connect(url)
    upgrade(engine)
    return Store(engine, None)


@st.cache_resource(max_entries=4, show_spinner=False)
def _loaded(_store: Store, url: str, run_id: int, started_at: datetime) -> Loaded:
    """A run never changes: its number and its beginning name it."""
    snapshot = load(_store, run_id)
    found = assembly.experiments(snapshot)
    steps = snapshot.frames["effects_by_day"]
    return Loaded(
        snapshot=snapshot,
        experiments=found,
        journeys=tuple(journeys.journeys(snapshot, found)),
        by_day={str(name): rows for (name,), rows in steps.partition_by("experiment", as_dict=True).items()},
    )
