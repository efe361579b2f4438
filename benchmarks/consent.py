"""Joint coverage of 30 million journey events under 4 million consent events, against the bare scan."""

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.measure import interleaved, now, report
from jobs.engine import PolarsEngine
from jobs.population import by_jurisdiction
from metrics import consent
from metrics.consent import Frame, col

EVENTS, DECISIONS, CUSTOMERS, PART = 30_000_000, 4_000_000, 2_000_000, 3_000_000
START = np.datetime64("2026-01-01", "us")
PURPOSES = ("content", "measured")
PLACES = ("IE", "DE", "FR", "US-CA")
VALIDITY = {"default": 183, "DE": 365, "US": 730}


def make(folder: Path) -> None:
    """Write customers with their homes, half a year of events and decisions, keyed by integers."""
    rng = np.random.default_rng(1)
    homes = pl.Series(PLACES).gather(rng.integers(0, len(PLACES), CUSTOMERS))
    pl.DataFrame({"customer": np.arange(CUSTOMERS), "jurisdiction": homes}).write_parquet(
        folder / "customers.parquet"
    )
    pl.DataFrame(
        {
            "customer": rng.integers(0, CUSTOMERS, DECISIONS),
            "purpose": pl.Series(PURPOSES).gather(rng.integers(0, 2, DECISIONS)),
            "state": pl.Series(consent.STATES).gather(rng.choice(3, DECISIONS, p=[0.8, 0.15, 0.05])),
            "occurred_at": _instants(rng, DECISIONS, -180),
            "source": pl.Series(("cmp", "tcf")).gather(rng.integers(0, 2, DECISIONS)),
        }
    ).write_parquet(folder / "decisions.parquet")
    for number in range(EVENTS // PART):
        pl.DataFrame(
            {
                "customer": pl.Series(rng.integers(0, CUSTOMERS, PART)).set(
                    pl.Series(rng.random(PART) < 0.1), None
                ),
                "occurred_at": _instants(rng, PART, 0),
                "collection": pl.Series(("server", "client")).gather(rng.integers(0, 2, PART)),
                "personalised": rng.random(PART) < 0.4,
            }
        ).write_parquet(folder / f"events-{number:02d}.parquet")


def _instants(rng: np.random.Generator, count: int, first_day: int) -> np.ndarray:
    """Instants within 180 days of a day since the start."""
    return START + ((first_day + 180 * rng.random(count)) * 86_400e6).astype("timedelta64[us]")


def bare(folder: Path) -> None:
    """Read the same columns once and count."""
    for files, columns in (
        ("decisions", ["customer", "occurred_at"]),
        ("events-*", ["customer", "occurred_at"]),
    ):
        rows = pl.scan_parquet(folder / f"{files}.parquet")
        rows.select(pl.col(columns).max(), pl.exclude(columns).drop_nulls().len()).collect()


def coverage(folder: Path) -> None:
    """Everything that the figures of one journey need: states, joint spans, events and customers."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    engine = PolarsEngine(work)
    homes, decisions = engine.scan(folder / "customers.parquet"), engine.scan(folder / "decisions.parquet")
    events = engine.scan(*sorted(folder.glob("events-*.parquet")))
    expiry = by_jurisdiction(VALIDITY, 183, lambda days: col("since") + dt.timedelta(days=days))
    states = {
        purpose: engine.checkpoint(consent.standings(decisions.filter(col("purpose") == purpose)), purpose)
        for purpose in PURPOSES
    }
    granted = [consent.grants(s.join(homes, on="customer", how="left"), expiry) for s in states.values()]
    spans = engine.checkpoint(consent.joint(granted), "spans")
    met = engine.checkpoint(_met(events, spans, homes), "met")
    engine.collect(consent.by_jurisdiction(met))
    for purpose in PURPOSES:
        engine.collect(consent.last_states(met, states[purpose], expiry))


def _met(events: Frame, spans: Frame, homes: Frame) -> Frame:
    met = consent.visits(events).join(consent.covered(events, spans), on="customer", how="left")
    met = met.with_columns(col(name).fill_null(0) for name in ("covered", "lawful", "one_source"))
    return met.join(homes, on="customer", how="left").with_columns(child=nw.lit(0), age_unknown=nw.lit(0))


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        cost = interleaved("benchmarks.consent", ["bare", "coverage"], folder)
    scan, job = cost["bare"], cost["coverage"]
    return [
        (f"coverage of {EVENTS // 10**6} M events", job.cpu, "CPU s"),
        ("  to the bare scan", job.cpu / scan.cpu, "× CPU"),
        (f"coverage of {EVENTS // 10**6} M events", job.memory, "MiB (target 3072)"),
        ("  to the bare scan", job.memory / scan.memory, "× memory"),
    ]


if __name__ == "__main__":
    started = now()
    jobs: dict[str, Callable[[Path], None]] = {"bare": bare, "coverage": coverage}
    jobs[sys.argv[1]](Path(sys.argv[2]))
    report(now() - started)
