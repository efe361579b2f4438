"""What a frame of figures must be to enter its table: names, types, whole keys, no NaN.

In every text column an empty text and null are the same: not available. A zero has no sign.
"""

from collections.abc import Iterable
from difflib import get_close_matches

import polars as pl
from sqlalchemy import BigInteger, Boolean, Date, Double, Table, Text

from storage.schema import FIGURES, UtcTime

_DTYPES: dict[type, pl.DataType] = {
    Text: pl.String(),
    BigInteger: pl.Int64(),
    Double: pl.Float64(),
    Boolean: pl.Boolean(),
    Date: pl.Date(),
    UtcTime: pl.Datetime("us", "UTC"),
}


def figure_table(name: str) -> Table:
    """Look up a figure table.

    Raises:
        ValueError: there is none of that name; names the nearest.
    """
    if name not in FIGURES:
        msg = f"There is no figure table {name!r}.{_hint(name, FIGURES)}"
        raise ValueError(msg)
    return FIGURES[name]


def dtypes(table: Table) -> dict[str, pl.DataType]:
    """Give the Polars type of each figure column, in the order of the CSV file, without the run's number."""
    return {column.name: _DTYPES[type(column.type)] for column in table.columns if column.name != "run_id"}


def key(table: Table) -> list[str]:
    """Give the columns that identify a row within a run."""
    return [column.name for column in table.primary_key.columns if column.name != "run_id"]


def conform(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Give the frame every column of the table, in its order and types; absent figures become null.

    Whole floats may stand for counts; a time without zone is UTC.

    Raises:
        ValueError: a column is unknown, a key column is absent, two rows have the same key, or a value is
            NaN, infinite or does not fit its column.
    """
    types, keys = dtypes(table), key(table)
    for name in frame.columns:
        if name not in types:
            msg = f"{table.name} has no column {name!r}.{_hint(name, types)}"
            raise ValueError(msg)
    for name in keys:
        if name not in frame.columns:
            msg = f"{table.name} needs its key column {name!r}, which is absent."
            raise ValueError(msg)
    empty = pl.Series([None] * frame.height)
    fitted = pl.DataFrame(
        _fit(table.name, frame[name] if name in frame.columns else empty.alias(name), dtype)
        for name, dtype in types.items()
    )
    _check_key(table.name, fitted, keys)
    return fitted


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else f" It knows: {', '.join(known)}."


def _fit(table: str, values: pl.Series, dtype: pl.DataType) -> pl.Series:
    where = f"{table}.{values.name}"
    if values.dtype.is_float() and not values.is_finite().all():
        msg = f"{where} holds NaN or infinity; what cannot be told is null, with its reason in `note`."
        raise ValueError(msg)
    if not _comparable(values.dtype, dtype):
        msg = f"{where} takes {dtype}, not {values.dtype}."
        raise ValueError(msg)
    try:
        return _convert(where, values, dtype)
    except pl.exceptions.PolarsError as error:
        msg = f"{where} takes {dtype}; not every value fits: {str(error).splitlines()[0]}"
        raise ValueError(msg) from error


def _comparable(given: pl.DataType, wanted: pl.DataType) -> bool:
    if given == pl.Null or (given.is_numeric() and wanted.is_numeric()):
        return True
    family = pl.String if isinstance(given, pl.Categorical | pl.Enum) else given.base_type()
    return family == wanted.base_type()


def _convert(where: str, values: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is None:
        values = values.dt.replace_time_zone("UTC")
    fitted = values.cast(dtype)
    if dtype == pl.String:
        if fitted.str.contains("\x00", literal=True).any():
            msg = f"{where} holds a text with a NUL character, which databases refuse."
            raise ValueError(msg)
        return fitted.replace("", None)
    if dtype == pl.Int64 and values.dtype.is_float() and not (fitted.cast(pl.Float64) == values).all():
        msg = f"{where} takes whole numbers."
        raise ValueError(msg)
    return fitted.set(fitted == 0, 0.0) if dtype == pl.Float64 else fitted


def _check_key(table: str, frame: pl.DataFrame, keys: list[str]) -> None:
    for name in keys:
        if frame.schema[name] != pl.String and frame[name].has_nulls():
            msg = f"{table}.{name} identifies the row and cannot be null."
            raise ValueError(msg)
    twice = frame.filter(frame.select(keys).is_duplicated())
    if twice.height:
        row = ", ".join(f"{name} {value!r}" for name, value in twice.select(keys).row(0, named=True).items())
        msg = f"{table} has {twice.height} rows that share their key, for example {row}."
        raise ValueError(msg)
