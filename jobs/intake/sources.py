"""Where the rows of a table are kept."""

import filecmp
import glob
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from io import BufferedReader
from pathlib import Path

from jobs.intake.reading import sql_answer
from jobs.intake.reading.remote import is_remote, remote_files
from jobs.intake.reading.stored import StoredFile, csv_file, parquet_file
from jobs.problems import Problem, WorkspaceError

UNREAD = "unread-"
"""How the fingerprint of a source begins that cannot be known unread."""

_ROWS_OF_A_COPY = 20
_PARQUET_MAGIC = b"PAR1"
_SUFFIXES = (".parquet", ".pq", ".csv")


@dataclass(frozen=True)
class TableSource:
    """Where one table of a workspace is kept.

    Attributes:
        name: the table.
        patterns: absolute paths, globs or folders of Parquet or CSV files, or s3:// addresses.
        url: SQLAlchemy address of a database that is asked `query`, instead of patterns.
        query: SQL.
        where: the place in workspace.yaml that says so ("workspace.yaml, line 9").
    """

    name: str
    patterns: tuple[str, ...]
    url: str | None
    query: str | None
    where: str

    @property
    def is_remote(self) -> bool:
        """Whether it is unknown, without reading it whole, what it holds."""
        return self.url is not None or any(map(is_remote, self.patterns))


def open_source(source: TableSource, scratch: Path) -> tuple[StoredFile, ...]:
    """The files of a table, each once; `scratch` takes what cannot be read in place.

    Raises:
        WorkspaceError: nothing is there or within reach, a file is neither Parquet nor CSV, damaged, or a
            copy of another.
    """
    if source.url is not None:
        return _answers(source, source.url, scratch)
    local: dict[Path, StoredFile] = {}
    problems: list[Problem] = []
    for path, name in _paths(source).items():
        try:
            local[path] = _local_file(path, name)
        except WorkspaceError as error:
            problems += error.problems
    problems += _copies(local)
    if problems:
        raise WorkspaceError(problems)
    files = list(local.values())
    for pattern in filter(is_remote, source.patterns):
        files += remote_files(pattern, source.where, scratch)
    return tuple(files)


def fingerprint(source: TableSource) -> str:
    """A digest that changes with the table's files and with nothing else, wherever they are copied.

    SHA-256 over each file's place below the source and the SHA-256 of its bytes: a gigabyte takes less than a
    second where the processor knows SHA. What a query answers or a remote file holds cannot be known unread,
    so such a source never has the same fingerprint twice.

    Raises:
        WorkspaceError: a file is missing or out of reach.
    """
    if source.is_remote:
        return f"{UNREAD}{uuid.uuid4().hex}"
    digest = hashlib.sha256()
    for path, name in _paths(source).items():
        digest.update(repr((Path(name).parts[1:], _content(path, name))).encode())
    return digest.hexdigest()


def reads_from(source: TableSource, folder: Path) -> bool:
    """Whether files put into a folder could replace or join those of a table."""
    folder = folder.resolve()
    for pattern in map(Path, filter(lambda pattern: not is_remote(pattern), source.patterns)):
        whole = pattern.is_dir() or "**" in pattern.parts
        base = (_fixed_part(pattern) if glob.has_magic(str(pattern)) or whole else pattern.parent).resolve()
        if folder == base or (whole and folder.is_relative_to(base)):
            return True
    return False


def _answers(source: TableSource, url: str, scratch: Path) -> tuple[StoredFile, ...]:
    answers = sql_answer.spool(url, source.query or "", source.where, scratch)
    name = f"query of {source.name}"
    return tuple(
        parquet_file(answer, name, first_row=1 + number * sql_answer.BATCH_ROWS)
        for number, answer in enumerate(answers)
    )


def _local_file(path: Path, name: str) -> StoredFile:
    with _readable(path, name) as stream:
        start = stream.read(len(_PARQUET_MAGIC))
    if not start:
        what, remedy = "The file is empty (0 bytes).", "Export it again, or remove it."
        raise WorkspaceError([Problem(name, what, remedy)])
    if start == _PARQUET_MAGIC:
        return parquet_file(path, name)
    if path.suffix.lower() == ".csv":
        return csv_file(path, name)
    kind = "a Parquet file" if path.suffix.lower() in _SUFFIXES else "a Parquet or CSV file"
    raise WorkspaceError([Problem(name, f"This is not {kind}.", "Export it again as Parquet or CSV.")])


def _copies(files: Mapping[Path, StoredFile]) -> Iterator[Problem]:
    """Files with the same bytes: a file exported or copied twice would count twice.

    Fewer than 20 rows may be alike by chance, as those of unknown visitors are.
    """
    by_size: dict[int, list[Path]] = {}
    for path, file in files.items():
        others = by_size.setdefault(path.stat().st_size, [])
        same = next((other for other in others if filecmp.cmp(path, other, shallow=False)), None)
        if same is None:
            others.append(path)
        elif sum(batch.height for batch in file.read(())) >= _ROWS_OF_A_COPY:
            what = f"The file is a copy of {files[same].name}: each of its rows would count twice."
            yield Problem(file.name, what, "Remove one of the two.")


def _content(path: Path, name: str) -> str:
    with _readable(path, name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _readable(path: Path, name: str) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        what = f"The file cannot be opened: {error.strerror}."
        raise WorkspaceError([Problem(name, what, "Let this account read it.")]) from None


def _paths(source: TableSource) -> dict[Path, str]:
    """Every local file of a table, once by whatever paths and links, with its name in messages."""
    found: dict[Path, str] = {}
    seen: set[tuple[int, int]] = set()
    for pattern in source.patterns:
        if not is_remote(pattern):
            base, files = _matches(Path(pattern))
            if not files:
                raise WorkspaceError([_missing(Path(pattern), source)])
            for file in files:
                status = file.stat()
                if (place := (status.st_dev, status.st_ino)) not in seen:
                    seen.add(place)
                    found[file] = str(file.relative_to(base.parent))
    return found


def _matches(path: Path) -> tuple[Path, list[Path]]:
    """The folder that names in messages start with, and the files of a path, a folder or a glob."""
    if path.is_file():
        return path.parent, [path]
    if path.is_dir():
        base, found = path, [file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES]
    else:
        base = _fixed_part(path)
        found = [] if base == path else list(base.glob(str(path.relative_to(base))))
    return base, sorted(file for file in found if file.is_file() and not file.name.startswith((".", "_")))


def _fixed_part(pattern: Path) -> Path:
    while glob.has_magic(str(pattern)):
        pattern = pattern.parent
    return pattern


def _missing(path: Path, source: TableSource) -> Problem:
    if path.is_dir() or glob.has_magic(str(path)):
        what = f"No Parquet or CSV file of table {source.name} is at '{path}'."
        return Problem(source.where, what, "Correct the path.")
    others = [file.name for file in path.parent.glob("*") if file.name != path.name]
    near = get_close_matches(path.name, others, n=1, cutoff=0.75)
    remedy = f"Did you mean '{near[0]}'?" if near else "Put the file there or correct the path."
    return Problem(source.where, f"The file '{path}' of table {source.name} does not exist.", remedy)
