"""What the quarantine keeps, for how long, and how it forgets people."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from jobs.intake import quarantine
from jobs.intake.quarantine import RuleCount, as_kept, counts, forget, purge, write
from jobs.intake.reading.stored import ROW

NOW = dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC)


def kept(folder: Path, name: str, rows: list[tuple[int, str, str, str | None, str]]) -> Path:
    """A file of rejected rows: number, rule, column, customer_id, note."""
    stored = pl.DataFrame(
        {
            ROW: [row[0] for row in rows],
            "customer_id": pl.Series([row[3] for row in rows], dtype=pl.String),
            "note": [row[4] for row in rows],
        },
        schema_overrides={ROW: pl.UInt32},
    )
    reasons = pl.DataFrame({ROW: stored[ROW], "rule": [r[1] for r in rows], "column": [r[2] for r in rows]})
    own = {name: pl.col(name) for name in ("customer_id", "note")}
    path = folder / f"{name}.part"
    as_kept(stored, reasons, "customers", name, own).write_parquet(path)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    return [
        kept(
            tmp_path, "a.csv", [(9, "too_long", "note", "c9", "n" * 20_000), (2, "wrong_type", "x", "c2", "")]
        ),
        kept(tmp_path, "b.csv", [(1, "wrong_type", "y", None, "c2"), (3, "wrong_type", "y", "c3", "z")]),
    ]


def test_rules_are_counted_with_their_first_place(parts: list[Path]) -> None:
    assert counts(parts) == (
        RuleCount("wrong_type", 3, "a.csv, row 2, column x: wrong_type"),
        RuleCount("too_long", 1, "a.csv, row 9, column note: too_long"),
    )
    assert counts([]) == ()


def test_one_file_per_table_and_run_that_its_owner_alone_reads(parts: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "quarantine" / "run-1"

    file = write(parts, "customers", folder, NOW)

    rows = pl.read_parquet(file)
    assert rows.columns == ["table", "rule", "column", "file", "row", "customer_id", "note"]
    assert rows["row"].to_list() == [2, 9, 1, 3]
    assert rows["note"].str.len_chars().max() == 10_000
    assert file.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == [file]


def test_a_row_may_have_columns_of_our_names(tmp_path: Path) -> None:
    stored = pl.DataFrame({ROW: [1], "rule": ["own"], "file": ["own"]}, schema_overrides={ROW: pl.UInt32})
    reasons = pl.DataFrame({ROW: stored[ROW], "rule": ["too_long"], "column": ["rule"]})
    own = {name: pl.col(name) for name in ("rule", "file")}

    rows = as_kept(stored, reasons, "customers", "a.csv", own)

    assert rows.row(0, named=True) == {
        "table": "customers",
        "rule": "too_long",
        "column": "rule",
        "file": "a.csv",
        "row": 1,
        "own_rule": "own",
        "own_file": "own",
    }


@pytest.mark.parametrize(("days_later", "left"), [(0, 1), (29, 1), (30, 1), (31, 0)])
def test_rows_are_kept_for_some_days(parts: list[Path], tmp_path: Path, days_later: int, left: int) -> None:
    folder = tmp_path / "quarantine"
    write(parts, "order_lines", folder / "run-1", NOW)
    (folder / "run-1" / "order_lines-killed.partial").touch()
    later = NOW + dt.timedelta(days=days_later)

    purged = purge(folder, 30, later.replace(tzinfo=None))

    assert purged == 1 - left
    assert len([path for path in folder.rglob("*") if path.is_file()]) == left
    assert (folder / "run-1").exists() is bool(left)


def test_forgetting_finds_people_in_every_column(parts: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "quarantine"
    file = write(parts, "customers", folder / "run-1", NOW)

    assert forget(folder, ["c2", "c7"]) == 2

    assert pl.read_parquet(file)["customer_id"].to_list() == ["c9", "c3"]
    assert file.stat().st_mode & 0o077 == 0
    assert purge(folder, 30, NOW.replace(tzinfo=None) + dt.timedelta(days=31)) == 1


def test_forgetting_leaves_nothing_empty_or_unfinished(parts: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "quarantine"
    write(parts, "customers", folder, NOW)
    (folder / "customers-killed.partial").write_bytes(b"c2")

    assert forget(folder, ["c2", "c3", "c9"]) == 4

    assert list(folder.iterdir()) == []


def test_nobody_to_forget(parts: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "quarantine"
    file = write(parts, "customers", folder, NOW)
    before = file.read_bytes()

    assert forget(folder, []) == 0
    assert forget(tmp_path / "nowhere", ["c1"]) == 0
    assert purge(tmp_path / "nowhere", 30, NOW) == 0

    assert file.read_bytes() == before


def test_positions_are_not_people(parts: list[Path], tmp_path: Path) -> None:
    write(parts, "customers", tmp_path / "quarantine", NOW)

    assert forget(tmp_path / "quarantine", ["customers", "wrong_type", "a.csv", *quarantine.POSITION]) == 0
