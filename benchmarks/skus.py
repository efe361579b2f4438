"""SKU moments of 20 million order lines against the bare scan of the same columns.

The lines are those inside the window, with units and SKUs as dense integers. Nearly every line is a unit and
SKU of its own, which is the hardest case: grouping them leaves as many rows as there were.
"""

import sys
import tempfile
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from jobs.engine import PolarsEngine
from metrics.sku_lift import Packing, cell_sums, sku_sums, unit_sku_revenue

LINES, UNITS, SKUS = 20_000_000, 2_000_000, 5_000


def make(folder: Path) -> None:
    """Write the lines: unit, arm, sku, revenue and quantity, as the job has them."""
    rng = np.random.default_rng(1)
    variant = (rng.random(UNITS) < 0.8).astype(np.int8)
    who = (UNITS * rng.random(LINES) ** 1.8).astype(np.int64)
    lines = {
        "unit": who,
        "sku": (SKUS * rng.random(LINES) ** 2).astype(np.int64),
        "revenue": rng.lognormal(3, 1, LINES).round(2),
        "quantity": np.ones(LINES, dtype=np.int32),
        "arm": variant[who],
    }
    pl.DataFrame(lines).write_parquet(folder / "lines.parquet")


def bare(folder: Path) -> None:
    """Read the same columns and add each up per variant."""
    rows = pl.scan_parquet(folder / "lines.parquet")
    rows.group_by("arm").agg(pl.exclude("arm").sum()).collect(engine="streaming")


def summed(folder: Path) -> None:
    """Read the same columns and add each up, which is less than any result needs."""
    pl.scan_parquet(folder / "lines.parquet").select(pl.all().sum()).collect(engine="streaming")


def moments(folder: Path) -> None:
    """Everything that SKU lift needs: per customer and SKU before anything is squared."""
    lines = nw.from_native(pl.scan_parquet(folder / "lines.parquet"))
    packing = Packing(SKUS, 2)
    with PolarsEngine.many_groups():
        PolarsEngine.collect(sku_sums(unit_sku_revenue(lines, packing), packing))


def categories(folder: Path) -> None:
    """The same per category: a customer's SKUs of one category are added up first."""
    lines = nw.from_native(pl.scan_parquet(folder / "lines.parquet"))
    packing = Packing(SKUS, 2)
    places = nw.from_native(pl.LazyFrame({"sku": range(SKUS), "cell": [sku % 30 for sku in range(SKUS)]}))
    with PolarsEngine.many_groups():
        PolarsEngine.collect(cell_sums(unit_sku_revenue(lines, packing), places, packing))


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        cost = interleaved("benchmarks.skus", list(JOBS), folder)
    job, whole = cost["moments"], cost["categories"]
    return [
        ("SKU moments of 20 M order lines", job.cpu, "CPU s"),
        ("  to the bare scan", job.cpu / cost["bare"].cpu, "× CPU (target 4.5)"),
        ("  to the same scan without variants", job.cpu / cost["summed"].cpu, "× CPU"),
        ("SKU moments of 20 M order lines", job.memory / 1024, "GiB (target 2)"),
        ("moments of their 30 categories", whole.cpu, "CPU s"),
        ("moments of their 30 categories", whole.memory / 1024, "GiB (target 2)"),
    ]


JOBS = {"bare": bare, "summed": summed, "moments": moments, "categories": categories}

if __name__ == "__main__":
    started = now()
    JOBS[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
