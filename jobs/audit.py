"""Verify the audit log, and hand it out whole."""

import hashlib
from pathlib import Path

from jobs.config.load import load
from jobs.export import open_store
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import holder
from storage import audit, audit_export
from storage.audit import AuditCheck


def verify(folder: Path) -> AuditCheck:
    """Check the chain of the audit log against itself and its anchor.

    Raises:
        WorkspaceError: the configuration cannot be read, or there never was a store.
    """
    lost = audit.gone(load(folder).store_url)
    if lost:
        return lost
    with open_store(folder) as store:
        return audit.verify(store)


def renew(folder: Path, reason: str) -> None:
    """Set the anchor to where the log now ends, after a restored backup or a lost anchor; the log says why.

    Raises:
        WorkspaceError: there is no store, no anchor is kept, or no reason is given.
    """
    with open_store(folder) as store:
        if not reason.strip() or store.anchor is None:
            what = "No reason is given." if store.anchor else "This store keeps no anchor."
            raise WorkspaceError([Problem("--renew", what, "Name what happened, as in 'backup restored'.")])
        audit.renew_anchor(store, holder(), reason)


def export(folder: Path, out: Path) -> list[Path]:
    """Write the whole log as audit.csv and audit.jsonl, and record that; a broken log is written as it is.

    The export's own entry comes after what the files hold.

    Raises:
        WorkspaceError: `out` is a file.
    """
    if out.exists() and not out.is_dir():
        raise WorkspaceError([Problem(str(out), "This is a file.", "Name a folder for the log.")])
    with open_store(folder) as store:
        log = list(audit.whole(store))
        contents = {f"audit.{form}": write(log) for form, write in audit_export.FORMS.items()}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        store.audit(holder(), "export", {"files": digests, "via": "command", "entries": len(log)})
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_bytes(content)
    return [out / name for name in contents]
