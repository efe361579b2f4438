"""The app's only door to figures: the visible run, read once and kept until another becomes visible.

Every function asks who is reading and gives nothing that `policy.roles` does not allow them.
"""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl
import streamlit as st
import yaml
from sqlalchemy.exc import SQLAlchemyError

from policy import roles
from policy.decisions import Decision
from reports import assembly, journeys
from reports.board import content
from reports.board.changes import previous
from reports.board.parts import Board
from reports.gates.evaluation import decisions, gates
from reports.results import Experiment
from reports.snapshot import Snapshot, WithheldError, load
from reports.wording.variants import result
from reports.wording.verdicts import Said
from storage.errors import StoreError
from storage.records import Run, VerdictRecord
from storage.store import Store
from ui import access, stores

MOMENT = timedelta(microseconds=1)
"""What an exclusive end is after the last moment that counts."""


@dataclass(frozen=True)
class Missing:
    """Why there is nothing to show, and what to do."""

    what: str
    remedy: str
    title: str = "No figures yet"


@dataclass(frozen=True)
class Loaded:
    """The visible run as one reader may see it, ready for pages.

    What follows from tables that are not for the reader raises `WithheldError`.
    """

    snapshot: Snapshot

    @cached_property
    def experiments(self) -> Mapping[str, Experiment]:
        """Every experiment by id."""
        return assembly.experiments(self.snapshot)

    @cached_property
    def journeys(self) -> tuple[journeys.Journey, ...]:
        """The journeys, those that ask for an act first."""
        return tuple(journeys.journeys(self.snapshot, self.experiments))

    @cached_property
    def journey_names(self) -> Mapping[str, str]:
        """The journeys' names for people by id, as configured."""
        return journeys.names(self.snapshot) if "journeys" in self.snapshot.frames else {}

    @property
    def currency(self) -> str:
        """ISO 4217 code of the workspace."""
        return self.snapshot.currency

    def said(self, experiment: Experiment) -> Said:
        """What an experiment amounts to, in words."""
        name = experiment.experiment
        if name not in self._said:
            snapshot = self.snapshot
            self._said[name] = result(
                experiment,
                currency=snapshot.currency,
                minimum_people=snapshot.minimum_people,
                as_of=snapshot.as_of_date,
            )
        return self._said[name]

    @cached_property
    def _said(self) -> dict[str, Said]:
        return {}


def now() -> datetime:
    """Present time."""
    return datetime.now(UTC)


def current(quarter: str | None = None) -> Loaded | Missing:
    """A quarter's last complete run as the reader may see it; else why there is none and what to do.

    Args:
        quarter: such as "2026Q2"; None for the visible run.
    """
    folder, allowed = stores.workspace(), roles.loadable(access.reader().roles)
    try:
        url = stores.address(folder)
        if url is None:
            return _no_workspace(folder)
        store = stores.opened(url)
        run = _run(store, quarter) if store else None
        if store is None or run is None:
            return _no_figures(folder)
        return _loaded(store, url, run.run_id, run.started_at, allowed)
    except (StoreError, SQLAlchemyError, sqlite3.Error, OSError, yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Missing(f"{first}.", f"Run: python -m jobs refresh {folder}", "The figures cannot be read")


def quarters() -> list[str]:
    """Quarters that have a complete run, newest first; none without a store."""
    store = _for_reader("runs")
    return store.quarters() if store else []


def board(loaded: Loaded, *, stale: str, past: bool) -> Board:
    """The board of a run beside the quarter before, its gates as of now unless the quarter is past."""
    before = current(previous(loaded.snapshot.run.period))
    earlier = before.snapshot if isinstance(before, Loaded) else None
    names = (_name(loaded.snapshot), _name(earlier))
    if past:
        return _board(loaded.snapshot, earlier, (), names, None, stale)
    store, moment = _for_reader("gates"), now()
    decided = decisions(store) if store else ()
    hour = (len(decided), moment.replace(minute=0, second=0, microsecond=0))
    return _board(loaded.snapshot, earlier, decided, names, hour, stale)


def runs(limit: int) -> list[Run]:
    """The newest runs, newest first; none without a store."""
    store = _for_reader("runs")
    return store.runs(limit) if store else []


def verdicts(run_id: int) -> list[VerdictRecord]:
    """A run's verdicts."""
    store = _for_reader("verdicts")
    return store.verdicts(run_id) if store else []


def figures(table: str, run_id: int) -> pl.DataFrame:
    """A run's rows of a figure table; none without a store.

    Raises:
        WithheldError: the table is not for the reader.
    """
    store = _for_reader(table)
    return store.figures(table, run_id) if store else pl.DataFrame()


def _for_reader(table: str) -> Store | None:
    if not access.may_load(table):
        raise WithheldError(table)
    return stores.current()


def _no_workspace(folder: Path) -> Missing:
    if folder.name == stores.DEMO:
        return Missing("The demo retailer has not been made yet.", "Run: make run")
    return Missing(
        f"There is no workspace in {folder}.",
        f"Set {stores.WORKSPACE} to a folder with a workspace.yaml, or make the demo with: make run",
    )


def _no_figures(folder: Path) -> Missing:
    return Missing(
        "There are no figures yet: no refresh has been completed.", f"Run: python -m jobs refresh {folder}"
    )


def _run(store: Store, quarter: str | None) -> Run | None:
    return store.visible_run() if quarter is None else store.latest_run(quarter)


def _name(snapshot: Snapshot | None) -> tuple[object, ...]:
    """What tells a snapshot from every other: its run, its beginning, and what of it may be seen."""
    if snapshot is None:
        return ()
    return (snapshot.name, snapshot.run.run_id, snapshot.run.started_at, *sorted(snapshot.frames))


@st.cache_resource(max_entries=16, show_spinner=False)
def _board(
    _snapshot: Snapshot,
    _before: Snapshot | None,
    _decided: Collection[Decision],
    names: tuple[object, ...],
    hour: tuple[int, datetime] | None,
    stale: str,
) -> Board:
    """Runs and decisions never change, so their names and number tell; without an hour it is of the past."""
    judged = gates(_snapshot, _decided, hour[1]) if hour else None
    return content.board(_snapshot, _before, gates=judged, stale=stale, past=hour is None)


@st.cache_resource(max_entries=16, show_spinner=False)
def _loaded(_store: Store, url: str, run_id: int, started_at: datetime, tables: frozenset[str]) -> Loaded:
    """A run never changes: its number and its beginning name it; readers of other roles share nothing."""
    return Loaded(load(_store, run_id, tables=tables, late=True))
