"""The pack says what the files and the screen say, in bytes that never differ, for everybody."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metrics import catalogue, formatting
from metrics.programme import PROGRAMME
from reports.board.content import board
from reports.board_pdf import compiled, document, pack
from reports.csv_export import to_csv
from reports.paper.appendix import PRINTED
from reports.paper.text import printable
from reports.snapshot import Snapshot
from tests.reports.paper.conftest import here, page_of, words


@pytest.fixture(scope="module")
def pdf(demo: Snapshot) -> bytes:
    return pack(demo)


def said(text: str) -> str:
    """A text as `words` gives it back."""
    return " ".join(
        printable(text).replace("\u200b", "").replace("\u2060", "").replace("\u00a0", " ").split()
    )


def rows(snapshot: Snapshot, table: str) -> list[dict[str, str]]:
    """A table as its CSV file has it."""
    return list(csv.DictReader(io.StringIO(to_csv(snapshot.table(table), table).decode(), newline="")))


def number(row: Mapping[str, str], name: str) -> float | None:
    return float(row[name]) if row[name] else None


def test_what_the_programme_earns_is_the_same_on_screen_in_the_files_and_on_paper(
    demo: Snapshot, pdf: bytes
) -> None:
    cover, shown = words(pdf, 0), board(demo)
    worth = next(row for row in rows(demo, "net_value") if row["journey"] == PROGRAMME)
    lift = next(
        row
        for row in rows(demo, "effects")
        if row["experiment"] == worth["experiment"]
        and row["metric"] == "revenue"
        and row["headline"] == "true"
    )
    for name, row, columns in (
        ("net_value", worth, ("net_value", "net_low", "net_high")),
        ("lift", lift, ("relative", "relative_sequential_low", "relative_sequential_high")),
    ):
        figure, values = shown.tile(name).figure, [number(row, column) for column in columns]
        assert (figure.value, figure.low, figure.high) == tuple(values)
        write = formatting.total if name == "net_value" else formatting.effect
        told = write(*values, "EUR" if name == "net_value" else "lift")
        assert said(told.estimate) in cover
        assert said(told.interval) in cover


def test_the_cover_says_what_the_screen_says(demo: Snapshot, pdf: bytes) -> None:
    shown, cover = board(demo), words(pdf, 0)

    assert said(shown.headline.growth) in cover
    assert said(shown.headline.risk) in cover
    for tile in shown.tiles:
        assert said(f"{tile.title} {tile.figure.text}") in cover
    for row in shown.rows:
        for figure in row.figures:
            assert said(figure.text) in cover, figure.key
            assert said(figure.limits) in cover, figure.key
        assert said(row.gate.reason) in cover


def test_the_figures_are_those_of_the_files(demo: Snapshot, pdf: bytes) -> None:
    cover = words(pdf, 0)
    for row in rows(demo, "journeys"):
        if row["consent_coverage"]:
            assert said(formatting.percent(number(row, "consent_coverage"))) in cover
        if row["minimization_score"]:
            assert said(formatting.number(number(row, "minimization_score"))) in cover
        if row["cost_per_1k"]:
            assert said(formatting.price(number(row, "cost_per_1k"), demo.currency)) in cover


def test_every_metric_of_a_journey_stands_on_its_page(demo: Snapshot, pdf: bytes) -> None:
    pages = 0
    for journey in board(demo).rows:
        page = page_of(pdf, said(journey.name))
        mine = [r for r in rows(demo, "effects") if r["experiment"] == journey.experiment]
        headline = [r for r in mine if r["headline"] == "true" and not r["segment"] and r["status"] == "ok"]
        ended = {r.experiment: r.facts["ended"] for r in demo.experiment_records}[journey.experiment or ""]
        prefix = "relative" if ended else "relative_sequential"
        for row in headline:
            if len({r["variant"] for r in headline}) > 1 and row["variant"] != "personalised":
                continue
            limits = number(row, f"{prefix}_low"), number(row, f"{prefix}_high")
            if None not in limits:
                texts = formatting.effect(number(row, "relative"), *limits, "lift")
                assert said(f"{texts.estimate} {texts.interval}") in page, (journey.name, row["metric"])
                pages += 1
    assert pages > 5


def test_the_yearly_table_is_the_file_of_the_last_complete_year(demo: Snapshot, pdf: bytes) -> None:
    page = page_of(pdf, "Requests of data subjects")
    year = demo.as_of_date.year - 1
    table = [row for row in rows(demo, "dsr_7102") if row["year"] == str(year)]

    assert table
    assert f"California, {year} (11 CCR 7102)" in page
    for row in table:
        complied = int(row["complied"]) + int(row["complied_in_part"])
        assert f"{formatting.count(number(row, 'received'))} {formatting.count(complied)}" in page


def test_every_vendor_and_failing_field_is_named(demo: Snapshot, pdf: bytes) -> None:
    vendors, fields = page_of(pdf, "Vendors"), page_of(pdf, "Data use")
    for row in rows(demo, "vendors"):
        assert row["vendor"] in vendors
    for row in rows(demo, "minimization_fields"):
        assert row["passes"] == "true" or row["field"] in fields.replace(" ", "")


def test_the_appendix_names_the_run_and_defines_what_is_printed(demo: Snapshot, pdf: bytes) -> None:
    source, definitions = page_of(pdf, "Method and source"), page_of(pdf, "Definitions")

    assert f"Run {demo.run.run_id} " in source
    assert formatting.day(demo.as_of_date) in source
    for known in (demo.run.policy_hash, demo.run.definitions_version, demo.run.fingerprint):
        assert known in source
    for key in PRINTED:
        assert said(catalogue.figure(key).definition) in definitions, key


def test_the_same_snapshot_gives_the_same_bytes(demo: Snapshot, pdf: bytes) -> None:
    assert pack(demo) == pdf
    assert compiled(document(demo)) == pdf


def test_another_process_in_another_folder_gives_the_same_bytes(
    demo: Snapshot, pdf: bytes, tmp_path: Path
) -> None:
    (tmp_path / "words.json").write_text(json.dumps(document(demo)), encoding="utf-8")
    code = (
        f"import sys, json; sys.path.insert(0, {str(here())!r})\n"
        "from reports.board_pdf import compiled\n"
        "sys.stdout.buffer.write(compiled(json.load(open('words.json', encoding='utf-8'))))"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)

    assert made.stdout == pdf


def test_another_run_gives_other_bytes(demo: Snapshot, pdf: bytes) -> None:
    assert pack(replace(demo, run=replace(demo.run, run_id=99))) != pdf
