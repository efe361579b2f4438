"""An experiment's health: every check that stands above its numbers."""

import datetime as dt
from collections.abc import Iterator, Mapping

import narwhals as nw
import numpy as np
import polars as pl

from experiments import health
from experiments.effects import compare
from experiments.estimates import unadjusted
from experiments.health import HealthCheck
from jobs.config.models import Experiment, MeanMetric
from jobs.experiment import standing
from jobs.experiment.analysis import Analysis
from jobs.experiment.inputs import Inputs
from jobs.experiment.units import Units, counted_column, covariate_column, needed_means
from jobs.intake.ingest import IngestedTable
from metrics import formatting
from metrics.effects_table import split

RESPLIT_UNITS = 20_000
"""Units drawn for the placebo: enough to judge the test, quick to split 500 times."""


def checks(
    inputs: Inputs,
    experiment: Experiment,
    units: Units | None,
    analysis: Analysis | None,
    arms: pl.DataFrame | None,
) -> tuple[HealthCheck, ...]:
    """All checks of an experiment; those without evidence say `unknown`."""
    found = [_quarantined(inputs, experiment), *_ids(inputs, experiment)]
    if units is None or analysis is None or arms is None:
        aggregate = "The arms arrive as aggregates: who was assigned cannot be checked."
        found += [HealthCheck(name, None, None, "unknown", aggregate) for name in ("sample_ratio", "consent")]
        return tuple(found)
    found += _arms(inputs, experiment, arms)
    found.append(_balance(analysis, experiment))
    found.append(_placebo(inputs, experiment, analysis))
    found += _freshness(inputs, experiment)
    found += _caps(analysis)
    return tuple(found)


def _arms(inputs: Inputs, experiment: Experiment, arms: pl.DataFrame) -> Iterator[HealthCheck]:
    table = inputs.tables["assignments"]
    gone = standing.tombstones(table, experiment)
    crossed = standing.crossovers(table, experiment)

    def per_arm(expression: pl.Expr, extra: Mapping[str, int] | None = None) -> dict[str, float]:
        counted = arms.select("variant", value=expression.cast(pl.Float64))
        return {name: value + (extra or {}).get(name, 0) for name, value in counted.iter_rows()}

    noun = "households" if experiment.unit == "household" else "customers"
    alive = pl.col("assigned") - pl.col("erased_units")
    excluded = alive - pl.col("eligible")
    k = inputs.workspace.settings.disclosure.minimum_people
    yield health.sample_ratio(per_arm(alive), experiment.allocation, noun, k)
    yield health.crossover_share(_units(crossed), float(arms["assigned"].sum()) + _units(crossed), k)
    yield health.share_balance("exclusion_balance", per_arm(excluded), per_arm(alive), step=k)
    yield health.share_balance(
        "erasure_balance", per_arm(pl.col("erased_units"), gone), per_arm(pl.col("assigned"), gone), "warn", k
    )
    yield health.share_balance(
        "withdrawal_balance", per_arm(pl.col("withdrew_units")), per_arm(pl.col("eligible")), "warn", k
    )
    if arms["missing"].sum() > 0:
        mature = pl.col("counted") + pl.col("missing")
        yield health.share_balance(
            "missing_outcome_balance", per_arm(pl.col("missing")), per_arm(mature), step=k
        )
    yield _consent(inputs, experiment)


def _units(crossed: Mapping[str, int]) -> float:
    """Units in two variants: each is counted in both."""
    return sum(crossed.values()) / 2


def _consent(inputs: Inputs, experiment: Experiment) -> HealthCheck:
    basis = experiment.lawful_basis
    if basis == "consent" and "consent_events" not in inputs.tables:
        note = "Nobody counts: the basis is consent, and there is no table of consent events."
        return HealthCheck("consent", None, None, "unknown", note)
    if not {"customers", "consent_events"} & set(inputs.tables):
        note = "Consent and age cannot be checked: there is neither a customers nor a consent_events table."
        return HealthCheck("consent", None, None, "unknown", note)
    if basis != "consent":
        words = basis.replace("_", " ")
        return HealthCheck(
            "consent", None, None, "pass", f"The basis is {words}, not consent; objections are honoured."
        )
    note = (
        f"Customers count who had granted {len(experiment.purposes)} purposes at assignment, and no others."
    )
    return HealthCheck("consent", None, None, "pass", note)


def _read(inputs: Inputs, experiment: Experiment) -> list[IngestedTable]:
    """Tables of the experiment's arms and metrics."""
    workspace = inputs.workspace
    names = {
        "assignments",
        *(getattr(workspace.metrics[name], "table", "") for name in experiment.all_metrics),
    }
    names |= {metric.table for metric in needed_means(experiment, workspace).values()}
    return [table for name, table in inputs.tables.items() if name in names]


def _ids(inputs: Inputs, experiment: Experiment) -> Iterator[HealthCheck]:
    """A check only where ids are written differently: those rows are taken for other people's."""
    judging = [inputs.tables[name] for name in ("consent_events", "dsr_requests") if name in inputs.tables]
    tables = {table.name: table.id_match for table in [*_read(inputs, experiment), *judging]}
    found = {name: match for name, match in tables.items() if match and match.misspelt}
    if found:
        yield health.id_match(
            {name: (match.misspelt, match.rows) for name, match in found.items()}, "dsr_requests" in found
        )


def _quarantined(inputs: Inputs, experiment: Experiment) -> HealthCheck:
    read = _read(inputs, experiment)
    rows = sum(table.rows_in for table in read)
    return health.quarantine_share(rows - sum(table.rows_accepted for table in read), rows)


def _balance(analysis: Analysis, experiment: Experiment) -> HealthCheck:
    """Welch's test of every covariate in every variant."""
    found = {}
    for metric in analysis.balance():
        comparison = compare(*split(unadjusted(metric.moments)), confidence=experiment.confidence)
        for variant, p in zip(experiment.variants, comparison.p_value[0], strict=True):
            found[f"{metric.metric} of {variant}"] = float(p)
    return health.pre_period_balance(found)


def _placebo(inputs: Inputs, experiment: Experiment, analysis: Analysis) -> HealthCheck:
    """The primary metric's own units, split at random: does the test keep its promise on them?

    In order of their values, to a millionth: keys, and the last digits of sums, differ from run to run.
    """
    primary = needed_means(experiment, inputs.workspace).get(experiment.primary)
    shares = [experiment.allocation[arm] for arm in analysis.breakdown.arms]
    if primary is None:
        return health.placebo_calibration(np.empty(0), None, shares)
    columns = [experiment.primary, *filter(None, [covariate_column(experiment.primary, primary)])]
    rows = analysis.breakdown.counting.filter(nw.col(counted_column(experiment.primary, primary)))
    drawn = inputs.engine.collect(rows.select(*columns))
    drawn = drawn.with_columns(pl.all().cast(pl.Float64).round(6)).sort(*columns)
    if drawn.height > RESPLIT_UNITS:
        drawn = drawn.sample(RESPLIT_UNITS, seed=0)
    values = []
    for column in columns:
        cap = analysis.breakdown.caps.get(column)
        series = drawn[column]
        values.append(
            (series.clip(upper_bound=cap.cap) if cap and cap.cap is not None else series).to_numpy()
        )
    covariate = values[1] if len(values) > 1 else None
    return health.placebo_calibration(values[0], covariate, shares, experiment.confidence)


def _freshness(inputs: Inputs, experiment: Experiment) -> Iterator[HealthCheck]:
    """Whether the outcome table reaches the measurement date, and whether days are missing from it."""
    used = needed_means(experiment, inputs.workspace).values()
    if not any(metric.table == "order_lines" for metric in used) or not inputs.source.has("order_lines"):
        return
    workspace = inputs.workspace
    until = inputs.source.loaded_until.get("order_lines", workspace.as_of_end)
    if until < workspace.as_of_end:
        note = (
            f"order_lines ends on {until:%Y-%m-%d %H:%M} UTC, before the measurement date {workspace.as_of}:"
            " only customers whose window had closed by then count. Load the missing days."
        )
        late = (workspace.as_of_end - until) / dt.timedelta(days=1)
        yield HealthCheck("data_freshness", late, None, "warn", note)
    else:
        yield HealthCheck("data_freshness", 0.0, None, "pass", "order_lines reaches the measurement date.")
    days = inputs.source.days("order_lines", workspace.settings.timezone)
    found = inputs.engine.collect(days).get_column("day").drop_nulls().to_list()
    yield health.missing_days(found, _expected_days(inputs, experiment, found, until))


def _expected_days(
    inputs: Inputs, experiment: Experiment, found: list[dt.date], until: dt.datetime
) -> list[dt.date]:
    """Days from the first covariate period to the last outcome, as far as data can exist."""
    if not found:
        return []
    metrics = [m for m in needed_means(experiment, inputs.workspace).values() if isinstance(m, MeanMetric)]
    before = max(metric.covariate_days or 0 for metric in metrics)
    after = max(metric.window_days or 0 for metric in metrics)
    zone = inputs.workspace.zone
    last = (until - dt.timedelta(microseconds=1)).replace(tzinfo=dt.UTC).astimezone(zone).date()
    first = (
        max(min(found), experiment.starts - dt.timedelta(days=before)) if experiment.starts else min(found)
    )
    if experiment.ends:
        last = min(last, experiment.ends + dt.timedelta(days=after))
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def _caps(analysis: Analysis) -> Iterator[HealthCheck]:
    useless = [cap for cap in analysis.breakdown.caps.values() if cap.cap is None]
    for cap in useless[:1]:
        cut = formatting.significant(cap.quantile)
        note = (
            f"The {cut} quantile of {cap.metric} lies at or below the median, or is 0:"
            " nothing was capped. Choose a higher cap_quantile."
        )
        yield HealthCheck("cap", None, None, "warn", note)
