"""Moments of 10 million pre-computed units (three adjusted metrics, one ratio) against the bare scan."""

import sys
import tempfile
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from metrics.outcomes import Variables, shifted_sums

UNITS = 10_000_000
METRICS = [
    *(Variables(f"y{i}", (f"y{i}", f"x{i}"), "counted", (None, None), (3.0, 12.0)) for i in range(3)),
    Variables("rate", ("clicks", "visits"), "counted", (None, None), (0.5, 3.0)),
]


def make(file: Path) -> None:
    """Write the units: variant, three outcomes with covariate, numerator and denominator."""
    rng = np.random.default_rng(1)
    columns: dict[str, np.ndarray] = {"variant": rng.integers(0, 2, UNITS).astype(np.int8)}
    for i in range(3):
        columns[f"x{i}"] = rng.lognormal(2, 1, UNITS)
        columns[f"y{i}"] = columns[f"x{i}"] * rng.random(UNITS)
    columns["clicks"] = rng.random(UNITS)
    columns["visits"] = rng.poisson(3, UNITS).astype(float)
    pl.DataFrame(columns).write_parquet(file)


def bare(file: Path) -> None:
    """Read the same columns and add each up per variant."""
    rows = pl.scan_parquet(file)
    rows.group_by("variant").agg(pl.exclude("variant").sum()).collect(engine="streaming")


def moments(file: Path) -> None:
    """Everything that the estimators need, in one pass."""
    rows = pl.scan_parquet(file).with_columns(counted=pl.lit(value=True), people=pl.lit(1))
    shifted_sums(nw.from_native(rows), ["variant"], METRICS).to_native().collect(engine="streaming")


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "units.parquet"
        make(file)
        cost = interleaved("benchmarks.moments", ["bare", "moments"], str(file))
    scan, job = cost["bare"], cost["moments"]
    return [
        ("moments of 10 M units", job.cpu, "CPU s"),
        ("  to the bare scan", job.cpu / scan.cpu, "× CPU (target 1.5)"),
        ("moments of 10 M units", job.memory, "MiB"),
        ("  to the bare scan", job.memory / scan.memory, "× memory (target 1.5)"),
    ]


if __name__ == "__main__":
    started = now()
    {"bare": bare, "moments": moments}[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
