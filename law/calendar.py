"""Legal calendar arithmetic: working days of a place, months, business days and rolls."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple, cast

import holidays
from dateutil.relativedelta import relativedelta

from law.loader import LawError, Rule, load

SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)
UNITS = ("month", "day", "business day")


class Period(NamedTuple):
    """A term of law.

    Attributes:
        amount: how many.
        unit: `month`, `day` or `business day`.
    """

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read "1 month", "45 days" or "10 business days"; raises ValueError otherwise."""
        amount, _, unit = str(text).partition(" ")
        if not amount.isdecimal() or (singular := unit.removesuffix("s")) not in UNITS:
            message = f"{text!r} is not a number of months, days or business days."
            raise ValueError(message)
        return cls(int(amount), singular)


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days: Monday to Friday, less the holidays of a place.

    Attributes:
        place: jurisdiction (ISO 3166) whose holidays count; empty = none, weekends only.
    """

    place: str

    def is_holiday(self, day: date) -> bool:
        """Whether the day is a public holiday of the place."""
        return bool(self.place) and day in _holidays(self.place, day.year)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is neither Saturday, Sunday nor public holiday."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def roll(self, day: date) -> date:
        """The day itself if it is a working day, else the next one (Reg. 1182/71 Art 3(4))."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def end(self, start: date, period: Period) -> date:
        """Last day of a period that an event on `start` sets going; the day of the event is not counted.

        Months end on the day of the same number, or on the last day of a shorter month (Reg. 1182/71
        Art 3(2)(c)).
        """
        if period.unit == "month":
            return start + relativedelta(months=period.amount)
        if period.unit == "day":
            return start + timedelta(days=period.amount)
        day, left = start, period.amount
        while left:
            day += ONE_DAY
            left -= self.is_working_day(day)
        return day


WEEKENDS_ONLY = WorkingCalendar("")


@cache
def working_calendar(place: str) -> WorkingCalendar:
    """The working days of a jurisdiction, checked to have a holiday list.

    Raises:
        LawError: neither law/calendars.yaml nor the holidays package knows the place.
    """
    _holidays(place, 2026)
    return WorkingCalendar(place)


@cache
def _holidays(place: str, year: int) -> frozenset[date]:
    country, _, subdivision = place.partition("-")
    rules = load("calendars.yaml").rules
    rule = rules.get(place)
    if rule is None and subdivision and not _supported(country, subdivision):
        rule, subdivision = rules.get(country), ""
    if rule is not None:
        country, subdivision = rule.values["country"], rule.values["subdivision"]
    if country not in holidays.list_supported_countries():
        remedy = "Give a country of ISO 3166, or add its holidays to the file."
        raise LawError(
            where="law/calendars.yaml", what=f"no holidays are known for {place!r}.", remedy=remedy
        )
    if rule is not None and "only" in rule.values:
        return _office_holidays(rule, year)
    listed = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    return frozenset(day for day in listed if day.year == year)


def _supported(country: str, subdivision: str) -> bool:
    return subdivision in holidays.list_supported_countries().get(country, [])


def _office_holidays(rule: Rule, year: int) -> frozenset[date]:
    """The holidays that `only` names, with the moves that the rule allows for those on a weekend."""
    listed = holidays.country_holidays(
        rule.values["country"],
        subdiv=rule.values["subdivision"],
        years=(year, year + 1),
        observed=False,
        language="en_US",
    )
    days = set()
    for day in cast("list[date]", list(listed)):
        names = set(listed.get_list(day)) & set(rule.values["only"])
        if not names:
            continue
        days.add(day)
        if day.weekday() == SUNDAY and rule.values.get("sunday_moves_to_monday"):
            days.add(day + ONE_DAY)
        if day.weekday() == SATURDAY and names & set(rule.values.get("saturday_moves_to_friday", [])):
            days.add(day - ONE_DAY)
    return frozenset(day for day in days if day.year == year)
