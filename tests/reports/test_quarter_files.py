"""A quarter's ZIP holds what its audience may see, says what it holds, and has the same bytes again."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from metrics.catalogue import column
from metrics.definitions.columns import ROWS, WORDS
from policy import roles
from policy.roles import AUDIENCES, ROLE_OF, Audience, loadable
from reports.csv_export import to_csv
from reports.data_dictionary import entries
from reports.quarters import files as quarter_files
from reports.quarters.files import DICTIONARY, README, allowed, bundle, files, name
from reports.quarters.quarter import Quarter
from reports.snapshot import Snapshot, WithheldError, load
from reports.wording import exports
from storage.frames import dtypes, figure_table
from storage.frozen import Moved, Version
from storage.schema import FIGURES
from storage.store import Store


@pytest.fixture
def whole(snapshot: Snapshot) -> Quarter:
    return Quarter(snapshot)


def unpacked(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        return {entry: archive.read(entry) for entry in archive.namelist()}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_audience_gets_the_tables_of_its_role_and_no_other(whole: Quarter, audience: Audience) -> None:
    held = unpacked(bundle(whole, audience))
    may = loadable({ROLE_OF[audience]}) & FIGURES.keys()
    assert {file for file in held if file.endswith(".csv")} == {
        *(f"{table}.csv" for table in may),
        DICTIONARY,
    }
    for table in may:
        assert held[f"{table}.csv"] == to_csv(whole.snapshot.table(table), table)


def test_single_requests_are_for_privacy_and_products_for_marketing() -> None:
    assert [audience for audience in AUDIENCES if "dsr_requests" in allowed(audience)] == ["privacy"]
    assert [audience for audience in AUDIENCES if "sku_lift" in allowed(audience)] == ["marketing"]
    assert roles.audiences({"admin"}) == ()


@pytest.mark.usefixtures("snapshot")
def test_nobody_gets_a_table_that_was_never_read_for_them(store: Store) -> None:
    read = Quarter(load(store, tables=loadable({"marketer"})))
    assert unpacked(bundle(read, "marketing"))
    with pytest.raises(WithheldError, match="consent_signals is not for this reader"):
        bundle(read, "privacy")


def test_the_same_figures_give_the_same_bytes(whole: Quarter) -> None:
    assert bundle(whole, "board") == bundle(replace(whole), "board")


def test_the_manifest_has_the_hash_of_every_file(whole: Quarter) -> None:
    held = unpacked(bundle(whole, "board"))
    manifest = json.loads(held.pop("manifest.json"))
    assert manifest["files"] == {file: hashlib.sha256(content).hexdigest() for file, content in held.items()}
    assert manifest["run_id"] == whole.snapshot.run.run_id


def test_the_readme_lists_every_file_with_its_rows(whole: Quarter) -> None:
    told = unpacked(bundle(whole, "board"))[README].decode()
    assert "Q3 2026 can still change: it is not frozen." in told
    for file in files(whole, "board"):
        assert f"| `{file.table}.csv` | {file.what} | {file.rows} | {file.hidden} |" in told
    effects = whole.snapshot.table("effects")
    counted = {file.table: file for file in files(whole, "board")}["effects"]
    assert (counted.rows, counted.hidden) == (
        effects.height, effects["status"].to_list().count("suppressed")
    )  # fmt: skip
    assert "dsr_requests" not in told


def test_a_frozen_quarter_says_so_in_words_and_in_its_name(whole: Quarter) -> None:
    moved = (Moved("Cart", "Lift", "+4 %", "+5 %"),)
    version = Version("2026Q3", 2, 1, datetime(2026, 10, 8, 23, 30, tzinfo=UTC), "ana", "late orders", moved)
    frozen = replace(whole, version=version)
    said = exports.state(frozen)
    assert said.sentence == "Q3 2026 is frozen as version 2: these files never change."
    assert "Frozen on 9 Oct 2026 by ana" in said.more
    assert said.more.endswith("late orders. It corrects 1 figure.")
    assert name(frozen, "board") == "2026Q3-board-version-2"
    assert name(whole, "board") == "2026Q3-board-run-1"
    manifest = json.loads(unpacked(bundle(frozen, "board"))["manifest.json"])
    assert manifest["frozen"]["moved"] == [moved[0]._asdict()]


def test_every_column_of_every_file_is_defined_once() -> None:
    for table in FIGURES:
        told = entries(table)
        assert [entry.column for entry in told] == list(dtypes(figure_table(table)))
        assert all(entry.definition.endswith((".", "!", "?")) for entry in told), table
    used = {name for table in FIGURES for name in dtypes(figure_table(table))}
    for word in WORDS:
        table, _, column_name = word.rpartition(".")
        assert column_name in (dtypes(figure_table(table)) if table else used), f"{word} is no column"
    assert set(ROWS) == set(FIGURES)


@pytest.mark.parametrize("table", FIGURES)
def test_what_a_file_has_one_row_per_has_as_many_parts_as_its_key(table: str) -> None:
    key = [part.name for part in figure_table(table).primary_key if part.name != "run_id"]
    assert ROWS[table].count("×") + 1 == len(key)


def test_the_dictionary_says_what_the_catalogue_says(whole: Quarter) -> None:
    held = unpacked(bundle(whole, "marketing"))[DICTIONARY].decode()
    rows = {(row["file"], row["column"]): row for row in csv.DictReader(io.StringIO(held, newline=""))}
    wanted = [(f"{table}.csv", name) for table in allowed("marketing") for name in dtypes(FIGURES[table])]
    assert list(rows) == wanted
    figure = column("effects", "relative")
    told = rows["effects.csv", "relative"]
    assert (told["definition"], told["of"], told["unit"]) == (
        figure.definition, figure.denominator, figure.unit
    )  # fmt: skip
    assert rows["effects.csv", "experiment"]["unit"] == ""
    assert rows["effects.csv", "headline"]["type"] == "true or false"


def test_a_file_without_rows_is_listed_with_its_header_alone(whole: Quarter) -> None:
    empty = whole.snapshot.table("gates").clear()
    assert quarter_files._file("gates", empty) == ("gates", "journey × check", 0, 0)
