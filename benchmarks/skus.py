"""SKU moments of 20 million order lines against the bare scan of the same lines."""

import sys
import tempfile
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from metrics.sku_lift import Packing, sku_sums, unit_sku_revenue

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
    """Read the lines and add them up per variant and SKU, as if every line were a customer."""
    rows = pl.scan_parquet(folder / "lines.parquet")
    rows.group_by("arm", "sku").agg(pl.col("revenue", "quantity").sum()).collect(engine="streaming")


def moments(folder: Path) -> None:
    """Everything that SKU lift needs: per customer and SKU before anything is squared."""
    lines = nw.from_native(pl.scan_parquet(folder / "lines.parquet"))
    packing = Packing(SKUS, 2)
    sku_sums(unit_sku_revenue(lines, packing), packing).to_native().collect(engine="streaming")


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        cost = interleaved("benchmarks.skus", ["bare", "moments"], folder)
    scan, job = cost["bare"], cost["moments"]
    return [
        ("SKU moments of 20 M order lines", job.cpu, "CPU s"),
        ("  to the bare scan", job.cpu / scan.cpu, "× CPU (target 4.5)"),
        ("SKU moments of 20 M order lines", job.memory / 1024, "GiB (target 2)"),
    ]


if __name__ == "__main__":
    started = now()
    {"bare": bare, "moments": moments}[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
