"""One experiment at a time, as plain records: what pages and papers put into words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from math import isclose
from typing import Any, Literal, NamedTuple

import polars as pl

from reports.snapshot import Snapshot
from storage.records import ExperimentRecord, Json, VerdictRecord

MetricUnit = Literal["money", "share", "number"]

ABBREVIATIONS = {"aov": "Average order value"}
"""Metric ids that nobody reads as a word."""


@dataclass(frozen=True)
class Effect:
    """A row of effects.csv; a figure that is not available is None.

    Attributes:
        difference, sequential_low, margin: in the metric's unit.
        relative, relative_sequential_low: shares of control's mean.
        incremental_total: in the metric's unit, over the variant's mature units.
    """

    metric: str
    segment_dimension: str | None
    segment: str | None
    control: str
    variant: str
    n_control: int | None
    n_variant: int | None
    mean_control: float | None
    mean_variant: float | None
    difference: float | None
    difference_se: float | None
    difference_low: float | None
    difference_high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p_value: float | None
    p_adjusted: float | None
    sequential_low: float | None
    sequential_high: float | None
    incremental_total: float | None
    incremental_low: float | None
    incremental_high: float | None
    method: str
    headline: bool
    confidence: float | None
    status: str
    note: str | None
    relative_sequential_low: float | None
    relative_sequential_high: float | None
    margin: float | None
    guardrail_state: str | None
    as_of_run: int | None

    @property
    def units(self) -> int | None:
        """Units of both arms that count; None when the row is hidden."""
        return None if self.n_control is None or self.n_variant is None else self.n_control + self.n_variant


class Metric(NamedTuple):
    """How a metric is called and written.

    Attributes:
        label: its name for people, without "per customer".
        unit: how its mean is written; a `share` is the mean of zeros and ones.
        lower_is_better: whether a fall is good.
        definition: as configured.
    """

    metric: str
    label: str
    unit: MetricUnit
    lower_is_better: bool
    definition: Json


class Check(NamedTuple):
    """A row of health.csv."""

    check: str
    statistic: float | None
    p_value: float | None
    status: str
    note: str


class Exclusion(NamedTuple):
    """A row of exclusions.csv; `units` is None when hidden."""

    variant: str
    reason: str
    units: int | None


@dataclass(frozen=True)
class Experiment:
    """An experiment with its figures.

    Attributes:
        name: for people.
        journey: its id; None for a universal holdout.
        noun: what a unit is, in the plural.
        variants: those compared with control, in the order of the allocation.
        metrics: primary first, then as configured, guardrails last.
        guardrails: margin in the metric's unit and the direction that harms, by metric.
        ended: whether the planned look has come; before it the limits valid at any look decide.
        totals, segments: effects over the whole experiment and by segment, both methods.
        verdicts: by variant.
    """

    experiment: str
    name: str
    journey: str | None
    journey_name: str
    noun: str
    control: str
    variants: tuple[str, ...]
    shares: Mapping[str, float]
    starts: date | None
    ends: date | None
    primary: str
    metrics: tuple[Metric, ...]
    guardrails: Mapping[str, Json]
    confidence: float
    programme: bool
    ended: bool
    definition: Json
    facts: Json
    totals: tuple[Effect, ...]
    segments: tuple[Effect, ...]
    verdicts: Mapping[str, VerdictRecord]
    checks: tuple[Check, ...]
    exclusions: tuple[Exclusion, ...]

    def metric(self, name: str) -> Metric:
        """Look up one of its metrics.

        Raises:
            KeyError: it has none of that id.
        """
        return {metric.metric: metric for metric in self.metrics}[name]

    def headline(self, metric: str, variant: str) -> Effect | None:
        """The row that counts for the whole experiment; None without evidence."""
        return next(_rows(self.totals, metric, variant, headline=True), None)

    def other_method(self, metric: str, variant: str) -> Effect | None:
        """The unadjusted row beside an adjusted headline."""
        return next(_rows(self.totals, metric, variant, headline=False), None)

    def by_segment(self, metric: str, variant: str, dimension: str) -> list[Effect]:
        """The headline rows of a dimension's segments, by name."""
        rows = _rows(self.segments, metric, variant, headline=True)
        return [row for row in rows if row.segment_dimension == dimension]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Segment dimensions that have rows, in order of name."""
        return tuple(sorted({row.segment_dimension for row in self.segments if row.segment_dimension}))


def experiments(snapshot: Snapshot) -> dict[str, Experiment]:
    """Every experiment of a run by id."""
    effects = _grouped(snapshot.frames["effects"], Effect)
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


def journey_names(snapshot: Snapshot) -> dict[str, str]:
    """Journeys as configured, in their order: id and name for people."""
    configured = snapshot.run.workspace.get("journeys", [])
    return {item["id"]: item.get("name") or humanised(item["id"]) for item in configured}


def humanised(identifier: str) -> str:
    """An id as words.

    >>> humanised("cart-recovery_2026q3"), humanised("aov")
    ('Cart recovery 2026q3', 'Average order value')
    """
    if identifier in ABBREVIATIONS:
        return ABBREVIATIONS[identifier]
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else identifier


def arm_name(variant: str) -> str:
    """A variant's id as it reads within a sentence.

    >>> arm_name("no_email")
    'no email'
    """
    return variant.replace("_", " ").replace("-", " ").strip() or variant


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
    order = dict.fromkeys([wanted["primary"], *wanted.get("metrics", []), *rails])
    totals = tuple(row for row in effects if row.segment_dimension is None)
    weights = record.facts.get("shares") or wanted["allocation"]
    return Experiment(
        experiment=record.experiment,
        name=wanted.get("name") or humanised(record.experiment),
        journey=journey,
        journey_name=journeys.get(journey or "", humanised(journey) if journey else "All journeys"),
        noun="households" if wanted.get("unit") == "household" else "customers",
        control=control,
        variants=tuple(arm for arm in wanted["allocation"] if arm != control),
        shares=weights,
        starts=_date(wanted.get("starts")),
        ends=_date(wanted.get("ends")),
        primary=wanted["primary"],
        metrics=tuple(_metric(name, snapshot.metric_definitions.get(name, {}), totals) for name in order),
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


def _metric(name: str, definition: Json, totals: Iterable[Effect]) -> Metric:
    return Metric(
        metric=name,
        label=definition.get("label") or humanised(name),
        unit=_unit(name, definition, totals),
        lower_is_better=definition.get("direction") == "lower",
        definition=definition,
    )


def _unit(name: str, definition: Json, totals: Iterable[Effect]) -> MetricUnit:
    if definition.get("money"):
        return "money"
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


def _grouped(frame: pl.DataFrame, kind: Any) -> defaultdict[str, list[Any]]:
    """Rows by experiment, as records that take the columns they name."""
    names = kind._fields if hasattr(kind, "_fields") else tuple(field.name for field in fields(kind))
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for experiment, *values in frame.select("experiment", *names).iter_rows():
        found[experiment].append(kind(*values))
    return found


def _rows(rows: Iterable[Effect], metric: str, variant: str, *, headline: bool) -> Iterator[Effect]:
    return (
        row for row in rows if row.metric == metric and row.variant == variant and row.headline is headline
    )


def _date(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
