"""A retailer's tables through the jobs' own functions, on any engine."""

from collections.abc import Callable
from typing import NamedTuple

import narwhals as nw
import polars as pl

from jobs import population
from jobs.clock import local_midnight
from jobs.population import Frame, People, Rules
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import PURPOSES, ZONE, Retailer, tables

Load = Callable[[str, pl.DataFrame], Frame]


class Judged(NamedTuple):
    """What `jobs.population` makes of a retailer."""

    units: Frame
    members: Frame
    standing: Frame
    spans: Frame
    outside: Frame
    lines: Frame


def in_polars(_: str, frame: pl.DataFrame) -> Frame:
    """A table for the default engine."""
    return nw.from_native(frame.lazy())


def collected(frame: Frame) -> pl.DataFrame:
    """A frame's rows, in memory."""
    return frame.collect(backend="polars").to_native()


def rules_of(retailer: Retailer) -> Rules:
    """The rules of a retailer's experiment."""
    starts, ends = retailer.starts, retailer.ends
    return Rules(
        purposes=PURPOSES,
        needs_consent=retailer.needs_consent,
        validity_days=retailer.validity_days,
        consent_ages=retailer.ages,
        include_unknown_age=retailer.include_unknown_age,
        starts=local_midnight(starts, ZONE) if starts else None,
        ends=local_midnight(ends.replace(day=ends.day + 1), ZONE) if ends else None,
        as_of_end=AS_OF_END,
    )


def judge(retailer: Retailer, load: Load = in_polars) -> Judged:
    """Everything that decides who counts, with checkpoints on the way, as in the jobs."""
    frames = {name: load(name, frame) for name, frame in tables(retailer).items()}
    customers = frames.get("customers")
    if customers is not None:
        unit = "household" if retailer.by_household else "customer"
        customers = customers.with_columns(unit=nw.col(unit))
    held_out = None
    if retailer.held_out is not None:
        held_out = load(
            "held_out", pl.DataFrame({"customer": sorted(retailer.held_out)}, {"customer": pl.Int64})
        )
    people = People(customers, frames.get("consent_events"), frames.get("dsr_requests"), held_out)
    rules = rules_of(retailer)
    units = load("units", collected(population.assigned_units(frames["assignments"], rules)))
    members = load("members", collected(population.members(units, people, rules)))
    spans = load("spans", collected(population.usable_spans(members, people, rules)))
    return Judged(
        units,
        members,
        population.unit_standing(members),
        spans,
        population.outside_period(frames["assignments"], rules),
        frames["order_lines"].rename({"ordered_at": "at"}),
    )
