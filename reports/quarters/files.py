"""A quarter's CSV files for one audience, in one ZIP with a README and a data dictionary."""

import io
import zipfile

import polars as pl

from metrics.definitions.columns import ROWS
from policy.roles import ROLE_OF, Audience, may_load
from reports.csv_export import tables, with_manifest
from reports.data_dictionary import dictionary
from reports.quarters.quarter import File, Quarter
from reports.wording.exports import readme
from storage.schema import FIGURES

README, DICTIONARY = "README.md", "data_dictionary.csv"


def allowed(audience: Audience) -> list[str]:
    """The tables that an audience may hold, in the order of the files."""
    return [table for table in FIGURES if may_load(table, {ROLE_OF[audience]})]


def files(quarter: Quarter, audience: Audience) -> list[File]:
    """The files of a quarter that an audience may hold."""
    return [_file(table, quarter.snapshot.table(table)) for table in allowed(audience)]


def bundle(quarter: Quarter, audience: Audience) -> bytes:
    """The files as a ZIP: README, data dictionary, CSV files and manifest; same figures, same bytes.

    Raises:
        WithheldError: the snapshot was read for somebody who may not have a table of this audience.
    """
    snapshot, wanted = quarter.snapshot, allowed(audience)
    contents = {
        README: readme(quarter, audience, files(quarter, audience)).encode(),
        DICTIONARY: dictionary(wanted),
        **tables(snapshot, wanted),
    }
    held, run = io.BytesIO(), snapshot.run
    made = quarter.version.frozen_at if quarter.version else run.finished_at or run.started_at
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in with_manifest(snapshot, contents, quarter.version).items():
            entry = zipfile.ZipInfo(name, made.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return held.getvalue()


def name(quarter: Quarter, audience: Audience) -> str:
    """What the ZIP is called, without ending.

    A frozen quarter's name says its version, any other's its run.
    """
    run, version = quarter.snapshot.run, quarter.version
    return f"{run.period}-{audience}-{f'version-{version.version}' if version else f'run-{run.run_id}'}"


def _file(table: str, rows: pl.DataFrame) -> File:
    hidden = rows.filter(pl.col("status") == "suppressed").height if "status" in rows.columns else 0
    return File(table, ROWS[table], rows.height, hidden)
