"""Metrics that arrive as aggregates, from a clean room or a warehouse: the table `moments`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from experiments.arrays import Floats
from experiments.moments import Moments
from jobs.config.models import Experiment
from jobs.experiment.by_day import grouped
from metrics.effects_table import TOTAL, MetricMoments

SEPARATOR = "\x1f"


def read(parts: Sequence[Path], experiment: Experiment, metrics: Sequence[str]) -> pl.DataFrame:
    """The experiment's rows of `moments`, missing segment fields as empty text."""
    rows = pl.scan_parquet(list(parts)).filter(
        pl.col("experiment") == experiment.id, pl.col("metric").is_in(list(metrics))
    )
    named = pl.col("segment_dimension").is_not_null() & (pl.col("segment_dimension") != "")
    return rows.with_columns(
        segment=pl.when(named).then(pl.col("segment").fill_null("(unknown)")).otherwise(pl.lit("")),
        segment_dimension=pl.when(named).then(pl.col("segment_dimension")).otherwise(pl.lit("")),
    ).collect()


def latest(rows: pl.DataFrame, metric: str, arms: Sequence[str]) -> MetricMoments | None:
    """Whole experiment and segments of a metric, as of the last day that their arms share; None = no row."""
    own = _shared_days(rows.filter(pl.col("metric") == metric))
    keys = ["segment_dimension", "segment", "variant"]
    last = own.sort("day", nulls_last=False).group_by(keys, maintain_order=True).last()
    if last.filter(pl.col("segment_dimension") == "").is_empty():
        return None
    found = last.select("segment_dimension", "segment").unique().sort("segment_dimension", "segment").rows()
    cells = (TOTAL, *(cell for cell in found if cell != TOTAL))
    joined = last.with_columns(cell=pl.concat_str("segment_dimension", "segment", separator=SEPARATOR))
    moments = _moments(joined, [SEPARATOR.join(cell) for cell in cells], arms)
    return MetricMoments(metric, False, cells, moments, moments.n)


def by_day(
    rows: pl.DataFrame, metric: str, arms: Sequence[str], minimum_people: int
) -> tuple[MetricMoments, tuple[int, ...]] | None:
    """Steps of a metric by day since start, from its cumulative rows; None where no day is given."""
    total = rows.filter(pl.col("metric") == metric, pl.col("segment_dimension") == "")
    own = _shared_days(total.filter(pl.col("day").is_not_null()))
    if own.is_empty():
        return None
    days = own["day"].unique().sort().to_list()
    cumulative = _moments(own.with_columns(cell=pl.col("day")), days, arms)
    steps = np.diff(cumulative.n, axis=0, prepend=0.0)
    kept = [last for _, last in grouped(steps, list(range(len(days))), minimum_people)]
    moments = cumulative[kept]
    chosen = tuple(int(days[index]) for index in kept)
    return MetricMoments(metric, False, tuple((str(day), "") for day in chosen), moments, moments.n), chosen


def _shared_days(rows: pl.DataFrame) -> pl.DataFrame:
    """The days on which every arm of a cell has a row: an arm a week ahead cannot be compared."""
    cell = ["segment_dimension", "segment"]
    arms = pl.col("variant").n_unique()
    return rows.filter(arms.over(*cell, "day") == arms.over(cell))


def _moments(rows: pl.DataFrame, cells: Sequence[object], arms: Sequence[str]) -> Moments:
    grid = pl.DataFrame({"cell": cells}, schema={"cell": rows.schema["cell"]}).join(
        pl.DataFrame({"variant": list(arms)}), how="cross"
    )
    full = grid.join(rows, on=["cell", "variant"], how="left", maintain_order="left")

    def read_column(name: str, missing: float) -> Floats:
        return full[name].cast(pl.Float64).fill_null(missing).to_numpy().reshape(len(cells), len(arms))

    return Moments.from_published(
        read_column("n", 0.0), read_column("mean", 0.0), read_column("variance", float("nan"))
    )
