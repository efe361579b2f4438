"""The clock of one data-subject request: legal dates, extension, pause, state.

A period of law ends on a date, in the time zone of its regime; moments are turned into dates there. A right
or jurisdiction that the law data does not cover is `unknown` and has no dates: never a default of 30 or 45.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from law.calendar import WEEKENDS_ONLY, Period
from law.regimes import UNKNOWN, Clock, Place, clock_for, place_of

ANSWERS = ("complied", "complied_in_part", "denied")
WITHOUT_ANSWER = ("withdrawn", "duplicate")
DUE_SOON_DAYS = 7
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Request:
    """One row of `dsr_requests`, as far as its clock needs it; moments without a zone are UTC."""

    kind: str
    jurisdiction: str | None
    received_at: datetime
    acknowledged_at: datetime | None = None
    identity_verified_at: datetime | None = None
    clarification_asked_at: datetime | None = None
    clarification_received_at: datetime | None = None
    extended_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Deadline:
    """What the law says about one request on a day.

    Attributes:
        regime: the law, or `unknown`.
        rule: key of the rule in law/deadlines that gave the dates, or `unknown`.
        received_on: day of receipt in the zone of the regime.
        acknowledge_due: last day to confirm receipt; None where the law asks for none.
        respond_due: last day to answer, without extension.
        conservative_due: `respond_due` on the stricter reading: only weekends are no working days, nothing
            rolls, and the day on which a clarification arrived counts.
        extended_due: last day to answer after an extension that was announced in time; else None.
        state: `on_time`, `late`, `open`, `due_soon`, `overdue`, `excluded` or `unknown`.
        days_left: days from today to the last day in force, negative when overdue; None when not open.
        acknowledged: `on_time`, `late`, or None where nothing was due yet.
        answer: `complied`, `complied_in_part`, `denied`, or None without an answer.
        days: days from receipt to the answer; None without an answer.
        notes: what does not count, and why.
    """

    regime: str
    rule: str
    received_on: date
    acknowledge_due: date | None = None
    respond_due: date | None = None
    conservative_due: date | None = None
    extended_due: date | None = None
    state: str = UNKNOWN
    days_left: int | None = None
    acknowledged: str | None = None
    answer: str | None = None
    days: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _History:
    """A request as dates of its place; what lies after `as_of` has not happened.

    A closing day just before the day of receipt comes from a date without a time and means the same day.
    """

    kind: str
    received: date
    today: date
    acknowledged: date | None
    identified: date | None
    asked: date | None
    clarified: date | None
    extended: date | None
    closed: date | None
    outcome: str | None


def deadline(request: Request, as_of: datetime, establishment: str | None = None) -> Deadline:
    """Dates and state of a request as known at `as_of`.

    Sources: the rules of law/deadlines; Reg. 1182/71 for months and rolls; 11 CCR 7021(a), by which an answer
    within its time replaces the confirmation of receipt.

    Raises:
        LawError: the establishment lies in no country of the EU, the EEA or the UK.
    """
    place = place_of(request.jurisdiction, establishment)
    history = _history(request, as_of, place.zone)
    if history.closed is not None and history.closed < history.received:
        note = "The request was closed before it was received."
        return Deadline(place.regime, UNKNOWN, history.received, notes=(note,))
    answer, days = _answer(history)
    clock = clock_for(place.regime, request.kind, history.received)
    if clock is None:
        state = "excluded" if history.outcome in WITHOUT_ANSWER else UNKNOWN
        return Deadline(place.regime, UNKNOWN, history.received, state=state, answer=answer, days=days)
    respond_due, conservative_due, extended_due, notes = _due_dates(history, clock, place)
    acknowledge_due = place.calendar.end(history.received, clock.acknowledge) if clock.acknowledge else None
    in_force = extended_due or respond_due
    state = _state(history, in_force)
    return Deadline(
        regime=place.regime,
        rule=clock.id,
        received_on=history.received,
        acknowledge_due=acknowledge_due,
        respond_due=respond_due,
        conservative_due=conservative_due,
        extended_due=extended_due,
        state=state,
        days_left=(in_force - history.today).days if state in {"open", "due_soon", "overdue"} else None,
        acknowledged=_acknowledged(history, acknowledge_due),
        answer=answer,
        days=days,
        notes=(*notes, *_gaps(history)),
    )


def appeal_due(jurisdiction: str, kind: str, filed_at: datetime) -> date | None:
    """Last day to answer an appeal filed at a moment; None where the law data has no term for appeals."""
    place = place_of(jurisdiction)
    filed = local_date(filed_at, place.zone)
    clock = clock_for(place.regime, kind, filed)
    return place.calendar.end(filed, clock.appeal) if clock and clock.appeal else None


def _due_dates(
    history: _History, clock: Clock, place: Place
) -> tuple[date, date, date | None, tuple[str, ...]]:
    """Legal, conservative and extended date, and what did not count."""
    start = history.received
    if clock.restarts_on_identity and history.identified is not None:
        start = max(start, min(history.identified, history.closed or history.identified))

    def due(period: Period, pause: int) -> date:
        end = place.calendar.end(start, period) + pause * ONE_DAY
        return place.calendar.roll(end) if clock.rolls else end

    notes: list[str] = []
    respond_due, extended_due, pause = due(clock.respond, 0), None, _pause(history, clock, start)
    paused = pause if history.asked is not None and history.asked <= respond_due else 0
    respond_due = due(clock.respond, paused)
    conservative_due = WEEKENDS_ONLY.end(start, clock.respond) + max(paused - 1, 0) * ONE_DAY
    if history.extended is not None:
        if clock.extended is None:
            notes.append("The law allows no extension of this request.")
        elif history.extended <= respond_due:
            extended_due = due(clock.extended, paused)
            if history.asked is not None and history.asked <= extended_due:
                extended_due, paused = due(clock.extended, pause), pause
        else:
            notes.append(f"The extension was not announced by {respond_due} and does not count.")
    if pause > paused:
        notes.append("The clarification was asked for after the last day and does not pause the clock.")
    return respond_due, conservative_due, extended_due, tuple(notes)


def _pause(history: _History, clock: Clock, start: date) -> int:
    """Days that do not count, first and last included: a clarification was awaited (UK GDPR Art 12A)."""
    if history.kind not in clock.pauses_for or history.asked is None:
        return 0
    last = min(day for day in (history.clarified, history.closed, history.today) if day is not None)
    return max((last - max(history.asked, start + ONE_DAY)).days + 1, 0)


def _state(history: _History, in_force: date) -> str:
    if history.outcome in WITHOUT_ANSWER:
        return "excluded"
    if history.closed is not None:
        return "on_time" if history.closed <= in_force else "late"
    days_left = (in_force - history.today).days
    if days_left < 0:
        return "overdue"
    return "due_soon" if days_left <= DUE_SOON_DAYS else "open"


def _answer(history: _History) -> tuple[str | None, int | None]:
    if history.outcome not in ANSWERS or history.closed is None:
        return None, None
    return history.outcome, (history.closed - history.received).days


def _gaps(history: _History) -> list[str]:
    gaps = {
        "The request has an outcome but no closing date.": history.closed is None
        and history.outcome in ANSWERS,
        "The request was closed without an outcome.": history.closed is not None and history.outcome is None,
    }
    return [gap for gap, applies in gaps.items() if applies]


def _acknowledged(history: _History, due: date | None) -> str | None:
    if due is None or history.outcome in WITHOUT_ANSWER:
        return None
    answered = history.closed if history.outcome in ANSWERS else None
    done = [day for day in (history.acknowledged, answered) if day is not None]
    if done:
        return "on_time" if min(done) <= due else "late"
    return "late" if history.today > due else None


def _history(request: Request, as_of: datetime, zone: ZoneInfo) -> _History:
    now = _aware(as_of)

    def day(moment: datetime | None) -> date | None:
        return None if moment is None or _aware(moment) > now else local_date(moment, zone)

    received, closed = local_date(request.received_at, zone), day(request.closed_at)
    if closed is not None and (received - closed) <= ONE_DAY:
        closed = max(closed, received)
    settled = request.closed_at is None or _aware(request.closed_at) <= now
    return _History(
        kind=request.kind,
        received=received,
        today=local_date(now, zone),
        acknowledged=day(request.acknowledged_at),
        identified=day(request.identity_verified_at),
        asked=day(request.clarification_asked_at),
        clarified=day(request.clarification_received_at),
        extended=day(request.extended_at),
        closed=closed,
        outcome=request.outcome if settled else None,
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment in a time zone; a moment without a zone is UTC."""
    return _aware(moment).astimezone(zone).date()
