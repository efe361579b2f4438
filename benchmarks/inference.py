"""Cost and latency of 2 million requests, on the grid and exactly, against the bare scan."""

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from metrics import inference

REQUESTS, PART = 2_000_000, 1_000_000
START = dt.datetime.fromisoformat("2026-07-01")
SERVING = ("central", "edge", "contextual", "on_device")
BY_DAY = (*inference.MODEL, "day")
TARGETS = {f"journey-{number}": 120.0 for number in range(3)}
Frame = inference.Frame


def make(folder: Path, requests: int = REQUESTS) -> None:
    """Write a quarter's log, a million requests per file, by time: three journeys, two models, four ways."""
    for number in range(-(-requests // PART)):
        rng = np.random.default_rng(number)
        rows = min(PART, requests - number * PART)
        time = (number * PART + np.sort(rng.random(rows)) * rows) / requests * 92 * 86_400e6
        journey, model, serving = (rng.integers(0, count, rows) for count in (3, 2, 4))
        names = {
            "journey": pl.Series([f"journey-{item}" for item in range(3)]).gather(journey),
            "model": pl.Series(["large", "small"]).gather(model),
            "serving": pl.Series(SERVING).gather(serving),
        }
        pl.DataFrame(
            {
                **names,
                "occurred_at": np.datetime64(START, "us") + time.astype("timedelta64[us]"),
                "recommendations": rng.poisson(12, rows),
                "cost": rng.lognormal(-5, 0.3, rows),
                "latency_ms": 80 * rng.lognormal(0, 0.5, rows),
                "request_bytes": rng.lognormal(7, 0.5, rows),
            }
        ).write_parquet(folder / f"part-{number:03d}.parquet")


def log(folder: Path) -> Frame:
    """The rows with day and cell."""
    offsets = [(START, dt.timedelta(hours=1))]
    return inference.binned(nw.from_native(pl.scan_parquet(folder / "*.parquet")), offsets)


def bare(folder: Path) -> None:
    """Read the same columns and add each number up per model."""
    rows = pl.scan_parquet(folder / "*.parquet")
    numbers = ("recommendations", "cost", "latency_ms", "request_bytes")
    last = pl.col("occurred_at").max()
    rows.group_by(inference.MODEL).agg(pl.col(numbers).sum(), last).collect()


def grid(folder: Path) -> pl.DataFrame:
    """Every figure by quarter and day, from the histogram alone."""
    counts: pl.DataFrame = inference.histogram(log(folder), TARGETS).collect(backend="polars").to_native()
    for by in (inference.MODEL, BY_DAY, ("journey",)):
        inference.figures(counts, by, TARGETS)
    return counts


def exact(folder: Path) -> None:
    """The same, with the cells that decide a quantile read again."""
    counts = grid(folder)
    cells = inference.deciding_cells(counts, (inference.MODEL, BY_DAY, ("journey",)))
    again = inference.latencies_in(log(folder), nw.from_native(cells.lazy()))
    latencies: pl.DataFrame = again.collect(backend="polars").to_native()
    for by in (inference.MODEL, BY_DAY, ("journey",)):
        inference.figures(counts, by, TARGETS, latencies)


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        cost = interleaved("benchmarks.inference", ["bare", "grid", "exact"], folder)
    scan, found = cost["bare"], []
    for name in ("grid", "exact"):
        job, label = cost[name], f"{name}, {REQUESTS // 10**6} M requests"
        found += [
            (label, job.cpu, "CPU s"),
            ("  to the bare scan", job.cpu / scan.cpu, "× CPU"),
            (label, job.memory, "MiB"),
            ("  to the bare scan", job.memory / scan.memory, "× memory"),
        ]
    return found


if __name__ == "__main__":
    started = now()
    jobs: dict[str, Callable[[Path], object]] = {"bare": bare, "grid": grid, "exact": exact}
    jobs[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
