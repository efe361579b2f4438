"""Runs begun, completed or failed, and read back; each function works in the caller's transaction."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, func, insert, select, update

from storage import chain, rows
from storage.acts import Action
from storage.control import experiments, metrics, plans, runs, verdicts, visible
from storage.engine import plain_json
from storage.errors import NoRunError, StoreError
from storage.frames import figure_table
from storage.records import ExperimentRecord, MetricRecord, Run, RunRecord, VerdictRecord

Records = Mapping[Table, Iterable[ExperimentRecord | VerdictRecord | MetricRecord]]
"""What a run keeps beside its figures, by table."""

INTERRUPTED = "Its process ended before the run was complete."

_AUDITED = (
    *("run_id", "as_of", "period", "fingerprint", "inputs"),
    *("definitions_version", "policy_version", "policy_hash"),
)


def begin(connection: Connection, record: RunRecord) -> int:
    """Note a new run, and that every run left running has failed."""
    left = select(runs.c.run_id).where(runs.c.status == "running")
    for run_id in connection.execute(left).scalars().all():
        fail(connection, run_id, INTERRUPTED, action="refresh interrupted")
    values = {**vars(record), "started_at": datetime.now(UTC), "status": "running", "summary": {}}
    return int(connection.execute(insert(runs).values(values).returning(runs.c.run_id)).scalar_one())


def complete(
    connection: Connection,
    run_id: int,
    frames: Mapping[str, pl.DataFrame],
    records: Records,
    changes: Mapping[str, Any],
    admission: Mapping[str, Any] | None = None,
    acts: Iterable[tuple[Action, Mapping[str, Any]]] = (),
) -> None:
    """Write a run's figures, records and audit entry, then show it.

    Args:
        connection: its transaction holds all of the run.
        run_id: a running run.
        frames: figures by table, made by `storage.frames.conform`.
        records: experiments, verdicts and metrics by table.
        changes: columns of `runs` known by now.
        admission: rows admitted and refused, for the audit entry.
        acts: entries of the audit log before the run's own.

    Raises:
        StoreError: the run is not running.
        ValueError: a record holds NaN or infinity.
    """
    actor = _require_running(connection, run_id)
    for name, frame in frames.items():
        rows.write(connection, figure_table(name), run_id, frame)
    for table, entries in records.items():
        values = [{"run_id": run_id, **_checked(table, entry)} for entry in entries]
        if values:
            connection.execute(insert(table), values)
    for action, detail in acts:
        chain.append(connection, actor, action, detail)
    told: dict[str, Any] = {"rows": {name: frame.height for name, frame in frames.items()}}
    if admission is not None:
        told["admission"] = admission
    _finish(connection, run_id, told, changes)
    if connection.execute(update(visible).values(run_id=run_id)).rowcount == 0:
        connection.execute(insert(visible).values(slot=1, run_id=run_id))


def fail(connection: Connection, run_id: int, reason: str, action: Action = "refresh failed") -> None:
    """Note that a run failed, and why.

    Raises:
        StoreError: the run is not running.
    """
    actor = _require_running(connection, run_id)
    values = {"status": "failed", "reason": reason, "finished_at": datetime.now(UTC)}
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))
    chain.append(connection, actor, action, {"run_id": run_id, "reason": reason})


def history(connection: Connection, *, alive: bool, limit: int | None = None) -> list[Run]:
    """List runs, newest first; a running one whose refresh is not `alive` shows as interrupted."""
    found = connection.execute(select(runs).order_by(runs.c.run_id.desc()).limit(limit))
    return [_run(row, alive=alive) for row in found.mappings()]


def find(connection: Connection, run_id: int, *, alive: bool) -> Run:
    """Look up a run.

    Raises:
        NoRunError: there is none of that number.
    """
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().first()
    if row is None:
        msg = f"The store has no run {run_id}."
        raise NoRunError(msg)
    return _run(row, alive=alive)


def visible_id(connection: Connection) -> int | None:
    """Give the number of the run that people see."""
    return connection.execute(select(visible.c.run_id)).scalar_one_or_none()


def latest_id(connection: Connection, period: str) -> int | None:
    """Give the number of the newest complete run of a quarter."""
    query = select(func.max(runs.c.run_id)).where(runs.c.status == "complete", runs.c.period == period)
    newest: int | None = connection.execute(query).scalar_one()
    return newest


def quarters(connection: Connection) -> list[str]:
    """List the quarters that have a complete run, newest first."""
    query = select(runs.c.period).where(runs.c.status == "complete").distinct().order_by(runs.c.period.desc())
    return list(connection.execute(query).scalars())


def planned_n(connection: Connection, experiment: str, proposed: int, run_id: int) -> int:
    """Fix an experiment's planned number of units, unless a complete run has fixed it already.

    Returns:
        The number that holds.
    """
    query = select(plans.c.planned_n, plans.c.fixed_by_run, runs.c.status).join(runs)
    fixed = connection.execute(query.where(plans.c.experiment == experiment)).first()
    if fixed and (fixed.status == "complete" or fixed.fixed_by_run == run_id):
        return int(fixed.planned_n)
    values = {"planned_n": proposed, "fixed_at": datetime.now(UTC), "fixed_by_run": run_id}
    if fixed:
        connection.execute(update(plans).where(plans.c.experiment == experiment).values(values))
    else:
        connection.execute(insert(plans).values(experiment=experiment, **values))
    return proposed


def experiments_of(connection: Connection, run_id: int) -> list[ExperimentRecord]:
    """Read a run's experiments as configured, in order of id."""
    return sorted(ExperimentRecord(**row) for row in _of_run(connection, experiments, run_id))


def verdicts_of(connection: Connection, run_id: int) -> list[VerdictRecord]:
    """Read a run's verdicts, in order of experiment and variant."""
    return sorted(VerdictRecord(**row) for row in _of_run(connection, verdicts, run_id))


def metrics_of(connection: Connection, run_id: int) -> list[MetricRecord]:
    """Read a run's metrics as configured, in order of id."""
    return sorted(MetricRecord(**row) for row in _of_run(connection, metrics, run_id))


def _of_run(connection: Connection, table: Table, run_id: int) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name != "run_id"]
    found = connection.execute(select(*columns).where(table.c.run_id == run_id))
    return [dict(row) for row in found.mappings()]


def _checked(table: Table, entry: ExperimentRecord | VerdictRecord | MetricRecord) -> dict[str, Any]:
    try:
        plain_json(entry)
    except ValueError as error:
        msg = f"{table.name}, {entry[0]}: NaN or infinity; what cannot be told is null."
        raise ValueError(msg) from error
    return entry._asdict()


def _require_running(connection: Connection, run_id: int) -> str:
    query = select(runs.c.status, runs.c.actor).where(runs.c.run_id == run_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        msg = f"The store has no run {run_id}."
        raise NoRunError(msg)
    if row.status != "running":
        msg = f"Run {run_id} is {row.status}, not running: another refresh took its place. Refresh again."
        raise StoreError(msg)
    return str(row.actor)


def _run(row: Mapping[Any, Any], *, alive: bool) -> Run:
    values = dict(row)
    if values["status"] == "running" and not alive:
        values |= {"status": "interrupted", "reason": INTERRUPTED}
    return Run(**values)


def _finish(connection: Connection, run_id: int, told: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    values = {**changes, "status": "complete", "finished_at": datetime.now(UTC)}
    changed = update(runs).where(runs.c.run_id == run_id).values(values).returning(runs)
    run = connection.execute(changed).mappings().one()
    detail = {**{name: run[name] for name in _AUDITED}, **told}
    chain.append(connection, run["actor"], "refresh", detail)
