"""One experiment at a time, as plain records: what pages and papers put into words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from storage.records import Json, VerdictRecord

MetricUnit = Literal["money", "share", "number"]

WORDS = {"aov": "Average order value", "withdrawal": "Consent withdrawal"}
"""Metric ids that say too little as a word."""


@dataclass(frozen=True)
class Effect:
    """A row of effects.csv or survival_effects.csv; a figure that is not available is None.

    Of a survival metric the means are risks at the horizon, and there are no limits valid at any look.

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
    horizon_days: float | None = None

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
        """The headline rows of a dimension's segments, by name; such as (unknown) last."""
        rows = _rows(self.segments, metric, variant, headline=True)
        found = [row for row in rows if row.segment_dimension == dimension]
        return sorted(found, key=lambda row: (row.segment or "").startswith("("))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Segment dimensions that have rows, in order of name."""
        return tuple(sorted({row.segment_dimension for row in self.segments if row.segment_dimension}))


def humanised(identifier: str) -> str:
    """An id as words.

    >>> humanised("cart-recovery_2026q3"), humanised("aov")
    ('Cart recovery 2026q3', 'Average order value')
    """
    if identifier in WORDS:
        return WORDS[identifier]
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else identifier


def arm_name(variant: str) -> str:
    """A variant's id as it reads within a sentence.

    >>> arm_name("no_email")
    'no email'
    """
    return variant.replace("_", " ").replace("-", " ").strip() or variant


def _rows(rows: Iterable[Effect], metric: str, variant: str, *, headline: bool) -> Iterator[Effect]:
    return (
        row for row in rows if row.metric == metric and row.variant == variant and row.headline is headline
    )
