"""An invented retailer's privacy figures, written without any data: as a test needs them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from metrics.catalogue import DEFINITIONS_VERSION
from metrics.published import Published
from reports.snapshot import Snapshot
from storage.frames import dtypes, figure_table
from storage.records import Run, RunRecord
from storage.schema import FIGURES
from storage.store import Store

Rows = Sequence[Mapping[str, Any]]
AS_OF = dt.datetime(2026, 9, 30, 23, tzinfo=dt.UTC)
TODAY = dt.date(2026, 9, 30)
PERIOD = "2026Q3"
JOURNEYS = (
    {"id": "homepage", "name": "Homepage", "cost_target_per_1k": 0.3, "latency_target_ms": 120.0,
     "purposes": ["personalize", "measure"], "lawful_basis": "consent"},
    {"id": "cart", "name": "Cart recovery", "cost_target_per_1k": 0.4, "latency_target_ms": 150.0,
     "purposes": ["personalize"], "lawful_basis": "consent"},
)  # fmt: skip


def frame(table: str, rows: Rows) -> pl.DataFrame:
    """Rows of a figure table; what they leave out is null."""
    types = dtypes(figure_table(table))
    kept = [{name: row.get(name) for name in types} for row in rows]
    return pl.DataFrame(kept, schema=types, orient="row")


def request(number: int, state: str = "open", days_left: int | None = 9, **other: Any) -> dict[str, Any]:
    """A row of dsr_requests: received so that its state and days left hold at the end of September."""
    due = None if days_left is None else TODAY + dt.timedelta(days=days_left)
    received = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
    made = {
        "request_id": f"{number:032x}", "kind": "access", "jurisdiction": "IE", "regime": "GDPR",
        "received_at": received, "respond_due": due, "conservative_due": due, "state": state,
        "days_left": days_left, "rule": "gdpr-12-3",
    }  # fmt: skip
    return {**made, **other}


def answered(number: int, state: str = "on_time", days: int = 12, **other: Any) -> dict[str, Any]:
    """A row of dsr_requests that was answered."""
    row = request(number, state, None, days=days, outcome="complied", **other)
    return {**row, "closed_at": row["received_at"] + dt.timedelta(days=days), "respond_due": TODAY}


def service(regime: str = "GDPR", kind: str = "access", on_time: int = 8, **other: Any) -> dict[str, Any]:
    """A row of dsr_sla with nothing late."""
    made = {
        "regime": regime, "kind": kind, "period": PERIOD, "received": on_time, "complied": on_time,
        "complied_in_part": 0, "denied": 0, "open": 0, "overdue": 0, "on_time": on_time, "late": 0,
        "sla_rate": 1.0, "sla_low": 0.7, "median_days": 11.0, "mean_days": 12.5, "status": "ok",
    }  # fmt: skip
    return {**made, **other}


def field(
    name: str = "gender", weight: int | None = 2, *, passes: bool = False, **other: Any
) -> dict[str, Any]:
    """A row of minimization_fields: one that no purpose needs, or one that passes."""
    made = {
        "system": "shop", "field": name, "data_category": "user.demographic", "sensitivity": weight,
        "purpose_ok": passes, "basis_ok": True, "use_ok": True, "retention_ok": True, "status": "ok",
        "passes": passes, "journeys": "homepage",
    }  # fmt: skip
    mend = {"fix": "Delete it: no active purpose lists it as needed.", "score_if_fixed": 0.9,
            "excess_load_if_fixed": 1.0}  # fmt: skip
    return {**made, **({} if passes else mend), **other}


def score(value: float | None = 0.71, load: float = 8.0, **other: Any) -> dict[str, Any]:
    """A row of minimization over all systems and journeys."""
    made = {
        "system": "*all*", "journey": "*all*", "fields": 9, "passing": 5, "score": value,
        "excess_load": load, "failing_purpose": 4, "failing_basis": 0, "failing_use": 0,
        "failing_retention": 0, "status": "ok", "unknown": 0, "retention_overdue": 0,
    }  # fmt: skip
    return {**made, **other}


def vendor(name: str = "Harbour Cloud", **other: Any) -> dict[str, Any]:
    """A row of vendors: everything in order."""
    made = {
        "vendor": name, "journeys": "homepage", "contract_status": "valid", "dpa_ok": True,
        "clean_room": True,
        "transfer_ok": True, "next_action": "Review the vendor; last done on 2026-05-12.",
        "due": dt.date(2027, 5, 12), "status": "ok", "role": "processor", "services": "hosting",
        "contract_end": dt.date(2027, 12, 31), "transfer_country": "IE", "transfer_mechanism": "none",
        "review_status": "current", "review_due": dt.date(2027, 5, 12),
    }  # fmt: skip
    return {**made, **other}


def model(name: str = "ranker", journey: str = "homepage", **other: Any) -> dict[str, Any]:
    """A row of inference: 1,000 recommendations for 0.25."""
    made = {
        "journey": journey, "model": name, "serving": "central", "period": PERIOD, "requests": 100,
        "recommendations": 1_000, "cost": 0.25, "cost_per_1k": 0.25, "latency_p50": 40.0, "latency_p95": 90.0,
        "latency_p99": 130.0, "status": "ok", "share_over_latency_target": 0.01, "server_requests_avoided": 0,
    }  # fmt: skip
    return {**made, **other}


def net(
    journey: str = "homepage", value: float = 5_000.0, half: float = 2_000.0, **other: Any
) -> dict[str, Any]:
    """A row of net_value with its limits."""
    made = {
        "journey": journey, "period": PERIOD, "experiment": f"{journey}-2026q3", "variant": "personalised",
        "metric": "margin", "window_days": 28.0, "interval": "fixed", "treated_units": 4_000,
        "margin_per_unit": 1.3, "margin_low": 0.8, "margin_high": 1.8, "personalised_units": 4_000,
        "inference_cost": 165.0, "cost_per_unit_day": 0.001, "cost_per_unit": 0.028, "net_value": value,
        "net_low": value - half, "net_high": value + half, "break_even_cost_per_recommendation": 0.12,
        "break_even_low": 0.06, "break_even_high": 0.18, "uncovered_units": 900, "value_of_consent": 1_100.0,
        "value_of_consent_low": 600.0, "value_of_consent_high": 1_600.0, "status": "ok",
    }  # fmt: skip
    return {**made, **other}


def joint(
    journey: str = "homepage", place: str = "*all*", leaks: int = 0, share: float = 0.55, **other: Any
) -> dict[str, Any]:
    """A `*joint*` row of consent over 10,000 events."""
    made = {
        "journey": journey, "jurisdiction": place, "period": PERIOD, "purpose": "*joint*", "eligible": 10_000,
        "granted": round(10_000 * share), "coverage": share, "coverage_low": share - 0.01,
        "leakage_events": leaks, "status": "ok", "server_share": 0.9, "one_source_share": 1.0,
        "children_excluded": 120, "age_unknown": 300,
    }  # fmt: skip
    return {**made, **other}


def purpose(
    name: str = "personalize", place: str = "IE", journey: str = "homepage", **other: Any
) -> dict[str, Any]:
    """A row of consent about one purpose: of 1,000 customers 600 granted."""
    made = {
        "journey": journey, "jurisdiction": place, "period": PERIOD, "purpose": name, "eligible": 1_000,
        "granted": 600, "refused": 150, "withdrawn": 50, "expired": 80, "undecided": 120,
        "consent_rate": 0.75, "opt_in_rate": 0.6, "decided_share": 0.8, "status": "ok",
    }  # fmt: skip
    return {**made, **other}


def week(day: int = 21, alert: str = "steady", rate: float | None = 0.8, **other: Any) -> dict[str, Any]:
    """A row of consent_alerts in September."""
    made = {
        "jurisdiction": "IE", "purpose": "personalize", "week": dt.date(2026, 9, day), "decided": 500,
        "rate": rate, "baseline": 0.8, "score": 0.1, "alert": alert, "status": "ok",
    }  # fmt: skip
    return {**made, **other}


def write(
    folder: Path,
    tables: Mapping[str, Rows],
    *,
    journeys: Sequence[Mapping[str, Any]] = JOURNEYS,
    inputs: Mapping[str, int] | None = None,
    runs: Sequence[Mapping[str, Rows]] = (),
) -> Path:
    """Write a workspace whose visible run has these rows.

    Args:
        folder: made if absent.
        tables: rows by figure table.
        journeys: as configured.
        inputs: input tables that were read → rows of them that were set aside.
        runs: rows of complete runs before it.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text(
        "name: Northlight Retail\ncurrency: EUR\ntimezone: Europe/Dublin\n", encoding="utf-8"
    )
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        for rows in (*runs, tables):
            run_id = store.begin_run(_record(journeys, inputs or {}))
            published = [Published(name, frame(name, found)) for name, found in rows.items() if found]
            store.complete_run(run_id, published, experiments=[], verdicts=[], metrics=[])
    return folder


def snapshot(
    tables: Mapping[str, Rows],
    *,
    journeys: Sequence[Mapping[str, Any]] = JOURNEYS,
    inputs: Mapping[str, int] | None = None,
) -> Snapshot:
    """The same run as a snapshot, without a store."""
    run = Run(
        run_id=1, started_at=AS_OF, finished_at=AS_OF, status="complete", reason=None, summary={},
        **vars(_record(journeys, inputs or {})),
    )  # fmt: skip
    frames = {name: frame(name, tables.get(name, ())) for name in FIGURES}
    return Snapshot(replace(run), frames, (), (), {})


def _record(journeys: Sequence[Mapping[str, Any]], inputs: Mapping[str, int]) -> RunRecord:
    return RunRecord(
        as_of=AS_OF,
        period=PERIOD,
        definitions_version=DEFINITIONS_VERSION,
        policy_hash="0" * 64,
        policy_text="version: 3\n",
        policy_version=3,
        fingerprint="1" * 64,
        workspace={
            "name": "Northlight Retail", "currency": "EUR", "timezone": "Europe/Dublin", "minimum_people": 50,
            "journeys": [dict(journey) for journey in journeys],
        },
        inputs={
            name: {"rows_in": 100, "accepted": 100 - aside, "quarantined": {"a_rule": aside} if aside else {}}
            for name, aside in inputs.items()
        },
    )  # fmt: skip
