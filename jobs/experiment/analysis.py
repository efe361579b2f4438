"""From an experiment's units to its moments: one pass per breakdown, nothing personal left afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from experiments.arrays import Floats
from experiments.moments import Moments
from jobs.config.models import Experiment, MeanMetric, RatioMetric
from jobs.config.workspace import Workspace
from jobs.engine import PolarsEngine
from jobs.experiment.units import Units, counted_column, covariate_column, needed_means
from metrics import formatting
from metrics.effects_table import TOTAL, MetricMoments
from metrics.outcomes import Variables, shifted_sums

col = nw.col


@dataclass(frozen=True)
class Capped:
    """What became of a metric's cap.

    Attributes:
        metric, column: outcome or covariate.
        quantile: as configured.
        cap: value above which it is cut; None = no cap, because it lay at or below the median or was 0.
        units: mature units with at least that value.
    """

    metric: str
    column: str
    quantile: float
    cap: float | None
    units: int

    def published(self, minimum_people: int) -> dict[str, Any]:
        """What may be said of it: not the value where fewer people reach it, for it is nearly one's own."""
        withheld = self.cap is not None and self.units < minimum_people
        return {
            "metric": self.metric,
            "column": self.column,
            "quantile": self.quantile,
            "cap": None if withheld else self.cap,
            "withheld": withheld,
        }


@dataclass(frozen=True)
class Breakdown:
    """What every breakdown of one experiment's units needs.

    Attributes:
        counting: the units that count.
        arms: control first.
        caps: by column.
    """

    workspace: Workspace
    experiment: Experiment
    engine: PolarsEngine
    counting: nw.LazyFrame[Any]
    arms: tuple[str, ...]
    caps: dict[str, Capped]

    @property
    def minimum_people(self) -> int:
        """k of the disclosure door."""
        return self.workspace.settings.disclosure.minimum_people

    def is_ratio(self, variable: Variables) -> bool:
        """Whether the two columns are numerator and denominator."""
        return isinstance(self.workspace.metrics[variable.metric], RatioMetric)

    def note(self, variable: Variables) -> str:
        """What is said beside every figure of the metric."""
        capped = [self.caps[part] for part in variable.columns if part in self.caps]
        cut = sorted({c.quantile for c in capped if c.cap is not None and c.column == c.metric})
        return f"values above the {formatting.significant(cut[0])} quantile are capped" if cut else ""


@dataclass(frozen=True)
class Analysis:
    """One experiment's sufficient statistics.

    Attributes:
        breakdown: how they were made.
        variables: the metrics' columns.
        metrics: whole experiment and segments, per metric.
        caps: every cap that was asked for.
    """

    breakdown: Breakdown
    variables: tuple[Variables, ...]
    metrics: tuple[MetricMoments, ...]

    def balance(self) -> tuple[MetricMoments, ...]:
        """The covariates alone, whole experiment, as metrics of their own."""
        return tuple(
            MetricMoments(m.metric, False, m.cells[:1], m.moments[:1].select([1]), m.people[:1])
            for m in self.metrics
            if not m.is_ratio and m.moments.mean.shape[-1] > 1
        )


def analyse(workspace: Workspace, experiment: Experiment, units: Units, engine: PolarsEngine) -> Analysis:
    """Reduce an experiment's units to moments, in total and per segment."""
    means = needed_means(experiment, workspace)
    counting = units.frame.filter(col("reason") == 0)
    pilots, caps = _column_facts(counting, means, engine)
    variables = _variables(experiment, workspace, means, pilots, caps)
    arms = (experiment.control, *experiment.variants)
    breakdown = Breakdown(workspace, experiment, engine, counting, arms, caps)
    if not variables:
        return Analysis(breakdown, (), ())
    sums = {name: cell_sums(breakdown, name, variables) for name in (None, *experiment.segments)}
    metrics = tuple(_moments(breakdown, variable, sums) for variable in variables)
    return Analysis(breakdown, tuple(variables), metrics)


def _column_facts(
    counting: nw.LazyFrame[Any], means: dict[str, MeanMetric], engine: PolarsEngine
) -> tuple[dict[str, float], dict[str, Capped]]:
    """Means (pilots) of all columns, and the pooled quantiles behind every cap, over all mature units."""
    expressions, asked = {}, []
    for name, metric in means.items():
        counted = col(counted_column(name, metric))
        for column in filter(None, (name, covariate_column(name, metric))):
            value = nw.when(counted).then(col(column))
            expressions[column] = value.mean()
            if metric.cap_quantile is not None:
                asked.append((name, column, metric.cap_quantile))
                expressions[f"{column}__cap"] = value.quantile(metric.cap_quantile, interpolation="linear")
                expressions[f"{column}__median"] = value.quantile(0.5, interpolation="linear")
    if not expressions:
        return {}, {}
    row = engine.collect(counting.select(**expressions)).row(0, named=True)
    pilots = {name: value or 0.0 for name, value in row.items() if not name.endswith(("__cap", "__median"))}
    caps = {}
    for name, column, quantile in asked:
        cap, median = row[f"{column}__cap"], row[f"{column}__median"]
        useful = cap is not None and cap > median and cap != 0
        caps[column] = Capped(name, column, quantile, cap if useful else None, 0)
    return pilots, _with_units(counting, means, caps, engine)


def _with_units(
    counting: nw.LazyFrame[Any],
    means: dict[str, MeanMetric],
    caps: dict[str, Capped],
    engine: PolarsEngine,
) -> dict[str, Capped]:
    reached = {
        column: col(counted_column(found.metric, means[found.metric])) & (col(column) >= found.cap)
        for column, found in caps.items()
        if found.cap is not None
    }
    if not reached:
        return caps
    counts = {column: nw.when(yes).then(1).otherwise(0).sum() for column, yes in reached.items()}
    row = engine.collect(counting.select(**counts)).row(0, named=True)
    return {column: replace(found, units=row.get(column, 0)) for column, found in caps.items()}


def _variables(
    experiment: Experiment,
    workspace: Workspace,
    means: dict[str, MeanMetric],
    pilots: dict[str, float],
    caps: dict[str, Capped],
) -> list[Variables]:
    found = []
    for name in experiment.all_metrics:
        metric = workspace.metrics[name]
        if isinstance(metric, RatioMetric):
            parts = [metric.numerator, metric.denominator]
            counted = _both_counted(means[parts[0]], means[parts[1]], parts)
        elif name in means:
            parts = [part for part in (name, covariate_column(name, means[name])) if part]
            counted = counted_column(name, means[name])
        else:
            continue
        limits = tuple(caps[part].cap if part in caps else None for part in parts)
        found.append(Variables(name, tuple(parts), counted, limits, tuple(pilots[part] for part in parts)))
    return found


def _both_counted(first: MeanMetric, second: MeanMetric, names: list[str]) -> str:
    """The stricter of two ways of maturing: the longer window, or both values present."""
    if first.table == "unit_outcomes":
        return f"{counted_column(names[0], first)}&{counted_column(names[1], second)}"
    longer = first if (first.window_days or 0) >= (second.window_days or 0) else second
    return counted_column("", longer)


def cell_sums(breakdown: Breakdown, segment: str | None, variables: Sequence[Variables]) -> pl.DataFrame:
    """Sums per variant and cell: one dimension's segments, or the whole experiment."""
    by = ["variant"] if segment is None else ["variant", f"segment__{segment}"]
    prepared = with_joint_counts(breakdown.counting, variables)
    frame = breakdown.engine.collect(shifted_sums(prepared, by, variables))
    return frame.rename({by[1]: "cell"}) if segment else frame.with_columns(cell=pl.lit(""))


def with_joint_counts(counting: nw.LazyFrame[Any], variables: Sequence[Variables]) -> nw.LazyFrame[Any]:
    """Add the columns that tell where both parts of a ratio are known."""
    joint = {v.mature: v.mature.split("&") for v in variables if "&" in v.mature}
    columns = [(col(first) & col(second)).alias(name) for name, (first, second) in joint.items()]
    return counting.with_columns(columns) if columns else counting


def cube(
    frame: pl.DataFrame, variable: Variables, arms: Sequence[str], cells: Sequence[Any]
) -> tuple[Moments, Floats]:
    """Moments and people of shape (cells, arms) from a long frame of sums; an absent cell is empty."""
    grid = pl.DataFrame({"cell": cells}, schema={"cell": frame.schema["cell"]}).join(
        pl.DataFrame({"variant": list(arms)}), how="cross"
    )
    full = grid.join(frame, on=["cell", "variant"], how="left", maintain_order="left").fill_null(0.0)
    shape, p = (len(cells), len(arms)), len(variable.columns)

    def read(name: str) -> Floats:
        return full[name].to_numpy().reshape(shape)

    sums = np.stack([read(variable.label(i)) for i in range(p)], axis=-1)
    pairs = [[read(variable.label(min(i, j), max(i, j))) for j in range(p)] for i in range(p)]
    products = np.stack([np.stack(row, axis=-1) for row in pairs], axis=-2)
    moments = Moments.from_shifted_sums(read(f"{variable.mature}__n"), sums, products, variable.pilots)
    return moments, read(f"{variable.mature}__people")


def _moments(
    breakdown: Breakdown, variable: Variables, sums: Mapping[str | None, pl.DataFrame]
) -> MetricMoments:
    cells, batches = [TOTAL], []
    for dimension, frame in sums.items():
        names = [""] if dimension is None else sorted(frame["cell"].unique().to_list())
        batches.append(cube(frame, variable, breakdown.arms, names))
        if dimension is not None:
            cells += [(dimension, name) for name in names]
    moments = Moments.concatenate(part for part, _ in batches)
    people = np.concatenate([crowd for _, crowd in batches])
    is_ratio, note = breakdown.is_ratio(variable), breakdown.note(variable)
    return MetricMoments(variable.metric, is_ratio, tuple(cells), moments, people, note)
