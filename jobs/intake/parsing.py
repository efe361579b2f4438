"""How a stored value becomes a value of the contract's type, and how it is told that it cannot."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple

import polars as pl

_TIME = (
    r"^(?<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_CLOCK_WITH_ZONE = r"\d{2}:\d{2}\S*(?:Z|[+-]\d{2}(?::?\d{2})?)$"
_EXACT_IN_FLOAT = 2**53
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY = 24 * 60 * 60 * 1_000_000
_LOCAL_GAPS = ("0m", "30m", "1h", "24h")
"""By how much the first instant of a local day may lie after its midnight; 24 h: the day was skipped."""


class Reading(NamedTuple):
    """A column as the contract wants it.

    Attributes:
        value: the typed value, still to pass `in_calendar`; null where there is none or it is unreadable.
        is_stored: whether there is one, so that a null can be told to be unreadable; None: always readable.
    """

    value: pl.Expr
    is_stored: pl.Expr | None


def fits(stored: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether any value stored with one type could be read as the other."""
    if isinstance(stored, pl.Null | pl.String | pl.Categorical | pl.Enum):
        return True
    if wanted == pl.List(pl.String):
        return isinstance(stored, pl.List) and isinstance(stored.inner, pl.String | pl.Categorical | pl.Enum)
    if wanted in {pl.Datetime("us"), pl.Date()}:
        return isinstance(stored, pl.Date | pl.Datetime)
    scalar = stored.is_numeric() or stored == pl.Boolean
    return scalar or (wanted == pl.String and isinstance(stored, pl.Date | pl.Datetime))


def read(column: str, stored: pl.DataType, wanted: pl.DataType, timezone: str) -> Reading:
    """Expressions that read a stored column as the wanted type; `fits` must hold.

    Empty text is null. Times come out as naive UTC, a date alone as its local midnight in `timezone`.
    """
    raw = pl.col(column)
    if stored == pl.Null:
        return Reading(pl.lit(None, wanted).alias(column), None)
    if isinstance(stored, pl.Categorical | pl.Enum):
        raw, stored = raw.cast(pl.String), pl.String()
    if stored == wanted and isinstance(stored, pl.Float64 | pl.Int64 | pl.Boolean):
        return Reading(raw, None)
    if stored == pl.String:
        raw = pl.when(raw != "").then(raw)
    value = _READERS[wanted.base_type()](_representable(raw, stored), stored, timezone).alias(column)
    return Reading(value, None if isinstance(wanted, pl.List | pl.String) else raw.is_not_null())


def in_calendar(column: str, wanted: pl.DataType) -> pl.Expr:
    """A typed column, null where a time or day is not of the years 1 to 9999."""
    return _representable(pl.col(column), wanted)


def as_text(column: str, stored: pl.DataType) -> pl.Expr:
    """A stored column as text that reads back to the same value; for quarantine."""
    raw = pl.col(column)
    return raw.list.join(";", ignore_nulls=True) if isinstance(stored, pl.List) else _written(raw, stored)


def zoned(column: str) -> pl.Expr:
    """Whether a time kept as text has a clock time with its zone; null where it has no clock time."""
    raw = pl.col(column)
    return pl.when(raw.str.contains(":", literal=True)).then(raw.str.contains(_CLOCK_WITH_ZONE))


def local_midnight(days: pl.Expr, timezone: str) -> pl.Expr:
    """The first valid instant of local days, as naive UTC."""
    midnight = days.cast(pl.Datetime("us"))
    instants = [
        midnight.dt.offset_by(gap).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        for gap in _LOCAL_GAPS
    ]
    return pl.coalesce(instants).dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _written(raw: pl.Expr, stored: pl.DataType) -> pl.Expr:
    """As text; identifiers kept as floats because some were missing are the whole numbers they stand for."""
    if stored.is_float():
        whole = raw.cast(pl.Int64, strict=False)
        exact = (raw == whole) & (raw.abs() < _EXACT_IN_FLOAT)
        return pl.when(exact).then(whole.cast(pl.String)).otherwise(raw.cast(pl.String))
    if isinstance(stored, pl.Date | pl.Datetime):
        sound = _representable(raw, stored)
        utc = sound if isinstance(stored, pl.Date) else _utc(sound, stored)
        iso = utc.dt.to_string("iso:strict") + pl.lit("" if isinstance(stored, pl.Date) else "Z")
        return pl.coalesce(iso, raw.to_physical().cast(pl.String))
    return raw.cast(pl.String)


def _representable(raw: pl.Expr, stored: pl.DataType) -> pl.Expr:
    """Times and days of the years 1 to 9999; beyond them, calendars fail.

    Times begin a day later: in a zone west of Greenwich the first would still belong to the year 0.
    """
    skipped = 0 if isinstance(stored, pl.Date) else 1
    if isinstance(stored, pl.Date):
        per_day = 1
    elif isinstance(stored, pl.Datetime) and stored.time_unit != "ns":
        per_day = _DAY // (1 if stored.time_unit == "us" else 1_000)
    else:
        return raw
    first, last = (day.toordinal() - _EPOCH for day in (dt.date.min, dt.date.max))
    return pl.when(raw.to_physical().is_between((first + skipped) * per_day, (last + 1) * per_day - 1)).then(
        raw
    )


def _words(raw: pl.Expr, stored: pl.DataType, _: str) -> pl.Expr:
    words = raw.str.split(";") if stored == pl.String else raw.cast(pl.List(pl.String))
    word = pl.element().str.strip_chars()
    return words.list.eval(word.filter(word != ""))


def _text(raw: pl.Expr, stored: pl.DataType, _: str) -> pl.Expr:
    if stored == pl.String:
        return raw
    return _written(raw.fill_nan(None) if stored.is_float() else raw, stored)


def _number(raw: pl.Expr, _stored: pl.DataType, _: str) -> pl.Expr:
    return raw.cast(pl.Float64, strict=False)


def _whole(raw: pl.Expr, stored: pl.DataType, _: str) -> pl.Expr:
    if stored.is_integer() or stored == pl.Boolean:
        return raw.cast(pl.Int64, strict=False)
    number = raw.cast(pl.Float64, strict=False)
    rounded = number.cast(pl.Int64, strict=False)
    from_number = pl.when((number == rounded) & (number.abs() < _EXACT_IN_FLOAT)).then(rounded)
    return pl.coalesce(raw.cast(pl.Int64, strict=False), from_number) if stored == pl.String else from_number


def _flag(raw: pl.Expr, stored: pl.DataType, _: str) -> pl.Expr:
    word = raw.str.to_lowercase() if stored == pl.String else raw.cast(pl.Float64, strict=False)
    yes, no = (("true", "1"), ("false", "0")) if stored == pl.String else ((1.0,), (0.0,))
    return pl.when(word.is_in(yes)).then(pl.lit(value=True)).when(word.is_in(no)).then(pl.lit(value=False))


def _utc(raw: pl.Expr, stored: pl.Datetime) -> pl.Expr:
    time = raw.cast(pl.Datetime("us", stored.time_zone))
    return time.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if stored.time_zone else time


def _time(raw: pl.Expr, stored: pl.DataType, timezone: str) -> pl.Expr:
    if isinstance(stored, pl.Datetime):
        return _utc(raw, stored)
    if stored == pl.Date:
        return local_midnight(raw, timezone)
    alone = pl.when(pl.field("clock").is_null()).then(pl.field("date")).str.to_date("%Y-%m-%d", strict=False)
    parts = _text_parts(raw).struct.with_fields(midnight=local_midnight(alone, timezone))
    whole = parts.struct.with_fields(time=pl.coalesce(pl.field("instant"), pl.field("midnight")))
    return whole.struct.field("time")


def _day(raw: pl.Expr, stored: pl.DataType, timezone: str) -> pl.Expr:
    """The calendar day: as written, or local where an instant with its zone was stored."""
    if isinstance(stored, pl.Date):
        return raw
    if isinstance(stored, pl.Datetime):
        return raw.dt.convert_time_zone(timezone).dt.date() if stored.time_zone else raw.dt.date()
    parts = _text_parts(raw)
    local = parts.struct.field("instant").dt.replace_time_zone("UTC").dt.convert_time_zone(timezone).dt.date()
    written = parts.struct.field("date").str.to_date("%Y-%m-%d", strict=False)
    return pl.when(parts.struct.field("zone").is_null()).then(written).otherwise(local)


def _text_parts(raw: pl.Expr) -> pl.Expr:
    """A struct of ISO 8601 texts: date, clock, zone and the instant of those with a clock time.

    One struct, not several expressions: the text is taken apart once.
    """
    date, clock, zone = (pl.field(name) for name in ("date", "clock", "zone"))
    seconds = pl.when(clock.str.len_bytes() == 5).then(clock + pl.lit(":00")).otherwise(clock)
    wall = (date + pl.lit("T") + seconds).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    return raw.str.extract_groups(_TIME).struct.with_fields(instant=wall - _offset(zone))


def _offset(zone: pl.Expr) -> pl.Expr:
    """East of UTC; null where the zone says no possible offset."""
    digits = zone.str.replace_all(r"\D", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    east = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1) * (hours * 60 + minutes)
    return pl.duration(minutes=pl.when((hours <= 23) & (minutes <= 59)).then(east))


_READERS: Mapping[type[pl.DataType], Callable[[pl.Expr, pl.DataType, str], pl.Expr]] = {
    pl.List: _words,
    pl.String: _text,
    pl.Boolean: _flag,
    pl.Datetime: _time,
    pl.Date: _day,
    pl.Int64: _whole,
    pl.Float64: _number,
}
