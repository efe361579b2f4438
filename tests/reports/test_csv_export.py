import csv
import hashlib
import io
import json
import struct
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import csv_export
from reports.csv_export import tables, to_csv, with_manifest
from reports.csv_export import write as write_files
from reports.snapshot import Snapshot, load
from storage.frames import dtypes
from storage.schema import FIGURES
from storage.store import Store
from tests.storage.samples import RECORD, refresh


def write(snapshot: Snapshot, out: Path) -> list[Path]:
    """All tables of a snapshot, as the command writes them."""
    return write_files(with_manifest(snapshot, tables(snapshot)), out)


def _cells(column: str, values: list[object], table: str = "effects") -> list[str]:
    """What a reader finds in one column."""
    frame = pl.DataFrame({column: values}, schema={column: dtypes(FIGURES[table])[column]})
    rows = list(csv.DictReader(io.StringIO(to_csv(frame, table).decode(), newline="")))
    return [row[column] for row in rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (-1e-300, "-1e-300"),
        (1e308, "1e+308"),
        (0.1 + 0.2, "0.30000000000000004"),
        (5e-324, "5e-324"),
        (-12.5, "-12.5"),
        (None, ""),
    ],
)
def test_numbers_keep_every_digit_and_their_sign(value: float | None, text: str) -> None:
    assert _cells("difference", [value]) == [text]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back_exactly(value: float) -> None:
    (text,) = _cells("difference", [value])
    assert struct.pack("d", float(text)) == struct.pack("d", value)


TEXTS = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "*joint*": "*joint*",
    "a=b": "a=b",
    'say "hi", twice': 'say "hi", twice',
    "two\nlines": "two\nlines",
    "two\rlines": "two\rlines",
    "Größe ☃ 漢字 😀": "Größe ☃ 漢字 😀",
    " padded ": " padded ",
    "'=quoted": "'=quoted",
    "null": "null",
    "": "",
}


@pytest.mark.parametrize(("value", "text"), TEXTS.items(), ids=repr)
def test_texts_are_safe_in_a_spreadsheet_and_whole(value: str, text: str) -> None:
    assert _cells("note", [value, "next"]) == [text, "next"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_any_text_reads_back_and_none_is_a_formula(values: list[str]) -> None:
    for cell, value in zip(_cells("note", list(values)), values, strict=True):
        assert cell.removeprefix("'") == value.removeprefix("'")
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_truth_dates_and_times() -> None:
    assert _cells("headline", [True, False, None]) == ["true", "false", ""]
    assert _cells("date", [date(2024, 2, 29), None], "effects_by_day") == ["2024-02-29", ""]
    times = [datetime(2026, 9, 30, 23, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 60, UTC), None]
    expected = ["2026-09-30T23:00:00Z", "2026-01-02T03:04:05.000060Z", ""]
    assert _cells("evaluated_at", list(times), "gates") == expected
    assert _cells("n_control", [0, -3, None]) == ["0", "-3", ""]


def test_a_frame_of_another_table_is_refused() -> None:
    with pytest.raises(pl.exceptions.SchemaError, match="sku"):
        to_csv(pl.DataFrame({"sku": ["a"]}), "effects")
    with pytest.raises(ValueError, match="no figure table 'efects'"):
        to_csv(pl.DataFrame(), "efects")


def test_every_file_is_written_with_its_header(store: Store, tmp_path: Path) -> None:
    refresh(store)

    files = write(load(store), tmp_path / "deep" / "out")

    assert [file.name for file in files] == [*(f"{table}.csv" for table in FIGURES), "manifest.json"]
    for table in FIGURES:
        header = ",".join(dtypes(FIGURES[table]))
        assert (tmp_path / "deep" / "out" / f"{table}.csv").read_bytes() == f"{header}\n".encode()
    assert sorted(file.name for file in (tmp_path / "deep" / "out").iterdir()) == sorted(
        f.name for f in files
    )


def test_rows_come_out_as_the_snapshot_holds_them(snapshot: Snapshot, tmp_path: Path) -> None:
    write(snapshot, tmp_path)

    for table in FIGURES:
        read = pl.read_csv(tmp_path / f"{table}.csv", schema_overrides=dict(snapshot.table(table).schema))
        assert read.equals(snapshot.table(table)), table
    whole, *_ = csv.DictReader((tmp_path / "effects.csv").read_text("utf-8").splitlines())
    assert (whole["experiment"], whole["segment_dimension"], whole["segment"]) == ("cart", "", "")


def test_the_manifest_names_the_run_its_inputs_and_every_file(snapshot: Snapshot, tmp_path: Path) -> None:
    files = write(snapshot, tmp_path)

    manifest = json.loads((tmp_path / "manifest.json").read_bytes())

    assert manifest.pop("files") == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.suffix == ".csv"
    }
    assert manifest == {
        "run_id": snapshot.run.run_id,
        "as_of": "2026-09-30",
        "as_of_time": "2026-09-30T23:00:00+00:00",
        "period": "2026Q3",
        "policy_version": 3,
        "policy_hash": "p1",
        "definitions_version": "d1",
        "fingerprint": "f1",
        "frozen": None,
        "input_fingerprints": {"customers": "c1", "order_lines": "o1"},
    }


def test_the_same_run_gives_the_same_bytes(store: Store, snapshot: Snapshot, tmp_path: Path) -> None:
    first = {file.name: file.read_bytes() for file in write(snapshot, tmp_path / "a")}
    again = write(load(store, snapshot.run.run_id), tmp_path / "b")

    assert {file.name: file.read_bytes() for file in again} == first


def test_a_second_export_replaces_the_first_and_leaves_other_files(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "board.pdf").write_text("kept")
    for record in (RECORD, RECORD):
        refresh(store, record=record)
        write(load(store), tmp_path / "out")

    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["run_id"] == 2
    assert (tmp_path / "out" / "board.pdf").read_text() == "kept"


def test_a_failed_export_leaves_the_last_one(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {file: file.read_bytes() for file in write(snapshot, tmp_path / "out")}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv_export.Path, "write_bytes", fail)
    with pytest.raises(OSError, match="No space left"):
        write(snapshot, tmp_path / "out")
    monkeypatch.undo()

    assert {file: file.read_bytes() for file in sorted((tmp_path / "out").iterdir())} == files


def test_a_file_is_no_folder(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    with pytest.raises(NotADirectoryError, match=r"is a file\. Name a folder"):
        write(snapshot, tmp_path / "out")
