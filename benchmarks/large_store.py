"""A store of a year, 50 experiments and 20,000 SKUs: `python -m benchmarks.large_store DIR`.

Every table that a page shows has rows, invented without any data; they are written as a refresh writes them.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from metrics.published import Published
from storage.frames import conform, dtypes, figure_table
from storage.records import MetricRecord, RunRecord
from storage.store import Store
from tests.e2e import house
from tests.ui import boards
from tests.ui.growing import STAYING, category, curve, followed
from tests.ui.privacy_tables import (
    answered,
    field,
    frame,
    joint,
    model,
    net,
    purpose,
    request,
    score,
    service,
    week,
)
from tests.ui.privacy_tables import vendor as one_vendor
from tests.ui.retailer import METRICS, Made, row, segment, snapshot
from tests.ui.test_halves import MONEY

EXPERIMENTS, SKUS, DAYS, CATEGORIES = 50, 20_000, 365, 40
ARMS = ("short", "long")
AS_OF = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
Rows = list[dict[str, Any]]


def write(folder: Path, skus: int = SKUS) -> Path:
    """Make the workspace; about a minute."""
    made = [_experiment(number) for number in range(EXPERIMENTS)]
    journeys = [
        {"id": f"journey_{number:02}", "name": f"Journey {number:02}", "cost_target_per_1k": 0.3,
         "latency_target_ms": 120.0, "purposes": ["personalize"], "lawful_basis": "consent"}
        for number in range(EXPERIMENTS)
    ]  # fmt: skip
    plain = snapshot(*made, as_of=AS_OF, workspace={"policy": boards.POLICY, "journeys": journeys})
    inputs = {**plain.run.inputs, "dsr_requests": {"rows_in": 500, "accepted": 500, "quarantined": {}}}
    small = {name: frame(name, rows) for name, rows in {**_growth(), **_privacy()}.items()}
    known = METRICS | STAYING | {"margin": boards.MARGIN}
    found = replace(
        plain,
        run=replace(plain.run, inputs=inputs),
        frames={**plain.frames, **small},
        metric_definitions=known,
    )
    judged = boards.with_gates(found)
    (folder / "workspace.yaml").write_text(
        "name: Northlight Retail\ncurrency: EUR\ntimezone: Europe/Dublin\n", encoding="utf-8"
    )
    record = RunRecord(**{item.name: getattr(judged.run, item.name) for item in fields(RunRecord)})
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        store.complete_run(
            store.begin_run(record),
            [
                *(Published(name, rows) for name, rows in judged.frames.items() if rows.height),
                *(Published("sku_lift", part) for part in _sku_lift(skus)),
            ],
            experiments=judged.experiment_records,
            verdicts=judged.verdict_records,
            metrics=[MetricRecord(name, metric) for name, metric in known.items()],
        )
    return folder


def name(number: int) -> str:
    """An experiment's id."""
    return f"test-{number:02}"


def _experiment(number: int) -> Made:
    """Five metrics, 20 segments and a step per day for each of two variants."""
    rows = [row(metric, variant=arm) for metric in METRICS for arm in ARMS]
    rows += [segment("country", f"c{i}", 0.05, variant=arm) for i in range(20) for arm in ARMS]
    return Made(
        experiment=name(number),
        journey=f"journey_{number:02}",
        variants=ARMS,
        rows=rows,
        days=DAYS,
        daily=tuple(METRICS),
        definition={"metrics": [*METRICS, "churn", "withdrawal"], "guardrails": {}},
    )


def _sku_lift(skus: int) -> Iterator[pl.DataFrame]:
    """Of each experiment's first variant, every SKU."""
    types = dtypes(figure_table("sku_lift"))
    draws = np.random.default_rng(7)
    for number in range(EXPERIMENTS):
        z = draws.normal(size=skus) + np.where(draws.random(skus) < 0.02, 5.0, 0.0)
        at = np.arange(skus)
        difference, error = 0.01 * z, np.full(skus, 0.01)
        p, q = np.exp(-(z**2) / 2), np.where(np.abs(z) > 4, 0.01, 0.6)
        made = pl.DataFrame(
            {
                "experiment": name(number),
                "variant": ARMS[0],
                "sku": [f"SKU-{one:06}" for one in range(skus)],
                "category": [f"category {one % CATEGORIES}" for one in range(skus)],
                "n_control": 100_000, "n_variant": 400_000,
                "buyers_control": 100 + at % 400, "buyers_variant": 400 + at % 1_600,
                "difference": difference, "difference_se": error,
                "difference_low": difference - 2 * error, "difference_high": difference + 2 * error,
                "p_value": p, "p_corrected": p,
                "q_value": q, "shrunk_difference": 0.8 * difference,
                "shrunk_low": 0.8 * difference - 1.6 * error, "shrunk_high": 0.8 * difference + 1.6 * error,
                "fcr_low": np.where(q < 0.05, difference - 3 * error, None).astype(float),
                "fcr_high": np.where(q < 0.05, difference + 3 * error, None).astype(float),
                "status": "ok",
            }
        ).with_columns(pl.col("fcr_low", "fcr_high").fill_nan(None))  # fmt: skip
        yield conform(figure_table("sku_lift"), made.select(list(made.columns))).select(list(types))


def _growth() -> dict[str, Rows]:
    tables: dict[str, Rows] = {
        "category_lift": [], "survival_effects": [], "survival": [], "money": [], "effects_by_age": [],
        "effect_trends": [],
    }  # fmt: skip
    for number in range(EXPERIMENTS):
        own = {"experiment": name(number)}
        for arm in ARMS:
            both = {**own, "variant": arm}
            tables["category_lift"] += [
                {**category(f"category {one}", 0.1, part), **both}
                for one in range(CATEGORIES)
                for part in ("all", "recommended", "neighbours")
            ]
            tables["category_lift"].append({**category("*all*", 0.5), **both})
            tables["money"].append({**MONEY, **both})
            tables["survival_effects"] += [
                {**followed(), **both}, {**followed("withdrawal", 0.0, 0.001), **both},
            ]  # fmt: skip
        for metric in ("churn", "withdrawal"):
            for arm in ("holdout", *ARMS):
                tables["survival"] += [{**line, **own} for line in curve(metric, arm)]
    return tables


def _privacy() -> dict[str, Rows]:
    names = [f"journey_{number:02}" for number in range(EXPERIMENTS)]
    places = ("*all*", "IE", "DE", "FR", "US-CA", "BR")
    first = dt.date(2025, 10, 1)
    days: Sequence[dt.date] = [first + dt.timedelta(days=one) for one in range(DAYS)]
    inference: Mapping[str, Any] = {
        "model": "ranker", "serving": "central", "requests": 10, "recommendations": 100, "cost": 0.03,
        "cost_per_1k": 0.3, "latency_p95": 95.0, "status": "ok",
    }  # fmt: skip
    return {
        "dsr_requests": [
            *(answered(one) for one in range(400)), *(request(one, "open", 9) for one in range(400, 500)),
        ],
        "dsr_sla": [service(), service("CCPA", "opt_out"), service(period="2026Q2")],
        "minimization_fields": [field(f"field_{one:03}", passes=one % 4 > 0) for one in range(400)],
        "minimization": [score(), score(system="shop")],
        "vendors": [one_vendor(f"Vendor {one:02}") for one in range(60)],
        "inference": [model(journey=one) for one in names],
        "inference_by_day": [{**inference, "journey": one, "day": day} for one in names for day in days],
        "net_value": [net(one) for one in names],
        "consent": [
            *(joint(one, place) for one in names for place in places),
            *(purpose(place=place, journey=one) for one in names for place in places[1:]),
        ],
        "consent_alerts": [
            {**week(), "jurisdiction": place, "week": first + dt.timedelta(weeks=one)}
            for place in places[1:]
            for one in range(52)
        ],
        "journeys": [
            {"journey": one, "period": "2026Q3", "status": "ok", "consent_coverage": 0.55,
             "consent_coverage_low": 0.54, "leakage_events": 0, "cost_per_1k": 0.3, "net_value": 5_000.0,
             "net_low": 3_000.0, "net_high": 7_000.0, "minimization_score": 0.71}
            for one in names
        ],
        "quarantine": [house.ASIDE],
    }  # fmt: skip


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    print(write(target))
