"""From an experiment's units to its moments: one pass per breakdown, nothing personal left afterwards."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from experiments.moments import Moments
from jobs.config.load import Workspace
from jobs.config.models import Experiment, MeanMetric, RatioMetric
from jobs.engine import PolarsEngine
from jobs.units import Units, counted_column, covariate_column, needed_means
from metrics.effects_table import TOTAL, MetricMoments
from metrics.outcomes import Variables, shifted_sums

col = nw.col
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Capped:
    """What became of a metric's cap.

    Attributes:
        metric, column: outcome or covariate.
        quantile: as configured.
        cap: value above which it is cut; None = no cap, because it lay at or below the median or was 0.
    """

    metric: str
    column: str
    quantile: float
    cap: float | None


@dataclass(frozen=True)
class Analysis:
    """One experiment's sufficient statistics.

    Attributes:
        metrics: whole experiment and segments, per metric.
        by_day: primary and guardrails by day since start, cells in order of days, not accumulated.
        days: the days of `by_day`'s cells, per metric.
        balance: the covariates alone, as metrics of their own.
        caps: every cap that was asked for.
    """

    metrics: tuple[MetricMoments, ...]
    by_day: tuple[MetricMoments, ...]
    days: dict[str, tuple[int, ...]]
    balance: tuple[MetricMoments, ...]
    caps: tuple[Capped, ...]


def analyse(
    workspace: Workspace,
    experiment: Experiment,
    units: Units,
    engine: PolarsEngine,
    start: dt.datetime | None,
) -> Analysis:
    """Reduce the units to moments: in total, per segment, and by day since `start` where times are known."""
    means = needed_means(experiment, workspace)
    counting = units.frame.filter(col("reason") == 0)
    pilots, caps = _column_facts(counting, means, engine)
    variables = _variables(experiment, workspace, means, pilots, caps)
    arms = [experiment.control, *experiment.variants]
    breakdowns = [None, *experiment.segments]
    sums = {name: _sums(counting, name, variables, engine) for name in breakdowns}
    notes = _notes(caps)
    by_day, days = (), {}
    if start is not None:
        kept = [v for v in variables if v.metric in (experiment.primary, *experiment.guardrails)]
        by_day, days = _by_day(
            counting, kept, arms, engine, start, _windows(workspace, means), workspace, notes
        )
    return Analysis(
        metrics=tuple(_moments(v, sums, arms, workspace, notes) for v in variables),
        by_day=by_day,
        days=days,
        balance=tuple(
            MetricMoments(m.metric, False, m.cells[:1], m.moments[:1].select([1]), m.people[:1])
            for m in (_moments(v, {None: sums[None]}, arms, workspace, {}) for v in variables)
            if not m.is_ratio and m.moments.mean.shape[-1] > 1
        ),
        caps=tuple(caps.values()),
    )


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
        caps[column] = Capped(name, column, quantile, cap if useful else None)
    return pilots, caps


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


def _sums(
    counting: nw.LazyFrame[Any], segment: str | None, variables: Sequence[Variables], engine: PolarsEngine
) -> pl.DataFrame:
    by = ["variant"] if segment is None else ["variant", f"segment__{segment}"]
    prepared = _with_joint_counts(counting, variables)
    frame = engine.collect(shifted_sums(prepared, by, variables))
    return frame.rename({by[1]: "cell"}) if segment else frame.with_columns(cell=pl.lit(""))


def _with_joint_counts(counting: nw.LazyFrame[Any], variables: Sequence[Variables]) -> nw.LazyFrame[Any]:
    joint = {v.mature for v in variables if "&" in v.mature}
    return counting.with_columns(
        **{name: col(name.split("&")[0]) & col(name.split("&")[1]) for name in joint}
    )


def _cube(
    frame: pl.DataFrame, variable: Variables, arms: Sequence[str], cells: Sequence[object]
) -> tuple[Moments, np.ndarray]:
    """Moments and people of shape (cells, arms) from a long frame of sums."""
    grid = pl.DataFrame({"cell": cells}, schema={"cell": frame.schema["cell"]}).join(
        pl.DataFrame({"variant": list(arms)}), how="cross"
    )
    full = grid.join(frame, on=["cell", "variant"], how="left", maintain_order="left").fill_null(0.0)
    shape, p = (len(cells), len(arms)), len(variable.columns)

    def read(name: str) -> np.ndarray:
        return full[name].to_numpy().reshape(shape)

    sums = np.stack([read(variable.label(i)) for i in range(p)], axis=-1)
    pairs = [[read(variable.label(min(i, j), max(i, j))) for j in range(p)] for i in range(p)]
    products = np.stack([np.stack(row, axis=-1) for row in pairs], axis=-2)
    moments = Moments.from_shifted_sums(
        read(f"{variable.mature}__n"), sums, products, np.asarray(variable.pilots)
    )
    return moments, read(f"{variable.mature}__people")


def _moments(
    variable: Variables,
    sums: dict[str | None, pl.DataFrame],
    arms: Sequence[str],
    workspace: Workspace,
    notes: dict[str, str],
) -> MetricMoments:
    cells, batches, people = [TOTAL], [], []
    for dimension, frame in sums.items():
        names = [""] if dimension is None else sorted(frame["cell"].unique().to_list())
        moments, crowd = _cube(frame, variable, arms, names)
        batches.append(moments)
        people.append(crowd)
        if dimension is not None:
            cells += [(dimension, name) for name in names]
    merged = Moments(
        np.concatenate([m.n for m in batches]),
        np.concatenate([m.mean for m in batches]),
        np.concatenate([m.comoment for m in batches]),
    )
    is_ratio = isinstance(workspace.metrics[variable.metric], RatioMetric)
    note = "; ".join(dict.fromkeys(notes[part] for part in variable.columns if part in notes))
    return MetricMoments(variable.metric, is_ratio, tuple(cells), merged, np.concatenate(people), note)


def _notes(caps: dict[str, Capped]) -> dict[str, str]:
    return {
        name: f"values above the {capped.quantile:.4g} quantile are capped"
        for name, capped in caps.items()
        if capped.cap is not None and name == capped.metric
    }


def _windows(workspace: Workspace, means: dict[str, MeanMetric]) -> dict[str, float]:
    """Days until a unit's outcome is complete, per metric; metrics without times are left out."""
    windows = {name: m.window_days for name, m in means.items() if m.window_days is not None}
    for name, metric in workspace.metrics.items():
        if isinstance(metric, RatioMetric) and {metric.numerator, metric.denominator} <= set(windows):
            windows[name] = max(windows[metric.numerator], windows[metric.denominator])
    return windows


def _by_day(
    counting: nw.LazyFrame[Any],
    variables: Sequence[Variables],
    arms: Sequence[str],
    engine: PolarsEngine,
    start: dt.datetime,
    windows: dict[str, float],
    workspace: Workspace,
    notes: dict[str, str],
) -> tuple[tuple[MetricMoments, ...], dict[str, tuple[int, ...]]]:
    """Moments by day since start, in steps that each add nobody or at least k people to an arm."""
    timed = [v for v in variables if v.metric in windows]
    if not timed:
        return (), {}
    bucket = (
        col("time") - (start - dt.datetime.combine(start.date(), dt.time())) - dt.timedelta(microseconds=1)
    )
    prepared = _with_joint_counts(counting, timed).with_columns(cell=bucket.dt.truncate("1d").cast(nw.Date))
    frame = engine.collect(shifted_sums(prepared, ["variant", "cell"], timed)).sort("cell")
    everybody = engine.collect(prepared.group_by("variant", "cell").agg(col("people").sum()))
    minimum = workspace.settings.disclosure.minimum_people
    steps = _steps(everybody, arms, minimum)
    found, days = [], {}
    for variable in timed:
        dates = frame["cell"].unique().sort().to_list()
        moments, people = _cube(frame, variable, arms, dates)
        groups = _grouped(people, [steps[date] for date in dates], minimum)
        edges = [last for _, last in groups]
        found.append(
            MetricMoments(
                variable.metric,
                isinstance(workspace.metrics[variable.metric], RatioMetric),
                tuple((str(edge), "") for edge in edges),
                Moments.stack([moments[first : last + 1].merge_all(0) for first, last in groups]),
                np.stack([people[first : last + 1].sum(0) for first, last in groups]),
                "; ".join(dict.fromkeys(notes[part] for part in variable.columns if part in notes)),
            )
        )
        since = [(dates[edge] - start.date()).days + 1 for edge in edges]
        days[variable.metric] = tuple(int(np.ceil(day + windows[variable.metric])) for day in since)
    return tuple(found), days


def _steps(everybody: pl.DataFrame, arms: Sequence[str], minimum: int) -> dict[dt.date, int]:
    """Number assignment days so that each number gathers nobody or at least k people in every arm.

    One numbering for all metrics of an experiment: two metrics cannot be subtracted to reveal a day.
    """
    wide = everybody.pivot("variant", index="cell", values="people").sort("cell").fill_null(0)
    step, numbers = 0, {}
    running = np.zeros(len(arms))
    for row in wide.iter_rows(named=True):
        numbers[row["cell"]] = step
        running += [row.get(arm, 0) for arm in arms]
        if np.all((running == 0) | (running >= minimum)) and running.any():
            step, running = step + 1, np.zeros(len(arms))
    return numbers


def _grouped(people: np.ndarray, steps: Sequence[int], minimum: int) -> list[tuple[int, int]]:
    """First and last cell of each step; a last step that is too small joins the one before."""
    starts = [i for i in range(len(steps)) if i == 0 or steps[i] != steps[i - 1]]
    groups = [(first, last - 1) for first, last in zip(starts, [*starts[1:], len(steps)], strict=True)]
    while len(groups) > 1:
        small = [i for i, (a, b) in enumerate(groups) if _too_small(people[a : b + 1].sum(0), minimum)]
        if not small:
            break
        at = max(small[-1], 1)
        groups[at - 1 : at + 1] = [(groups[at - 1][0], groups[at][1])]
    return groups


def _too_small(people: np.ndarray, minimum: int) -> bool:
    return bool(np.any((people > 0) & (people < minimum)) or not people.any())
