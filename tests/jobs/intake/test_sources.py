"""Finding and opening the files of a table, and what is said when that fails."""

import csv
import io
import os
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from jobs.intake.reading import sql_answer
from jobs.intake.reading.stored import ROW, StoredFile
from jobs.intake.sources import TableSource, fingerprint, open_source, reads_from
from jobs.problems import Problem, WorkspaceError

WHERE = "workspace.yaml, line 9"


def files(*patterns: Path | str) -> TableSource:
    return TableSource("orders", tuple(map(str, patterns)), None, None, WHERE)


def database(url: str, query: str) -> TableSource:
    return TableSource("orders", (), url, query, WHERE)


def opened(source: TableSource, tmp_path: Path) -> tuple[StoredFile, ...]:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return open_source(source, scratch)


def rows(file: StoredFile, *columns: str) -> list[tuple[object, ...]]:
    return pl.concat(file.read(columns or tuple(file.schema))).rows()


def problem(source: TableSource, tmp_path: Path) -> Problem:
    """The only problem that opening and reading the source meets."""
    with pytest.raises(WorkspaceError) as raised:
        [rows(file) for file in opened(source, tmp_path)]
    (only,) = raised.value.problems
    return only


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for month in ("07", "08"):
        (folder / "orders" / month).mkdir(parents=True)
        frame = pl.DataFrame({"id": [f"{month}-a", f"{month}-b"]})
        frame.write_parquet(folder / "orders" / month / "part.parquet")
    (folder / "orders" / "_SUCCESS").touch()
    (folder / "one.csv").write_text("id\nx\n")
    return folder


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("one.csv", ["data/one.csv"]),
        ("orders/*/*.parquet", ["orders/07/part.parquet", "orders/08/part.parquet"]),
        ("orders/**/*", ["orders/07/part.parquet", "orders/08/part.parquet"]),
        ("orders", ["orders/07/part.parquet", "orders/08/part.parquet"]),
        ("orders/0[8]/part.parquet", ["orders/08/part.parquet"]),
    ],
)
def test_paths_globs_and_folders(shop: Path, tmp_path: Path, pattern: str, names: list[str]) -> None:
    assert [file.name for file in opened(files(shop / pattern), tmp_path)] == names


def test_a_file_that_two_patterns_match_is_read_once(shop: Path, tmp_path: Path) -> None:
    source = files(shop / "orders/*/*.parquet", shop / "orders/07/*.parquet", shop / "orders")

    assert [file.name for file in opened(source, tmp_path)] == [
        "orders/07/part.parquet",
        "orders/08/part.parquet",
    ]


def test_a_file_reached_by_other_paths_and_links_is_read_once(shop: Path, tmp_path: Path) -> None:
    part = shop / "orders/07/part.parquet"
    (shop / "orders/07/soft.parquet").symlink_to(part)
    (shop / "orders/07/hard.parquet").hardlink_to(part)
    source = files(shop / "orders/07/*.parquet", part, shop / "orders/08/../07/part.parquet")

    assert [rows(file, "id") for file in opened(source, tmp_path)] == [[(1, "07-a"), (2, "07-b")]]


@pytest.mark.parametrize("name", ["orders/07/part.parquet", "one.csv"])
@pytest.mark.parametrize("rows_of_it", [19, 20])
def test_a_copy_of_a_file_is_refused_before_its_rows_count_twice(
    shop: Path, tmp_path: Path, name: str, rows_of_it: int
) -> None:
    original = shop / name
    made = pl.DataFrame({"id": ["x"] * rows_of_it})
    (made.write_csv if name.endswith("csv") else made.write_parquet)(original)
    copy = original.with_name(f"part-again{original.suffix}")
    copy.write_bytes(original.read_bytes())
    if rows_of_it < 20:
        assert len(opened(files(original, copy), tmp_path)) == 2
        return
    found = problem(files(original, copy), tmp_path)

    assert found.what == f"The file is a copy of {original.parent.name}/{original.name}: " + (
        "each of its rows would count twice."
    )
    assert found.where.endswith(copy.name)


@pytest.mark.parametrize(
    ("pattern", "folder", "reads"),
    [
        ("one.csv", ".", True),
        ("one.csv", "../data/orders/..", True),
        ("one.csv", "export", False),
        ("*.csv", ".", True),
        ("*.csv", "export", False),
        ("orders", "orders/export", True),
        ("orders", ".", False),
        ("orders/**/*.parquet", "orders/07/new", True),
        ("orders/07/*.parquet", "orders/07", True),
    ],
)
def test_a_folder_that_a_table_is_read_from(shop: Path, pattern: str, folder: str, reads: bool) -> None:
    assert reads_from(files(shop / pattern), shop / folder) is reads
    assert not reads_from(files("s3://bucket/one.csv"), shop / folder)


def test_rows_are_numbered_from_one(shop: Path, tmp_path: Path) -> None:
    for file in opened(files(shop / "orders/07", shop / "one.csv"), tmp_path):
        assert [row[0] for row in rows(file)] == list(range(1, 1 + len(rows(file))))


def test_only_the_named_columns_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,mail\n1,x@example.com\n")
    (file,) = opened(files(tmp_path / "a.csv"), tmp_path)

    (batch,) = file.read(["id"])

    assert batch.columns == [ROW, "id"]


@pytest.mark.parametrize(
    ("name", "content", "line", "says"),
    [
        ("a.csv", b"", "", "empty (0 bytes)"),
        ("a.parquet", b"", "", "empty (0 bytes)"),
        ("a.csv", b"\xef\xbb\xbf", "", "file is empty"),
        ("a.csv", b"id,n\n1,2\n3\n", ", line 3", "1 fields where the header has 2"),
        ("a.csv", b'id,n\n"1\n\n",2\n3,4,5\n', ", line 5", "3 fields where the header has 2"),
        ("a.csv", b'id,n\n1,2\n3,"4\n5,6\n', ", line 3", "never closed"),
        ("a.csv", b'id,n\n"1"x,2\n', ", line 2", "follows a closing quotation mark"),
        ("a.csv", b'id,n\n5" pipe,2\n3,4\n', "", "inside a field that is not quoted"),
        ("a.csv", b"id,n\n1,2\n3,\xff\n", ", line 3", "not UTF-8"),
        ("a.csv", "id,n\n1,2\n".encode("utf-16"), ", line 1", "not UTF-8"),
        ("a.csv", b"id,id\n1,2\n", ", line 1", "called 'id'"),
        ("a.parquet", b"id,n\n1,2\n", "", "not a Parquet file"),
        ("a.parquet", b"PAR1 and no more", "", "damaged or incomplete"),
        ("a.xlsx", b"PK\x03\x04", "", "not a Parquet or CSV file"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, line: str, says: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).write_bytes(content)

    found = problem(files(folder / name), tmp_path)

    assert found.where == f"data/{name}{line}"
    assert says in found.what
    assert found.remedy


def test_a_parquet_file_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": [f"customer-{n}" for n in range(10_000)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[200:2_000] = b"\x00" * 1_800
    path.write_bytes(content)

    assert "damaged" in problem(files(path), tmp_path).what


def test_a_parquet_file_with_one_name_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"]), path)

    assert "one name" in problem(files(path), tmp_path).what


def test_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,n\n1\n")

    with pytest.raises(WorkspaceError) as raised:
        opened(files(tmp_path / "*.csv"), tmp_path)

    assert [p.where.rpartition("/")[2] for p in raised.value.problems] == ["a.csv, line 2", "b.csv, line 2"]


@pytest.mark.parametrize(
    ("pattern", "says", "remedy"),
    [
        ("ordrs.csv", "does not exist", "Did you mean 'orders.csv'?"),
        ("loop.csv", "does not exist", "Put the file there or correct the path."),
        ("nothing/at/all.csv", "does not exist", "correct the path"),
        ("*.pq", "No Parquet or CSV file", "Correct the path."),
        ("", "No Parquet or CSV file", "Correct the path."),
    ],
)
def test_a_missing_file(tmp_path: Path, pattern: str, says: str, remedy: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if pattern:
        (folder / "orders.csv").write_text("id\n1\n")
        (folder / "loop.csv").symlink_to("loop.csv")

    found = problem(files(folder / pattern), tmp_path)

    assert found.where == WHERE
    assert says in found.what
    assert remedy in found.remedy


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert "Permission denied" in problem(files(tmp_path / "a.csv"), tmp_path).what


FIELDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["", '"', ",", "\n", "\r\n", 'a"b', "é", "x" * 1_000]
)


@given(
    st.lists(st.tuples(FIELDS, FIELDS, FIELDS), max_size=8), st.booleans(), st.sampled_from(["\n", "\r\n"])
)
def test_csv_means_what_the_standard_says(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, ...]], bom: bool, end: str
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *records])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + stream.getvalue().encode())

    (file,) = opened(files(path), path.parent)
    read = [row for batch in file.read(["a", "b", "c"]) for row in batch.drop(ROW).rows()]

    assert read == records


def test_a_blank_line_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,2\n\n3,4\n")
    (file,) = opened(files(tmp_path / "a.csv"), tmp_path)

    assert rows(file) == [(1, "1", "2"), (2, None, None), (3, "3", "4")]


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("create table orders (id text, n integer, price numeric)"))
        for n in range(7):
            connection.execute(text("insert into orders values (:id, :n, 1.5)"), {"id": f"o{n}", "n": n})
    engine.dispose()
    return address


def test_a_query_is_read_in_batches(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_answer, "BATCH_ROWS", 3)

    answers = opened(database(url, "select * from orders order by id"), tmp_path)

    assert {answer.name for answer in answers} == {"query of orders"}
    assert [row for answer in answers for row in rows(answer)] == [(n + 1, f"o{n}", n, 1.5) for n in range(7)]


def test_a_query_without_rows_has_no_files(url: str, tmp_path: Path) -> None:
    assert opened(database(url, "select * from orders where n > 9"), tmp_path) == ()


@pytest.mark.parametrize(
    ("address", "query", "says"),
    [
        (None, "select nope from orders", "no such column: nope"),
        (None, "selekt", "syntax error"),
        ("sqlite:////nowhere/at/all.db", "select 1", "unable to open"),
        ("nonsense", "select 1", "cannot be opened"),
        ("oracle+nodriver://u:s3cret@host/db", "select 1", "cannot be opened"),
        ("postgresql+psycopg://u:s3cret@127.0.0.1:1/db", "select 1", "refused"),
    ],
)
def test_a_query_that_fails(url: str, tmp_path: Path, address: str | None, query: str, says: str) -> None:
    found = problem(database(address or url, query), tmp_path)

    assert found.where == WHERE
    assert says in found.what
    assert "s3cret" not in str(found)


@pytest.mark.parametrize("pattern", ["s3://shop/orders/*.parquet", "s3://shop/orders/*.csv"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError("403 Forbidden"), "no credentials"),
        (FileNotFoundError("404"), "Nothing with rows"),
        (pl.exceptions.ComputeError("bad magic of customer c1"), "not a Parquet file, or damaged"),
    ],
)
def test_an_object_store_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, error: Exception, says: str
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> pl.LazyFrame:
        raise error

    monkeypatch.setattr(pl, "scan_parquet", refuse)
    monkeypatch.setattr(pl, "scan_lines", refuse)

    found = problem(files(pattern), tmp_path)

    assert found.where == WHERE
    assert says in found.what
    assert "c1" not in str(found)


def test_a_fingerprint_changes_with_the_files_and_only_then(shop: Path) -> None:
    source = files(shop / "orders")
    first = fingerprint(source)
    assert fingerprint(source) == first

    os.utime(shop / "orders" / "07" / "part.parquet", (0, 0))
    assert fingerprint(source) == first
    elsewhere = shop.with_name("elsewhere")
    shutil.copytree(shop, elsewhere)
    assert fingerprint(files(elsewhere / "orders")) == first

    part = shop / "orders" / "07" / "part.parquet"
    status = part.stat()
    content = bytearray(part.read_bytes())
    content[10] ^= 1
    part.write_bytes(content)
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    second = fingerprint(source)
    (shop / "orders" / "08" / "part.parquet").rename(shop / "orders" / "08" / "other.parquet")

    assert len({first, second, fingerprint(source)}) == 3


@pytest.mark.parametrize("source", [database("sqlite://", "select 1"), files("s3://shop/orders.parquet")])
def test_what_cannot_be_known_unread_never_looks_unchanged(source: TableSource) -> None:
    assert fingerprint(source) != fingerprint(source)


def test_the_fingerprint_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        fingerprint(files(tmp_path / "nothing.csv"))
