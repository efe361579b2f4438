"""A snapshot as CSV files with a manifest: the same snapshot gives the same bytes."""

import hashlib
import json
import tempfile
from datetime import UTC
from pathlib import Path

import polars as pl

from reports.snapshot import Snapshot
from storage.frames import dtypes, figure_table
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
    rows = frame.match_to_schema(schema, missing_columns="insert")
    return rows.with_columns(_safe_texts()).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode()


def write(snapshot: Snapshot, out: Path) -> list[Path]:
    """Write every CSV file and the manifest into a folder, made if absent; other files there stay.

    They move into place when all are written, the manifest last: with a manifest, it is whole.

    Returns:
        The files, the manifest last.

    Raises:
        NotADirectoryError: `out` is a file.
    """
    if out.exists() and not out.is_dir():
        msg = f"{out} is a file. Name a folder for the export."
        raise NotADirectoryError(msg)
    contents = {f"{table}.csv": to_csv(snapshot.table(table), table) for table in FIGURES}
    contents[MANIFEST] = _manifest(snapshot, contents)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as folder:
        for name, content in contents.items():
            (Path(folder) / name).write_bytes(content)
        (out / MANIFEST).unlink(missing_ok=True)
        return [(Path(folder) / name).replace(out / name) for name in contents]


def _safe_texts() -> pl.Expr:
    text = pl.col(pl.String)
    return pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text.replace("", None)).name.keep()


def _manifest(snapshot: Snapshot, contents: dict[str, bytes]) -> bytes:
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
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
