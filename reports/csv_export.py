"""A snapshot as CSV files with a manifest: the same snapshot gives the same bytes."""

import hashlib
import json
import tempfile
from collections.abc import Collection, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import polars as pl

from reports.snapshot import Snapshot
from storage.frames import dtypes, figure_table
from storage.frozen import Version
from storage.schema import FIGURES

MANIFEST = "manifest.json"
_FORMULA = r"^[=+\-@\t\r]"


def to_csv(frame: pl.DataFrame, table: str) -> bytes:
    """Write rows of a figure table as its CSV file: UTF-8, comma, header, ISO dates and times, `.` decimals.

    Floats have as many digits as they need to be read back exactly. Empty = not available. A text that a
    spreadsheet would take for a formula gets a leading apostrophe.

    Args:
        frame: some or all rows and columns of the table.
        table: its name; the file's columns are all of the table's, in its order.

    Raises:
        ValueError: there is no such table.
        polars.exceptions.SchemaError: the frame has another column, or one of another type.
    """
    schema = pl.Schema(dtypes(figure_table(table)))
    return listing(frame.match_to_schema(schema, missing_columns="insert"))


def listing(rows: pl.DataFrame) -> bytes:
    """Write rows of no figure table in the same way, all their columns."""
    return rows.with_columns(_safe_texts()).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode()


def tables(snapshot: Snapshot, wanted: Collection[str] = FIGURES) -> dict[str, bytes]:
    """The CSV files of all tables, or of those wanted, by name and in the order of the files."""
    return {f"{table}.csv": to_csv(snapshot.table(table), table) for table in FIGURES if table in wanted}


def with_manifest(
    snapshot: Snapshot, contents: Mapping[str, bytes], version: Version | None = None
) -> dict[str, bytes]:
    """Files of a snapshot with the manifest that names its run and each file's SHA-256, the manifest last.

    Args:
        snapshot: the run.
        contents: files by name.
        version: the frozen version that it is, if any; the manifest then also says what moved.
    """
    return {**contents, MANIFEST: _manifest(snapshot, contents, version)}


def write(contents: Mapping[str, bytes], out: Path) -> list[Path]:
    """Write files into a folder, made if absent; other files there stay.

    They move into place when all are written, the manifest last: with a manifest, it is whole.

    Args:
        contents: files by name, from `with_manifest`.
        out: the folder.

    Returns:
        The files, the manifest last.

    Raises:
        NotADirectoryError: `out` is a file.
    """
    if out.exists() and not out.is_dir():
        msg = f"{out} is a file. Name a folder for the export."
        raise NotADirectoryError(msg)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as folder:
        for name, content in contents.items():
            (Path(folder) / name).write_bytes(content)
        (out / MANIFEST).unlink(missing_ok=True)
        return [(Path(folder) / name).replace(out / name) for name in contents]


def _safe_texts() -> pl.Expr:
    text = pl.col(pl.String)
    return pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text.replace("", None)).name.keep()


def _manifest(snapshot: Snapshot, contents: Mapping[str, bytes], version: Version | None) -> bytes:
    run = snapshot.run
    manifest = {
        "run_id": run.run_id,
        "as_of": snapshot.as_of_date.isoformat(),
        "as_of_time": run.as_of.astimezone(UTC).isoformat(),
        "period": run.period,
        "policy_version": run.policy_version,
        "policy_hash": run.policy_hash,
        "definitions_version": run.definitions_version,
        "fingerprint": run.fingerprint,
        "input_fingerprints": {table: facts.get("fingerprint") for table, facts in run.inputs.items()},
        "frozen": _frozen(version) if version else None,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def _frozen(version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "frozen_at": version.frozen_at.isoformat(),
        "actor": version.actor,
        "reason": version.reason,
        "moved": [moved._asdict() for moved in version.moved],
    }
