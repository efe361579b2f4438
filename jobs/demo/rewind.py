"""The demo as it stood at the end of an earlier quarter, so that a store can know what changed since."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from jobs.clock import local_midnight
from jobs.config.load import load

EARLIER = dt.date(2026, 6, 30)
"""End of the quarter before the demo's own."""

TIMES: Mapping[str, str] = {
    "customers": "created_at",
    "consent_events": "occurred_at",
    "journey_events": "occurred_at",
    "assignments": "assigned_at",
    "order_lines": "ordered_at",
    "inference_log": "occurred_at",
}
"""When a row of a big table came to be."""

SURVEYED = "unit_outcomes"
"""Answers of a test that began later."""


def rewind(folder: Path, until: dt.date = EARLIER) -> None:
    """Leave in a demo only what was known at the end of a local day, and measure it on that day."""
    workspace = load(folder)
    end = local_midnight(until + dt.timedelta(days=1), workspace.zone)
    for table, time in TIMES.items():
        for part in sorted((folder / "data" / table).glob("part-*.parquet")):
            rows = pl.read_parquet(part)
            kept = rows.filter(pl.col(time).is_null() | (pl.col(time) < pl.lit(end).cast(rows.schema[time])))
            kept.write_parquet(part)
    for part in (folder / "data" / SURVEYED).glob("part-*.parquet"):
        pl.read_parquet(part).head(1).write_parquet(part)
    _requests(folder / "data" / "dsr_requests.csv", end)
    _inventory(folder / "data" / "data_inventory.csv", until)
    settings = folder / "workspace.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(f"as_of: {workspace.as_of}", f"as_of: {until}"), encoding="utf-8")


def _requests(file: Path, end: dt.datetime) -> None:
    rows = pl.read_csv(file, infer_schema=False)
    received = pl.col("received_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
    rows.filter(received.is_null() | (received < end)).write_csv(file)


def _inventory(file: Path, until: dt.date) -> None:
    """Nothing was used, and no record was made, on a day to come."""
    rows = pl.read_csv(file, infer_schema=False)
    last = pl.lit(until.isoformat())
    dates = ("last_used_at", "oldest_record_at")
    capped = (pl.when(pl.col(name) > last).then(last).otherwise(pl.col(name)).alias(name) for name in dates)
    rows.with_columns(capped).write_csv(file)
