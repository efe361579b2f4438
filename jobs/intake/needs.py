"""What the configuration needs from the tables: the columns and names that ingestion checks against."""

import difflib
from collections.abc import Iterator, Mapping

from jobs.config.models import MeanMetric, RatioMetric, SurvivalMetric
from jobs.config.workspace import Workspace
from jobs.intake.contracts.catalogue import CONTRACTS
from jobs.intake.ingest import IngestContext
from jobs.problems import Problem
from metrics.tcf import DEFINED_PURPOSES

NO_NUMBERS = frozenset({"order_id", "sku", "category", "customer_id", "customer", "ordered_at"})

EVENT_TABLES = frozenset({"order_lines", "consent_events"})


def ingest_context(workspace: Workspace) -> IngestContext:
    """Everything in the YAML files that decides which rows and columns are taken in."""
    return IngestContext(
        timezone=workspace.settings.timezone,
        as_of_end=workspace.as_of_end,
        variants={experiment.id: tuple(experiment.allocation) for experiment in workspace.experiments},
        journeys=tuple(workspace.journeys),
        purposes=purpose_words(workspace),
        extra_columns={
            "customers": customer_columns(workspace),
            "unit_outcomes": outcome_columns(workspace),
            "order_lines": order_columns(workspace),
        },
        sku_exclude=workspace.settings.sku_exclude,
        household_experiments=tuple(e.id for e in workspace.experiments if e.unit == "household"),
    )


def declared_purposes(workspace: Workspace) -> frozenset[str]:
    """Every purpose that a YAML file names."""
    found = set(workspace.settings.active_purposes or ())
    for journey in workspace.journeys.values():
        found.update(journey.purposes, journey.tcf_purposes.values())
    for experiment in workspace.experiments:
        found.update(experiment.purposes)
    found.update(segment.purpose for segment in workspace.segments)
    return frozenset(found)


def purpose_words(workspace: Workspace) -> frozenset[str]:
    """What a consent event may call its purpose: a declared one or a TCF purpose's number; none: any."""
    declared = declared_purposes(workspace)
    own = {number for journey in workspace.journeys.values() for number in journey.tcf_purposes}
    return declared and declared | {str(number) for number in own | DEFINED_PURPOSES}


def customer_columns(workspace: Workspace) -> dict[str, str]:
    """Columns of `customers` that segments and covariates name, with what they hold."""
    found = {
        metric.covariate: "number"
        for metric in workspace.metrics.values()
        if isinstance(metric, MeanMetric) and metric.covariate
    }
    found |= {name: "text" for experiment in workspace.experiments for name in experiment.segments}
    return found


def outcome_columns(workspace: Workspace) -> dict[str, str]:
    """Columns of `unit_outcomes` that metrics name; all are numbers."""
    names: list[str | None] = []
    for metric in workspace.metrics.values():
        if isinstance(metric, MeanMetric) and metric.table == "unit_outcomes":
            names += [metric.value, metric.covariate]
        elif isinstance(metric, SurvivalMetric) and metric.table == "unit_outcomes":
            names += [metric.duration, metric.event]
    return {name: "number" for name in names if name}


def order_columns(workspace: Workspace) -> dict[str, str]:
    """Columns of `order_lines` that metrics name beyond the contract."""
    known = CONTRACTS["order_lines"].schema.columns()
    return {
        str(metric.value): "number" if metric.aggregate == "sum" else "any"
        for metric in workspace.metrics.values()
        if isinstance(metric, MeanMetric) and metric.table == "order_lines"
        and metric.value not in (None, "any", *known)
    }  # fmt: skip


def missing_columns(workspace: Workspace, columns: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Columns that a YAML file names and no table has; an absent table is no evidence, not a problem."""
    return [
        *_missing_households(workspace, columns),
        *_missing_segments(workspace, columns),
        *_missing_metric_columns(workspace, columns),
        *_missing_order_columns(workspace, columns),
    ]


def _missing_households(workspace: Workspace, columns: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Households whose members nobody knows: what the members did cannot be counted for them."""
    for index, experiment in enumerate(workspace.experiments):
        metrics = [workspace.metrics[name] for name in experiment.all_metrics]
        by_event = any(getattr(metric, "table", None) in EVENT_TABLES & columns.keys() for metric in metrics)
        if experiment.unit == "household" and by_event and "customers" not in columns:
            where = workspace.documents["experiments"].where((index, "unit"))
            what = "Households are assigned, but no table says which customers live in which."
            yield Problem(where, what, "Add the table customers with household_id, or set `unit: customer`.")


def _missing_segments(workspace: Workspace, columns: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    if "customers" not in columns:
        return
    for index, experiment in enumerate(workspace.experiments):
        for position, name in enumerate(experiment.segments):
            if name not in columns["customers"]:
                where = workspace.documents["experiments"].where((index, "segments", position))
                yield _absent(where, "segment", name, "customers", columns["customers"])


def _missing_metric_columns(workspace: Workspace, columns: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    customers, outcomes = (columns.get(name, frozenset()) for name in ("customers", "unit_outcomes"))
    for name, metric in workspace.metrics.items():
        document = workspace.documents["metrics"]
        if (
            isinstance(metric, MeanMetric)
            and metric.covariate
            and metric.covariate not in customers | outcomes
        ):
            where = document.where((name, "covariate"))
            yield _absent(where, "covariate", metric.covariate, "customers", customers | outcomes)
        if isinstance(metric, RatioMetric) or metric.table != "unit_outcomes" or not outcomes:
            continue
        for key in ("value",) if isinstance(metric, MeanMetric) else ("duration", "event"):
            if getattr(metric, key) not in outcomes:
                where = document.where((name, key))
                yield _absent(where, key, str(getattr(metric, key)), "unit_outcomes", outcomes)


def _missing_order_columns(workspace: Workspace, columns: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    lines = columns.get("order_lines", frozenset())
    for name, metric in workspace.metrics.items():
        if not isinstance(metric, MeanMetric) or metric.table != "order_lines" or not lines:
            continue
        where = workspace.documents["metrics"].where((name, "value"))
        if metric.aggregate == "sum" and metric.value in NO_NUMBERS:
            what = f"'{metric.value}' holds no number, so it cannot be added up."
            yield Problem(where, what, "Use `aggregate: count_distinct`, or name a column of numbers.")
        elif metric.value not in lines | {"any"}:
            yield _absent(where, "value", str(metric.value), "order_lines", lines)


def _absent(where: str, role: str, name: str, table: str, known: frozenset[str]) -> Problem:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    what = f"The {role} '{name}' is not a column of the table '{table}'."
    return Problem(where, what, f"The nearest column is '{near[0]}'." if near else "Add the column.")
