from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import WEEKENDS_ONLY, Period, working_calendar
from law.loader import LawError

DAYS = st.dates(date(2018, 1, 1), date(2032, 12, 31))
PLACES = st.sampled_from(["IE", "FR", "DE", "DE-BY", "GB", "GB-SCT", "NO", "US-CA", "BR", "CA-QC"])


@pytest.mark.parametrize(
    ("text", "period"),
    [("1 month", (1, "month")), ("45 days", (45, "day")), ("10 business days", (10, "business day"))],
)
def test_a_period_is_read(text: str, period: tuple[int, str]) -> None:
    assert Period.parse(text) == period


@pytest.mark.parametrize("text", ["45", "days", "-1 days", "1 year", "a month", "", "1.5 months"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number of months"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("place", "day", "working"),
    [
        ("IE", date(2026, 8, 3), False),
        ("FR", date(2026, 8, 3), True),
        ("FR", date(2026, 5, 1), False),
        ("IE", date(2026, 5, 1), True),
        ("DE", date(2026, 1, 6), True),
        ("DE-BY", date(2026, 1, 6), False),
        ("GB", date(2026, 4, 6), False),
        ("GB-SCT", date(2026, 4, 6), True),
        ("GB-SCT", date(2026, 1, 2), False),
        ("GB-LND", date(2026, 8, 31), False),
        ("GB", date(2026, 12, 28), False),
        ("US-CA", date(2026, 11, 27), False),
        ("US-CA", date(2026, 3, 31), False),
        ("US-CA", date(2026, 7, 3), True),
        ("US-CA", date(2024, 3, 31), False),
        ("US-CA", date(2024, 4, 1), False),
        ("US-CA", date(2023, 11, 10), False),
        ("US-CA", date(2021, 7, 5), False),
        ("US-CA", date(2027, 2, 15), False),
        ("US-CA", date(2027, 6, 18), True),
        ("", date(2026, 12, 25), True),
        ("", date(2026, 12, 26), False),
    ],
)
def test_working_days(place: str, day: date, working: bool) -> None:
    calendar = working_calendar(place) if place else WEEKENDS_ONLY
    assert calendar.is_working_day(day) == working


def test_a_place_without_holidays_is_an_error() -> None:
    with pytest.raises(LawError, match="no holidays are known for 'XX'"):
        working_calendar("XX")


@given(DAYS, PLACES, st.integers(1, 12))
def test_months_keep_the_day_number_or_end_with_the_month(start: date, place: str, months: int) -> None:
    end = working_calendar(place).end(start, Period(months, "month"))
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (end.day < start.day and end.day >= 28)


@given(DAYS, PLACES)
def test_a_roll_ends_on_the_nearest_working_day(day: date, place: str) -> None:
    calendar = working_calendar(place)
    rolled = calendar.roll(day)
    assert rolled >= day
    assert calendar.is_working_day(rolled)
    assert calendar.roll(rolled) == rolled


@given(DAYS, PLACES, st.integers(1, 30))
def test_holidays_only_postpone_business_days(day: date, place: str, amount: int) -> None:
    calendar, period = working_calendar(place), Period(amount, "business day")
    assert calendar.end(day, period) >= WEEKENDS_ONLY.end(day, period) > day
    assert calendar.is_working_day(calendar.end(day, period))
