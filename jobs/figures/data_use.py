"""The use of data: which fields are justified, which vendors may have them, and what they may have got."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from jobs.clock import local_midnight, quarter_days
from jobs.figures.run import Family, RunInputs
from jobs.intake.needs import declared_purposes
from metrics import minimization, vendor_tables
from metrics.registers import about_another
from metrics.vendors import Service
from policy.disclosure import Cells, exempt, publish

EXPOSED = "events_to_unprotected_recipients"
EXPOSURE_CELLS = Cells(people=("people",), figures=(EXPOSED,))


def data_use(run: RunInputs) -> Family:
    """Minimisation, retention, vendors and transfers, as tables and as columns of journeys.csv."""
    held, given = _minimization(run), _vendors(run)
    journeys = {
        name: {**held.journeys.get(name, {}), **given.journeys.get(name, {})}
        for name in run.workspace.journeys
    }
    return Family((*held.published, *given.published), journeys)


def _minimization(run: RunInputs) -> Family:
    parts = run.parts("data_inventory")
    if not parts:
        return Family()
    rules = minimization_rules(run)
    judged, remark = minimization.judge(pl.read_parquet(parts), rules), run.set_aside("data_inventory")
    systems = exempt("minimization", minimization.by_system(judged, remark))
    published = (
        systems,
        exempt("minimization_fields", minimization.fields_table(judged, rules)),
        exempt("minimization_categories", minimization.by_category(judged, remark)),
    )
    rows = systems.frame.filter(pl.col("system") == minimization.ALL).iter_rows(named=True)
    names = {
        "score": "minimization_score",
        "excess_load": "excess_load",
        "retention_overdue": "fields_past_retention",
    }
    return Family(published, {row["journey"]: {names[key]: row[key] for key in names} for row in rows})


def minimization_rules(run: RunInputs) -> minimization.Rules:
    """What fields are measured against; the purposes that YAML files name stand in for `active_purposes`."""
    settings, ledger = run.workspace.settings, run.tables.get("consent_events")
    listed = settings.active_purposes
    return minimization.Rules(
        as_of=run.workspace.as_of,
        timezone=settings.timezone,
        active_purposes=(declared_purposes(run.workspace) or None) if listed is None else frozenset(listed),
        use_window_days=settings.use_window_days,
        consent_ledger=ledger is not None and ledger.rows_accepted > 0,
    )


def _vendors(run: RunInputs) -> Family:
    parts = run.parts("vendors")
    if not parts:
        return Family()
    services = [_service(row) for row in pl.read_parquet(parts).iter_rows(named=True)]
    workspace = run.workspace
    requirements = {name: frozenset(j.required_protections) for name, j in workspace.journeys.items()}
    table = exempt("vendors", vendor_tables.register(services, workspace.as_of, requirements))
    counts = vendor_tables.journey_counts(services, workspace.as_of, requirements)
    aside, known = run.tables["vendors"].journeys_set_aside, tuple(workspace.journeys)
    whole = {journey: about_another(journey, aside, known) for journey in counts}
    exposed = _exposed_events(run, services, requirements)
    journeys = {
        journey: {
            "vendors_live": count.live,
            "vendors_with_protections": count.protected,
            "vendors_unprotected": _claim(count.exposed, whole=whole[journey]),
            EXPOSED: _claim(exposed.get(journey), whole=whole[journey]),
        }
        for journey, count in counts.items()
    }
    return Family((table,), journeys)


def _service(row: Mapping[str, Any]) -> Service:
    lists = {name: tuple(row[name] or ()) for name in ("journeys", "clean_room_protections")}
    return Service(**{field.name: row[field.name] for field in fields(Service)} | lists)


def _exposed_events(
    run: RunInputs, services: Sequence[Service], journeys: Iterable[str]
) -> dict[str, int | None]:
    """Events of the quarter on days on which somebody who serves the journey may not receive data.

    Without the table of events there is no evidence; fewer than k people stay behind the door.
    """
    events = run.source.processing("journey_events", "exposure to vendors", run.workspace.as_of_end)
    if events is None:
        return {}
    workspace, (first, last) = run.workspace, quarter_days(run.period)
    days = vendor_tables.exposed_spans(services, journeys, first, min(last, workspace.as_of))
    instants = {journey: [_instants(span, workspace.zone) for span in own] for journey, own in days.items()}
    found = run.engine.collect(vendor_tables.exposed_events(events, instants))
    counted = pl.DataFrame({"journey": list(days)}, schema={"journey": pl.String})
    counted = counted.join(found, on="journey", how="left").with_columns(
        pl.col("events", "people").fill_null(0), status=pl.lit("ok"), note=pl.lit(None, pl.String)
    )
    shown = publish("journeys", counted.rename({"events": EXPOSED}), EXPOSURE_CELLS, run.minimum_people).frame
    return dict(shown.select("journey", EXPOSED).iter_rows())


def _instants(span: tuple[dt.date, dt.date], zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    first, last = span
    return local_midnight(first, zone), local_midnight(last + dt.timedelta(days=1), zone)


def _claim(count: int | None, *, whole: bool) -> int | None:
    """A count of what is wrong; none wrong is not claimed where rows that may be about it were set aside."""
    return count if count or whole else None
