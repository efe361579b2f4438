"""How old the figures are, and whether the last refresh went well."""

from datetime import datetime, timedelta
from typing import NamedTuple

from metrics import formatting
from reports.readings import Mark
from reports.snapshot import Snapshot
from storage.records import Run

STALE = timedelta(days=2)
"""Data or a refresh older than this count as old."""


class Freshness(NamedTuple):
    """The state of the figures.

    Attributes:
        mark: the worst of what follows.
        line: whose data, how far they reach, and which run shows them.
        old: what is old about them; empty when nothing is.
        alert: a failed or running refresh; empty when all went well.
    """

    mark: Mark
    line: str
    old: str
    alert: str


FRESH = Mark("up to date", "●", "good")
STALE_MARK = Mark("old", "▲", "warn")
FAILED = Mark("last refresh failed", "■", "bad")
RUNNING = Mark("refreshing", "◔", "neutral")


def freshness(snapshot: Snapshot, newest: Run | None, now: datetime) -> Freshness:
    """How old a snapshot is.

    Args:
        snapshot: what is shown.
        newest: the newest run of any status.
        now: present time, with zone.
    """
    run = snapshot.run
    refreshed = run.finished_at or run.started_at
    ages = []
    if now - run.as_of > STALE:
        ages.append(f"the data end {ago(now - run.as_of)}")
    if now - refreshed > STALE:
        ages.append(f"last refreshed {ago(now - refreshed)}")
    mark, alert = (STALE_MARK, "") if ages else (FRESH, "")
    if newest and newest.run_id != run.run_id and newest.status in ("failed", "interrupted"):
        mark, alert = FAILED, _failure(newest, run, snapshot)
    elif newest and newest.status == "running":
        since = formatting.clock(newest.started_at.astimezone(snapshot.zone))
        mark, alert = (
            RUNNING,
            f"A refresh has been running since {since}; until it is done, run {run.run_id} is shown.",
        )
    line = (
        f"{snapshot.name} · data as of {formatting.day(snapshot.as_of_date)} · run {run.run_id}, refreshed "
        f"{ago(now - refreshed)}"
    )
    return Freshness(mark, line, " and ".join(ages), alert)


def as_it_was(snapshot: Snapshot) -> Freshness:
    """The state of a past quarter's figures: its last run shows it for good."""
    run = snapshot.run
    day, quarter = formatting.day(snapshot.as_of_date), formatting.quarter(run.period)
    line = f"{snapshot.name} · data as of {day} · run {run.run_id}, the last of {quarter}"
    return Freshness(FRESH, line, "", "")


def ago(age: timedelta) -> str:
    """How long ago.

    >>> ago(timedelta(minutes=5)), ago(timedelta(hours=30)), ago(timedelta(days=6811))
    ('5 min ago', '30 h ago', '18 years ago')
    """
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    days = minutes // (24 * 60)
    return f"{days} days ago" if days < 730 else f"{days // 365} years ago"


def duration(run: Run) -> str:
    """How long a run took; a dash while it is not done."""
    if run.finished_at is None:
        return formatting.MISSING
    seconds = (run.finished_at - run.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _failure(failed: Run, shown: Run, snapshot: Snapshot) -> str:
    when = formatting.clock((failed.finished_at or failed.started_at).astimezone(snapshot.zone))
    what = "failed" if failed.status == "failed" else "was cut off"
    why = f" ({failed.reason})" if failed.reason else ""
    return f"The last refresh {what} on {when}{why}. The figures below are from run {shown.run_id} before it."
