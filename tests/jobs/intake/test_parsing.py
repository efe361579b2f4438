"""How stored values are read as the contract's types."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.intake.parsing import as_text, fits, in_calendar, local_midnight, read, zoned

TIME = pl.Datetime("us")
DUBLIN = "Europe/Dublin"


def readings(stored: pl.Series, wanted: pl.DataType, timezone: str = DUBLIN) -> list[Any]:
    """Values after reading; "unreadable" where the reading says so."""
    frame = stored.alias("c").to_frame()
    value, is_stored = read("c", stored.dtype, wanted, timezone)
    flags = pl.lit(value=False) if is_stored is None else is_stored
    read_once = frame.select(value, flags.alias("is_stored"))
    rows = read_once.with_columns(in_calendar("c", wanted)).rows()
    return ["unreadable" if flag and result is None else result for result, flag in rows]


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T10:00:00Z", utc(2026, 7, 1, 10)),
        ("2026-07-01 10:00:00", utc(2026, 7, 1, 10)),
        ("2026-07-01T10:00", utc(2026, 7, 1, 10)),
        ("2026-07-01T10:00:00+05:45", utc(2026, 7, 1, 4, 15)),
        ("2026-07-01T10:00:00-0330", utc(2026, 7, 1, 13, 30)),
        ("2026-07-01 10:00:00+00", utc(2026, 7, 1, 10)),
        ("2026-07-01T10:00:00.25Z", utc(2026, 7, 1, 10, 0, 0, 250_000)),
        ("2026-07-01T10:00:00.123456789Z", utc(2026, 7, 1, 10, 0, 0, 123_456)),
        ("2026-07-01", utc(2026, 6, 30, 23)),
        ("2026-12-01", utc(2026, 12, 1)),
        ("", None),
        (None, None),
        ("2026-02-30", "unreadable"),
        ("2026-02-30T10:00", "unreadable"),
        ("2026-07-01T25:00", "unreadable"),
        ("2026-07-01T10:00:00+99:00", "unreadable"),
        ("2026-07-01T10:00:00+01:75", "unreadable"),
        ("2026-07-01T", "unreadable"),
        ("01/07/2026", "unreadable"),
        ("yesterday", "unreadable"),
        ("1782900000", "unreadable"),
    ],
)
def test_times_in_text(text: str | None, expected: object) -> None:
    assert readings(pl.Series([text], dtype=pl.String), TIME) == [expected]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (pl.Series([utc(2026, 7, 1, 10)]), utc(2026, 7, 1, 10)),
        (pl.Series([utc(2026, 7, 1, 10)]).cast(pl.Datetime("ns")), utc(2026, 7, 1, 10)),
        (pl.Series([utc(2026, 7, 1, 10)]).dt.replace_time_zone("Asia/Tokyo"), utc(2026, 7, 1, 1)),
        (pl.Series([dt.date(2026, 7, 1)]), utc(2026, 6, 30, 23)),
        (pl.Series(["2026-07-01T10:00Z"], dtype=pl.Categorical), utc(2026, 7, 1, 10)),
        (pl.Series([None]), None),
        (pl.Series([2**63 - 1]).cast(TIME), "unreadable"),
        (pl.Series([-(2**63)]).cast(pl.Datetime("ms", "UTC")), "unreadable"),
        (pl.Series([dt.date(9999, 12, 31)]), utc(9999, 12, 31)),
        (pl.Series([utc(1, 1, 1, 23)]), "unreadable"),  # in America still the year 0
        (pl.Series([utc(1, 1, 2)]), utc(1, 1, 2)),
    ],
)
def test_times_in_parquet(stored: pl.Series, expected: object) -> None:
    assert readings(stored, TIME) == [expected]


@pytest.mark.parametrize(
    ("timezone", "day", "instant"),
    [
        ("America/Sao_Paulo", dt.date(2018, 11, 4), utc(2018, 11, 4, 3)),  # midnight skipped: starts at 01:00
        ("Atlantic/Azores", dt.date(2026, 10, 25), utc(2026, 10, 25)),  # midnight twice: the earlier
        ("Pacific/Apia", dt.date(2011, 12, 30), utc(2011, 12, 30, 10)),  # the whole day skipped
        ("UTC", dt.date(2026, 1, 1), utc(2026, 1, 1)),
    ],
)
def test_a_day_begins_at_its_first_valid_instant(timezone: str, day: dt.date, instant: dt.datetime) -> None:
    assert pl.select(local_midnight(pl.lit(day), timezone)).item() == instant


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (pl.Series(["2026-07-01"]), dt.date(2026, 7, 1)),
        (pl.Series(["2026-07-01T23:30:00"]), dt.date(2026, 7, 1)),
        (pl.Series(["2026-07-01T23:30:00Z"]), dt.date(2026, 7, 2)),
        (pl.Series([utc(2026, 7, 1, 23, 30)]), dt.date(2026, 7, 1)),
        (pl.Series([utc(2026, 7, 1, 23, 30)]).dt.replace_time_zone("UTC"), dt.date(2026, 7, 2)),
        (pl.Series(["soon"]), "unreadable"),
        (pl.Series(["9999-12-31"]), dt.date(9999, 12, 31)),
        (pl.Series(["0000-12-31"]), "unreadable"),
        (pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date), "unreadable"),
    ],
)
def test_days(stored: pl.Series, expected: object) -> None:
    assert readings(stored, pl.Date()) == [expected]


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        (pl.Series([1.0, 12345.0, 2.5, None]), pl.String(), ["1", "12345", "2.5", None]),
        (pl.Series([float("nan")]), pl.String(), [None]),
        (pl.Series([7], dtype=pl.Int64), pl.String(), ["7"]),
        (pl.Series(["a", "", None]), pl.String(), ["a", None, None]),
        (pl.Series(["7", "7.0", "7.5", "x"]), pl.Int64(), [7, 7, "unreadable", "unreadable"]),
        (pl.Series(["9007199254740993"]), pl.Int64(), [9007199254740993]),
        (pl.Series([7.0, 7.5, float("nan"), None]), pl.Int64(), [7, "unreadable", "unreadable", None]),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Int64(), ["unreadable"]),
        (pl.Series(["1.5", "1e3", "1,5", "1 000"]), pl.Float64(), [1.5, 1000.0, "unreadable", "unreadable"]),
        (pl.Series([True, False]), pl.Float64(), [1.0, 0.0]),
        (pl.Series(["true", "TRUE", "1"]), pl.Boolean(), [True, True, True]),
        (pl.Series(["false", "False", "0"]), pl.Boolean(), [False, False, False]),
        (pl.Series(["yes", ""]), pl.Boolean(), ["unreadable", None]),
        (pl.Series([0, 1, 2]), pl.Boolean(), [False, True, "unreadable"]),
        (pl.Series(["a; b ;;c", "", ";"]), pl.List(pl.String), [["a", "b", "c"], None, []]),
        (pl.Series([["a ", None, ""], None]), pl.List(pl.String), [["a"], None]),
    ],
)
def test_other_values(stored: pl.Series, wanted: pl.DataType, expected: list[Any]) -> None:
    assert readings(stored, wanted) == expected


@pytest.mark.parametrize(
    ("stored", "wanted", "possible"),
    [
        (pl.Struct({"a": pl.Int64}), pl.Float64(), False),
        (pl.List(pl.Float64), pl.Float64(), False),
        (pl.Binary(), pl.String(), False),
        (pl.Duration("us"), TIME, False),
        (pl.Int64(), TIME, False),
        (pl.Boolean(), TIME, False),
        (pl.Date(), pl.Float64(), False),
        (pl.List(pl.Int64), pl.List(pl.String), False),
        (pl.String(), TIME, True),
        (pl.Null(), TIME, True),
        (pl.Decimal(10, 2), pl.Float64(), True),
        (pl.Int32(), pl.String(), True),
        (pl.Date(), pl.String(), True),
    ],
)
def test_what_can_never_fit(stored: pl.DataType, wanted: pl.DataType, possible: bool) -> None:
    assert fits(stored, wanted) is possible


@pytest.mark.parametrize("stored", [TIME, pl.Datetime("ms"), pl.Datetime("ns"), pl.Datetime("ms", DUBLIN)])
@pytest.mark.parametrize("number", [2**63 - 1, -(2**63) + 1, 10**17, -(10**17), 0])
def test_no_time_is_too_far_away_for_the_quarantine(stored: pl.DataType, number: int) -> None:
    assert pl.Series([number]).cast(stored).alias("c").to_frame().select(as_text("c", stored)).item()


def test_zones_are_told_from_days() -> None:
    texts = ["2026-07-01T10:00", "2026-07-01", "2026-07-01T10:00Z", "2026-07-01 10:00-05", None]

    assert pl.DataFrame({"c": texts}).select(zoned("c"))["c"].to_list() == [False, None, True, True, None]


INSTANTS = st.datetimes(min_value=utc(1900, 1, 1), max_value=utc(2200, 1, 1))


@given(st.lists(INSTANTS, min_size=1, max_size=20), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_same_in_every_zone(instants: list[dt.datetime], minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    texts = [instant.replace(tzinfo=dt.UTC).astimezone(zone).isoformat() for instant in instants]

    assert readings(pl.Series(texts), TIME) == instants


@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1).map(lambda v: (pl.Series(v), pl.Int64())),
        st.lists(st.floats(allow_nan=False), min_size=1).map(lambda v: (pl.Series(v), pl.Float64())),
        st.lists(INSTANTS, min_size=1).map(lambda v: (pl.Series(v), TIME)),
        st.lists(st.booleans(), min_size=1).map(lambda v: (pl.Series(v), pl.Boolean())),
        st.lists(st.dates(), min_size=1).map(lambda v: (pl.Series(v), pl.Date())),
    )
)
def test_what_quarantine_keeps_reads_back_to_the_same_value(case: tuple[pl.Series, pl.DataType]) -> None:
    stored, wanted = case
    text = stored.alias("c").to_frame().select(as_text("c", stored.dtype))["c"]

    assert readings(text, wanted) == readings(stored, wanted)
