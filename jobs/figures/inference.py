"""Inference: its cost and latency per model and day, and with it what each journey is worth on balance."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from jobs.clock import local_midnight, quarter_days, utc_offsets
from jobs.config.models import Experiment, MeanMetric
from jobs.config.workspace import Workspace
from jobs.figures.money import money
from jobs.figures.net_value import JOURNEY_COLUMNS, measured, net_value, spending, table_of
from jobs.figures.programme import programme
from jobs.figures.run import Family, RunInputs
from metrics import inference as measure
from metrics.net_value import cost_per_incremental_unit
from metrics.programme import PROGRAMME
from policy.disclosure import exempt
from storage.frames import dtypes, figure_table

BY_DAY = (*measure.MODEL, "day")
COUNTS = {
    **dict.fromkeys(measure.MODEL, pl.String()),
    "day": pl.Date(),
    "bin": pl.Int32(),
    **dict.fromkeys(("requests", "recommendations", "late", "sized"), pl.Int64()),
    **dict.fromkeys(("cost", "bytes"), pl.Float64()),
}
"""What `metrics.inference.histogram` returns, collected."""


def inference(run: RunInputs, effects: Family) -> Family:
    """Tables inference, inference_by_day, net_value and money, and their columns of journeys.csv."""
    first, last = quarter_days(run.period)
    zone = run.workspace.zone
    start, end = local_midnight(first, zone), local_midnight(last + dt.timedelta(days=1), zone)
    offsets = utc_offsets(zone, start, end)
    targets = {name: j.latency_target_ms for name, j in run.workspace.journeys.items() if j.latency_target_ms}
    counts, latencies = _measured(run, start, end, offsets, targets)
    spent = spending(run, counts, offsets)
    value = net_value(run, effects, spent, programme(run, effects, counts))
    worth = money(run, effects, spent)
    journeys: dict[str, dict[str, Any]] = {
        row["journey"]: {name: row[name] for name in JOURNEY_COLUMNS}
        for row in value.frame.iter_rows(named=True)
        if row["journey"] != PROGRAMME
    }
    if counts.is_empty():
        return Family((value, *worth), journeys)
    by_model = _by_model(run, measure.figures(counts, measure.MODEL, targets, latencies))
    by_model = _with_price_of_effect(run, by_model, effects, value.frame)
    by_day = measure.figures(counts, BY_DAY, targets, latencies)
    for row in measure.figures(counts, ["journey"], targets, latencies).iter_rows(named=True):
        names = ("cost_per_1k", "latency_p95", "share_over_latency_target")
        found = {"inference_cost": row["cost"], **{name: row[name] for name in names}}
        journeys[row["journey"]] = journeys.get(row["journey"], {}) | found
    published = (
        exempt("inference", _columns("inference", by_model)),
        exempt("inference_by_day", _columns("inference_by_day", by_day)),
    )
    return Family((*published, value, *worth), journeys)


def _measured(
    run: RunInputs,
    start: dt.datetime,
    end: dt.datetime,
    offsets: measure.Offsets,
    targets: Mapping[str, float],
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The quarter's counts on the latency grid, and the latencies that make its quantiles exact (or None)."""
    parts = run.parts("inference_log")
    if not parts:
        return pl.DataFrame(schema=COUNTS), None
    rows = run.engine.scan(*parts)
    time = measure.col("occurred_at")
    log = measure.binned(rows.filter(time >= start, time < end), offsets)
    counts = run.engine.collect(measure.histogram(log, targets)).cast(pl.Schema(COUNTS))
    if counts["requests"].sum() >= measure.EXACT_BELOW:
        return counts, None
    file = run.engine.folder / "latency-cells.parquet"
    measure.deciding_cells(counts, [measure.MODEL, BY_DAY, ["journey"]]).write_parquet(file)
    return counts, run.engine.collect(measure.latencies_in(log, run.engine.scan(file)))


def _by_model(run: RunInputs, rows: pl.DataFrame) -> pl.DataFrame:
    rounds = run.parts("model_rounds")
    training = {"journey": pl.String(), "model": pl.String(), "training_bytes": pl.Float64()}
    known = measure.training_bytes(pl.read_parquet(rounds)) if rounds else pl.DataFrame(schema=training)
    return measure.with_traffic(rows, known).with_columns(
        period=pl.lit(run.period),
        note=_joined(pl.col("note"), pl.lit(run.set_aside("inference_log"), pl.String)),
    )


def unit_metric(workspace: Workspace, experiment: Experiment) -> str | None:
    """What an effect is counted in: orders where they are measured, else the primary if more of it is better.

    No metric that is better when lower, and no ratio, has incremental units to pay for.
    """
    for name in experiment.all_metrics:
        metric = workspace.metrics[name]
        if isinstance(metric, MeanMetric) and (metric.value, metric.aggregate) == (
            "order_id",
            "count_distinct",
        ):
            return name
    primary = workspace.metrics[experiment.primary]
    return experiment.primary if isinstance(primary, MeanMetric) and primary.direction == "higher" else None


def _with_price_of_effect(
    run: RunInputs, rows: pl.DataFrame, effects: Family, values: pl.DataFrame
) -> pl.DataFrame:
    """Add `cost_per_incremental_unit`: the journey's, the same beside each of its models."""
    shown = table_of(effects, "effects")
    rate = dict(values.select("journey", "cost_per_unit_day").iter_rows())
    prices = [
        (journey, *_price_of_effect(run, shown, journey, rate[journey])) for journey in run.workspace.journeys
    ]
    schema = {"journey": pl.String, "cost_per_incremental_unit": pl.Float64, "remark": pl.String}
    joined = rows.join(pl.DataFrame(prices, schema=schema, orient="row"), on="journey", how="left")
    return joined.with_columns(note=_joined(pl.col("note"), pl.col("remark")))


def _price_of_effect(
    run: RunInputs, shown: pl.DataFrame | None, journey: str, cost_per_unit_day: float | None
) -> tuple[float | None, str]:
    found = measured(run, shown, journey, unit_metric, "metric to count an effect in")
    if found.effect is None:
        return None, f"no cost per incremental unit: {found.reason}"
    if cost_per_unit_day is None:
        return None, "no cost per incremental unit: the journey's cost cannot be spread over its units"
    price = cost_per_incremental_unit(found.effect, cost_per_unit_day)
    if price is None:
        return None, f"no cost per incremental unit: the effect on '{found.metric}' is not clear of zero"
    return price, f"per incremental unit of '{found.metric}', the same for all models of the journey"


def _joined(*notes: pl.Expr) -> pl.Expr:
    return pl.concat_str(*notes, separator="; ", ignore_nulls=True).replace("", None)


def _columns(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    known = dtypes(figure_table(table))
    return rows.with_columns(status=pl.lit("ok")).select(name for name in known)
