"""Ids that tables write differently: their rows would silently be taken for other people's."""

from collections.abc import Iterator, Mapping

import polars as pl

from jobs.config.workspace import Workspace
from jobs.intake.ingest import IdMatch, IngestedTable
from jobs.intake.keys import COLUMNS, TOMBSTONE
from jobs.problems import Problem
from metrics import formatting

NAMING = {"customers": ("customer_id", "household_id"), "assignments": ("unit_id",)}
"""The tables whose ids the others are held to: the first that there is."""
RESTING = ("assignments", "consent_events", "order_lines", "unit_outcomes")
"""Tables of which a whole set of unknown ids is a fault; requests and visits may be a stranger's."""


def compared(tables: Mapping[str, IngestedTable], workspace: Workspace) -> dict[str, IngestedTable]:
    """The tables with their `id_match`, and a notice where ids are written differently or are all unknown."""
    naming = next((name for name in NAMING if name in tables), None)
    of_households = any(experiment.unit == "household" for experiment in workspace.experiments)
    if naming is None or (naming == "assignments" and of_households):
        return dict(tables)
    known = _known(tables[naming]).collect(engine="streaming")
    return {
        name: table
        if name == naming or name not in COLUMNS
        else _with_match(table, _match(table, known), naming, workspace.sources[name].where)
        for name, table in tables.items()
    }


def _with_match(table: IngestedTable, found: IdMatch, naming: str, where: str) -> IngestedTable:
    notices = (*table.notices, *_notices(table.name, found, naming, where))
    return table._replace(id_match=found, notices=notices)


def _known(table: IngestedTable) -> pl.LazyFrame:
    """Every id that a table names, those of rows in quarantine included."""
    rows = pl.scan_parquet(list(table.parts))
    ids = [rows.select(id=pl.col(name).cast(pl.String)) for name in NAMING[table.name]]
    if table.set_aside:
        ids.append(pl.scan_parquet(table.set_aside).select("id"))
    return pl.concat(ids).drop_nulls().unique()


def _match(table: IngestedTable, known: pl.DataFrame) -> IdMatch:
    ids = (
        pl.scan_parquet(list(table.parts)).select(id=pl.col(COLUMNS[table.name]).cast(pl.String)).drop_nulls()
    )
    ids = ids.filter(pl.col("id") != TOMBSTONE)
    rows = ids.select(pl.len()).collect(engine="streaming").item()
    strangers = ids.join(known.lazy(), on="id", how="anti")
    unknown = strangers.group_by("id").len().collect(engine="streaming")
    if unknown.is_empty():
        return IdMatch(rows, 0, 0)
    bare = _like(unknown, known, _bare(pl.col("id")))
    rest = unknown.join(bare, on="id", how="anti")
    cased = _like(rest, known, _bare(pl.col("id")).str.to_lowercase())
    if 2 * cased.height < rest.height:  # ids may differ by capitals alone: then few of the unknown do
        cased = cased.clear()
    return IdMatch(rows, int(unknown["len"].sum()), int(bare["len"].sum()) + int(cased["len"].sum()))


def _like(unknown: pl.DataFrame, known: pl.DataFrame, form: pl.Expr) -> pl.DataFrame:
    """The unknown ids that have the form of a known one."""
    return unknown.join(known.select(form=form).unique(), left_on=form, right_on="form", how="semi")


def _bare(identifier: pl.Expr) -> pl.Expr:
    """An id without what programs add or lose: spaces around it, `.0` behind it, zeros before it."""
    return identifier.str.strip_chars().str.strip_suffix(".0").str.strip_chars_start("0")


def _notices(table: str, found: IdMatch, naming: str, where: str) -> Iterator[Problem]:
    column = COLUMNS[table]
    if found.misspelt:
        of = f"{formatting.count(found.misspelt)} of {formatting.count(found.rows)} rows of table {table}"
        what = (
            f"{of} have a {column} that table {naming} writes differently (spaces, capitals, leading zeros, "
            "or .0 behind it): they are taken for other people."
        )
        yield Problem(where, what, "Write each id alike, letter by letter, in every table.")
    elif table in RESTING and found.rows and found.unknown == found.rows:
        what = f"No {column} of table {table} is one that table {naming} has."
        yield Problem(where, what, "Check that both hold the same kind of id, and the same customers.")
