"""One experiment's units: who counts, and every outcome of theirs, in one frame of a row per unit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from jobs import population
from jobs.admission import Admitted, PersonalTables
from jobs.clock import local_midnight
from jobs.config.models import Experiment, MeanMetric, RatioMetric
from jobs.config.workspace import Workspace
from jobs.engine import PolarsEngine
from law.children import raise_ages
from metrics.outcomes import Outcome

Frame = nw.LazyFrame[Any]
Columns = Mapping[str, frozenset[str]]
"""Table → its columns."""
col = nw.col
SEGMENT_UNKNOWN, SEGMENT_MIXED = "(unknown)", "(mixed)"


@dataclass(frozen=True)
class Units:
    """One experiment's units.

    Attributes:
        admitted: who counts, and the only way to what they did.
        frame: a row per unit: unit, variant, time, reason, people, age_unknown, erased, withdrew, one text
            column per segment (`segment__<name>`), outcomes, covariates (`<metric>__before`) and a boolean
            `counted__<…>` per way of maturing.
    """

    admitted: Admitted
    frame: Frame


def rules_of(workspace: Workspace, experiment: Experiment) -> population.Rules:
    """The rules that decide who counts in an experiment."""
    policy = workspace.policy
    day = dt.timedelta(days=1)
    return population.Rules(
        purposes=tuple(dict.fromkeys(experiment.purposes)),
        needs_consent=experiment.lawful_basis == "consent",
        validity_days=policy.consent_validity_days,
        consent_ages=raise_ages(policy.children.ages),
        include_unknown_age=policy.children.unknown_age == "include",
        starts=local_midnight(experiment.starts, workspace.zone) if experiment.starts else None,
        ends=local_midnight(experiment.ends + day, workspace.zone) if experiment.ends else None,
        as_of_end=workspace.as_of_end,
    )


def needed_means(experiment: Experiment, workspace: Workspace) -> dict[str, MeanMetric]:
    """The mean metrics per unit that an experiment needs, parts of its ratios included."""
    names: list[str] = []
    for name in experiment.all_metrics:
        metric = workspace.metrics[name]
        names += [metric.numerator, metric.denominator] if isinstance(metric, RatioMetric) else [name]
    found = {name: workspace.metrics[name] for name in dict.fromkeys(names)}
    return {name: m for name, m in found.items() if isinstance(m, MeanMetric) and m.table != "moments"}


def counted_column(name: str, metric: MeanMetric) -> str:
    """The boolean column that says whether a unit's outcome of this metric is known in full."""
    return f"counted__{name}" if metric.table == "unit_outcomes" else f"counted__{metric.window_days:g}_days"


def covariate_column(name: str, metric: MeanMetric) -> str | None:
    """The covariate's column in the frame of units."""
    return f"{name}__before" if metric.covariate or metric.covariate_days else None


def build(
    workspace: Workspace, experiment: Experiment, source: PersonalTables, engine: PolarsEngine
) -> Units:
    """Work out who counts and what each unit did; nothing here looks at more than the experiment needs."""
    means = needed_means(experiment, workspace)
    rules = rules_of(workspace, experiment)
    admitted = source.admit(experiment, rules, engine)
    frame = _with_attributes(admitted, experiment, means, source.columns)
    until = source.loaded_until.get("order_lines", rules.as_of_end)
    frame = _with_events(frame, admitted, means, until)
    frame = _with_unit_outcomes(frame, admitted, means, source.columns, rules)
    return Units(admitted, engine.checkpoint(frame, f"{experiment.id}-units"))


def _with_attributes(
    admitted: Admitted, experiment: Experiment, means: Mapping[str, MeanMetric], columns: Columns
) -> Frame:
    """Every unit's standing, with segments and column covariates; a household's members must agree."""
    covariates = _covariates("customers", means, columns)
    if not experiment.segments and not covariates:
        return admitted.standing
    wanted = {f"segment__{name}": col(name).cast(nw.String) for name in experiment.segments}
    values = {name: col(column).cast(nw.Float64) for name, column in covariates.items()}
    rows = admitted.attributes(*experiment.segments, *covariates.values()).with_columns(**wanted, **values)
    rows = rows.with_columns(col(name).fill_null(SEGMENT_UNKNOWN) for name in wanted)
    rows = rows.with_columns(col(name).fill_null(0.0) for name in values)
    if experiment.unit == "household":
        rows = _agreed(rows, list(wanted), list(values))
    return admitted.standing.join(rows.select("unit", *wanted, *values), on="unit", how="left")


def _covariates(table: str, means: Mapping[str, MeanMetric], columns: Columns) -> dict[str, str]:
    """Column of the frame of units → column of `table`, for the covariates that are read from it.

    A pre-computed metric looks in its own table first, any other in `customers`.
    """
    found = {}
    for name, metric in means.items():
        order = sorted(("customers", "unit_outcomes"), reverse=metric.table == "unit_outcomes")
        homes = [home for home in order if metric.covariate in columns.get(home, ())]
        if metric.covariate and homes[:1] == [table]:
            found[f"{name}__before"] = metric.covariate
    return found


def _agreed(rows: Frame, segments: Sequence[str], covariates: Sequence[str]) -> Frame:
    names = [*segments, *covariates]
    grouped = rows.group_by("unit").agg(
        *(col(name).min() for name in names),
        *(col(name).max().alias(f"{name}__max") for name in names),
        *(col(name).sum().alias(f"{name}__sum") for name in covariates),
    )
    mixed = {name: nw.lit(SEGMENT_MIXED) for name in segments} | {
        name: col(f"{name}__sum") for name in covariates
    }
    agreed = {
        name: nw.when(col(name) == col(f"{name}__max")).then(col(name)).otherwise(other)
        for name, other in mixed.items()
    }
    return grouped.with_columns(**agreed)


def _with_events(
    frame: Frame, admitted: Admitted, means: Mapping[str, MeanMetric], until: dt.datetime
) -> Frame:
    events = {name: metric for name, metric in means.items() if metric.table == "order_lines"}
    if not events:
        return frame
    outcomes = [
        Outcome(
            name, str(metric.value), metric.aggregate == "count_distinct",
            float(metric.window_days or 0), metric.covariate_days,
        )
        for name, metric in events.items()
    ]  # fmt: skip
    found = admitted.line_outcomes(outcomes)
    names = [name for o in outcomes for name in (o.name, *([o.before] if o.covariate_days else []))]
    joined = frame.join(found, on="unit", how="left").with_columns(col(name).fill_null(0.0) for name in names)
    mature = {
        counted_column(name, metric): (col("reason") == 0)
        & (col("time") + dt.timedelta(days=float(metric.window_days or 0)) <= until)
        for name, metric in events.items()
    }
    return joined.with_columns(**mature)


def _with_unit_outcomes(
    frame: Frame,
    admitted: Admitted,
    means: Mapping[str, MeanMetric],
    columns: Columns,
    rules: population.Rules,
) -> Frame:
    """Pre-computed results; no row or no value = missing, which is excluded, never 0."""
    results = {name: metric for name, metric in means.items() if metric.table == "unit_outcomes"}
    covariates = _covariates("unit_outcomes", means, columns)
    if not results and not covariates:
        return frame
    values = {f"value__{name}": col(str(metric.value)).cast(nw.Float64) for name, metric in results.items()}
    values |= {name: col(column).cast(nw.Float64) for name, column in covariates.items()}
    rows = admitted.results(*(str(metric.value) for metric in results.values()), *covariates.values())
    joined = frame.join(rows.select("unit", **values), on="unit", how="left")
    counted = {}
    for name, metric in results.items():
        mature = col("time") + dt.timedelta(days=metric.window_days or 0) <= rules.as_of_end
        counted[f"counted__{name}"] = (col("reason") == 0) & mature & ~col(f"value__{name}").is_null()
    outcomes = {name: col(f"value__{name}").fill_null(0.0) for name in results}
    return joined.with_columns(**counted, **outcomes, **{n: col(n).fill_null(0.0) for n in covariates})


def hold_out(workspace: Workspace, source: PersonalTables, engine: PolarsEngine) -> None:
    """Tell the tables which customers a universal holdout keeps from personalisation."""
    programmes = [experiment for experiment in workspace.experiments if experiment.programme]
    if not programmes or not source.has("assignments"):
        return
    found = []
    for experiment in programmes:
        units = population.assigned_units(source.assignments(experiment), rules_of(workspace, experiment))
        control = units.filter(col("variant") == experiment.control).select("unit")
        homes = source.homes()
        if experiment.unit == "household" and homes is not None:
            found.append(control.join(homes, on="unit", how="inner").select("customer"))
        else:
            found.append(control.select(customer=col("unit")))
    source.held_out = engine.checkpoint(nw.concat(found).unique(), "held-out")
