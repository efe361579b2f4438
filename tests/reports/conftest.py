"""A store with one run that fills every table."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from metrics.published import Published
from reports.snapshot import Snapshot, load
from storage.records import ExperimentRecord, MetricRecord, VerdictRecord
from storage.schema import FIGURES
from storage.store import Store
from tests.storage.samples import RECORD, effects, figures


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'liftgate.db'}") as opened:
        yield opened


@pytest.fixture
def snapshot(store: Store) -> Snapshot:
    """A run with figures in every table, two experiments among them."""
    run_id = store.begin_run(RECORD)
    own = effects((None, 1.0), ("IE", 2.0), ("FR", 3.0)).frame.with_columns(headline=True)
    other = effects((None, 9.0), experiment="home").frame.with_columns(headline=False)
    journeys = figures("journeys").with_columns(period=pl.lit("2026Q3"))
    filled = [Published(table, figures(table)) for table in FIGURES if table not in {"effects", "journeys"}]
    store.complete_run(
        run_id,
        [Published("effects", own), Published("effects", other), Published("journeys", journeys), *filled],
        experiments=[ExperimentRecord("cart", {"unit": "customer"}, {}), ExperimentRecord("home", {}, {})],
        verdicts=[VerdictRecord("cart", "personalised", "win", {}), VerdictRecord("home", "b", "none", {})],
        metrics=[MetricRecord("revenue", {"kind": "mean", "money": True})],
        inputs={"order_lines": {"fingerprint": "o1", "accepted": 9}, "customers": {"fingerprint": "c1"}},
    )
    return load(store, run_id)
