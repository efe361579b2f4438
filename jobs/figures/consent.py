"""Consent: states per purpose, joint coverage and leakage of each journey's events, signals and alerts."""

import functools
from collections.abc import Iterator
from typing import Any

import polars as pl

from jobs.config.models import Journey
from jobs.editions import with_kept_figures
from jobs.figures.consent_counts import (
    Counted,
    Ledger,
    basis_of,
    count,
    ledger,
    needs_consent,
    weekly_answers,
)
from jobs.figures.run import Family, RunInputs
from metrics.consent_alerts import alerts
from metrics.consent_figures import EVERYWHERE, JOINT, Events, at_most, joint_figures, purpose_figures
from metrics.published import Published
from policy.disclosure import Cells, publish, suppressed
from policy.small_groups import Split, hidden_per_row
from storage.frames import dtypes, figure_table, key
from storage.store import Store

UNKNOWN_PLACE = "(unknown)"
STATES = ("granted", "refused", "withdrawn", "expired", "undecided")
DECLINED, OPEN = frozenset({"refused", "withdrawn"}), frozenset({"expired", "undecided"})
GRANTED = frozenset({"granted"})
FIGURES = (
    "eligible", *STATES, "consent_rate", "opt_in_rate", "decided_share", "coverage", "coverage_low",
    "leakage_events", "server_share", "one_source_share", "children_excluded", "age_unknown",
    "customers", "age_unknown_most",
)  # fmt: skip
SPLIT = Split(
    STATES,
    kin=(DECLINED, OPEN),
    figures={
        "consent_rate": (GRANTED, DECLINED),
        "opt_in_rate": (GRANTED,),
        "decided_share": (OPEN,),
    },
)
CELLS = Cells(
    people=("people",),
    figures=FIGURES,
    partition=("journey", "period"),
    part=("jurisdiction",),
    parts_only=(pl.col("jurisdiction") != EVERYWHERE) & (pl.col("status") != "not_testable"),
    split=SPLIT,
    within=("children_excluded", "age_unknown"),
)
SIGNAL_CELLS = Cells(people=("people",), figures=("rows",))
ALERT_CELLS = Cells(
    people=("people",),
    figures=("decided", "granted", "declined", "rate", "baseline", "score", "alert"),
    split=Split(("granted", "declined"), figures=dict.fromkeys(("rate", "baseline", "score"), (GRANTED,))),
)
JOURNEY_COLUMNS = {
    "coverage": "consent_coverage",
    "coverage_low": "consent_coverage_low",
    "eligible": "events_needing_consent",
    **{
        name: name
        for name in (
            "leakage_events", "server_share", "one_source_share", "children_excluded", "age_unknown",
        )
    },
}  # fmt: skip


def consent(run: RunInputs, store: Store, run_id: int) -> Family:
    """Tables consent, consent_signals and consent_alerts, and their columns of journeys.csv."""
    published = []
    if run.signals is not None:
        rows = run.signals.with_columns(status=pl.lit("ok"), note=pl.lit(None, pl.String))
        published.append(publish("consent_signals", rows, SIGNAL_CELLS, run.minimum_people))
    said = ledger(run)
    if said is not None:
        published.append(_alerts(run, said))
    if not run.source.has("journey_events"):
        return Family(tuple(published))
    table = _table(run, said, store, run_id)
    totals = table.frame.filter(pl.col("jurisdiction") == EVERYWHERE)
    journeys = {
        row["journey"]: {name: row[column] for column, name in JOURNEY_COLUMNS.items()}
        for row in totals.iter_rows(named=True)
    }
    return Family((*published, table), journeys)


def _alerts(run: RunInputs, said: Ledger) -> Published:
    weeks, since = weekly_answers(run, said)
    named = weeks.with_columns(pl.col("jurisdiction").fill_null(UNKNOWN_PLACE))
    rows = alerts(named, since, run.minimum_people).with_columns(people=pl.col("decided"))
    return publish("consent_alerts", rows, ALERT_CELLS, run.minimum_people)


def _table(run: RunInputs, said: Ledger | None, store: Store, run_id: int) -> Published:
    counted = count(run, said)
    rows = [
        {"journey": name, "period": run.period, **row}
        for name, journey in run.workspace.journeys.items()
        for row in _rows(journey, counted.get(name), run.minimum_people, known=said is not None)
    ]
    types = {**dtypes(figure_table("consent")), "people": pl.Int64()}
    frame = pl.DataFrame(rows, schema=types)
    hidden = suppressed(frame, CELLS, run.minimum_people)
    decided = run.editions.decide("consent", frame.drop("as_of_run"), CELLS, hidden, mark=run.erasures)
    published = store.last_published("consent", before=run_id)
    keys = key(figure_table("consent"))
    dated = with_kept_figures(decided, published, keys, (*FIGURES, "status"), run_id)
    hidden = dated["as_of_run"].is_null()
    return publish("consent", dated, CELLS, run.minimum_people, hidden, _hidden_states(run, dated, run_id))


def _hidden_states(run: RunInputs, rows: pl.DataFrame, run_id: int) -> list[frozenset[str]]:
    """States of each row to be hidden, so that those hidden in an earlier run do not follow from this one.

    A row that keeps an earlier run's figures keeps their gaps.
    """
    row_key = ("journey", "period", "jurisdiction", "purpose")
    cells = Cells(people=("people",), figures=(), partition=row_key, part=("state",))
    alone = hidden_per_row(rows, SPLIT, run.minimum_people)
    marked = rows.select(
        *row_key,
        *STATES,
        "as_of_run",
        row=pl.int_range(pl.len()),
        alone=pl.Series(map(list, alone), dtype=pl.List(pl.String)),
    )
    parts = (
        marked.filter(pl.col("purpose") != JOINT, as_of_run=run_id)
        .unpivot(STATES, index=[*row_key, "row", "alone"], variable_name="state", value_name="people")
        .drop_nulls("people")
    )
    small = parts.select(pl.col("state").is_in("alone")).to_series()
    decided = run.editions.decide("consent states", parts, cells, small, mark=run.erasures, moves=False)
    fresh = (pl.col("as_of_run") == run_id).fill_null(value=False)
    gone = decided.filter(~fresh).group_by("row").agg("state")
    found = {row: frozenset(states) for row, states in gone.iter_rows()}
    return [found.get(row, frozenset()) for row in range(rows.height)]


def _rows(
    journey: Journey, counted: Counted | None, minimum_people: int, *, known: bool
) -> Iterator[dict[str, Any]]:
    """Rows of one journey: its total, then every jurisdiction with its purposes."""
    total = {"jurisdiction": EVERYWHERE, "purpose": JOINT, "people": 0}
    if not needs_consent(journey):
        named = journey.lawful_basis
        bases = [named] if isinstance(named, str) else sorted(set(named.values()))
        yield {**total, **_not_needed(*bases)}
        return
    if not known or not journey.purposes or counted is None:
        yield {**total, "status": "no_evidence", "note": _missing(journey, known=known)}
        return
    places = {place: basis_of(journey, place) for place in sorted(counted.events, key=lambda p: p or "")}
    scope = [counted.events[place] for place, basis in places.items() if basis == "consent"]
    everything = functools.reduce(Events.plus, scope, Events())
    ages = {
        "children_excluded": everything.child,
        "age_unknown": everything.age_unknown,
        "customers": everything.people,
        "age_unknown_most": at_most(everything.age_unknown, everything.people, minimum_people),
    }
    elsewhere = {} if scope else {"note": "no event in the period where the basis is consent"}
    yield {**total, "people": everything.people, **ages, **joint_figures(everything), **elsewhere}
    for place, basis in places.items():
        events = counted.events[place]
        here = {"jurisdiction": place or UNKNOWN_PLACE, "people": events.people}
        if basis != "consent":
            yield {**here, "purpose": JOINT, **_not_needed(basis)}
            continue
        yield {**here, "purpose": JOINT, **joint_figures(events)}
        for purpose in dict.fromkeys(journey.purposes) if events.people else ():
            figures = purpose_figures(events.people, counted.states.get((place, purpose), {}))
            yield {**here, "purpose": purpose, **figures}


def _not_needed(*bases: str) -> dict[str, Any]:
    basis = " or ".join(bases).replace("_", " ")
    return {"status": "not_testable", "note": f"the lawful basis is {basis}: consent is not needed"}


def _missing(journey: Journey, *, known: bool) -> str:
    if not known:
        return "no consent events: nobody is known to have consented"
    return "no event in the period" if journey.purposes else "journeys.yaml names no purposes for it"
