"""A small retailer's compliance desk: a workspace written by hand, refreshed, and its figures read back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from jobs.export import open_store
from jobs.refresh import refresh

JOURNEYS = """
- {id: homepage, purposes: [recommend], required_protections: [min_group_size]}
- {id: cart, purposes: [recommend], lawful_basis: contract}
"""
SETTINGS = """
name: Corner shop
currency: EUR
timezone: Europe/Dublin
as_of: 2026-09-30
establishment: IE
disclosure: {minimum_people: 10}
journeys: journeys.yaml
"""
Files = Mapping[str, Sequence[str]]


def workspace(folder: Path, tables: Files, settings: str = SETTINGS) -> Path:
    """Write a workspace whose tables are CSV files, given as their lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journeys.yaml").write_text(JOURNEYS, encoding="utf-8")
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    listed = "".join(f"\n  {name}: {name}.csv" for name in tables)
    (folder / "workspace.yaml").write_text(f"{settings}tables:{listed}\n", encoding="utf-8")
    return folder


def figures(folder: Path, *tables: str) -> list[pl.DataFrame]:
    """Tables of the visible run."""
    with open_store(folder) as store:
        run = store.visible_run()
        assert run is not None
        return [store.figures(table, run.run_id) for table in tables]


def measured(folder: Path, inputs: Files, *tables: str, settings: str = SETTINGS) -> list[pl.DataFrame]:
    """The figures of a workspace made of these tables."""
    refresh(workspace(folder, inputs, settings))
    return figures(folder, *tables)
