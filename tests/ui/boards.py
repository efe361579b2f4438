"""Quarters of an invented retailer as a board sees them, in a snapshot or a store."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from metrics.programme import PROGRAMME
from metrics.published import Published
from policy.gates import Result
from reports.gates.evaluation import gates
from reports.snapshot import Snapshot
from reports.wording import gates as wording
from storage.records import MetricRecord, RunRecord
from storage.store import Store
from tests.ui.privacy_tables import frame, joint, model, score, service, vendor
from tests.ui.retailer import METRICS, Made, check, row, snapshot

MARGIN = {
    "kind": "mean", "table": "order_lines", "value": "margin", "aggregate": "sum", "window_days": 28.0,
    "money": True, "direction": "higher",
}  # fmt: skip

TREATED = 118_000
"""Customers who were not held out of everything."""

POLICY: dict[str, Any] = {
    "version": 3,
    "checks": [
        {"id": "lift", "figure": "primary_relative", "bound": "lower", "op": ">=", "threshold": 0.0,
         "severity": "warning"},
        {"id": "coverage", "figure": "consent_coverage", "op": ">=", "threshold": 0.7},
        {"id": "leaks", "figure": "leakage_events", "op": "==", "threshold": 0, "severity": "legal"},
        {"id": "cost", "figure": "cost_per_1k", "op": "<=", "threshold": 0.4, "severity": "warning"},
    ],
}  # fmt: skip
"""What a journey must show."""


@dataclass(frozen=True)
class Kept:
    """One journey of a quarter; whatever is None was not measured.

    Attributes:
        lift, half: of revenue, shares of control's mean.
        net: net value with its limits.
        leaks: events personalised without consent.
    """

    journey: str
    name: str
    lift: float | None = 0.042
    half: float = 0.02
    code: str = "better"
    ended: bool = True
    net: tuple[float, float, float] | None = None
    coverage: float | None = 0.9
    leaks: int | None = 0
    score: float | None = 0.8
    cost: float | None = 0.31


FOUR = (
    Kept("cart", "Cart recovery", net=(612e3, 355e3, 871e3), coverage=0.914),
    Kept("home", "Homepage", 0.021, 0.016, net=(1.02e6, 0.18e6, 1.87e6), coverage=0.587, cost=0.44),
    Kept("post", "Post-purchase", 0.006, 0.03, "no_clear_effect", net=(84e3, -250e3, 418e3), coverage=0.88),
    Kept(
        "win", "Win-back e-mail", 0.03, 0.014, "harmful_guardrail", net=(140e3, 29e3, 252e3), coverage=0.962,
        leaks=12,
    ),
)  # fmt: skip
"""A quarter with good and bad to say: open, blocked by two checks, held by one, blocked by one."""


def quarter(
    kept: Sequence[Kept],
    period: str = "2026Q3",
    *,
    whole: tuple[float, float] | None = (0.019, 0.011),
    measured: bool = True,
    judged: bool = True,
    as_of: dt.datetime | None = None,
    **tables: Sequence[dict[str, Any]],
) -> Snapshot:
    """A quarter's run.

    Args:
        kept: its journeys.
        period: such as "2026Q2".
        whole: lift and half width of the universal holdout; None: there is none.
        measured: whether requests, fields and vendors are on record.
        judged: whether the run judged its gates.
        as_of: measurement time; default: the quarter's end.
        tables: rows that replace those of a table.
    """
    first = dt.date(int(period[:4]), 3 * int(period[-1]) - 2, 1)
    made = [_experiment(item, first) for item in kept if item.lift is not None]
    if whole:
        made.append(_holdout(*whole))
    year, number = int(period[:4]), int(period[-1])
    end = dt.datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=dt.UTC) - dt.timedelta(hours=1)
    plain = snapshot(*made, journeys={item.journey: item.name for item in kept}, as_of=as_of or end)
    found = _tables(kept, period, whole, measured=measured) | tables
    run = replace(plain.run, period=period, workspace={**plain.run.workspace, "policy": POLICY})
    if measured:
        run = replace(run, inputs={**run.inputs, "dsr_requests": {"accepted": 77}})
    frames = {**plain.frames, **{name: frame(name, rows) for name, rows in found.items()}}
    made_so = replace(plain, run=run, frames=frames, metric_definitions=METRICS | {"margin": MARGIN})
    return with_gates(made_so) if judged else made_so


def write(folder: Path, *quarters: Snapshot) -> Path:
    """A workspace with one run per quarter, the last one visible."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "name: Northlight Retail\ncurrency: EUR\ntimezone: Europe/Dublin\n"
    (folder / "workspace.yaml").write_text(text, encoding="utf-8")
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        for found in quarters:
            known = {field.name: getattr(found.run, field.name) for field in fields(RunRecord)}
            store.complete_run(
                store.begin_run(RunRecord(**known)),
                [Published(name, rows) for name, rows in found.frames.items() if rows.height],
                experiments=found.experiment_records,
                verdicts=found.verdict_records,
                metrics=[MetricRecord(name, metric) for name, metric in found.metric_definitions.items()],
            )
    return folder


def _experiment(item: Kept, first: dt.date) -> Made:
    return Made(
        experiment=f"{item.journey}-test", journey=item.journey, code=item.code, ended=item.ended,
        rows=[row(lift=item.lift or 0.0, half_width=item.half)],
        checks=[check("sample_ratio"), check("consent")],
        definition={"starts": first.isoformat(), "ends": (first + dt.timedelta(days=60)).isoformat()},
    )  # fmt: skip


def _holdout(lift: float, half: float) -> Made:
    margin = row(lift=lift, half_width=half, n=(13_000, 118_000))
    return Made(
        experiment="universal-holdout", journey=None, code="better" if lift > half else "no_clear_effect",
        rows=[row(lift=lift, half_width=half, n=(13_000, 118_000)), {**margin, "metric": "margin"}],
        definition={"programme": True, "starts": "2026-01-01"},
    )  # fmt: skip


def _together(kept: Sequence[Kept], period: str, whole: tuple[float, float] | None) -> list[dict[str, Any]]:
    """The universal holdout's row of net_value.csv: €120 of inference a journey in 28 days."""
    if whole is None:
        return []
    row: dict[str, Any] = {
        "journey": PROGRAMME,
        "period": period,
        "window_days": 28.0,
        "treated_units": TREATED,
    }
    lacking = [item.name for item in kept if item.cost is None]
    if lacking:
        note = f"what inference of {', '.join(lacking)} costs is not known, and is not zero"
        return [{**row, "status": "no_evidence", "note": note}]
    limits = (whole[0], whole[0] - whole[1], whole[0] + whole[1])
    values = (TREATED * 41.2 * limit - 120.0 * len(kept) for limit in limits)
    return [{**row, **dict(zip(("net_value", "net_low", "net_high"), values, strict=True)), "status": "ok"}]


def _tables(
    kept: Sequence[Kept], period: str, whole: tuple[float, float] | None, *, measured: bool
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {
        "journeys": [_row(item, period, measured=measured) for item in kept],
        "consent": [
            {**joint(item.journey, leaks=item.leaks or 0, share=item.coverage), "period": period}
            for item in kept
            if item.coverage is not None
        ],
        "net_value": [
            {"journey": item.journey, "period": period, "treated_units": 94_686, "window_days": 28.0,
             "status": "ok"}
            for item in kept
            if item.net
        ] + _together(kept, period, whole),
        "inference_by_day": [
            {"journey": item.journey, "model": "ranker", "serving": "central", "cost": 60.0, "status": "ok",
             "day": dt.date(int(period[:4]), 3 * int(period[-1]) - 2, day)}
            for item in kept
            if item.cost is not None
            for day in (1, 28)
        ],
        "inference": [
            {**model(journey=item.journey), "period": period} for item in kept if item.cost is not None
        ],
    }  # fmt: skip
    if measured:
        found |= {
            "dsr_sla": [service(period=period, on_time=76, late=1, received=77)],
            "minimization": [score(0.79, 26.0, fields=64, passing=53)],
            "vendors": [
                vendor(f"Vendor {number}", clean_room=number > 2, journeys=kept[0].journey if kept else "x")
                for number in range(1, 10)
            ],
        }  # fmt: skip
    return found


def _row(item: Kept, period: str, *, measured: bool) -> dict[str, Any]:
    value, low, high = item.net or (None, None, None)
    known = {
        "journey": item.journey, "period": period, "status": "ok", "primary_metric": "revenue",
        "net_value": value, "net_low": low, "net_high": high, "consent_coverage": item.coverage,
        "consent_coverage_low": None if item.coverage is None else item.coverage - 0.004,
        "events_needing_consent": None if item.coverage is None else 130_000,
        "leakage_events": item.leaks, "minimization_score": item.score,
        "excess_load": None if item.score is None else 12.0, "cost_per_1k": item.cost,
        "inference_cost": None if item.cost is None else 120.0,
    }  # fmt: skip
    if measured:
        known |= {
            "dsr_sla_rate": 0.987,
            "dsr_sla_low": 0.94,
            "vendors_live": 5,
            "vendors_with_protections": 4,
        }
    return known


def with_gates(made: Snapshot) -> Snapshot:
    """The run with the gates that its figures amount to, judged at its measurement time."""
    found = gates(made, (), made.run.as_of)
    rows = [
        {"journey": gate.journey, "check": one.check.id, "severity": one.check.severity, "why": one.why,
         "observed": None if one.observed is None else float(one.observed), "bound": one.check.bound,
         "threshold": float(one.check.threshold), "result": one.result.value, "figure": one.check.figure,
         "op": one.check.op, "sentence": wording.sentence(one, "EUR"), "policy_version": 3}
        for gate in found.values()
        for one in gate.checks
    ]  # fmt: skip
    said = {
        name: {"gate": gate.status.value, "gate_reason": wording.reason(gate, "EUR"), "gate_step": gate.step,
               "checks_failing": gate.count(Result.FAIL), "checks_unknown": gate.count(Result.UNKNOWN)}
        for name, gate in found.items()
    }  # fmt: skip
    journeys = [{**one, **said[one["journey"]]} for one in made.frames["journeys"].iter_rows(named=True)]
    frames = {**made.frames, "gates": frame("gates", rows), "journeys": frame("journeys", journeys)}
    return replace(made, frames=frames)
