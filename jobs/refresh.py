"""The main job: from the retailer's tables to one complete, visible run of figures."""

import datetime as dt
import getpass
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url

from experiments.rounding import signs
from jobs import accounts, admission, signals
from jobs.clock import quarter
from jobs.config.load import load
from jobs.config.models import Experiment
from jobs.config.workspace import Workspace
from jobs.editions import Editions
from jobs.engine import PolarsEngine
from jobs.experiment.compute import compute
from jobs.experiment.inputs import Inputs
from jobs.experiment.units import hold_out
from jobs.figures.gates import with_gates
from jobs.figures.publish import publish_all
from jobs.figures.records import records
from jobs.figures.run import RunInputs
from jobs.intake import id_match, keys, quarantine
from jobs.intake.ingest import IngestedTable, ingest
from jobs.intake.needs import ingest_context, missing_columns
from jobs.intake.sources import fingerprint
from jobs.problems import Problem, WorkspaceError
from jobs.secret import workspace_secret
from metrics import formatting
from metrics.catalogue import DEFINITIONS_VERSION
from metrics.locales import written_in
from metrics.published import Published
from policy.model import default_text
from reports.gates.evaluation import decisions
from storage.audit import AuditCheck
from storage.audit import verify as verify_log
from storage.errors import StoreBusyError, StoreError
from storage.records import Run, RunRecord
from storage.store import REFRESH, Store

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Outcome:
    """What a refresh did.

    Attributes:
        run: the run that is visible now.
        changed: False when nothing had changed since that run.
        store: where the figures are, without a password.
        log: whether the audit log is whole.
    """

    run: Run
    changed: bool
    store: str
    log: AuditCheck
    tables: tuple[IngestedTable, ...] = ()


def silent(_fraction: float, _text: str) -> None:
    """Report nothing."""


def refresh(folder: Path, *, full: bool = False, report: Report = silent) -> Outcome:
    """Compute every figure of a workspace anew and make the result visible, or leave the last run in place.

    Without `full`, nothing is computed when neither configuration nor inputs nor definitions have changed.

    Raises:
        WorkspaceError: the configuration or a table cannot be used, or another refresh is running.
    """
    report(0.0, "reading the configuration")
    workspace = load(folder)
    state = workspace.folder / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    with _only_one(state), Store.open(workspace.store_url) as store:
        for left in state.glob("run-*"):
            shutil.rmtree(left)
        print_ = inputs_fingerprint(workspace)
        visible = store.visible_run()
        if visible and visible.fingerprint == print_ and not full:
            return Outcome(visible, False, shown(workspace.store_url), verify_log(store))
        try:
            with store.lease(REFRESH, holder(), gone=has_died), _in_words_of(workspace):
                return _run(workspace, store, print_, state, report)
        except StoreBusyError as error:
            raise WorkspaceError([Problem("store", f"{error}", "Wait until it is done.")]) from None


@contextmanager
def _in_words_of(workspace: Workspace) -> Iterator[None]:
    """Write the sentences and notes that a run keeps as its readers will read the figures beside them."""
    with written_in(workspace.settings.locale), signs(*formatting.separators()):
        yield


def holder() -> str:
    """Who runs this process, for locks and the audit log."""
    return f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()})"


def has_died(other: str) -> bool:
    """Whether a holder was a process of this machine that is no more."""
    found = re.fullmatch(r".*@(?P<host>[^@]+) \(process (?P<number>\d+)\)", other)
    if found is None or found["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(found["number"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def inputs_fingerprint(workspace: Workspace) -> str:
    """SHA-256 over definitions, configuration, measurement date and the state of every source."""
    parts = {
        "definitions": DEFINITIONS_VERSION,
        "configuration": workspace.configuration_hash,
        "as_of": workspace.as_of.isoformat(),
        "sources": {name: fingerprint(source) for name, source in sorted(workspace.sources.items())},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_current(workspace: Workspace, run: Run) -> bool:
    """Whether a run shows the workspace as it is now, as far as can be told without reading remote sources.

    Raises:
        WorkspaceError: a file is missing or out of reach.
    """
    local = {name: source for name, source in workspace.sources.items() if not source.is_remote}
    return (
        run.definitions_version == DEFINITIONS_VERSION
        and run.workspace.get("configuration") == workspace.configuration_hash
        and run.workspace["as_of"] == workspace.as_of.isoformat()
        and all(
            run.inputs.get(name, {}).get("fingerprint") == fingerprint(source)
            for name, source in local.items()
        )
    )


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    lock, note = FileLock(state / "refresh.lock", timeout=0), state / "refresh.holder"
    try:
        with lock:
            note.write_text(
                f"{holder()} since {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", encoding="utf-8"
            )
            try:
                yield
            finally:
                note.unlink(missing_ok=True)
    except Timeout:
        who = note.read_text(encoding="utf-8") if note.exists() else "another process"
        what = f"Another refresh is running: {who}."
        raise WorkspaceError([Problem(str(state.parent), what, "Wait until it is done.")]) from None


def _run(workspace: Workspace, store: Store, print_: str, state: Path, report: Report) -> Outcome:
    run_id = store.begin_run(_record(workspace, print_))
    work = state / f"run-{run_id}"
    try:
        tables = ingest_all(workspace, work, workspace.folder / "quarantine", report)
        _tidy_quarantine(workspace, tables)
        run = _compute(workspace, tables, work, store, run_id, report)
        report(0.9, "passing the disclosure door")
        figures = publish_all(run, store, run_id)
        run.editions.save()
        report(0.95, "judging the gates and writing the store")
        _complete(run, store, run_id, figures)
    except BaseException as error:
        store.fail_run(run_id, _reason(error))
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    report(1.0, "done")
    seen = tuple(tables.values())
    return Outcome(store.run(run_id), True, shown(workspace.store_url), verify_log(store), seen)


def shown(store_url: str) -> str:
    """A store's URL as it may be printed: without its password."""
    return make_url(store_url).render_as_string(hide_password=True)


def _reason(error: BaseException) -> str:
    """Why a run failed, for the store: Liftgate's own words; of any other error its kind, not its text."""
    own = isinstance(error, WorkspaceError | StoreError) and str(error)
    return str(error).splitlines()[0] if own else type(error).__name__


def _record(workspace: Workspace, print_: str) -> RunRecord:
    document, settings = workspace.documents.get("policy"), workspace.settings
    policy = workspace.policy.model_dump(mode="json")
    return RunRecord(
        as_of=workspace.as_of_end.replace(tzinfo=dt.UTC),
        period=quarter(workspace.as_of),
        definitions_version=DEFINITIONS_VERSION,
        policy_hash=hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).hexdigest(),
        policy_text=document.text if document else default_text(),
        policy_version=workspace.policy.version if isinstance(workspace.policy.version, int) else None,
        fingerprint=print_,
        workspace={
            "name": settings.name,
            "currency": settings.currency,
            "timezone": settings.timezone,
            "locale": settings.locale,
            "minimum_people": settings.disclosure.minimum_people,
            "as_of": workspace.as_of.isoformat(),
            "journeys": [journey.model_dump(mode="json") for journey in workspace.journeys.values()],
            "policy": policy,
            "configuration": workspace.configuration_hash,
        },
        actor=holder(),
    )


def ingest_all(
    workspace: Workspace, work: Path, quarantine_folder: Path, report: Report
) -> dict[str, IngestedTable]:
    """Read every table of a workspace; all problems of all tables are reported together."""
    context = ingest_context(workspace)
    found: dict[str, IngestedTable] = {}
    problems: list[Problem] = []
    for position, (name, source) in enumerate(workspace.sources.items()):
        report(0.05 + 0.45 * position / len(workspace.sources), f"reading {name}")
        try:
            found[name] = ingest(source, context, work / "accepted" / name, quarantine_folder)
        except WorkspaceError as error:
            problems.extend(error.problems)
    if problems:
        raise WorkspaceError(problems)
    return id_match.compared(found, workspace)


def _compute(
    workspace: Workspace,
    tables: Mapping[str, IngestedTable],
    work: Path,
    store: Store,
    run_id: int,
    report: Report,
) -> RunInputs:
    report(0.5, "replacing ids by keys")
    engine = PolarsEngine(work)
    parts = {name: table.parts for name, table in tables.items() if table.parts}
    heard = signals.heard(parts, workspace, work)
    if heard is not None:
        parts["consent_events"] = (heard.file,)
    lookup = keys.assign(parts, work)
    keyed: dict[str, Path] = {}
    for name in (
        "customers",
        "consent_events",
        "journey_events",
        "assignments",
        "order_lines",
        "unit_outcomes",
        "dsr_requests",
    ):
        if name in parts:
            keyed[name] = keys.apply(name, parts[name], lookup, work, workspace)
    source = admission.PersonalTables(
        tables={name: engine.scan(file) for name, file in keyed.items()},
        columns={name: frozenset(pl.read_parquet_schema(file)) for name, file in keyed.items()},
        loaded_until=_loaded_until(workspace, tables),
        set_aside=_set_aside(tables, keyed, lookup, work, engine),
    )
    if problems := missing_columns(workspace, source.columns):
        raise WorkspaceError(problems)
    hold_out(workspace, source, engine)
    erasures = erasure_digest(tables, workspace.as_of_end, work.parent)
    tables = {name: _without_rows(table) for name, table in tables.items()}
    visible = store.visible_run()
    minimum_people = workspace.settings.disclosure.minimum_people
    editions = Editions(work.parent, run_id, minimum_people, visible.run_id if visible else None)
    inputs = Inputs(workspace, source, tables, engine, erasures, editions)
    results = []
    minimum_people = workspace.settings.disclosure.minimum_people
    for position, experiment in enumerate(workspace.experiments):
        report(0.55 + 0.4 * position / len(workspace.experiments), f"computing {experiment.id}")
        plan = partial(_planned, store, run_id, experiment, minimum_people)
        results.append(compute(inputs, experiment, plan))
    findings = None if heard is None else heard.findings
    return RunInputs(
        workspace, tables, source, engine, tuple(results), work.parent, erasures, editions, findings
    )


def _set_aside(
    tables: Mapping[str, IngestedTable],
    keyed: Mapping[str, Path],
    lookup: Path,
    work: Path,
    engine: PolarsEngine,
) -> admission.Frame | None:
    ids = tables["customers"].set_aside if "customers" in tables else None
    return engine.scan(keys.set_aside(ids, keyed["customers"], lookup, work)) if ids else None


def _without_rows(table: IngestedTable) -> IngestedTable:
    """A table about people without its files: from here on its rows come through `jobs.admission`."""
    return table._replace(parts=()) if table.name in admission.TABLES else table


def _planned(store: Store, run_id: int, experiment: Experiment, minimum_people: int, assigned: int) -> int:
    """Planned units: as configured, else those assigned at the first refresh that can show any figure.

    Nothing is fixed before: few units tell nothing of the plan, and their figures are not seen.
    """
    if experiment.planned_units:
        return experiment.planned_units
    if assigned < minimum_people:
        return minimum_people
    return store.planned_n(experiment.id, assigned, run_id)


def erasure_digest(tables: Mapping[str, IngestedTable], as_of_end: dt.datetime, state: Path) -> str:
    """A keyed digest that changes exactly when somebody more is erased."""
    requests = tables.get("dsr_requests")
    ids = keys.erased_ids(requests.parts, as_of_end) if requests and requests.parts else []
    return hmac.new(workspace_secret(state), "\n".join(sorted(ids)).encode(), hashlib.sha256).hexdigest()


def _loaded_until(workspace: Workspace, tables: Mapping[str, IngestedTable]) -> dict[str, dt.datetime]:
    """Until when each event table is known: as_of, or its last row if that is over a day older."""
    day = dt.timedelta(days=1)
    found = {}
    for name in ("order_lines", "journey_events", "inference_log", "consent_events"):
        last = tables[name].last_time if name in tables else None
        if last is not None:
            found[name] = last if last < workspace.as_of_end - day else workspace.as_of_end
    return found


def _complete(run: RunInputs, store: Store, run_id: int, figures: Sequence[Published]) -> None:
    uses = run.source.uses(run.engine, run.workspace.as_of_end)
    record = _record(run.workspace, "")
    acts = [
        *accounts.policy_change(run_id, store.visible_run(), record.policy_text, vars(record)),
        *accounts.joins(run_id, uses),
        *accounts.clean_room_matches(run_id, run.workspace, run.tables),
    ]
    kept = records(run)
    inputs = {name: table_facts(table) for name, table in run.tables.items()}
    running = replace(store.run(run_id), inputs=inputs)
    decided = decisions(store)
    store.complete_run(
        run_id,
        with_gates(figures, running, kept, decided, dt.datetime.now(dt.UTC)),
        experiments=kept.experiments,
        verdicts=kept.verdicts,
        metrics=kept.metrics,
        inputs=inputs,
        summary={"journeys": len(run.workspace.journeys), "experiments": len(run.results)},
        admission=accounts.admission(run.tables, uses),
        acts=acts,
    )


def table_facts(table: IngestedTable) -> dict[str, Any]:
    """What is remembered of a table that was read; no value of any row."""
    return {
        "rows_in": table.rows_in,
        "accepted": table.rows_accepted,
        "quarantined": {count.rule: count.rows for count in table.quarantined},
        "first_time": table.first_time.isoformat() if table.first_time else None,
        "last_time": table.last_time.isoformat() if table.last_time else None,
        "fingerprint": table.fingerprint,
        "notices": [str(notice) for notice in table.notices],
        "journeys_set_aside": list(table.journeys_set_aside),
    }


def _tidy_quarantine(workspace: Workspace, tables: Mapping[str, IngestedTable]) -> None:
    folder = workspace.folder / "quarantine"
    quarantine.purge(folder, workspace.settings.quarantine_days, dt.datetime.now(dt.UTC).replace(tzinfo=None))
    if "dsr_requests" in tables and tables["dsr_requests"].parts:
        quarantine.forget(folder, keys.erased_ids(tables["dsr_requests"].parts, workspace.as_of_end))
