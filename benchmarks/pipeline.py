"""A whole refresh of the demo at scale 40 (2 M customers, 24 M order lines, 27 M journey events)."""

import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.measure import in_process, now, report

SCALE = 40


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        made = in_process("benchmarks.pipeline", "demo", folder)
        scan = in_process("benchmarks.pipeline", "scan", folder)
        job = in_process("benchmarks.pipeline", "refresh", folder)
    return [
        (f"demo at scale {SCALE}", made.memory, "MiB (target 4096)"),
        (f"refresh at scale {SCALE}", job.cpu, "CPU s"),
        ("  to the bare scan", job.cpu / scan.cpu, "× CPU"),
        (f"refresh at scale {SCALE}", job.memory, "MiB (target 4096)"),
        ("  to the bare scan", job.memory / scan.memory, "× memory"),
    ]


def demo(folder: Path) -> None:
    """Write the workspace."""
    from jobs.demo import make

    make(folder / "northlight", scale=SCALE, seed=7)


def scan(folder: Path) -> None:
    """Read every event table once and add up what can be added."""
    for name in ("order_lines", "consent_events", "assignments"):
        rows = pl.scan_parquet(folder / "northlight" / "data" / name / "*.parquet")
        rows.select(pl.all().drop_nulls().hash().sum()).collect(engine="streaming")


def refresh(folder: Path) -> None:
    """Compute everything."""
    from jobs.refresh import refresh as job

    job(folder / "northlight")


if __name__ == "__main__":
    started = now()
    {"demo": demo, "scan": scan, "refresh": refresh}[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
