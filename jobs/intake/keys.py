"""Dense integer keys in place of people's ids: half the work, and no identity in the analysis data."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from jobs.clock import local_midnight, quarter, quarter_days
from jobs.config.workspace import Workspace

COLUMNS = {
    "customers": "customer_id",
    "consent_events": "customer_id",
    "journey_events": "customer_id",
    "assignments": "unit_id",
    "order_lines": "customer_id",
    "unit_outcomes": "unit_id",
    "dsr_requests": "customer_id",
}
"""Table → its column of ids. Customers, households and units share one space of keys."""

TOMBSTONE = "*erased*"
"""Unit id of assignment rows that only count the erased: nobody, so it gets no key."""

DEFINING = ("customers", "assignments", "consent_events", "unit_outcomes")
"""Tables whose ids get a key; an id seen nowhere else takes no part in any figure."""


def assign(tables: Mapping[str, Sequence[Path]], folder: Path) -> Path:
    """Write the key table (id, key) for everybody whom the defining tables name; personal data."""
    ids = [
        pl.scan_parquet(list(tables[name])).select(pl.col(COLUMNS[name]).cast(pl.String).alias("id"))
        for name in DEFINING
        if tables.get(name)
    ]
    if tables.get("customers"):
        ids.append(pl.scan_parquet(list(tables["customers"])).select(id=pl.col("household_id")))
    file = folder / "keys.parquet"
    empty = pl.LazyFrame(schema={"id": pl.String})
    known = pl.concat([empty, *ids]).drop_nulls().filter(pl.col("id") != TOMBSTONE).unique()
    known.with_row_index("key").with_columns(pl.col("key").cast(pl.Int64)).sink_parquet(file)
    return file


def apply(name: str, parts: Sequence[Path], keys: Path, folder: Path, workspace: Workspace) -> Path:
    """Write a table with `customer` (or `unit`) keys instead of ids; an id without a key becomes null.

    In journey events, of which those of the current quarter are kept, such an id gets a key of its own, so
    that only unknown visitors are without; in requests too, so that whoever is known from events alone can
    be erased.
    Assignments also get `assigned_on`: the local day of the assignment, or of its fallback.
    """
    rows = pl.scan_parquet(list(parts))
    if name == "journey_events":
        first, _ = quarter_days(quarter(workspace.as_of))
        rows = rows.filter(pl.col("occurred_at") >= local_midnight(first, workspace.zone))
    lookup = pl.scan_parquet(keys)
    column = COLUMNS[name]
    target = column.removesuffix("_id")
    keyed = rows.join(lookup, left_on=column, right_on="id", how="left")
    if name in {"journey_events", "dsr_requests"}:
        keyed = keyed.with_columns(key=pl.col("key").fill_null(_key_of_its_own(pl.col(column))))
    keyed = keyed.drop(column).rename({"key": target})
    if name == "customers":
        home = lookup.rename({"key": "household"})
        keyed = keyed.join(home, left_on="household_id", right_on="id", how="left").drop("household_id")
        keyed = keyed.with_columns(pl.col("household").fill_null(pl.col("customer")))
    if name == "assignments":
        starts = {e.id: e.starts or workspace.as_of for e in workspace.experiments}
        fallback = pl.col("experiment").replace_strict(starts, default=workspace.as_of, return_dtype=pl.Date)
        day = local_day(pl.col("assigned_at"), workspace.settings.timezone)
        keyed = keyed.with_columns(assigned_on=day.fill_null(fallback))
    file = folder / f"{name}.parquet"
    keyed.sink_parquet(file)
    return file


def set_aside(ids: Path, customers: Path, keys: Path, folder: Path) -> Path:
    """Write the keys (`customer`) of those whose only row in `customers` is in quarantine."""
    file = folder / "set-aside.parquet"
    known = pl.scan_parquet(ids).join(pl.scan_parquet(keys), on="id", how="inner").select(customer="key")
    known.join(pl.scan_parquet(customers), on="customer", how="anti").sink_parquet(file)
    return file


def _key_of_its_own(identifier: pl.Expr) -> pl.Expr:
    """A negative key for somebody whom no defining table names: known, though nothing is known of them."""
    return pl.when(identifier.is_not_null()).then(-(identifier.hash() // 2).cast(pl.Int64) - 1)


def local_day(time: pl.Expr, zone: str) -> pl.Expr:
    """The local date of a naive UTC time."""
    return time.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def erased_ids(requests: Sequence[Path], as_of_end: dt.datetime) -> list[str]:
    """Ids of the customers whose deletion was complied with by `as_of_end`, wholly or in part."""
    in_time = pl.col("closed_at").is_null() | (pl.col("closed_at") < as_of_end)
    done = pl.col("outcome").is_in(["complied", "complied_in_part"]) & in_time
    rows = pl.scan_parquet(list(requests)).filter(pl.col("kind") == "delete", done)
    return rows.select("customer_id").drop_nulls().unique().collect().get_column("customer_id").to_list()
