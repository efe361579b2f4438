"""Requests of data subjects in sentences: what is overdue, what is due, and how good the service is."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from metrics import formatting
from reports.readings import Mark
from reports.wording.privacy_words import Told, counted, right_label, verb

STATES = {
    "overdue": Mark("overdue", "■", "bad"),
    "due_soon": Mark("due soon", "▲", "warn"),
    "open": Mark("open", "○", "neutral"),
    "unknown": Mark("clock unknown", "◌", "none"),
    "on_time": Mark("on time", "●", "good"),
    "late": Mark("late", "▼", "bad"),
    "excluded": Mark("not counted", "◌", "none"),
}
"""By a request's state, in the order in which a chart stacks them."""

OPEN_STATES = ("overdue", "due_soon", "open")
DUE_SOON_DAYS = 7


@dataclass(frozen=True)
class Queue:
    """Requests that wait for an answer.

    Attributes:
        overdue, due_soon, later: by their clock; due_soon is within 7 days.
        unknown: those whose clock the law data does not know.
        oldest: the most overdue one's days since its last day; None when none is overdue.
        set_aside: rows of the log that broke a rule: any of them may be a request that waits.
    """

    overdue: int
    due_soon: int
    later: int
    unknown: int
    oldest: int | None
    set_aside: int

    @property
    def waiting(self) -> int:
        """All that wait."""
        return self.overdue + self.due_soon + self.later + self.unknown


def waiting(requests: pl.DataFrame) -> pl.DataFrame:
    """Rows of dsr_requests.csv that wait for an answer, the least time left first, unknown clocks last."""
    unanswered = pl.col("state").is_in(OPEN_STATES) | (
        (pl.col("state") == "unknown") & pl.col("closed_at").is_null() & pl.col("outcome").is_null()
    )
    return requests.filter(unanswered).sort("days_left", "received_at", "request_id", nulls_last=True)


def queue(rows: pl.DataFrame, set_aside: int) -> Queue:
    """Count what waits; `rows` as `waiting` returns them."""
    states = Counter(rows["state"])
    least = rows["days_left"].min()
    return Queue(
        overdue=states["overdue"],
        due_soon=states["due_soon"],
        later=states["open"],
        unknown=states["unknown"],
        oldest=-int(str(least)) if states["overdue"] and least is not None else None,
        set_aside=set_aside,
    )


def lead(found: Queue) -> Told:
    """The state of the queue in one sentence; that nothing is wrong is said only of a log that is whole."""
    if found.overdue or found.due_soon:
        mark = STATES["overdue"] if found.overdue else STATES["due_soon"]
        return Told(mark, _due(found), _beside(found))
    if found.unknown:
        sentence = (
            f"No request with a known clock is due within {DUE_SOON_DAYS} days, but "
            f"{counted(found.unknown, 'open request')} {verb(found.unknown, 'has', 'have')} none."
        )
        return Told(STATES["unknown"], sentence, _beside(found))
    sentence = (
        f"No request is overdue or due within {DUE_SOON_DAYS} days."
        if found.waiting
        else "No request waits for an answer."
    )
    if found.set_aside:
        return Told(Mark("not certain", "◌", "none"), f"{sentence[:-1]}, as far as the log can be read.", "")
    return Told(Mark("in time", "●", "good"), sentence, _beside(found))


def _due(found: Queue) -> str:
    soon = f"{verb(found.due_soon)} due within {DUE_SOON_DAYS} days"
    if not found.overdue:
        return f"No request is overdue; {formatting.count(found.due_soon)} {soon}."
    late = f"{counted(found.overdue, 'request')} {verb(found.overdue)} overdue"
    if not found.due_soon:
        return f"{late}; no other is due within {DUE_SOON_DAYS} days."
    return f"{late} and {formatting.count(found.due_soon)} {soon}."


def _beside(found: Queue) -> str:
    parts = []
    if found.oldest:
        parts.append(f"The oldest has been overdue for {counted(found.oldest, 'day')}.")
    if found.later:
        parts.append(f"{formatting.count(found.later)} more {verb(found.later)} open with more time left.")
    if found.unknown and (found.overdue or found.due_soon):
        has = verb(found.unknown, "has", "have")
        parts.append(f"{formatting.count(found.unknown)} {has} a clock that the law data does not know.")
    return " ".join(parts)


def unclocked(service_levels: pl.DataFrame, *, waiting_only: bool = False) -> int:
    """Requests whose clock the law data does not know; of rows of dsr_sla.csv, which then count nothing.

    Args:
        service_levels: rows of dsr_sla.csv.
        waiting_only: whether to leave out those that were answered.
    """
    unknown = service_levels.filter(pl.col("on_time").is_null())
    answered = ("complied", "complied_in_part", "denied") if waiting_only else ()
    return int(unknown["received"].sum()) - sum(int(unknown[name].sum()) for name in answered)


def none_due_unknown(service_levels: pl.DataFrame, set_aside: int) -> str:
    """Why nobody can say that no request of a quarter was due; empty where that can be said.

    Args:
        service_levels: rows of dsr_sla.csv of the quarter, none of them with a request that was due.
        set_aside: rows of the log that broke a rule.
    """
    if set_aside:
        return "requests were set aside, so that none due is not known; see `check`"
    if number := unclocked(service_levels):
        return f"the clock of {counted(number, 'request')} is not known, and no other was due"
    return ""


def next_step(rows: pl.DataFrame) -> str:
    """What to do first; `rows` as `waiting` returns them."""
    steps = []
    overdue, soon, unknown = (
        rows.filter(pl.col("state") == state) for state in ("overdue", "due_soon", "unknown")
    )
    if overdue.height:
        first = overdue.row(0, named=True)
        due = formatting.day(last_day(first))
        steps.append(f"Answer what is overdue, first {_named(first)}, due on {due}.")
    if soon.height:
        last = max(day for row in soon.iter_rows(named=True) if (day := last_day(row)))
        steps.append(
            f"{'Then answer' if steps else 'Answer'} the {soon.height} due by {formatting.day(last)}."
        )
    if unknown.height:
        steps.append(f"Set a date by hand for the {unknown.height} without a known clock.")
    return " ".join(steps) or "Nothing needs an answer within a week."


def last_day(row: dict[str, object]) -> dt.date | None:
    """The last day in force: a valid extension replaces the first one."""
    for name in ("extended_due", "respond_due"):
        day = row[name]
        if isinstance(day, dt.date):
            return day
    return None


def _named(row: dict[str, object]) -> str:
    return f"{right_label(str(row['kind'])).lower()} from {row['jurisdiction']}"


def days_text(row: dict[str, object]) -> str:
    """How much time is left.

    >>> days_text({"days_left": -1}), days_text({"days_left": 0}), days_text({"days_left": None})
    ('1 day overdue', 'last day today', 'not known')
    """
    left = row["days_left"]
    if not isinstance(left, int):
        return "not known"
    if left < 0:
        return f"{counted(-left, 'day')} overdue"
    return f"{counted(left, 'day')} left" if left else "last day today"


def by_quarter(requests: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """How many requests of every quarter of receipt are in which state: period and a column per state."""
    local = pl.col("received_at").dt.convert_time_zone(zone.key)
    rows = requests.with_columns(period=pl.format("{}Q{}", local.dt.year(), local.dt.quarter()))
    counts = rows.group_by("period").agg(
        **{state: pl.col("state").eq(state).sum().cast(pl.Int64) for state in STATES}
    )
    return counts.sort("period")


def service(counts: dict[str, int], low: float | None) -> Told:
    """The service level of one quarter.

    Args:
        counts: requests by state.
        low: one-sided 95 % lower limit of the share in time; None: not known for this choice.
    """
    due = sum(counts[state] for state in ("on_time", "late", "overdue"))
    beside = [
        f"{formatting.count(counts[state])} {words}"
        for state, words in _BESIDE.items()
        if counts[state] and state != "due_soon"
    ]
    waiting_ = counts["open"] + counts["due_soon"]
    if waiting_:
        beside.insert(0, f"{formatting.count(waiting_)} open and not due yet")
    outside = f"Outside it: {', '.join(beside)}." if beside else "None is outside it."
    if not due:
        return Told(None, "No request of the quarter was due yet.", outside)
    share = formatting.percent(counts["on_time"] / due)
    limit = f", at least {formatting.percent(low)} (one-sided 95 %)" if low is not None else ""
    return Told(None, f"{share} of the {counted(due, 'request')} that were due{limit}.", outside)


_BESIDE = {
    "excluded": "withdrawn or repeated",
    "unknown": "whose clock is not known",
}
