"""The store: runs of aggregated figures, one of them visible, and the log of what was done."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
from sqlalchemy import Connection, Engine

from metrics.published import Published
from storage import anchor as anchors
from storage import annotations as events
from storage import chain, control, decisions, frozen, lease, people, rows, run_log
from storage.acts import Action
from storage.engine import connect, require_store, sqlite_path, upgrade, writing
from storage.errors import StoreError
from storage.frames import conform, figure_table
from storage.records import ExperimentRecord, MetricRecord, Run, RunRecord, VerdictRecord

REFRESH = "refresh"
"""Name of the lease that a refresh holds; while somebody holds it, a running run counts as alive."""


class Store:
    """An open store. Make one with `Store.open`.

    Attributes:
        engine: connections to its database.
        anchor: file that notes how far the audit log reached; None where none is kept.
    """

    def __init__(self, engine: Engine, anchor: Path | None) -> None:
        self.engine = engine
        self.anchor = anchor

    @classmethod
    def open(cls, url: str, *, anchor: Path | None = None, create: bool = True) -> Self:
        """Open the store at an SQLAlchemy URL; create or upgrade its tables.

        Args:
            url: such as sqlite:///liftgate.db or postgresql://host/database.
            anchor: file of the audit log's anchor; default: beside a SQLite file, elsewhere none.
            create: whether a store that is not there may be made.

        Raises:
            NoStoreError: there is none, and none may be made.
            StoreError: it cannot be opened, or a newer Liftgate wrote it.
        """
        if anchor and not anchor.absolute().parent.is_dir():
            msg = f"The folder of the audit log's anchor {anchor} does not exist. Create it."
            raise StoreError(msg)
        engine = connect(url)
        try:
            if not create:
                require_store(engine)
            upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
        file = sqlite_path(engine)
        anchor = anchor or (anchors.beside(file) if file else None)
        if anchor:
            with engine.connect() as connection:
                chain.begin_anchor(connection, anchor)
        return cls(engine, anchor)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lease(
        self, name: str, holder: str, *, seconds: float = 30, gone: Callable[[str], bool] = lambda _: False
    ) -> AbstractContextManager[None]:
        """Hold a lease while a block runs; see `storage.lease.held`."""
        return lease.held(self.engine, name, holder, seconds, gone)

    def audit(self, actor: str, action: Action, detail: Mapping[str, Any]) -> chain.Entry:
        """Record an act in the tamper-evident log, which never forgets it.

        Args:
            actor: who acted, as a colleague or job is called.
            action: what was done.
            detail: what `storage.acts.FIELDS` asks of that action; names no customer.

        Raises:
            ValueError: the detail does not fit the action.
        """
        with self._writing() as connection:
            return chain.append(connection, actor, action, detail)

    def decide(
        self,
        decision: Mapping[str, Any],
        action: decisions.AuditAction,
        detail: Mapping[str, Any],
        seen: decisions.Seen,
    ) -> int | None:
        """Record a decision and its audit entry together, and give its number; see `storage.decisions`.

        None, and nothing recorded: another decision or run has come since what the decision was judged on.
        """
        with self._writing() as connection:
            if decisions.latest(connection) != seen:
                return None
            return decisions.record(connection, decision, action, detail)

    def decisions(self) -> list[dict[str, Any]]:
        """Read every decision, oldest first."""
        with self.engine.connect() as connection:
            return decisions.read(connection)

    def annotate(self, actor: str, subject: str, values: Mapping[str, Any]) -> int:
        """Keep an event with its audit entry, and give its number; see `storage.annotations`."""
        with self._writing() as connection:
            return events.add(connection, actor, subject, values)

    def remove_annotation(self, actor: str, subject: str, number: int) -> None:
        """Take an event back, with an audit entry; its row stays.

        Raises:
            StoreError: there is none of that number that stands.
        """
        with self._writing() as connection:
            events.remove(connection, actor, subject, number)

    def annotations(self) -> list[dict[str, Any]]:
        """Read every event, those taken back among them, by day and number."""
        with self.engine.connect() as connection:
            return events.read(connection)

    def signed_in(self, subject: str, name: str, roles: Iterable[str]) -> None:
        """Record a sign-in, and a role change where the last one was with other roles.

        Args:
            subject: what the sign-in calls the person, for good.
            name: for people.
            roles: what they may see.
        """
        with self._writing() as connection:
            people.signed_in(connection, subject, name, roles)

    def sign_out(self, actor: str, subject: str, reason: str) -> datetime:
        """End every session that a person has begun until now, and record it; gives the time.

        Raises:
            KeyError: nobody of that subject has ever signed in.
        """
        with self._writing() as connection:
            return people.sign_out(connection, actor, subject, reason)

    def sign_outs(self) -> dict[str, datetime]:
        """When each person was last signed out everywhere, by subject; those who never were are left out."""
        with self.engine.connect() as connection:
            return people.sign_outs(connection)

    def people(self, name: str) -> list[str]:
        """Subjects of the people who go by a subject or a name."""
        with self.engine.connect() as connection:
            return people.named(connection, name)

    def begin_run(self, record: RunRecord) -> int:
        """Note that a refresh begins and give its number; a run left running by a dead process has failed.

        Hold the `refresh` lease from before this call until the run is complete.
        """
        with self._writing() as connection:
            return run_log.begin(connection, record)

    def complete_run(
        self,
        run_id: int,
        figures: Iterable[Published],
        *,
        experiments: Iterable[ExperimentRecord] = (),
        verdicts: Iterable[VerdictRecord] = (),
        metrics: Iterable[MetricRecord] = (),
        fingerprint: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        summary: Mapping[str, Any] | None = None,
        admission: Mapping[str, Any] | None = None,
        acts: Iterable[tuple[Action, Mapping[str, Any]]] = (),
    ) -> None:
        """Write everything of a run and make it the visible one, in one transaction.

        Args:
            run_id: from `begin_run`.
            figures: what has passed the disclosure door; parts of one table are put together.
            experiments: the experiments as configured, with the facts of their method.
            verdicts: what the results amount to.
            metrics: the metrics as configured.
            fingerprint: replaces the one given at the beginning.
            inputs: replaces those given at the beginning.
            summary: what the refresh says of itself.
            admission: for the audit log alone: rows admitted and refused of each table, by reason.
            acts: what else goes into the audit log before the refresh itself, as action and detail.

        Raises:
            TypeError: a figure has not passed the disclosure door.
            ValueError: figures do not fit their table.
            StoreError: the run is not running: another refresh has taken its place.
        """
        frames = _by_table(figures)
        records: run_log.Records = {
            control.experiments: experiments,
            control.verdicts: verdicts,
            control.metrics: metrics,
        }
        known = {"fingerprint": fingerprint, "inputs": inputs, "summary": summary}
        changes = {name: value for name, value in known.items() if value is not None}
        with self._writing() as connection:
            run_log.complete(connection, run_id, frames, records, changes, admission, acts)

    def fail_run(self, run_id: int, reason: str) -> None:
        """Note that a run failed and why; the visible run stays.

        Raises:
            StoreError: the run is not running.
        """
        with self._writing() as connection:
            run_log.fail(connection, run_id, reason)

    def planned_n(self, experiment: str, proposed: int, run_id: int) -> int:
        """Give an experiment's planned number of units, as fixed at its first complete refresh."""
        with writing(self.engine).begin() as connection:
            return run_log.planned_n(connection, experiment, proposed, run_id)

    def runs(self, limit: int | None = None) -> list[Run]:
        """List all runs or the newest few, newest first; one left by a dead process shows as interrupted."""
        with self.engine.connect() as connection:
            return run_log.history(connection, alive=self._refreshing(), limit=limit)

    def run(self, run_id: int) -> Run:
        """Look up a run.

        Raises:
            NoRunError: there is none of that number.
        """
        with self.engine.connect() as connection:
            return run_log.find(connection, run_id, alive=self._refreshing())

    def visible_run(self) -> Run | None:
        """Give the run that people see; None before the first complete refresh."""
        with self.engine.connect() as connection:
            run_id = run_log.visible_id(connection)
        return None if run_id is None else self.run(run_id)

    def quarters(self) -> list[str]:
        """List the quarters that have a complete run, newest first."""
        with self.engine.connect() as connection:
            return run_log.quarters(connection)

    def latest_run(self, period: str) -> Run | None:
        """Give the newest complete run of a quarter such as "2026Q3"."""
        with self.engine.connect() as connection:
            run_id = run_log.latest_id(connection, period)
        return None if run_id is None else self.run(run_id)

    def figures(self, table: str, run_id: int, *, experiment: str | None = None) -> pl.DataFrame:
        """Read a run's rows of a figure table, sorted by key, in the table's types even when there are none.

        Args:
            table: its name.
            run_id: the run's number.
            experiment: whose rows alone to read, of a table by experiment.

        Raises:
            ValueError: there is no such table.
        """
        with self.engine.connect() as connection:
            return rows.of_run(connection, figure_table(table), run_id, experiment)

    def skus_called_different(self, run_id: int, rate: float) -> pl.DataFrame:
        """Count SKUs by experiment and variant: `tested`, `different` at q ≤ rate, `more` of these."""
        with self.engine.connect() as connection:
            return rows.skus_called_different(connection, run_id, rate)

    def across_runs(self, table: str) -> pl.DataFrame:
        """Read a figure table of every complete run, `run_id` first.

        Raises:
            ValueError: there is no such table.
        """
        with self.engine.connect() as connection:
            return rows.across_runs(connection, figure_table(table))

    def last_published(self, table: str, before: int) -> pl.DataFrame:
        """Read, for each key, the newest row with figures among complete runs older than `before`.

        Returns:
            The rows, their `run_id` first; suppressed rows do not count as published.

        Raises:
            ValueError: there is no such table.
        """
        with self.engine.connect() as connection:
            return rows.last_published(connection, figure_table(table), before)

    def experiments(self, run_id: int) -> list[ExperimentRecord]:
        """Read a run's experiments as configured, in order of id."""
        with self.engine.connect() as connection:
            return run_log.experiments_of(connection, run_id)

    def verdicts(self, run_id: int) -> list[VerdictRecord]:
        """Read a run's verdicts, in order of experiment and variant."""
        with self.engine.connect() as connection:
            return run_log.verdicts_of(connection, run_id)

    def metrics(self, run_id: int) -> list[MetricRecord]:
        """Read a run's metrics as configured, in order of id."""
        with self.engine.connect() as connection:
            return run_log.metrics_of(connection, run_id)

    def freeze(self, version: frozen.Version, contents: Mapping[str, bytes]) -> None:
        """Keep a version of a quarter for good, with an audit entry; see `storage.frozen.keep`.

        Raises:
            StoreError: it is not the version that comes next.
        """
        with self._writing() as connection:
            frozen.keep(connection, version, contents)

    def frozen_versions(self, period: str | None = None) -> list[frozen.Version]:
        """List the frozen versions of a quarter, or of all, newest quarter and version first."""
        with self.engine.connect() as connection:
            return frozen.of_period(connection, period)

    def frozen_content(self, version: frozen.Version) -> dict[str, bytes]:
        """Read what a frozen version holds, by name.

        Raises:
            StoreError: it is not what was frozen.
        """
        with self.engine.connect() as connection:
            return frozen.content(connection, version)

    def _refreshing(self) -> bool:
        return lease.is_held(self.engine, REFRESH)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self.engine).begin() as connection:
            yield connection
        if self.anchor:
            with self.engine.connect() as connection:
                chain.advance(connection, self.anchor)


def _by_table(figures: Iterable[Published]) -> dict[str, pl.DataFrame]:
    parts: dict[str, list[pl.DataFrame]] = defaultdict(list)
    for figure in figures:
        if not isinstance(figure, Published):
            msg = f"The store takes figures published by policy.disclosure, not {type(figure).__name__}."
            raise TypeError(msg)
        parts[figure.table].append(figure.frame)
    return {
        name: conform(figure_table(name), pl.concat(frames, how="diagonal_relaxed"))
        for name, frames in parts.items()
    }
