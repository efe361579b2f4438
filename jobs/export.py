"""Write a quarter's files, and freeze it."""

import getpass
import hashlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from jobs.clock import quarter_days
from jobs.config.load import load
from jobs.intake.sources import reads_from
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import holder
from reports.csv_export import tables, with_manifest, write
from reports.quarters import freezing
from reports.quarters.content import PDF
from reports.quarters.quarter import Quarter, pack_of, quarter
from storage.errors import NoRunError, NoStoreError
from storage.frozen import Version
from storage.store import Store

Kind = Literal["csv", "pdf"]


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


def export(folder: Path, out: Path, period: str | None, kind: Kind | None = None) -> list[Path]:
    """Write every CSV file, the pack and the manifest, and record the export with each file's SHA-256.

    Args:
        folder: the workspace.
        out: where to.
        period: a quarter, in its newest frozen version where it is frozen; None: the visible run.
        kind: one kind of files; None: both.

    Raises:
        WorkspaceError: there is nothing to export, or `out` is a file or holds tables of the workspace.
    """
    if out.exists() and not out.is_dir():
        raise WorkspaceError([Problem(str(out), "This is a file.", "Name a folder for the export.")])
    for source in load(folder).sources.values():
        if reads_from(source, out):
            what = f"The table {source.name} is read from here: the export could replace it, or join it."
            raise WorkspaceError([Problem(str(out), what, "Name another folder for the export.")])
    with open_store(folder) as store:
        found = _quarter(store, folder, period)
        contents: Mapping[str, bytes] = {
            **(tables(found.snapshot) if kind != "pdf" else {}),
            **({PDF: pack_of(store, found)} if kind != "csv" else {}),
        }
        whole = with_manifest(found.snapshot, contents, found.version)
        detail = {
            "run_id": found.snapshot.run.run_id,
            "period": found.snapshot.run.period,
            "via": "command",
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in whole.items()},
        }
        store.audit(holder(), "export", detail)
        return write(whole, out)


def freeze(folder: Path, period: str, reason: str, actor: str | None = None) -> Version:
    """Freeze the newest run of a quarter, or correct what is frozen; see `reports.quarters.freezing.freeze`.

    Raises:
        WorkspaceError: no run measured it.
        StoreError: the quarter cannot be frozen.
    """
    with open_store(folder) as store:
        try:
            return freezing.freeze(store, period, actor or person(), reason)
        except NoRunError as error:
            raise _nothing(folder, error, period) from None


def person() -> str:
    """Who runs this command, as a board may read it."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _quarter(store: Store, folder: Path, period: str | None) -> Quarter:
    try:
        return quarter(store, period)
    except NoRunError as error:
        raise _nothing(folder, error, period) from None


def _nothing(folder: Path, error: NoRunError, period: str | None) -> WorkspaceError:
    what, remedy = str(error).partition(" Run:")[0], _refresh(folder)
    if period is not None:
        last = quarter_days(period)[1]
        remedy = f"Set as_of: {last} in workspace.yaml, the last day of that quarter. {remedy}"
    return WorkspaceError([Problem(str(folder), what, remedy)])
