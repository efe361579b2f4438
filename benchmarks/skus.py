"""SKU moments of 20 million order lines against the bare scan of the same lines."""

import sys
import tempfile
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from metrics.sku_lift import sku_sums, unit_sku_revenue, unpacked

LINES, UNITS, SKUS = 20_000_000, 2_000_000, 5_000


def make(folder: Path) -> None:
    """Write the lines (unit, sku, revenue, quantity and the unit's variant) and the units with theirs."""
    rng = np.random.default_rng(1)
    variant = (rng.random(UNITS) < 0.8).astype(np.int8)
    units = pl.DataFrame({"unit": np.arange(UNITS), "variant": variant})
    units.write_parquet(folder / "units.parquet")
    who = (UNITS * rng.random(LINES) ** 1.8).astype(np.int64)
    lines = {
        "unit": who,
        "sku": (SKUS * rng.random(LINES) ** 2).astype(np.int64),
        "revenue": rng.lognormal(3, 1, LINES).round(2),
        "quantity": np.ones(LINES, dtype=np.int32),
        "variant": variant[who],
    }
    pl.DataFrame(lines).write_parquet(folder / "lines.parquet")


def bare(folder: Path) -> None:
    """Read the lines and add them up per variant and SKU, as if every line were a customer."""
    rows = pl.scan_parquet(folder / "lines.parquet")
    rows.group_by("variant", "sku").agg(pl.col("revenue", "quantity").sum()).collect(engine="streaming")


def moments(folder: Path) -> None:
    """Everything that SKU lift needs: per customer and SKU before anything is squared."""
    lines = pl.scan_parquet(folder / "lines.parquet").select("unit", "sku", "revenue", "quantity")
    pairs = unpacked(unit_sku_revenue(nw.from_native(lines), SKUS), SKUS)
    units = nw.from_native(pl.scan_parquet(folder / "units.parquet"))
    sku_sums(pairs, units).to_native().collect(engine="streaming")


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
