"""What colleagues noted on a day: a campaign, an outage, a change of price. Charts and the pack show it."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from storage.store import Store

Kind = Literal["campaign", "price_change", "outage", "release", "stock", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LENGTH = 120
"""Most characters of a text."""
EARLIEST, AHEAD = date(2000, 1, 1), timedelta(days=366)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class Annotation:
    """One event.

    Attributes:
        number: in the store.
        day: when it happened, in the workspace's time zone.
        text: what happened, plain, on one line.
        experiment: the one that it is about; None: everything.
        noted_by: who noted it.
        removed_at: when it was taken back; None while it stands.
        removed_by: who took it back.
    """

    number: int
    day: date
    kind: Kind
    text: str
    experiment: str | None
    noted_at: datetime
    noted_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None


def history(store: Store) -> tuple[Annotation, ...]:
    """Every event, those taken back among them, by day."""
    return tuple(Annotation(**row) for row in store.annotations())


def standing(store: Store) -> tuple[Annotation, ...]:
    """The events that stand, by day."""
    return tuple(event for event in history(store) if event.removed_at is None)


def concerning(
    events: Iterable[Annotation],
    experiments: Collection[str] = (),
    first: date | None = None,
    last: date | None = None,
) -> list[Annotation]:
    """Events about everything or about one of these experiments, from the first day to the last, by day."""
    return sorted(
        (
            event
            for event in events
            if (event.experiment is None or event.experiment in experiments)
            and (first is None or first <= event.day)
            and (last is None or event.day <= last)
        ),
        key=lambda event: (event.day, event.number),
    )


def cleaned(text: str) -> str:
    """A text on one line, without the white space around and between its words."""
    return " ".join(text.split())


def refusal(
    day: date, kind: str, text: str, experiment: str | None, known: Sequence[str], today: date
) -> str | None:
    """Why an event cannot be noted, and what to do; None where it can.

    Args:
        day: when it happened.
        kind: one of `KINDS`.
        text: as cleaned.
        experiment: the id of the one that it is about, among those known; None: everything.
        known: ids of the experiments that there are.
        today: present day in the workspace's time zone.
    """
    reasons = {
        "Say in a few words what happened.": not text,
        f"The text has {len(text)} characters; say it in {LENGTH}.": len(text) > LENGTH,
        "The text has signs that cannot be printed. Type it anew.": not text.isprintable(),
        "The text holds an e-mail address. Name no person: everybody with a role can read it.": bool(
            _ADDRESS.search(text)
        ),
        f"'{kind}' is no kind of event. Choose one of: {', '.join(KINDS)}.": kind not in KINDS,
        f"{day} is no day to note: choose one from {EARLIEST} to {today + AHEAD}.": not (
            EARLIEST <= day <= today + AHEAD
        ),
        f"There is no experiment '{experiment}'.": experiment is not None and experiment not in known,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
