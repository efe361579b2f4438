"""The answer of a database query, kept as Parquet so that it is asked for once and read like any file."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from jobs.problems import Problem, WorkspaceError

BATCH_ROWS = 100_000


def spool(url: str, query: str, where: str, folder: Path) -> tuple[Path, ...]:
    """Write the rows of a query to Parquet files of at most 100,000 rows each, in order; none: no rows.

    Types are those of the values found in each batch, so they may differ from file to file.

    Raises:
        WorkspaceError: the driver is missing, the database out of reach, or the query wrong. Its message has
            no password and no value of a row in it.
    """
    files: list[Path] = []
    for batch in _batches(url, query, where):
        files.append(folder / f"answer-{len(files):05}.parquet")
        named = pl.col(pl.Object).map_elements(str, return_dtype=pl.String)
        batch.with_columns(named).write_parquet(files[-1])
    return tuple(files)


def _batches(url: str, query: str, where: str) -> Iterator[pl.DataFrame]:
    from sqlalchemy import create_engine  # noqa: PLC0415 - a quarter of a second that most workspaces do not need
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError  # noqa: PLC0415

    try:
        engine = create_engine(url)
        with engine.connect().execution_options(stream_results=True) as connection:
            yield from pl.read_database(
                query, connection, iter_batches=True, batch_size=BATCH_ROWS, infer_schema_length=None
            )
        engine.dispose()
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        what = f"The database cannot be opened: {error}."
        remedy = "Use a SQLAlchemy URL such as postgresql+psycopg://host/name, and install its driver."
        raise WorkspaceError([Problem(where, what, remedy)]) from None
    except SQLAlchemyError as error:
        raise WorkspaceError([_refused(error, where)]) from None
    except pl.exceptions.PolarsError:
        what, remedy = "A column of the answer mixes types.", "Cast the column to one type in the query."
        raise WorkspaceError([Problem(where, what, remedy)]) from None


def _refused(error: Exception, where: str) -> Problem:
    """What the driver says, where that cannot quote a row."""
    from sqlalchemy.exc import OperationalError, ProgrammingError  # noqa: PLC0415

    said = ""
    if isinstance(error, OperationalError | ProgrammingError) and error.orig is not None:
        said = f": {' '.join(str(error.orig).split())}"
    what = f"The database refused the query ({type(error).__name__}){said}."
    return Problem(where, what, "Check the address, the permissions and the query.")
