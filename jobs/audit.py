"""Verify the audit log, and hand it out whole."""

import hashlib
from pathlib import Path

from jobs.export import open_store
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import holder
from storage import audit, audit_export
from storage.audit import AuditCheck


def verify(folder: Path) -> AuditCheck:
    """Check the chain of the audit log against itself and its anchor."""
    with open_store(folder) as store:
        return audit.verify(store)


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
