"""One experiment from its units to its figures, health and verdicts."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from experiments.health import HealthCheck
from jobs.config.models import Experiment, MeanMetric, SurvivalMetric
from jobs.experiment import aggregates, health, standing, timing
from jobs.experiment.analysis import Analysis, analyse
from jobs.experiment.by_age import Aged, effects_by_age
from jobs.experiment.by_day import by_day
from jobs.experiment.inputs import Inputs
from jobs.experiment.skus import SkuResult, by_sku
from jobs.experiment.spending import Spending, spending
from jobs.experiment.survival import Followed, follow, guardrail_p
from jobs.experiment.units import Units, build, counted_column, needed_means, rules_of
from jobs.experiment.verdicts import Reading, decide_all
from metrics.effects_table import Design, MetricMoments, day_rows, effect_rows, with_adjusted_p
from policy.disclosure import Cells, suppressed

EFFECT_FIGURES = (
    "n_control", "n_variant", "mean_control", "mean_variant", "difference", "difference_se", "difference_low",
    "difference_high", "relative", "relative_low", "relative_high", "p_value", "p_adjusted", "sequential_low",
    "sequential_high", "incremental_total", "incremental_low", "incremental_high", "relative_sequential_low",
    "relative_sequential_high", "p_noninferiority", "guardrail_state",
)  # fmt: skip
EFFECT_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=EFFECT_FIGURES,
    partition=("experiment", "segment_dimension"),
    part=("segment",),
    parts_only=pl.col("segment_dimension") != "",
)


@dataclass(frozen=True)
class ExperimentResult:
    """One experiment's figures, still on the personal-data side of the door.

    Attributes:
        effects, by_day, exclusions: rows with the people behind them.
        followed: survival metrics.
        products: by SKU and category; None where nothing was sold.
        spending: money metrics together with the cost, where each unit's cost is measured.
        aged: effects by days since assignment; None where no metric adds up order lines.
        facts: the method card.
        erased: changes whenever somebody more of the experiment is erased.
    """

    experiment: Experiment
    effects: pl.DataFrame
    by_day: pl.DataFrame
    exclusions: pl.DataFrame
    followed: tuple[Followed, ...]
    products: SkuResult | None
    spending: tuple[Spending, ...]
    design: Design
    aged: Aged | None
    health: tuple[HealthCheck, ...]
    verdicts: Mapping[str, Reading]
    facts: dict[str, Any]
    erased: str


def compute(inputs: Inputs, experiment: Experiment, plan: Callable[[int], int]) -> ExperimentResult:
    """Every figure of an experiment; `plan` turns units assigned so far into the planned number of units."""
    workspace = inputs.workspace
    units, analysis, arms = _from_units(inputs, experiment)
    totals, steps = _from_aggregates(inputs, experiment)
    metrics = [*(analysis.metrics if analysis else ()), *totals]
    known = timing.assigned(inputs, experiment)
    start = timing.started(workspace, experiment, known)
    if analysis and start:
        watched = [v for v in analysis.variables if v.metric in (experiment.primary, *experiment.guardrails)]
        steps = [*by_day(analysis.breakdown, watched, start), *steps]
    assigned = int(arms["assigned"].sum()) if arms is not None else _largest(metrics)
    ended = timing.ended(workspace, experiment, known)
    days = next((days for metric, days in steps if metric.metric == experiment.primary), ())
    until = timing.counted_until(workspace, experiment, known, days)
    k = workspace.settings.disclosure.minimum_people
    design = design_of(experiment, plan(assigned), ended=ended)
    followed = _followed(inputs, experiment, design, units)
    erased = _erased(inputs, experiment, arms)
    effects = _effects(inputs, design, metrics, guardrail_p(followed, k), erased)
    if experiment.lawful_basis == "consent" and not inputs.source.has("consent_events"):
        effects = _without_evidence(effects)
    products = _products(inputs, experiment, design, units)
    checks = health.checks(inputs, experiment, units, analysis, arms)
    return ExperimentResult(
        experiment=experiment,
        effects=effects,
        by_day=_by_day(design, steps, start, workspace.as_of),
        exclusions=_exclusions(inputs, experiment, units, arms),
        followed=followed,
        products=products,
        spending=spending(analysis) if analysis else (),
        design=design,
        aged=_aged(inputs, design, analysis, units),
        health=checks,
        verdicts=decide_all(workspace, experiment, effects, followed, checks, ended=ended),
        facts=_facts(inputs, experiment, analysis, design, start, until, ended=ended)
        | ({"products": products.facts} if products else {}),
        erased=erased,
    )


def design_of(experiment: Experiment, planned_units: float, *, ended: bool) -> Design:
    """What of the definition the figures depend on; shares sum to 1."""
    arms = (experiment.control, *experiment.variants)
    whole = sum(experiment.allocation.values())
    return Design(
        experiment=experiment.id,
        journey=experiment.journey,
        arms=arms,
        shares=tuple(experiment.allocation[arm] / whole for arm in arms),
        confidence=experiment.confidence,
        planned_units=planned_units,
        primary=experiment.primary,
        guardrails={name: (rail.harm_if, rail.margin) for name, rail in experiment.guardrails.items()},
        ended=ended,
    )


def _from_units(
    inputs: Inputs, experiment: Experiment
) -> tuple[Units | None, Analysis | None, pl.DataFrame | None]:
    tables = {getattr(inputs.workspace.metrics[name], "table", None) for name in experiment.all_metrics}
    if not inputs.source.has("assignments") or tables == {"moments"}:
        return None, None, None
    units = build(inputs.workspace, experiment, inputs.source, inputs.engine)
    means = needed_means(experiment, inputs.workspace)
    primary = means.get(experiment.primary)
    counted = counted_column(experiment.primary, primary) if primary else None
    value = f"value__{experiment.primary}" if primary and primary.table == "unit_outcomes" else None
    arms = standing.per_arm(experiment, units, counted, value, inputs.engine)
    return units, analyse(inputs.workspace, experiment, units, inputs.engine), arms


def _from_aggregates(
    inputs: Inputs, experiment: Experiment
) -> tuple[list[MetricMoments], list[tuple[MetricMoments, tuple[int, ...]]]]:
    workspace = inputs.workspace
    names = [
        name
        for name in experiment.all_metrics
        if isinstance(metric := workspace.metrics[name], MeanMetric) and metric.table == "moments"
    ]
    table = inputs.tables.get("moments")
    if not names or table is None or not table.parts:
        return [], []
    arms = (experiment.control, *experiment.variants)
    rows = aggregates.read(table.parts, experiment, names)
    totals = [total for name in names if (total := aggregates.latest(rows, name, arms))]
    watched = [name for name in names if name in (experiment.primary, *experiment.guardrails)]
    k = workspace.settings.disclosure.minimum_people
    steps = [step for name in watched if (step := aggregates.by_day(rows, name, arms, k))]
    return totals, steps


def _largest(metrics: list[MetricMoments]) -> int:
    return int(max((metric.moments.n[0].sum() for metric in metrics), default=0))


def _erased(inputs: Inputs, experiment: Experiment, arms: pl.DataFrame | None) -> str:
    """A mark that changes whenever somebody more of the experiment is erased."""
    if arms is None:
        return ""
    if experiment.unit == "household":
        return inputs.erasures
    gone = standing.tombstones(inputs.tables["assignments"], experiment)
    counts = dict(arms.select("variant", "erased_units").iter_rows())
    return ", ".join(f"{arm}: {count + gone.get(arm, 0)}" for arm, count in counts.items())


def _effects(
    inputs: Inputs, design: Design, metrics: list[MetricMoments], further: list[float], erased: str
) -> pl.DataFrame:
    """Rows with the run whose figures each may show; see `jobs.editions`."""
    if not metrics:
        return pl.DataFrame()
    rows = pl.concat([effect_rows(design, metric) for metric in metrics])
    hidden = suppressed(rows, EFFECT_CELLS, inputs.editions.minimum_people)
    rows = inputs.editions.decide(
        "effects", rows, EFFECT_CELLS, hidden, measures=("metric", "variant"), mark=erased
    )
    return with_adjusted_p(rows, design, rows["as_of_run"].is_null(), further)


def _without_evidence(effects: pl.DataFrame) -> pl.DataFrame:
    """Nobody is known to have consented: of the rows that count people, none is evidence of anything."""
    if effects.is_empty():
        return effects
    nobody = (pl.col("people_control") == 0) & (pl.col("people_variant") == 0)
    why = "the basis is consent, and there is no table of consent events"
    return effects.with_columns(
        status=pl.when(nobody).then(pl.lit("no_evidence")).otherwise("status"),
        note=pl.when(nobody).then(pl.lit(why)).otherwise("note"),
    )


def _aged(inputs: Inputs, design: Design, analysis: Analysis | None, units: Units | None) -> Aged | None:
    if analysis is None or units is None:
        return None
    until = inputs.source.loaded_until.get("order_lines", inputs.workspace.as_of_end)
    return effects_by_age(design, analysis.breakdown, analysis.variables, units, until)


def _products(
    inputs: Inputs, experiment: Experiment, design: Design, units: Units | None
) -> SkuResult | None:
    primary = inputs.workspace.metrics[experiment.primary]
    if units is None or not isinstance(primary, MeanMetric) or primary.table != "order_lines":
        return None
    k = inputs.workspace.settings.disclosure.minimum_people
    until = inputs.source.loaded_until.get("order_lines", inputs.workspace.as_of_end)
    return by_sku(experiment, design, primary, units, inputs.engine, k, until)


def _followed(
    inputs: Inputs, experiment: Experiment, design: Design, units: Units | None
) -> tuple[Followed, ...]:
    metrics = {
        name: metric
        for name in experiment.all_metrics
        if isinstance(metric := inputs.workspace.metrics[name], SurvivalMetric)
    }
    if units is None or not metrics:
        return ()
    rules = rules_of(inputs.workspace, experiment)
    k = inputs.workspace.settings.disclosure.minimum_people
    return tuple(follow(experiment, design, metrics, units, inputs.source, rules, inputs.engine, k))


def _by_day(
    design: Design,
    steps: list[tuple[MetricMoments, tuple[int, ...]]],
    start: dt.datetime | None,
    as_of: dt.date,
) -> pl.DataFrame:
    """Rows of effects_by_day.csv; a step whose window ends on no whole day is dated the measurement date."""
    frames = [day_rows(design, metric, days) for metric, days in steps]
    if not frames:
        return pl.DataFrame()
    first = start.date() if start else None
    date = pl.lit(first, dtype=pl.Date) + pl.duration(days=pl.col("day"))
    dated = pl.concat(frames).with_columns(date=date)
    return dated.with_columns(date=pl.when(pl.col("date") > as_of).then(as_of).otherwise("date"))


def _exclusions(
    inputs: Inputs, experiment: Experiment, units: Units | None, arms: pl.DataFrame | None
) -> pl.DataFrame:
    if units is None or arms is None:
        return pl.DataFrame()
    outside = inputs.engine.collect(units.admitted.outside)
    table = inputs.tables["assignments"]
    return standing.exclusion_rows(
        experiment,
        arms,
        standing.counts_of(outside, "variant", "units"),
        standing.crossovers(table, experiment),
        standing.tombstones(table, experiment),
    )


def _facts(
    inputs: Inputs,
    experiment: Experiment,
    analysis: Analysis | None,
    design: Design,
    start: dt.datetime | None,
    until: dt.datetime | None,
    *,
    ended: bool,
) -> dict[str, Any]:
    """The method card: everything a reader needs to compute the figures again."""
    workspace, k = inputs.workspace, inputs.editions.minimum_people
    checkable = {"customers", "consent_events"} <= set(inputs.tables)
    return {
        "estimand": "intention to treat: difference per assigned unit"
        + (", while consent lasts" if experiment.purposes else ""),
        "lawful_basis": experiment.lawful_basis,
        "consent": "checked" if checkable and experiment.purposes else "no_evidence",
        "purposes": experiment.purposes,
        "planned_units": design.planned_units,
        "shares": dict(zip(design.arms, design.shares, strict=True)),
        "start": start.isoformat() if start else None,
        "ended": ended,
        "counted_until": until.replace(tzinfo=dt.UTC).isoformat() if until else None,
        "caps": [cap.published(k) for cap in analysis.breakdown.caps.values()] if analysis else [],
        "survival": [n for n in experiment.all_metrics if isinstance(workspace.metrics[n], SurvivalMetric)],
    }
