"""Survival metrics of an experiment: churn, lapse, consent withdrawal; curves and what a variant changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from experiments.effects import guardrail_states, noninferiority
from experiments.hazards import RiskSets, cox, logrank, proportionality
from experiments.sequential import sequence
from experiments.survival import LifeTable, SurvivalEffect, compare_survival, kaplan_meier
from experiments.verdict import GuardrailState
from jobs import population
from jobs.admission import PersonalTables
from jobs.config.models import Experiment, SurvivalMetric
from jobs.engine import PolarsEngine
from jobs.experiment.units import Units
from metrics import churn
from metrics.effects_table import Design

Frame = nw.LazyFrame[Any]
col = nw.col


@dataclass(frozen=True)
class Followed:
    """One survival metric of one experiment.

    Attributes:
        curves: rows of survival.csv, with the people at risk.
        effects: rows of survival_effects.csv, with the people of both arms.
    """

    metric: str
    curves: pl.DataFrame
    effects: pl.DataFrame


def follow(
    experiment: Experiment,
    design: Design,
    metrics: dict[str, SurvivalMetric],
    units: Units,
    source: PersonalTables,
    rules: population.Rules,
    engine: PolarsEngine,
    minimum_people: int,
) -> list[Followed]:
    """Every survival metric of an experiment for which the retailer has the table."""
    found = []
    for name, metric in metrics.items():
        if not source.has(metric.table):
            continue
        spans = _spans(metric, units, source, rules)
        counts = engine.collect(churn.counts(spans)).filter(pl.col("days").is_not_null())
        horizon = metric.horizon_days
        found.append(
            Followed(
                name,
                _curves(design, name, counts, minimum_people),
                _effects(design, name, counts, horizon, minimum_people),
            )
        )
    return found


def _spans(
    metric: SurvivalMetric,
    units: Units,
    source: PersonalTables,
    rules: population.Rules,
) -> Frame:
    if metric.table == "unit_outcomes":
        columns = [str(metric.duration), str(metric.event)]
        counting = units.frame.filter(col("reason") == 0).select("unit", "variant")
        joined = counting.join(units.admitted.results(*columns), on="unit", how="inner")
        return churn.observed_spans(joined, *columns)
    if metric.table == "consent_events":
        return churn.withdrawal_spans(_followed(units, source, "consent_events", rules, consented=True))
    purchases = units.admitted.lines("quantity").filter(col("quantity") > 0)
    followed = _followed(units, source, "order_lines", rules, consented=False)
    return churn.churn_spans(followed, purchases.select("unit", "at"), float(metric.inactive_days or 0))


def _followed(
    units: Units, source: PersonalTables, table: str, rules: population.Rules, *, consented: bool
) -> Frame:
    """One row per counting unit: until when it is followed, and whether a withdrawal ends that.

    The withdrawals of those who had `consented` are what is counted then: only the measurement date ends it.
    """
    last = source.loaded_until.get(table, rules.as_of_end)
    members = units.admitted.members.filter(col("reason") == 0)
    if consented:
        members = members.filter(col("consented"))
    frame = members.group_by("unit").agg(
        col("variant").min(), col("time").min(), col("withdrew_at").min(), col("refused_at").min()
    )
    early = nw.lit(value=False) if consented else ~col("withdrew_at").is_null() & (col("withdrew_at") < last)
    until = nw.when(early).then(col("withdrew_at")).otherwise(nw.lit(last))
    followed = frame.with_columns(until=until, left=nw.when(early).then(1).otherwise(0))
    return followed.filter(col("until") >= col("time"))


CURVE_TYPES = {
    **dict.fromkeys(("experiment", "metric", "variant"), pl.String()),
    **dict.fromkeys(("day", "at_risk", "events"), pl.Int64()),
    **dict.fromkeys(("survival", "survival_low", "survival_high", "people"), pl.Float64()),
    "status": pl.String(),
}
"""Said, because an arm of fewer than k people has no row to tell them."""


def _curves(design: Design, metric: str, counts: pl.DataFrame, minimum_people: int) -> pl.DataFrame:
    frames = []
    for arm in design.arms:
        table = churn.life_table(counts, arm)
        days = _published_days(table, minimum_people)
        curve = kaplan_meier(table, days, design.confidence)
        frames.append(
            pl.DataFrame(
                {
                    "experiment": design.experiment,
                    "metric": metric,
                    "variant": arm,
                    "day": days.astype(np.int64),
                    "at_risk": curve.at_risk.astype(np.int64),
                    "events": curve.events.astype(np.int64),
                    "survival": curve.survival,
                    "survival_low": curve.low,
                    "survival_high": curve.high,
                    "people": curve.at_risk,
                    "status": "ok",
                },
                schema=CURVE_TYPES,
            ).with_columns(pl.col("survival", "survival_low", "survival_high").fill_nan(None))
        )
    return pl.concat(frames).with_columns(note=pl.lit(None, dtype=pl.String))


def _published_days(table: LifeTable, minimum_people: int) -> np.ndarray:
    """Whole days between which nobody or at least k people left the risk set, down to k at risk."""
    if table.n < minimum_people:
        return np.empty(0)
    days = np.arange(int(np.floor(table.times[-1])) + 1, dtype=float)
    left = np.append(table.at_risk, 0.0)
    at_risk = left[np.searchsorted(table.times, days)]
    kept = [0]
    for day in range(1, len(days)):
        step = at_risk[kept[-1]] - at_risk[day]
        if (step == 0 or step >= minimum_people) and at_risk[day] >= minimum_people:
            kept.append(day)
    return days[kept]


def _effects(
    design: Design, metric: str, counts: pl.DataFrame, horizon: float | None, minimum_people: int
) -> pl.DataFrame:
    control = churn.life_table(counts, design.arms[0])
    rows = []
    for position, arm in enumerate(design.arms[1:]):
        variant = churn.life_table(counts, arm)
        effect = compare_survival(control, variant, horizon, design.confidence)
        worst = compare_survival(
            control, churn.life_table(counts, arm, leavers_churn=True), horizon, design.confidence
        )
        left = [_left(counts, name, minimum_people) for name in (design.arms[0], arm)]
        row: dict[str, Any] = {
            "experiment": design.experiment,
            "metric": metric,
            "control": design.arms[0],
            "variant": arm,
            **_effect(design, metric, effect, position),
            "note": effect.reason or _remarks(horizon, effect),
            **_hazards(control, variant, effect, design.confidence),
            "n_control": control.n,
            "n_variant": variant.n,
            "left_control": left[0],
            "left_variant": left[1],
            "worst_case_risk_difference": float(worst.risk.difference) if None not in left else None,
            "people_control": control.n,
            "people_variant": variant.n,
        }
        rows.append(row)
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))
    return frame.cast({"n_control": pl.Int64, "n_variant": pl.Int64})


def _remarks(asked: float | None, effect: SurvivalEffect) -> str | None:
    """What is said where nobody was followed for as long as was asked, or the risk has no limits."""
    said = [effect.remark] if effect.remark else []
    if asked is not None and effect.horizon < asked:
        followed = f"compared at {effect.horizon:.4g}, the longest that both arms were followed"
        said.insert(0, f"{followed}, instead of the {asked:g} asked")
    return "; ".join(said) or None


def _left(counts: pl.DataFrame, arm: str, minimum_people: int) -> int | None:
    """Units no longer followed because of a withdrawal; too few are not said."""
    found = int(counts.filter(pl.col("variant") == arm)["left"].sum())
    return None if 0 < found < minimum_people else found


def _effect(design: Design, metric: str, effect: SurvivalEffect, position: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"horizon_days": effect.horizon}
    for prefix, comparison in (("rmst", effect.restricted_mean), ("risk", effect.risk)):
        for end in ("difference", "difference_low", "difference_high"):
            figures[f"{prefix}_{end.removeprefix('difference_')}"] = float(getattr(comparison, end))
    figures["risk_control"] = float(effect.risk.mean_control)
    figures["risk_variant"] = float(effect.risk.mean_variant)
    figures["p_value"] = float(effect.risk.p_value)
    figures["status"] = "not_testable" if effect.reason else "ok"
    if metric not in design.guardrails or effect.reason:
        return figures | {"margin": None, "p_noninferiority": None, "guardrail_state": None}
    harm_if, margin = design.guardrails[metric]
    tolerated = np.nan if margin is None else margin
    p_value, states = noninferiority(effect.risk, tolerated, harm_if, design.confidence)
    if not design.ended:
        planned = design.planned_pairs()[position]
        looks = len(design.arms) - 1
        bounds = sequence(effect.risk, planned, 1 - design.confidence, bonferroni=looks)
        states = guardrail_states(effect.risk.difference, bounds.low, bounds.high, tolerated, harm_if)
    state = str(np.asarray(states).item())
    return figures | {"margin": margin, "p_noninferiority": float(p_value), "guardrail_state": state}


def _hazards(
    control: LifeTable, variant: LifeTable, effect: SurvivalEffect, confidence: float
) -> dict[str, float]:
    if effect.reason:
        names = ("hazard_ratio", "hazard_low", "hazard_high", "logrank_p", "proportional_p")
        return dict.fromkeys(names, float("nan"))
    sets = RiskSets.of(control, variant)
    ratio = cox(sets, confidence)
    return {
        "hazard_ratio": float(ratio.ratio),
        "hazard_low": float(ratio.low),
        "hazard_high": float(ratio.high),
        "logrank_p": float(logrank(sets).p_value),
        "proportional_p": float(proportionality(sets).p_value),
    }


def guardrail_p(followed: Sequence[Followed], minimum_people: int) -> list[float]:
    """Non-inferiority p-values of the survival guardrails that may be shown."""
    return [
        row["p_noninferiority"]
        for metric in followed
        for row in metric.effects.iter_rows(named=True)
        if row["p_noninferiority"] is not None
        and min(row["people_control"], row["people_variant"]) >= minimum_people
    ]


def guardrail_states_of(
    followed: Sequence[Followed], variant: str, minimum_people: int
) -> dict[str, GuardrailState]:
    """State of each survival guardrail for a variant; those with too few people have none."""
    return {
        row["metric"]: row["guardrail_state"]
        for metric in followed
        for row in metric.effects.iter_rows(named=True)
        if row["variant"] == variant
        and row["guardrail_state"] is not None
        and min(row["people_control"], row["people_variant"]) >= minimum_people
    }
