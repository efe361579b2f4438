"""One retailer with something to say on every page: two quarters, gains and harm, leaks and late requests."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reports.snapshot import Snapshot
from tests.ui import boards
from tests.ui.growing import STAYING, category, curve, followed, rest, sku
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
    vendor,
    week,
)
from tests.ui.retailer import METRICS, Made, check, hidden, row, segment, snapshot
from tests.ui.test_halves import MONEY

Rows = Sequence[Mapping[str, Any]]
JOURNEYS = (
    {"id": "cart_recovery", "name": "Cart recovery", "cost_target_per_1k": 0.4, "latency_target_ms": 150.0,
     "purposes": ["personalize"], "lawful_basis": "consent"},
    {"id": "homepage", "name": "Homepage personalisation", "cost_target_per_1k": 0.3,
     "latency_target_ms": 120.0, "purposes": ["personalize", "measure"], "lawful_basis": "consent"},
    {"id": "app", "name": "App start"},
    {"id": "win_back", "name": "Win-back e-mail"},
    {"id": "post_purchase", "name": "Post-purchase recommendations"},
)  # fmt: skip
ASIDE = {"table": "order_lines", "rule": "sku_known", "rows": 1_204, "example": "orders.csv, row 12, sku"}


def write(folder: Path) -> Path:
    """A workspace with the two quarters, the last one visible and as of last midnight."""
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC)
    return boards.write(folder, _quarter("2026Q2", before, 0.74), _quarter("2026Q3", today, 0.55))


def _quarter(period: str, as_of: dt.datetime, coverage: float) -> Snapshot:
    spring = {"starts": "2026-04-01", "ends": "2026-06-30"} if period == "2026Q2" else {}
    made = [replace(one, definition={**one.definition, **spring}) for one in experiments()]
    plain = snapshot(
        *made, as_of=as_of, workspace={"policy": boards.POLICY, "journeys": [dict(one) for one in JOURNEYS]}
    )
    inputs = {**plain.run.inputs, "dsr_requests": {"rows_in": 77, "accepted": 77, "quarantined": {}}}
    frames = {**plain.frames, **{name: frame(name, rows) for name, rows in _tables(period, coverage).items()}}
    known = METRICS | STAYING | {"margin": boards.MARGIN}
    run = replace(plain.run, period=period, inputs=inputs)
    return boards.with_gates(replace(plain, run=run, frames=frames, metric_definitions=known))


def experiments() -> list[Made]:
    """A gain, two variants that run, harm, a failed check, and the universal holdout."""
    rails = {"returns": {"harm_if": "higher", "margin": 0.002}}
    rails["withdrawal"] = {"harm_if": "higher", "margin": 0.002}
    countries = [segment("country", name, lift) for name, lift in (("DE", 0.06), ("FR", 0.01), ("IE", 0.05))]
    passed = ("sample_ratio", "pre_period_balance", "consent", "erasure_balance")
    gain = Made(
        rows=[
            row(half_width=0.023),
            row(method="unadjusted", headline=False, half_width=0.03),
            row("orders", 0.031),
            row("conversion", 0.021, 0.018),
            row("returns", 0.001, 0.02, guardrail_state="not_worse", margin=0.002),
            *countries,
            hidden(segment_dimension="country", segment="MT"),
            segment("loyalty_tier", "gold", 0.1),
            segment("loyalty_tier", "basic", -0.08),
        ],
        days=90,
        definition={
            "guardrails": rails, "name": "Cart recovery, third quarter",
            "metrics": ["revenue", "orders", "conversion", "churn"],
        },
        exclusions={"consent": (4_000, 16_000), "not_mature": (900, 3_700), "child": (None, None)},
        checks=[
            *(check(name) for name in passed),
            check("quarantine_share", "warn", "1,204 of 130,000 rows were quarantined (0.93 %)."),
        ],
    )  # fmt: skip
    two = Made(
        experiment="homepage-2026q3", journey="homepage", variants=("ranked", "compact"), ended=False,
        code="too_early", needed_more=41_000, days=45,
        rows=[row(lift=0.006, half_width=0.02, variant="ranked"), row(lift=-0.01, variant="compact")],
    )  # fmt: skip
    harm = Made(experiment="win-back-2026q3", journey="win_back", code="worse", rows=[row(lift=-0.05)])
    failed = Made(
        experiment="post-purchase-2026q3", journey="post_purchase", code="withheld", rows=[row()],
        checks=[check("sample_ratio", "fail", "The arms are not split as intended: 23,716 (20,000 due).")],
    )  # fmt: skip
    total = row(lift=0.019, half_width=0.011, n=(13_000, 118_000))
    holdout = Made(
        experiment="universal-holdout", journey=None, rows=[total, {**total, "metric": "margin"}],
        definition={"programme": True, "starts": "2026-01-01", "name": "Universal holdout"},
    )  # fmt: skip
    return [gain, two, harm, failed, holdout]


def _tables(period: str, coverage: float) -> dict[str, Rows]:
    return {**_growth(), **_privacy(period, coverage), "quarantine": [ASIDE]}


def _growth() -> dict[str, Rows]:
    parts = [("all", 0.5), ("recommended", 0.8), ("neighbours", -0.3)]
    return {
        "sku_lift": [
            sku("S1", 0.5, 0.01), sku("S2", -0.3, 0.02), *(sku(f"S{n}") for n in range(3, 30)), rest(),
        ],
        "category_lift": [
            *(category("tea", size, part) for part, size in parts), category("*all*", 0.5),
        ],
        "survival_effects": [
            followed(), followed("withdrawal", 0.03, guardrail_state="worse", margin=0.002),
        ],
        "survival": [
            line
            for metric in ("churn", "withdrawal")
            for line in (*curve(metric), *curve(metric, "personalised", 0.003))
        ],
        "money": [MONEY],
    }  # fmt: skip


def _privacy(period: str, coverage: float) -> dict[str, Rows]:
    year, first = int(period[:4]), 3 * int(period[-1]) - 2
    of_days = [
        {"journey": journey, "model": "ranker", "serving": "central", "day": dt.date(year, first + 2, day),
         "requests": 10, "recommendations": 100, "cost": 0.03, "cost_per_1k": 0.3, "latency_p95": 90.0 + day,
         "status": "ok"}
        for journey in ("homepage", "cart_recovery")
        for day in range(1, 31)
    ]  # fmt: skip
    common = {"period": period, "status": "ok"}
    return {
        "dsr_requests": [
            request(1, "overdue", -26),
            request(2, "due_soon", 4, jurisdiction="BR", regime="LGPD", rule="lgpd-19"),
            request(3, "unknown", None, jurisdiction="CA", regime="PIPEDA", kind="delete", rule="unknown"),
            request(4, "open", 30, jurisdiction="US-CA", regime="CCPA", rule="ccpa-7021"),
            answered(5), answered(6, "late", received_at=dt.datetime(2026, 5, 5, tzinfo=dt.UTC)),
        ],
        "dsr_sla": [
            service(period=period, overdue=1, sla_rate=0.89, sla_low=0.6),
            service("CCPA", "opt_out", period=period),
        ],
        "dsr_7102": [
            {"year": 2025, "right": "know", "received": 5, "complied": 4, "complied_in_part": 0, "denied": 1,
             "median_days": 12.0, "mean_days": 14.5, "status": "ok"}
        ],
        "minimization_fields": [
            field("pregnancy", 8), field("ip", retention_overdue_days=49, retention_ok=False),
            field("email", passes=True),
        ],
        "minimization": [score(), score(system="shop")],
        "vendors": [vendor(), vendor("Old Tide", contract_status="expired", transfer_ok=False)],
        "inference": [
            model(cost=0.4, cost_per_1k=0.4, period=period),
            model("next", "cart_recovery", serving="edge", period=period),
        ],
        "inference_by_day": of_days,
        "net_value": [net(period=period), net("cart_recovery", -500, period=period)],
        "consent": [
            {**line, "period": period}
            for line in (
                joint(leaks=56, share=coverage), joint("cart_recovery", share=0.61),
                joint(place="IE", leaks=56), joint("cart_recovery", "IE"), purpose(),
            )
        ],
        "consent_alerts": [week(day) for day in (7, 14, 21)],
        "consent_signals": [
            {"signal": "tcf", "finding": "granted", "reason": "", "rows": 90, "status": "ok"}
        ],
        "journeys": [
            {"journey": "cart_recovery", "relative": 0.042, "consent_coverage": 0.61,
             "consent_coverage_low": 0.6, "leakage_events": 0, "net_value": -500.0, "net_low": -2_500.0,
             "net_high": 1_500.0, **common},
            {"journey": "homepage", "consent_coverage": coverage, "consent_coverage_low": coverage - 0.01,
             "leakage_events": 56, "minimization_score": 0.71, "excess_load": 8.0, "cost_per_1k": 0.4,
             "latency_p95": 143.0, "net_value": 5_000.0, "net_low": 3_000.0, "net_high": 7_000.0, **common},
            *({"journey": name, **common} for name in ("app", "win_back", "post_purchase")),
        ],
    }  # fmt: skip
