"""Write a run's CSV files."""

import hashlib
from pathlib import Path

from jobs.clock import quarter_days
from jobs.config.load import load
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import holder
from reports.csv_export import write
from reports.snapshot import Snapshot
from reports.snapshot import load as load_snapshot
from storage.errors import NoStoreError
from storage.store import Store


def open_store(folder: Path) -> Store:
    """The store of a workspace; none is made.

    Raises:
        WorkspaceError: the configuration cannot be read, or there is no store yet.
    """
    workspace = load(folder)
    try:
        return Store.open(workspace.store_url, create=False)
    except NoStoreError as error:
        raise WorkspaceError([Problem("store", str(error), _refresh(folder))]) from None


def _refresh(folder: Path) -> str:
    return f"Run: python -m jobs refresh {folder}"


def snapshot(store: Store, folder: Path, period: str | None) -> Snapshot:
    """The visible run, or the newest complete run of a quarter.

    Raises:
        WorkspaceError: there is no such run, or `period` is not a quarter.
    """
    if period is None:
        run = store.visible_run()
        what = "There are no figures yet."
    else:
        try:
            quarter_days(period)
        except ValueError as error:
            raise WorkspaceError([Problem("--period", f"{error}.", "Correct it.")]) from None
        run, what = store.latest_run(period), f"No run measured {period}."
    if run is None:
        raise WorkspaceError([Problem(str(folder), what, _refresh(folder))])
    return load_snapshot(store, run.run_id)


def export(folder: Path, out: Path, period: str | None) -> list[Path]:
    """Write every CSV file and the manifest of a run, and record the export with each file's SHA-256.

    Raises:
        WorkspaceError: there is nothing to export, or `out` is a file.
    """
    if out.exists() and not out.is_dir():
        raise WorkspaceError([Problem(str(out), "This is a file.", "Name a folder for the export.")])
    with open_store(folder) as store:
        found = snapshot(store, folder, period)
        files = write(found, out)
        detail = {
            "run_id": found.run.run_id,
            "period": found.run.period,
            "via": "command",
            "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        }
        store.audit(holder(), "export", detail)
    return files
