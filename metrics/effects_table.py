"""Rows of the effects tables: from an experiment's moments to every figure a reader sees."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from experiments import multiplicity
from experiments.arrays import Floats
from experiments.effects import Comparison, HarmIf, compare, guardrail_states, noninferiority
from experiments.estimates import ArmEstimate, adjusted, ratio, unadjusted
from experiments.moments import Moments
from experiments.sequential import ConfidenceSequence, sequence

TOTAL = ("", "")


@dataclass(frozen=True)
class MetricMoments:
    """One metric's sufficient statistics in every cell of an experiment.

    Attributes:
        metric: its name.
        is_ratio: the two variables are numerator and denominator, not outcome and covariate.
        cells: (dimension, segment) per row of `moments`, or the day; the whole experiment comes first.
        moments: batch shape (cells, arms), control first.
        people: distinct people, shape (cells, arms).
        note: said beside every row (a cap, an unknown variance).
    """

    metric: str
    is_ratio: bool
    cells: tuple[tuple[str, str], ...]
    moments: Moments
    people: Floats
    note: str = ""


@dataclass(frozen=True)
class Design:
    """What of an experiment's definition the figures depend on.

    Attributes:
        experiment, journey: ids (journey may be absent for a universal holdout).
        arms: control first.
        shares: intended share per arm, summing to 1.
        confidence: of the intervals.
        planned_units: N* of the confidence sequence, over all arms.
        primary: name of the primary metric.
        guardrails: metric → (harm_if, margin).
        ended: the planned look has come; before it, guardrails are judged by the confidence sequence.
    """

    experiment: str
    journey: str | None
    arms: tuple[str, ...]
    shares: tuple[float, ...]
    confidence: float
    planned_units: float
    primary: str
    guardrails: dict[str, tuple[HarmIf, float | None]] = field(default_factory=dict)
    ended: bool = True

    def planned_pairs(self) -> Floats:
        """N* of each variant together with the control, shape (variants,)."""
        shares = np.asarray(self.shares)
        pairs: Floats = self.planned_units * (shares[0] + shares[1:])
        return pairs


def estimates(metric: MetricMoments) -> dict[str, ArmEstimate]:
    """Per method the arms' estimates, shape (cells, arms); the last one is the headline."""
    if metric.is_ratio:
        return {"unadjusted": ratio(metric.moments)}
    found = {"unadjusted": unadjusted(metric.moments)}
    if metric.moments.mean.shape[-1] > 1:
        pooled = metric.moments.merge_all(axis=1).mean[..., 1]
        found["adjusted"] = adjusted(metric.moments, pooled[:, None])
    return found


def split(arms: ArmEstimate) -> tuple[ArmEstimate, ArmEstimate]:
    """Control, shape (cells, 1), and variants, shape (cells, variants)."""
    return ArmEstimate(*(a[:, :1] for a in arms)), ArmEstimate(*(a[:, 1:] for a in arms))


def effect_rows(design: Design, metric: MetricMoments) -> pl.DataFrame:
    """Rows of effects.csv for one metric, p_adjusted still to come, with the people of both arms."""
    frames = []
    methods = estimates(metric)
    for method, arms in methods.items():
        comparison = compare(*split(arms), confidence=design.confidence)
        bounds = sequence(
            comparison,
            design.planned_pairs()[None, :],
            1 - design.confidence,
            bonferroni=len(design.arms) - 1,
        )
        frames.append(
            _keys(design, metric).with_columns(
                *_figures(comparison),
                *_sequential(bounds),
                *_guardrail(design, metric.metric, comparison, bounds),
                method=pl.lit(method),
                headline=pl.lit(method == list(methods)[-1]),
                confidence=pl.lit(design.confidence),
                people_control=_flat(np.broadcast_to(metric.people[:, :1], metric.people[:, 1:].shape)),
                people_variant=_flat(metric.people[:, 1:]),
                **_outcome(comparison, metric),
            )
        )
    rows = pl.concat(frames)
    if metric.is_ratio:
        empty = [
            pl.lit(None, dtype=pl.Float64).alias(f"incremental_{end}") for end in ("total", "low", "high")
        ]
        rows = rows.with_columns(*empty)
    return rows


def _flat(values: Floats) -> pl.Series:
    """Cells × variants in row order; NaN becomes missing."""
    series = pl.Series(np.ascontiguousarray(values).reshape(-1))
    return series.fill_nan(None) if series.dtype.is_float() else series


def _keys(design: Design, metric: MetricMoments) -> pl.DataFrame:
    variants = design.arms[1:]
    return pl.DataFrame(
        {
            "experiment": design.experiment,
            "journey": design.journey,
            "metric": metric.metric,
            "segment_dimension": [cell[0] for cell in metric.cells for _ in variants],
            "segment": [cell[1] for cell in metric.cells for _ in variants],
            "control": design.arms[0],
            "variant": [variant for _ in metric.cells for variant in variants],
        },
        schema_overrides={"journey": pl.String},
    )


def _figures(comparison: Comparison) -> list[pl.Series]:
    names = (
        "mean_control", "mean_variant", "difference", "difference_se", "difference_low", "difference_high",
        "relative", "relative_low", "relative_high", "p_value",
        "incremental_total", "incremental_low", "incremental_high",
    )  # fmt: skip
    counts = [_flat(getattr(comparison, n)).cast(pl.Int64).alias(n) for n in ("n_control", "n_variant")]
    return [*counts, *(_flat(getattr(comparison, name)).alias(name) for name in names)]


def _sequential(bounds: ConfidenceSequence) -> list[pl.Series]:
    names = {
        "low": "sequential_low",
        "high": "sequential_high",
        "relative_low": "relative_sequential_low",
        "relative_high": "relative_sequential_high",
    }
    return [_flat(getattr(bounds, field)).alias(name) for field, name in names.items()]


def _outcome(comparison: Comparison, metric: MetricMoments) -> dict[str, pl.Series]:
    testable, unbounded, reasons = (
        part.reshape(-1) for part in (comparison.testable, comparison.unbounded, comparison.reason)
    )
    notes = [
        "; ".join(filter(None, [metric.note, "" if ok else str(why), "unbounded" if ok and open_ else ""]))
        for ok, open_, why in zip(testable, unbounded, reasons, strict=True)
    ]
    return {
        "status": pl.Series(["ok" if ok else "not_testable" for ok in testable]),
        "note": pl.Series([note or None for note in notes], dtype=pl.String),
    }


def _guardrail(
    design: Design, metric: str, comparison: Comparison, bounds: ConfidenceSequence
) -> list[pl.Expr | pl.Series]:
    if metric not in design.guardrails:
        empty = [pl.lit(None, dtype=pl.Float64).alias(name) for name in ("margin", "p_noninferiority")]
        return [*empty, pl.lit(None, dtype=pl.String).alias("guardrail_state")]
    harm_if, margin = design.guardrails[metric]
    tolerated = np.nan if margin is None else margin
    p_value, states = noninferiority(comparison, tolerated, harm_if, design.confidence)
    if not design.ended:
        states = guardrail_states(comparison.difference, bounds.low, bounds.high, tolerated, harm_if)
    return [
        pl.lit(margin, dtype=pl.Float64).alias("margin"),
        _flat(p_value).alias("p_noninferiority"),
        pl.Series("guardrail_state", states.reshape(-1).astype(str), dtype=pl.String),
    ]


def with_adjusted_p(
    rows: pl.DataFrame, design: Design, hidden: pl.Series, further: Sequence[float] = ()
) -> pl.DataFrame:
    """Add p_adjusted: Holm over primary and guardrails, Benjamini-Hochberg within a metric's segments.

    Rows that are `hidden`, not testable or not the headline take no part and have none. `further` p-values
    belong to Holm's family without being rows: the non-inferiority of survival guardrails.
    """
    whole = pl.col("segment_dimension") == ""
    usable = pl.col("headline") & (pl.col("status") == "ok") & pl.col("p_value").is_not_null() & ~hidden
    family = pl.col("metric").is_in([design.primary, *design.guardrails])
    rows = rows.with_columns(p_adjusted=pl.lit(None, dtype=pl.Float64)).with_row_index("__row")
    groups = [rows.filter(usable & whole & family)]
    groups += rows.filter(usable & ~whole).partition_by("metric")  # Holm's family first
    found = []
    for position, group in enumerate(groups):
        own = group["p_value"].to_numpy()
        adjusted = (
            multiplicity.holm(np.append(own, further))[: own.size]
            if position == 0
            else multiplicity.benjamini_hochberg(own)
        )
        found.append(pl.DataFrame({"__row": group["__row"], "__p": adjusted}))
    if found:
        rows = rows.join(pl.concat(found), on="__row", how="left", maintain_order="left").with_columns(
            p_adjusted=pl.col("__p")
        )
    return rows.drop("__row", "__p", strict=False)


def day_rows(design: Design, metric: MetricMoments, days: Sequence[int]) -> pl.DataFrame:
    """Rows of effects_by_day.csv, headline method; `metric` has one cell per day, accumulated up to it."""
    rows = effect_rows(design, metric).filter(pl.col("headline"))
    number = {str(day): day for day in days}
    return rows.with_columns(day=pl.col("segment_dimension").replace_strict(number, return_dtype=pl.Int64))
