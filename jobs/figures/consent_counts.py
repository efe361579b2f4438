"""What consent figures are computed from: people and events of a quarter, counted as of each event."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from jobs import population
from jobs.admission import ProcessingUse
from jobs.clock import local_midnight, quarter_days, utc_offsets
from jobs.config.models import Journey
from jobs.figures.run import RunInputs
from law.children import raise_ages
from metrics import consent
from metrics.consent import Frame, col
from metrics.consent_alerts import BASELINE_WEEKS
from metrics.consent_figures import Events
from metrics.inference import Offsets, local_day

USE: ProcessingUse = "consent and leakage"
WEEKS_BEFORE = 2 * BASELINE_WEEKS
"""Weeks before the quarter in which a baseline is looked for."""

WEEKS = pl.Schema(
    {
        "jurisdiction": pl.String, "purpose": pl.String, "week": pl.Date, "decided": pl.Int64,
        "granted": pl.Int64,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """The consent events of a run, by purpose.

    Attributes:
        states: purpose → `metrics.consent.standings`.
        grants: purpose → `metrics.consent.grants`.
    """

    states: Mapping[str, Frame]
    grants: Mapping[str, Frame]


@dataclass(frozen=True)
class Counted:
    """One journey's quarter.

    Attributes:
        events: jurisdiction (None = unknown) → its events.
        states: jurisdiction, purpose → state → customers; the undecided are in none.
    """

    events: Mapping[str | None, Events]
    states: Mapping[tuple[str | None, str], Mapping[str, int]]


def needs_consent(journey: Journey) -> bool:
    """Whether consent is the journey's basis anywhere."""
    basis = journey.lawful_basis
    return basis == "consent" or (
        isinstance(basis, dict) and ("consent" in basis.values() or "default" not in basis)
    )


def basis_of(journey: Journey, jurisdiction: str | None) -> str:
    """The lawful basis of a journey in a jurisdiction: its own entry, its country's, `default`, else consent.

    An unknown jurisdiction takes the strictest: consent, unless it is the basis nowhere.
    """
    basis = journey.lawful_basis
    if isinstance(basis, str):
        return basis
    if jurisdiction is None:
        return "consent" if needs_consent(journey) else basis["default"]
    keys = (jurisdiction, jurisdiction.split("-", maxsplit=1)[0], "default")
    return next((basis[key] for key in keys if key in basis), "consent")


def ledger(run: RunInputs) -> Ledger | None:
    """The consent events about the purposes that journeys need; None where the retailer has no such table."""
    events = run.source.processing("consent_events", USE, run.workspace.as_of_end)
    if events is None:
        return None
    needed = {p for j in run.workspace.journeys.values() if needs_consent(j) for p in j.purposes}
    events = events.select("customer", "purpose", "state", "occurred_at", "source")
    states, grants = {}, {}
    for purpose in sorted(needed):
        own = consent.standings(events.filter(col("purpose") == purpose))
        states[purpose] = run.engine.checkpoint(own, f"consent states {purpose}")
        given = consent.grants(run.source.at_home(states[purpose], USE, "jurisdiction"), expiry(run))
        grants[purpose] = run.engine.checkpoint(given, f"consent grants {purpose}")
    return Ledger(states, grants)


def expiry(run: RunInputs) -> nw.Expr:
    """The last instant of a grant given at `since`, by `jurisdiction`; unknown: the shortest validity."""
    days = run.workspace.policy.consent_validity_days
    return population.by_jurisdiction(
        days, min(days.values()), lambda valid: col("since") + dt.timedelta(days=valid)
    )


def count(run: RunInputs, said: Ledger | None) -> dict[str, Counted]:
    """Per journey that has events in the quarter, what they and the customers behind them amount to."""
    events = run.source.processing("journey_events", USE, run.workspace.as_of_end)
    if events is None:
        return {}
    first, last = quarter_days(run.period)
    start = local_midnight(first, run.workspace.zone)
    end = local_midnight(last + dt.timedelta(days=1), run.workspace.zone)
    events = events.filter(col("occurred_at") >= start, col("occurred_at") < end)
    offsets = utc_offsets(run.workspace.zone, start, end)
    spans: dict[frozenset[str], Frame] = {}
    found = {}
    for name, journey in run.workspace.journeys.items():
        own = events.filter(col("journey") == name)
        purposes = frozenset(journey.purposes) if said and needs_consent(journey) else frozenset()
        if said and purposes and purposes not in spans:
            joint = consent.joint([said.grants[purpose] for purpose in sorted(purposes)])
            spans[purposes] = run.engine.checkpoint(joint, f"joint consent {sorted(purposes)}")
        met = run.engine.checkpoint(_met(run, own, spans.get(purposes), offsets), f"customers of {name}")
        counted = _counted(run, met, {p: said.states[p] for p in purposes} if said else {})
        if counted.events:
            found[name] = counted
    return found


def _met(run: RunInputs, events: Frame, spans: Frame | None, offsets: Offsets) -> Frame:
    """One row per customer of a journey: visits, what of them was covered, home, and age on the last day."""
    visits = consent.visits(events)
    counts = ("covered", "lawful", "one_source")
    if spans is None:
        met = visits.with_columns(**{name: nw.lit(0) for name in counts})
    else:
        met = visits.join(consent.covered(events, spans), on="customer", how="left")
        met = met.with_columns(col(name).fill_null(0) for name in counts)
    met = run.source.at_home(met, USE, "jurisdiction", "birth_date")
    ages = raise_ages(run.workspace.policy.children.ages)
    birth, day = col("birth_date"), local_day(col("last"), offsets)
    birthday_to_come = (day.dt.month() < birth.dt.month()) | (
        (day.dt.month() == birth.dt.month()) & (day.dt.day() < birth.dt.day())
    )
    age = day.dt.year() - birth.dt.year() - nw.when(birthday_to_come).then(1).otherwise(0)
    young = (age < population.by_jurisdiction(ages, max(ages.values()))).fill_null(value=False)
    ageless = birth.is_null() & ~col("customer").is_null()
    return met.with_columns(
        child=nw.when(young).then(1).otherwise(0), age_unknown=nw.when(ageless).then(1).otherwise(0)
    ).drop("birth_date")


def _counted(run: RunInputs, met: Frame, states: Mapping[str, Frame]) -> Counted:
    sums = run.engine.collect(consent.by_jurisdiction(met))
    per_state: dict[tuple[str | None, str], dict[str, int]] = {}
    for purpose, said in states.items():
        rows = run.engine.collect(consent.last_states(met, said, expiry(run)))
        for place, state, people in rows.select("jurisdiction", "state", "people").iter_rows():
            per_state.setdefault((place, purpose), {})[state] = people
    events = {row.pop("jurisdiction"): Events(**row) for row in sums.to_dicts()}
    return Counted(events, per_state)


def weekly_answers(run: RunInputs, said: Ledger) -> tuple[pl.DataFrame, dt.date]:
    """First answers per jurisdiction, purpose and complete local week; and the first week of the quarter.

    Returns:
        jurisdiction (null = unknown), purpose, week (its Monday), decided, granted.
    """
    workspace, week = run.workspace, dt.timedelta(weeks=1)
    first, _ = quarter_days(run.period)
    opening = first + dt.timedelta(days=-first.weekday() % 7)
    known = run.source.loaded_until.get("consent_events", workspace.as_of_end)
    monday = opening - WEEKS_BEFORE * week
    bounds = []
    while local_midnight(monday, workspace.zone) <= known:
        bounds.append(monday)
        monday += week
    if len(bounds) < 2:
        return pl.DataFrame(schema=WEEKS), opening
    instants = [local_midnight(bound, workspace.zone) for bound in bounds]
    mondays = dict(enumerate(bounds))
    found = [pl.DataFrame(schema=WEEKS)]
    for purpose, states in said.states.items():
        answers = consent.first_answers(states)
        rows = run.engine.collect(
            consent.answers_by_week(run.source.at_home(answers, USE, "jurisdiction"), instants)
        )
        week_of = pl.col("week").replace_strict(mondays, return_dtype=pl.Date)
        found.append(rows.with_columns(week=week_of, purpose=pl.lit(purpose)).select(*WEEKS).cast(WEEKS))
    return pl.concat(found), opening
