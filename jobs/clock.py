"""Local days and quarters of the workspace, as instants."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from metrics.inference import Offsets


def local_midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The instant at which a local day begins, as naive UTC."""
    start = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return start.astimezone(dt.UTC).replace(tzinfo=None)


def quarter(day: dt.date) -> str:
    """The calendar quarter of a day: "2026Q3"."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_days(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter.

    Raises:
        ValueError: the text is not like 2026Q3.
    """
    if not re.fullmatch("[12][0-9]{3}Q[1-4]", period):
        msg = f"'{period}' is not a quarter; write it like 2026Q3."
        raise ValueError(msg)
    year, number = int(period[:4]), int(period[-1])
    first = dt.date(year, 3 * number - 2, 1)
    following = dt.date(year + number // 4, 3 * number % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def utc_offsets(zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> Offsets:
    """A zone's distances from UTC between two instants (naive UTC); clocks change at quarters of an hour."""
    found: list[tuple[dt.datetime, dt.timedelta]] = []
    step = dt.timedelta(minutes=15)
    for number in range(max(1, -(-(end - start) // step))):
        at = start + number * step
        offset = at.replace(tzinfo=dt.UTC).astimezone(zone).utcoffset() or dt.timedelta()
        if not found or found[-1][1] != offset:
            found.append((at, offset))
    return found
