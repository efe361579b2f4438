"""A quarter's files for one audience: the pack, the CSV files in one ZIP, and what every column says."""

from collections.abc import Sequence

import streamlit as st

from metrics import formatting
from policy.roles import Audience
from reports import data_dictionary
from reports.data_dictionary import Entry
from reports.quarters import files as quarter_files
from reports.quarters.files import DICTIONARY
from reports.quarters.quarter import File, Quarter
from reports.wording import exports as wording
from ui import filters, frame
from ui.data import Loaded
from ui.parts import downloads
from ui.parts.markup import Column, Html, Row, join, link, small, table, tag, text
from ui.records import export_data


def show(loaded: Loaded) -> None:
    """Say whether the files can still change, offer them, and define their columns."""
    with frame.header("Exports", loaded):
        names = {audience: wording.AUDIENCES[audience] for audience in export_data.audiences()}
        audience = filters.choice("For", names, "audience", width=170)
    quarter = export_data.quarter(loaded.snapshot, audience)
    files = quarter_files.files(quarter, audience)
    said = wording.state(quarter)
    st.html(frame.lead(said.mark, said.sentence, said.more))
    if said.command:
        st.html(tag("p", Html(f"To freeze it: {tag('code', text(said.command))}"), class_="lg-note"))
    _offers(quarter, audience, files)
    _files(files, audience)
    _dictionary(files)


def _offers(quarter: Quarter, audience: Audience, files: Sequence[File]) -> None:
    name, pack = quarter_files.name(quarter, audience), export_data.pack(quarter, audience)
    paper, sheets = st.columns(2, gap="medium")
    with paper, st.container(border=True, key="export-pack"):
        st.html(_about("Quarterly pack", wording.pack(audience)))
        if pack is not None:
            downloads.offer(
                lambda: (pack(), _known(quarter, audience)), f"{name}.pdf", "application/pdf",
                key="export-pdf", label="Pack (PDF)", about="The quarterly pack; its export is recorded",
            )  # fmt: skip
    with sheets, st.container(border=True, key="export-files"):
        told = f"{len(files)} CSV files, a README, a data dictionary and a manifest with each file's SHA-256."
        st.html(_about("All figures", f"{told} What is hidden on screen is hidden in them."))
        downloads.offer(
            lambda: (quarter_files.bundle(quarter, audience), _known(quarter, audience)), f"{name}.zip",
            "application/zip", key="export-zip", label="Figures (ZIP)",
            about="All files of this audience; their export is recorded",
        )  # fmt: skip
    recorded = text("Every export is on record with the reader's name and the file's hash.")
    st.html(tag("p", join([recorded, link("Audit log", "audit")], " "), class_="lg-note"))


def _known(quarter: Quarter, audience: Audience) -> dict[str, object]:
    """What the audit entry says beside the file, its hash and the reader."""
    run, version = quarter.snapshot.run, quarter.version
    issued = {"version": version.version} if version else {}
    return {"run_id": run.run_id, "period": run.period, "audience": audience, **issued}


def _about(name: str, said: str) -> Html:
    return Html(f"{tag('h2', text(name), class_='lg-head')}{tag('p', text(said), class_='lg-note')}")


def _files(files: Sequence[File], audience: Audience) -> None:
    here = {"audience": wording.AUDIENCES[audience]}
    st.html(
        frame.heading(
            "Files",
            "What this audience's role may see, and no more. A file's name leads to what its columns say.",
        )
    )
    columns = [
        Column("File"), Column("One row per"), Column("Rows", "page.file_rows"),
        Column("Hidden", "page.file_hidden"),
    ]  # fmt: skip
    rows = [
        Row(
            [
                link(f"{file.table}.csv", "exports", file=f"{file.table}.csv", **here),
                text(file.what),
                text(formatting.count(file.rows)) if file.rows else small("none: header only"),
                text(formatting.count(file.hidden)),
            ],
            dim=not file.rows,
        )
        for file in files
    ]
    st.html(table(columns, rows, label="Files", kind="lg-plain"))


def _dictionary(files: Sequence[File]) -> None:
    st.html(frame.heading("Data dictionary", f"What every column says; in the ZIP as {DICTIONARY}."))
    names = {file.table: f"{file.table}.csv" for file in files}
    chosen = filters.choice("File", names, "file", width=260)
    columns = [Column("Column"), Column("What it says"), Column("Of how many"), Column("Unit")]
    rows = [Row([_name(entry), text(entry.definition), text(entry.of), text(entry.unit or entry.type)])
            for entry in data_dictionary.entries(chosen)]  # fmt: skip
    st.html(table(columns, rows, label=f"Columns of {chosen}.csv", kind="lg-plain"))


def _name(entry: Entry) -> Html:
    return Html(f"{tag('code', text(entry.column))}<br>{small(entry.label)}")
