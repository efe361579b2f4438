"""A snapshot as it is frozen: its tables and records as bytes, and back again."""

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import polars as pl

from reports.frames import Frames
from reports.snapshot import Snapshot
from storage.engine import canonical_json
from storage.errors import StoreError
from storage.frames import dtypes, figure_table
from storage.records import ExperimentRecord, Run, VerdictRecord
from storage.schema import FIGURES

RECORDS, DOCUMENT, PDF = "records.json", "document.json", "board.pdf"
"""What a frozen version holds beside its tables: records, the pack's words, and the pack as issued."""

_TABLE = ".parquet"


def to_contents(snapshot: Snapshot) -> dict[str, bytes]:
    """Everything a snapshot holds, by name: a Parquet file per table that has rows, and the records."""
    tables = {
        f"{name}{_TABLE}": _parquet(frame) for name, frame in snapshot.frames.items() if not frame.is_empty()
    }
    records = {
        "run": asdict(snapshot.run),
        "experiments": [record._asdict() for record in snapshot.experiment_records],
        "verdicts": [record._asdict() for record in snapshot.verdict_records],
        "metrics": dict(snapshot.metric_definitions),
    }
    return {**tables, RECORDS: canonical_json(records).encode()}


def from_contents(contents: Mapping[str, bytes], tables: Collection[str] | None = None) -> Snapshot:
    """The snapshot that was frozen; a column that came later is empty.

    Args:
        contents: what `to_contents` gave, by name.
        tables: the figure tables that the reader may have, as for `reports.snapshot.load`; None: all.

    Raises:
        StoreError: the records are not there.
    """
    if RECORDS not in contents:
        msg = "This frozen version holds no snapshot. Restore the store from a backup."
        raise StoreError(msg)
    records = json.loads(contents[RECORDS])
    return Snapshot(
        run=_run(records["run"]),
        frames=Frames({name: _frame(name, contents) for name in FIGURES if tables is None or name in tables}),
        experiment_records=tuple(ExperimentRecord(**item) for item in records["experiments"]),
        verdict_records=tuple(VerdictRecord(**item) for item in records["verdicts"]),
        metric_definitions=MappingProxyType(records["metrics"]),
    )


def _parquet(frame: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.write_parquet(held, compression="zstd")
    return held.getvalue()


def _frame(name: str, contents: Mapping[str, bytes]) -> pl.DataFrame:
    schema = pl.Schema(dtypes(figure_table(name)))
    held = contents.get(f"{name}{_TABLE}")
    if held is None:
        return pl.DataFrame(schema=schema)
    return pl.read_parquet(io.BytesIO(held)).match_to_schema(schema, missing_columns="insert")


def _run(values: Mapping[str, Any]) -> Run:
    hints = get_type_hints(Run)
    times = {
        field.name for field in fields(Run) if datetime in (hints[field.name], *get_args(hints[field.name]))
    }
    read: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in times and value is not None else value
        for name, value in values.items()
    }
    return Run(**read)
