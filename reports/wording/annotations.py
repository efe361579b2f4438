"""Events in words: on charts, in their tables and on paper."""

from collections.abc import Mapping

from metrics import formatting
from reports.annotations import Annotation, Kind

KINDS: Mapping[Kind, str] = {
    "campaign": "Campaign",
    "price_change": "Price change",
    "outage": "Outage",
    "release": "Release",
    "stock": "Out of stock",
    "other": "Other",
}
EVERYTHING = "Everything"


def label(event: Annotation) -> str:
    """What happened, in one line.

    >>> from datetime import UTC, date, datetime
    >>> at = datetime(2026, 8, 13, tzinfo=UTC)
    >>> label(Annotation(1, date(2026, 8, 12), "outage", "Checkout down", None, at, "Ada"))
    'Outage: Checkout down'
    """
    return f"{KINDS[event.kind]}: {event.text}"


def dated(event: Annotation) -> str:
    """What happened and when."""
    return f"{formatting.day(event.day)}, {label(event)[0].lower()}{label(event)[1:]}"
