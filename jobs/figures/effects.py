"""Effects, their days, exclusions, health and quarantine on their way through the disclosure door."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from jobs.clock import quarter_days
from jobs.config.models import Experiment, SurvivalMetric
from jobs.config.workspace import Workspace
from jobs.editions import with_kept_figures
from jobs.experiment.compute import EFFECT_CELLS, EFFECT_FIGURES, ExperimentResult
from jobs.experiment.standing import EXCLUSION_REASONS
from jobs.figures.curves import publish_curve
from jobs.figures.run import Family, RunInputs
from jobs.intake.ingest import IngestedTable
from metrics.published import Published
from policy.curves import release_at_risk, release_steps
from policy.disclosure import Cells, exempt, publish, suppressed
from storage.frames import dtypes, figure_table, key
from storage.store import Store

BY_DAY_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=(
        "n_control", "n_variant", "difference", "difference_low", "difference_high", "sequential_low",
        "sequential_high", "relative", "relative_low", "relative_high", "relative_sequential_low",
        "relative_sequential_high",
    ),
)  # fmt: skip
AGED_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=(*BY_DAY_CELLS.figures, "daily_difference", "daily_low", "daily_high"),
)
TREND_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=(
        *(name for name, kind in dtypes(figure_table("effect_trends")).items() if kind.is_float()),
        "n_control", "n_variant", "reading",
    ),
)  # fmt: skip
EXCLUSION_CELLS = Cells(
    people=("people",),
    figures=("units",),
    partition=("experiment", "variant"),
    part=("reason",),
    parts_only=pl.col("reason") != EXCLUSION_REASONS[-1],
)
CURVE_CELLS = Cells(
    people=("people",), figures=("at_risk", "events", "survival", "survival_low", "survival_high")
)
FOLLOWED_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=tuple(
        name
        for name, kind in dtypes(figure_table("survival_effects")).items()
        if kind.is_numeric() or name == "guardrail_state"
    ),
)
SKU_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=tuple(name for name, kind in dtypes(figure_table("sku_lift")).items() if kind.is_numeric()),
)
CATEGORY_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=tuple(name for name, kind in dtypes(figure_table("category_lift")).items() if kind.is_numeric()),
    partition=("experiment", "variant", "category"),
    part=("part",),
    parts_only=pl.col("part") != "all",
)


def effects(run: RunInputs, store: Store, run_id: int) -> Family:
    """Every table that comes from the experiments."""
    k = run.minimum_people
    marks = {result.experiment.id: result.erased for result in run.results}
    published = [
        exempt("health", health_rows(run.results)),
        exempt("quarantine", quarantine_rows(run.tables)),
    ]
    measured = [result.effects for result in run.results if result.effects.height]
    if measured:
        rows = with_kept_figures(
            pl.concat(measured),
            store.last_published("effects", before=run_id),
            key(figure_table("effects")),
            (*EFFECT_FIGURES, "status"),
            run_id,
        )
        hidden = rows["as_of_run"].is_null()
        published.append(publish("effects", rows, EFFECT_CELLS, k, hidden))
    by_day = [result.by_day for result in run.results if result.by_day.height]
    if by_day:
        days = _columns("effects_by_day", pl.concat(by_day), BY_DAY_CELLS)
        of_metric = ("experiment", "metric")
        published += publish_curve(
            "effects_by_day", days, BY_DAY_CELLS, of_metric, release_steps, marks, run, store
        )
    published += _aged(run, marks, store)
    excluded = [result.exclusions for result in run.results if result.exclusions.height]
    if excluded:
        published.append(_excluded(pl.concat(excluded), marks, run, store, run_id))
    followed = [metric for result in run.results for metric in result.followed]
    if followed:
        curves = pl.concat([metric.curves for metric in followed], how="diagonal_relaxed")
        changes = pl.concat([metric.effects for metric in followed], how="diagonal_relaxed")
        of_arm = ("experiment", "metric", "variant")
        published += publish_curve(
            "survival", curves, CURVE_CELLS, of_arm, release_at_risk, marks, run, store
        )
        published.append(publish("survival_effects", changes, FOLLOWED_CELLS, k))
    published += _products(run)
    shown = {part.table: part.frame for part in published}
    return Family(tuple(published), {name: _journey(run, name, shown) for name in run.workspace.journeys})


def _aged(run: RunInputs, marks: Mapping[str, str], store: Store) -> list[Published]:
    """Effects by days since assignment, and whether they fade."""
    found = [result.aged for result in run.results if result.aged]
    if not found:
        return []
    days = _columns("effects_by_age", pl.concat([aged.days for aged in found]), AGED_CELLS)
    trends = pl.concat([aged.trends for aged in found])
    return [
        *publish_curve(
            "effects_by_age", days, AGED_CELLS, ("experiment", "metric"), release_at_risk, marks, run, store
        ),
        publish("effect_trends", trends, TREND_CELLS, run.minimum_people),
    ]


def _excluded(
    rows: pl.DataFrame, marks: Mapping[str, str], run: RunInputs, store: Store, run_id: int
) -> Published:
    """Exclusions per arm: those hidden once do not follow from a later run."""
    decided = []
    for (experiment,), own in rows.group_by("experiment", maintain_order=True):
        hidden = suppressed(own, EXCLUSION_CELLS, run.minimum_people)
        mark = marks[str(experiment)]
        decided.append(
            run.editions.decide("exclusions", own, EXCLUSION_CELLS, hidden, mark=mark, moves=False)
        )
    published = store.last_published("exclusions", before=run_id)
    keys = key(figure_table("exclusions"))
    dated = with_kept_figures(pl.concat(decided), published, keys, ("units", "status"), run_id)
    hidden = dated["as_of_run"].is_null()
    return publish("exclusions", dated.drop("as_of_run"), EXCLUSION_CELLS, run.minimum_people, hidden)


def _columns(table: str, rows: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    known = [*dtypes(figure_table(table)), *cells.people]
    return rows.select(name for name in known if name in rows.columns)


def health_rows(results: Sequence[ExperimentResult]) -> pl.DataFrame:
    """Rows of health.csv."""
    rows = [
        (r.experiment.id, check.check, check.statistic, check.p_value, check.status, check.note)
        for r in results
        for check in r.health
    ]
    schema = {
        "experiment": pl.String, "check": pl.String, "statistic": pl.Float64, "p_value": pl.Float64,
        "status": pl.String, "note": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def quarantine_rows(tables: Mapping[str, IngestedTable]) -> pl.DataFrame:
    """Rows of quarantine.csv: how many rows broke which rule, and where the first stands."""
    rows = [
        (name, count.rule, count.rows, count.example)
        for name, table in tables.items()
        for count in table.quarantined
    ]
    schema = {"table": pl.String, "rule": pl.String, "rows": pl.Int64, "example": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _products(run: RunInputs) -> list[Published]:
    """SKUs and categories, those with too few buyers hidden with what would reveal them."""
    found = [result.products for result in run.results if result.products]
    if not found:
        return []
    skus = pl.concat([products.skus for products in found], how="diagonal_relaxed")
    categories = pl.concat([products.categories for products in found], how="diagonal_relaxed")
    return [
        publish("sku_lift", skus, SKU_CELLS, run.minimum_people),
        publish("category_lift", categories, CATEGORY_CELLS, run.minimum_people),
    ]


def deciding_experiment(run: RunInputs, journey: str) -> ExperimentResult | None:
    """The journey's experiment with the latest start on or before the quarter's end."""
    _, last = quarter_days(run.period)
    own = [r for r in run.results if r.experiment.journey == journey and not r.experiment.programme]
    return _latest(own, last)


def programme_experiment(run: RunInputs) -> ExperimentResult | None:
    """The universal holdout with the latest start on or before the quarter's end."""
    _, last = quarter_days(run.period)
    own = [result for result in run.results if result.experiment.programme]
    return _latest(own, last)


def _latest(results: Sequence[ExperimentResult], last: dt.date) -> ExperimentResult | None:
    started = [r for r in results if r.experiment.starts is None or r.experiment.starts <= last]
    return max(started, key=lambda r: r.experiment.starts or dt.date.min, default=None)


def chosen_variant(workspace: Workspace, experiment: Experiment) -> str | None:
    """The variant that stands for the journey: the only one, or the one its `rollout` names."""
    if len(experiment.variants) == 1:
        return experiment.variants[0]
    journey = workspace.journeys.get(experiment.journey or "")
    return journey.rollout if journey and journey.rollout in experiment.variants else None


def _journey(run: RunInputs, journey: str, shown: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The columns of journeys.csv that the journey's deciding experiment fills."""
    result = deciding_experiment(run, journey)
    if result is None or "effects" not in shown:
        return {"note": "no experiment has started on this journey"}
    primary, variant = result.experiment.primary, chosen_variant(run.workspace, result.experiment)
    row: dict[str, Any] = {"primary_metric": primary}
    if variant is None:
        return row | {"note": "several variants and no `rollout` in journeys.yaml to choose one"}
    row |= _churn(result.experiment, variant, run.workspace, shown.get("survival_effects"))
    found = shown["effects"].filter(
        pl.col("experiment") == result.experiment.id, pl.col("metric") == primary,
        pl.col("variant") == variant, pl.col("segment_dimension") == "", pl.col("headline"),
    )  # fmt: skip
    if found.is_empty():
        return row | {"note": f"no result for the primary metric '{primary}' yet"}
    names = ["relative", "relative_low", "relative_high", "incremental_total", "status", "note"]
    return row | found.select(names).row(0, named=True)


def _churn(
    experiment: Experiment, variant: str, workspace: Workspace, followed: pl.DataFrame | None
) -> dict[str, Any]:
    """Risk difference of the experiment's first metric of customers who leave; consent is not churn."""
    names = [
        name
        for name in experiment.all_metrics
        if isinstance(metric := workspace.metrics[name], SurvivalMetric) and metric.table != "consent_events"
    ]
    if not names or followed is None:
        return {}
    found = followed.filter(
        pl.col("experiment") == experiment.id, pl.col("metric") == names[0], pl.col("variant") == variant
    )
    return {"churn_risk_difference": found["risk_difference"].item()} if found.height else {}
