"""Which law a data-subject request falls under, and which clock that law sets."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from law.calendar import WEEKENDS_ONLY, Period, WorkingCalendar, working_calendar
from law.loader import LAW_FOLDER, LawError, LawFile, Rule, load

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Clock:
    """What one rule of law/deadlines says about a request.

    Attributes:
        id: the rule's key, shown beside every date that it produced.
        regime: the law it belongs to.
        kinds: kinds of request that it covers.
        since: first day of receipt to which it applies.
        until: last such day; None = still in force.
        respond: time to answer, from receipt.
        extended: time to answer after a valid extension, in one jump from receipt; None = no extension.
        acknowledge: time to confirm receipt; None = none in the law.
        appeal: time to answer an appeal, from the appeal; None = not recorded.
        rolls: whether an end on a weekend or holiday moves to the next working day.
        pauses_for: kinds whose clock stands still while a clarification is awaited.
        restarts_on_identity: whether the clock starts anew when proof of identity arrives.
        source: article of law.
    """

    id: str
    regime: str
    kinds: frozenset[str]
    since: date
    until: date | None
    respond: Period
    extended: Period | None
    acknowledge: Period | None
    appeal: Period | None
    rolls: bool
    pauses_for: frozenset[str]
    restarts_on_identity: bool
    source: str


@dataclass(frozen=True)
class Place:
    """Where a request is judged.

    Attributes:
        regime: the law, or `unknown`.
        zone: time zone that turns moments into legal dates.
        calendar: working days of the place.
    """

    regime: str
    zone: ZoneInfo
    calendar: WorkingCalendar


UNKNOWN_PLACE = Place(UNKNOWN, ZoneInfo("UTC"), WEEKENDS_ONLY)


def regime_of(jurisdiction: str | None) -> str:
    """The regime of a jurisdiction (ISO 3166), or `unknown`: CA-QC goes before CA, DE-BY follows DE."""
    key = _listed(jurisdiction)
    return _regimes()[key].key if key else UNKNOWN


@cache
def place_of(jurisdiction: str | None, establishment: str | None = None) -> Place:
    """Regime, time zone and working days for a request.

    For the EU and UK clocks those of the establishment are used where one is given.

    Raises:
        LawError: the establishment lies in no country of the EU, the EEA or the UK.
    """
    home = _establishment(establishment) if establishment is not None else None
    key = _listed(jurisdiction)
    if key is None:
        return UNKNOWN_PLACE
    regime = _regimes()[key]
    code = (jurisdiction or "").strip().upper()
    if home is not None and regime.values.get("establishment"):
        code = home
    zone = ZoneInfo(_zones()[_listed(code) or key])
    return Place(regime.key, zone, working_calendar(code))


def clock_for(regime: str, kind: str, received: date) -> Clock | None:
    """The clock of a kind of request received on a day; None where the law data has none."""
    for clock in _clocks().get((regime, kind), ()):
        if clock.since <= received and (clock.until is None or received <= clock.until):
            return clock
    return None


def _establishment(name: str) -> str:
    code = name.strip().upper()
    key = _listed(code)
    if key is None or not _regimes()[key].values.get("establishment"):
        what = f"{name!r} is no country of the EU, the EEA or the UK."
        remedy = "Name one (IE), or leave it out: then each request's own country decides calendar and zone."
        raise LawError(where="establishment", what=what, remedy=remedy)
    return code


def _listed(jurisdiction: str | None) -> str | None:
    """The place of law/regimes.yaml that a jurisdiction is or lies in."""
    code = (jurisdiction or "").strip().upper()
    regimes = _regimes()
    if code in regimes:
        return code
    country = code.split("-", maxsplit=1)[0]
    if country in regimes and code not in regimes[country].values.get("except", []):
        return country
    return None


@cache
def _regimes() -> dict[str, Rule]:
    return {place: rule for rule in load("regimes.yaml").rules.values() for place in rule.values["places"]}


@cache
def _zones() -> dict[str, str]:
    return {place: rule.values["places"][place] for place, rule in _regimes().items()}


@cache
def _clocks() -> dict[tuple[str, str], tuple[Clock, ...]]:
    found: dict[tuple[str, str], tuple[Clock, ...]] = {}
    for path in sorted((LAW_FOLDER / "deadlines").glob("*.yaml")):
        file = load(f"deadlines/{path.name}")
        for rule in file.rules.values():
            clock = _clock(file, rule)
            for kind in clock.kinds:
                found[clock.regime, kind] = (*found.get((clock.regime, kind), ()), clock)
    return found


def _clock(file: LawFile, rule: Rule) -> Clock:
    values = rule.values
    regime = file.entry(rule, "regime", str)
    if regime not in load("regimes.yaml").rules:
        where, what = f"law/{file.name}, {rule.key}.regime", f"there is no regime {regime!r}."
        raise LawError(where=where, what=what, remedy="Add it to law/regimes.yaml.")
    return Clock(
        id=rule.key,
        regime=regime,
        kinds=frozenset(file.entry(rule, "kinds", list)),
        since=file.entry(rule, "since", date),
        until=file.entry(rule, "until", date) if "until" in values else None,
        respond=_period(file, rule, "respond"),
        extended=_period(file, rule, "extended") if "extended" in values else None,
        acknowledge=_period(file, rule, "acknowledge") if "acknowledge" in values else None,
        appeal=_period(file, rule, "appeal") if "appeal" in values else None,
        rolls="rolls" in values and file.entry(rule, "rolls", bool),
        pauses_for=frozenset(file.entry(rule, "pauses_for", list) if "pauses_for" in values else ()),
        restarts_on_identity="restarts_on_identity" in values
        and file.entry(rule, "restarts_on_identity", bool),
        source=rule.source,
    )


def _period(file: LawFile, rule: Rule, name: str) -> Period:
    try:
        return Period.parse(file.entry(rule, name, str))
    except ValueError as error:
        remedy = "Write for example 1 month, 45 days or 10 business days."
        raise LawError(where=f"law/{file.name}, {rule.key}.{name}", what=str(error), remedy=remedy) from None
