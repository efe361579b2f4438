"""A retailer's tables through the job that builds an experiment's units."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from jobs.admission import Frame, PersonalTables
from jobs.config.load import load
from jobs.config.models import Experiment
from jobs.config.workspace import Workspace
from jobs.engine import PolarsEngine
from jobs.experiment import units
from policy.model import Children, Policy
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import AS_OF, EXPERIMENT, PURPOSES, Retailer, tables

METRICS = """
revenue:    {kind: mean, table: order_lines, value: revenue, window_days: 7, covariate_days: 5}
orders:     {kind: mean, table: order_lines, value: order_id, aggregate: count_distinct, window_days: 7,
             covariate_days: 5}
conversion: {kind: mean, table: order_lines, value: any, window_days: 3, covariate_days: 5}
visit:      {kind: mean, table: unit_outcomes, value: visit, covariate: history}
"""
SETTINGS = f"""
name: Corner shop
currency: EUR
timezone: Europe/Dublin
as_of: {AS_OF}
metrics: metrics.yaml
tables: {{customers: c.csv, order_lines: o.csv, unit_outcomes: u.csv, assignments: a.csv}}
"""


class InMemory(PolarsEngine):
    """Checkpoints that touch no disk."""

    def checkpoint(self, frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
        return frame.collect(backend="polars").lazy()


def corner_shop(folder: Path) -> Workspace:
    """The configuration that all small retailers share."""
    (folder / "workspace.yaml").write_text(SETTINGS)
    (folder / "metrics.yaml").write_text(METRICS)
    return load(folder)


def experiment_of(retailer: Retailer) -> Experiment:
    """The experiment whose rules a retailer spells out."""
    return Experiment(
        id=EXPERIMENT,
        journey="cart_recovery",
        unit="household" if retailer.by_household else "customer",
        control="holdout",
        allocation={"holdout": 0.5, "personalised": 0.5},
        starts=retailer.starts,
        ends=retailer.ends,
        primary="revenue",
        metrics=["orders", "conversion", "visit"],
        segments=["tier"] if retailer.customers is not None else [],
        lawful_basis="consent" if retailer.needs_consent else "legitimate_interests",
        purposes=list(PURPOSES),
    )


def source_of(
    retailer: Retailer, loaded_until: dt.datetime = AS_OF_END, **changes: Callable[[Frame], Frame]
) -> PersonalTables:
    """The retailer's tables as the job receives them, some of them changed."""
    frames = {name: nw.from_native(frame.lazy()) for name, frame in tables(retailer).items()}
    frames |= {name: change(frames[name]) for name, change in changes.items()}
    held_out = pl.LazyFrame({"customer": sorted(retailer.held_out)}) if retailer.held_out else None
    return PersonalTables(
        tables=frames,
        columns={name: frozenset(frame.collect_schema().names()) for name, frame in frames.items()},
        loaded_until={"order_lines": loaded_until},
        held_out=None if held_out is None else nw.from_native(held_out),
    )


def through_the_job(
    workspace: Workspace, retailer: Retailer, loaded_until: dt.datetime = AS_OF_END
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The frame of units that the job builds from a retailer, and those outside the period per variant."""
    policy = Policy(
        consent_validity_days=dict(retailer.validity_days),
        children=Children(unknown_age="include" if retailer.include_unknown_age else "exclude"),
    )
    engine = InMemory(Path())
    built = units.build(
        replace(workspace, policy=policy), experiment_of(retailer), source_of(retailer, loaded_until), engine
    )
    outside = engine.collect(built.admitted.outside)
    return engine.collect(built.frame), dict(outside.select("variant", "units").iter_rows())
