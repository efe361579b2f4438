"""From a snapshot's tables to one record per experiment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from math import isclose
from typing import Any

import polars as pl

from reports.results import Check, Effect, Exclusion, Experiment, Metric, MetricUnit, humanised
from reports.snapshot import Snapshot
from storage.records import ExperimentRecord, Json, VerdictRecord


def experiment_name(record: ExperimentRecord) -> str:
    """What an experiment is called: as configured, else its id in words."""
    return str(record.definition.get("name") or humanised(record.experiment))


def experiment_names(snapshot: Snapshot) -> dict[str, str]:
    """What every experiment of a run is called, by id."""
    return {record.experiment: experiment_name(record) for record in snapshot.experiment_records}


def experiments(snapshot: Snapshot) -> dict[str, Experiment]:
    """Every experiment of a run by id."""
    effects = _grouped(snapshot.frames["effects"], Effect)
    for experiment, rows in _grouped(_as_effects(snapshot.frames["survival_effects"]), Effect).items():
        effects[experiment] += rows
    checks = _grouped(snapshot.frames["health"], Check)
    exclusions = _grouped(snapshot.frames["exclusions"], Exclusion)
    verdicts: dict[str, dict[str, VerdictRecord]] = defaultdict(dict)
    for verdict in snapshot.verdict_records:
        verdicts[verdict.experiment][verdict.variant] = verdict
    names = journey_names(snapshot)
    return {
        record.experiment: _experiment(
            record,
            snapshot,
            names,
            effects[record.experiment],
            verdicts[record.experiment],
            checks[record.experiment],
            exclusions[record.experiment],
        )
        for record in snapshot.experiment_records
    }


def metrics(snapshot: Snapshot) -> list[Metric]:
    """The metrics that experiments use, as configured: what they are called, whatever was measured."""
    definitions = (record.definition for record in snapshot.experiment_records)
    used = (
        [wanted["primary"], *wanted.get("metrics", []), *(wanted.get("guardrails") or {})]
        for wanted in definitions
    )
    names = dict.fromkeys(name for names in used for name in names)
    return [_metric(name, snapshot.metric_definitions, ()) for name in names]


def journey_names(snapshot: Snapshot) -> dict[str, str]:
    """Journeys as configured, in their order: id and name for people."""
    configured = snapshot.run.workspace.get("journeys", [])
    return {item["id"]: item.get("name") or humanised(item["id"]) for item in configured}


def _experiment(
    record: ExperimentRecord,
    snapshot: Snapshot,
    journeys: Mapping[str, str],
    effects: list[Effect],
    verdicts: Mapping[str, VerdictRecord],
    checks: list[Check],
    exclusions: list[Exclusion],
) -> Experiment:
    wanted, journey = record.definition, record.definition.get("journey")
    control = wanted["control"]
    rails = wanted.get("guardrails") or {}
    cost = [wanted["cost"]] if wanted.get("cost") else []
    order = dict.fromkeys([wanted["primary"], *wanted.get("metrics", []), *cost, *rails])
    totals = tuple(row for row in effects if row.segment_dimension is None)
    weights = record.facts.get("shares") or wanted["allocation"]
    return Experiment(
        experiment=record.experiment,
        name=experiment_name(record),
        journey=journey,
        journey_name=journeys.get(journey or "", humanised(journey) if journey else "All journeys"),
        noun="households" if wanted.get("unit") == "household" else "customers",
        control=control,
        variants=tuple(arm for arm in wanted["allocation"] if arm != control),
        shares=weights,
        starts=_date(wanted.get("starts")),
        ends=_date(wanted.get("ends")),
        primary=wanted["primary"],
        metrics=tuple(_metric(name, snapshot.metric_definitions, totals) for name in order),
        guardrails=rails,
        confidence=float(wanted.get("confidence") or 0.95),
        programme=bool(wanted.get("programme")),
        ended=bool(record.facts.get("ended")),
        definition=wanted,
        facts=record.facts,
        totals=totals,
        segments=tuple(row for row in effects if row.segment_dimension is not None),
        verdicts=verdicts,
        checks=tuple(checks),
        exclusions=tuple(exclusions),
    )


def _metric(name: str, definitions: Mapping[str, Json], totals: Iterable[Effect]) -> Metric:
    definition = definitions.get(name, {})
    survival = definition.get("kind") == "survival"
    return Metric(
        metric=name,
        label=(definition.get("label") or humanised(name))
        + (_horizon(name, definition, totals) if survival else ""),
        unit="money" if _of_money(definition, definitions) else _unit(name, definition, totals),
        lower_is_better=definition.get("direction") == "lower",
        definition=definition,
    )


def _horizon(name: str, definition: Json, totals: Iterable[Effect]) -> str:
    """Until when a risk is taken, in days or in the metric's own unit of time."""
    found = (row.horizon_days for row in totals if row.metric == name and row.horizon_days is not None)
    horizon = next(found, None) or definition.get("horizon_days")
    return f" within {horizon:.0f} {definition.get('duration') or 'days'}" if horizon else ""


def _of_money(definition: Json, definitions: Mapping[str, Json]) -> bool:
    """Whether a metric is an amount: as configured, or a ratio of money to something else."""
    if definition.get("kind") != "ratio":
        return bool(definition.get("money"))
    parts = [definitions.get(definition.get(part, ""), {}) for part in ("numerator", "denominator")]
    above, below = (bool(part.get("money")) for part in parts)
    return bool(definition.get("money")) or (above and not below)


def _unit(name: str, definition: Json, totals: Iterable[Effect]) -> MetricUnit:
    if definition.get("kind") == "survival" or definition.get("value") == "any":
        return "share"
    rows = [row for row in totals if row.metric == name and row.method == "unadjusted" and row.status == "ok"]
    mean = definition.get("kind") == "mean"
    return "share" if mean and rows and all(_of_zeros_and_ones(row) for row in rows) else "number"


def _of_zeros_and_ones(row: Effect) -> bool:
    """Whether the standard error is the one that only values of 0 and 1 can have: variance = p (1 − p)."""
    means = (row.mean_control, row.mean_variant)
    sizes = (row.n_control, row.n_variant)
    if row.difference_se is None or not all(mean is not None and 0 <= mean <= 1 for mean in means):
        return False
    if not all(size is not None and size > 1 for size in sizes) or row.difference_se == 0:
        return False
    pairs = zip(means, sizes, strict=True)
    variance = sum((p or 0) * (1 - (p or 0)) / ((n or 2) - 1) for p, n in pairs)
    return isclose(row.difference_se**2, variance, rel_tol=1e-9)


def _as_effects(survival: pl.DataFrame) -> pl.DataFrame:
    """Risk differences at the horizon, as rows of effects."""
    renamed = survival.rename(
        {
            "risk_control": "mean_control",
            "risk_variant": "mean_variant",
            "risk_difference": "difference",
            "risk_low": "difference_low",
            "risk_high": "difference_high",
        }
    ).with_columns(method=pl.lit("survival"), headline=pl.lit(value=True))
    absent = [field.name for field in fields(Effect) if field.name not in renamed.columns]
    return renamed.with_columns(pl.lit(None).alias(name) for name in absent)


def _grouped(frame: pl.DataFrame, kind: Any) -> defaultdict[str, list[Any]]:
    """Rows by experiment, as records that take the columns they name."""
    names = kind._fields if hasattr(kind, "_fields") else tuple(field.name for field in fields(kind))
    names = tuple(name for name in names if name in frame.columns)
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for experiment, *values in frame.select("experiment", *names).iter_rows():
        found[experiment].append(kind(**dict(zip(names, values, strict=True))))
    return found


def _date(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
