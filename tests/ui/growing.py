"""An invented retailer's products and staying customers, as one run in a snapshot or a store."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from metrics.published import Published
from reports.snapshot import Snapshot
from storage.frames import dtypes, figure_table
from storage.records import MetricRecord, RunRecord
from storage.store import Store
from tests.ui.retailer import METRICS, Made, snapshot

NAME = "cart-recovery-2026q3"
N = {"n_control": 10_000, "n_variant": 40_000}
STAYING: dict[str, dict[str, Any]] = {
    "churn": {"kind": "survival", "table": "order_lines", "inactive_days": 60.0, "horizon_days": 90.0,
              "direction": "lower"},
    "withdrawal": {"kind": "survival", "table": "consent_events", "event": "withdrawn", "direction": "lower"},
    "lapse": {"kind": "survival", "table": "unit_outcomes", "duration": "weeks", "event": "lapsed",
              "horizon_days": 52.0, "direction": "lower"},
}  # fmt: skip

Rows = Iterable[Mapping[str, Any]]


def sku(
    name: str, difference: float = 0.0, q: float | None = 0.5, category: str = "tea", **other: Any
) -> dict[str, Any]:
    """A row of sku_lift: an effect per unit, selected at q ≤ 0.05."""
    made = {
        "experiment": NAME, "variant": "personalised", "sku": name, "category": category, **N,
        "buyers_control": 200, "buyers_variant": 900, "difference": difference, "difference_se": 0.05,
        "difference_low": difference - 0.1, "difference_high": difference + 0.1, "p_value": 0.01,
        "p_corrected": 0.01, "q_value": q, "shrunk_difference": 0.8 * difference,
        "shrunk_low": 0.8 * difference - 0.09, "shrunk_high": 0.8 * difference + 0.09, "status": "ok",
    }  # fmt: skip
    if q is not None and q <= 0.05:
        made |= {"fcr_low": difference - 0.15, "fcr_high": difference + 0.15}
    return made | other


def rest(difference: float = 0.2, category: str = "tea") -> dict[str, Any]:
    """A remainder of a category."""
    untested = dict.fromkeys(("q_value", "p_corrected", "shrunk_difference", "shrunk_low", "shrunk_high"))
    return sku("*other*", difference, None, category) | untested


def category(
    name: str, difference: float | None, part: str = "all", half_width: float = 0.1, **other: Any
) -> dict[str, Any]:
    """A row of category_lift; without a difference it is hidden."""
    keys = {"experiment": NAME, "variant": "personalised", "category": name, "part": part}
    if difference is None:
        return {**keys, "status": "suppressed", "note": "fewer than 50 people in an arm"} | other
    return {
        **keys, **N, "buyers_control": 500, "buyers_variant": 2_000, "difference": difference,
        "difference_se": half_width / 2, "difference_low": difference - half_width,
        "difference_high": difference + half_width, "p_value": 0.01, "status": "ok", **other,
    }  # fmt: skip


def followed(
    metric: str = "churn", difference: float = -0.02, half_width: float = 0.01, **other: Any
) -> dict[str, Any]:
    """A row of survival_effects."""
    return {
        "experiment": NAME, "metric": metric, "control": "holdout", "variant": "personalised", **N,
        "horizon_days": 90.0, "rmst_difference": -30 * difference,
        "rmst_low": -30 * (difference + half_width), "rmst_high": -30 * (difference - half_width),
        "risk_difference": difference,
        "risk_low": difference - half_width, "risk_high": difference + half_width, "risk_control": 0.38,
        "risk_variant": 0.38 + difference, "hazard_ratio": 0.9, "hazard_low": 0.85, "hazard_high": 0.95,
        "logrank_p": 0.001, "p_value": 0.002, "proportional_p": 0.4, "left_control": 120, "left_variant": 700,
        "worst_case_risk_difference": 0.01, "status": "ok", **other,
    }  # fmt: skip


def curve(metric: str = "churn", arm: str = "holdout", loss: float = 0.004) -> list[dict[str, Any]]:
    """Rows of survival, every third day up to day 90."""
    return [
        {
            "experiment": NAME, "metric": metric, "variant": arm, "day": day, "at_risk": 10_000 - 100 * day,
            "events": 40 * day, "survival": 1 - loss * day, "status": "ok",
            "survival_low": None if day == 0 else 1 - loss * day - 0.01,
            "survival_high": None if day == 0 else 1 - loss * day + 0.01,
        }
        for day in range(0, 91, 3)
    ]  # fmt: skip


def run(*made: Made, **tables: Rows) -> Snapshot:
    """A run with further tables and the metrics of staying."""
    plain = snapshot(*made)
    frames = {**plain.frames, **{name: _frame(name, rows) for name, rows in tables.items()}}
    return replace(plain, frames=frames, metric_definitions=METRICS | STAYING)


def write(folder: Path, *made: Made, **tables: Rows) -> Path:
    """The same as a workspace with a store."""
    found = run(*made, **tables)
    (folder / "workspace.yaml").write_text("name: Northlight Retail\n", encoding="utf-8")
    known = {field.name: getattr(found.run, field.name) for field in fields(RunRecord)}
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        store.complete_run(
            store.begin_run(RunRecord(**known)),
            [Published(name, frame) for name, frame in found.frames.items() if frame.height],
            experiments=found.experiment_records,
            verdicts=found.verdict_records,
            metrics=[MetricRecord(name, definition) for name, definition in found.metric_definitions.items()],
        )
    return folder


def _frame(name: str, rows: Rows) -> pl.DataFrame:
    types = dtypes(figure_table(name))
    kept = [{column: row.get(column) for column in types} for row in rows]
    return pl.DataFrame(kept, schema=types, orient="row")
