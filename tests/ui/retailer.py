"""An invented retailer's store, written without any data: experiments that came out as a test needs them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from metrics.catalogue import DEFINITIONS_VERSION
from metrics.published import Published
from reports.snapshot import Snapshot
from storage.frames import dtypes, figure_table
from storage.records import ExperimentRecord, MetricRecord, Run, RunRecord, VerdictRecord
from storage.schema import FIGURES
from storage.store import Store

Z = 1.959964
WIDER = 1.7
"""How much wider than the fixed interval the one valid at every look is drawn."""

METRICS: dict[str, dict[str, Any]] = {
    "revenue": {
        "kind": "mean", "table": "order_lines", "value": "revenue", "aggregate": "sum", "window_days": 28.0,
        "covariate_days": 28.0, "money": True, "direction": "higher", "cap_quantile": 0.999,
    },
    "orders": {
        "kind": "mean", "table": "order_lines", "value": "order_id", "aggregate": "count_distinct",
        "window_days": 28.0, "direction": "higher",
    },
    "conversion": {
        "kind": "mean", "table": "order_lines", "value": "any", "window_days": 28.0, "direction": "higher"
    },
    "returns": {
        "kind": "mean", "table": "order_lines", "value": "any", "window_days": 28.0, "direction": "lower",
        "label": "Return rate",
    },
}  # fmt: skip
MEANS = {"revenue": 41.2, "orders": 0.612, "conversion": 0.381, "returns": 0.08}

PASSED = ("sample_ratio", "pre_period_balance", "placebo_calibration", "withdrawal_balance")


def row(
    metric: str = "revenue",
    lift: float = 0.042,
    half_width: float = 0.02,
    *,
    experiment: str = "",
    variant: str = "personalised",
    n: tuple[int, int] = (23_716, 94_686),
    **other: Any,
) -> dict[str, Any]:
    """A row of effects with limits that agree; `lift` and `half_width` are shares of control's mean."""
    mean, half = MEANS[metric], half_width * MEANS[metric]
    difference, p = lift * mean, _p(lift, half_width)
    made = {
        "experiment": experiment, "metric": metric, "control": "holdout", "variant": variant,
        "n_control": n[0], "n_variant": n[1], "mean_control": mean, "mean_variant": mean + difference,
        "difference": difference, "difference_se": half / Z, "difference_low": difference - half,
        "difference_high": difference + half, "relative": lift, "relative_low": lift - half_width,
        "relative_high": lift + half_width, "p_value": p, "p_adjusted": p,
        "sequential_low": difference - WIDER * half, "sequential_high": difference + WIDER * half,
        "relative_sequential_low": lift - WIDER * half_width,
        "relative_sequential_high": lift + WIDER * half_width, "incremental_total": difference * n[1],
        "method": "adjusted", "headline": True, "confidence": 0.95, "status": "ok",
    }  # fmt: skip
    return {**made, **other}


def hidden(metric: str = "revenue", **keys: Any) -> dict[str, Any]:
    """A row with too few people: its keys and no figures."""
    kept = {name: value for name, value in row(metric, **keys).items() if isinstance(value, str | bool)}
    return {**kept, "status": "suppressed", "note": "fewer than 50 people in an arm"}


def segment(dimension: str, name: str, lift: float, half_width: float = 0.03, **other: Any) -> dict[str, Any]:
    """A segment's row of revenue."""
    n = other.pop("n", (4_000, 16_000))
    return row(lift=lift, half_width=half_width, n=n, segment_dimension=dimension, segment=name, **other)


def check(name: str, status: str = "pass", note: str = "Nothing odd was found.") -> dict[str, Any]:
    """A row of health."""
    return {"check": name, "statistic": 0.2, "p_value": 0.62, "status": status, "note": note}


@dataclass
class Made:
    """An experiment and everything that came of it."""

    experiment: str = "cart-recovery-2026q3"
    code: str = "better"
    journey: str | None = "cart_recovery"
    rows: Sequence[Mapping[str, Any]] = ()
    checks: Sequence[Mapping[str, Any]] = ()
    exclusions: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    variants: tuple[str, ...] = ("personalised",)
    codes: Mapping[str, str] = field(default_factory=dict)
    ended: bool = True
    days: int = 0
    daily: tuple[str, ...] = ("revenue", "conversion")
    needed_more: int | None = None
    definition: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> ExperimentRecord:
        """As configured, with the facts of its method."""
        arms = ("holdout", *self.variants)
        known = {
            "id": self.experiment, "journey": self.journey, "unit": "customer", "control": "holdout",
            "allocation": dict.fromkeys(arms, 1.0), "starts": "2026-07-01", "ends": "2026-09-30",
            "primary": "revenue", "guardrails": {}, "confidence": 0.95, "programme": False,
            "metrics": sorted({str(r["metric"]) for r in self.rows} | {"revenue"}),
            "lawful_basis": "consent", "purposes": ["personalize.content.profiled", "analytics.reporting"],
        }  # fmt: skip
        facts = {
            "estimand": "intention to treat: difference per assigned unit, while consent lasts",
            "planned_units": 120_000,
            "shares": dict.fromkeys(arms, 1 / len(arms)),
            "ended": self.ended,
            "counted_until": "2026-10-28T23:00:00+00:00",
            **self.facts,
        }
        return ExperimentRecord(self.experiment, {**known, **self.definition}, facts)

    def verdicts(self) -> list[VerdictRecord]:
        """One per variant."""
        failed = [c["check"] for c in self.checks if c["status"] == "fail"]
        codes = {variant: self.codes.get(variant, self.code) for variant in self.variants}
        told = {"ended": self.ended, "needed_more": self.needed_more, "unmeasured_guardrails": []}
        return [
            VerdictRecord(
                self.experiment,
                variant,
                code,
                {"verdict": {"code": code, "failed_checks": failed, **self.detail}, **told},
            )
            for variant, code in codes.items()
        ]

    def steps(self) -> list[dict[str, Any]]:
        """Effects by day that settle on the headline."""
        limits = [name for name in dtypes(figure_table("effects_by_day")) if name.endswith(("_low", "_high"))]
        found = []
        for total in self.rows:
            known = (
                total["headline"] and total["metric"] in self.daily and total.get("difference") is not None
            )
            if total.get("segment_dimension") or not known:
                continue
            for day in range(28, 28 + self.days):
                grown = math.sqrt(self.days / (day - 27))
                shrunk = {name: _apart(total, name, grown) for name in limits}
                found.append({**total, **shrunk, "day": day, "date": date(2026, 7, 1) + timedelta(days=day)})
        return found


def write(
    folder: Path,
    made: Iterable[Made] = (),
    *,
    journeys: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    fail: str | None = None,
    quarantine: Sequence[Mapping[str, Any]] = (),
    figures: Mapping[str, Mapping[str, Any]] | None = None,
) -> Path:
    """Write a workspace with one complete run, and a failed one after it where `fail` gives the reason.

    Args:
        folder: made if absent.
        made: the experiments.
        journeys: names by id; default: those of the experiments.
        as_of: exclusive end of the last day that counts; default: last midnight.
        fail: why the refresh after it failed.
        quarantine: rows of quarantine.
        figures: cells of journeys by journey.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text(
        "name: Northlight Retail\ncurrency: EUR\ntimezone: Europe/Dublin\n"
    )
    made = list(made)
    names = journeys if journeys is not None else {m.journey: "" for m in made if m.journey}
    record = _record(names, as_of or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        run_id = store.begin_run(record)
        store.complete_run(
            run_id,
            _tables(made, names, figures or {}, quarantine, run_id),
            experiments=[m.record() for m in made],
            verdicts=[verdict for m in made for verdict in m.verdicts()],
            metrics=[MetricRecord(name, definition) for name, definition in METRICS.items()],
        )
        if fail:
            store.fail_run(store.begin_run(record), fail)
    return folder


def snapshot(
    *made: Made,
    journeys: Mapping[str, str] | None = None,
    as_of: datetime = datetime(2026, 9, 30, 23, tzinfo=UTC),
    workspace: Mapping[str, Any] | None = None,
) -> Snapshot:
    """The same run as a snapshot, without a store."""
    names = journeys if journeys is not None else {m.journey: "" for m in made if m.journey}
    record = _record(names, as_of)
    frames = {name: pl.DataFrame(schema=dtypes(figure_table(name))) for name in FIGURES}
    frames |= {part.table: part.frame for part in _tables(made, names, {}, (), 1)}
    known = {**vars(record), "workspace": {**record.workspace, **(workspace or {})}}
    run = Run(
        run_id=1, started_at=as_of, finished_at=as_of + timedelta(minutes=1), status="complete", reason=None,
        summary={}, **known,
    )  # fmt: skip
    return Snapshot(
        run=run,
        frames=frames,
        experiment_records=tuple(m.record() for m in made),
        verdict_records=tuple(v for m in made for v in m.verdicts()),
        metric_definitions=METRICS,
    )


def _record(names: Mapping[str, str], as_of: datetime) -> RunRecord:
    known = {"rows_in": 1_000, "accepted": 990, "quarantined": {"revenue_is_finite": 10}}
    return RunRecord(
        as_of=as_of,
        period="2026Q3",
        definitions_version=DEFINITIONS_VERSION,
        policy_hash="0" * 64,
        policy_text="version: 3\n",
        policy_version=3,
        fingerprint="1" * 64,
        workspace={
            "name": "Northlight Retail",
            "currency": "EUR",
            "timezone": "Europe/Dublin",
            "minimum_people": 50,
            "journeys": [{"id": key, "name": name or None} for key, name in names.items()],
        },
        inputs={"order_lines": {**known, "last_time": "2026-09-30T21:10:00", "fingerprint": "a"}},
    )


def _tables(
    made: Sequence[Made],
    names: Mapping[str, str],
    figures: Mapping[str, Mapping[str, Any]],
    quarantine: Sequence[Mapping[str, Any]],
    run_id: int,
) -> Iterable[Published]:
    effects = [{**r, "experiment": m.experiment, "journey": m.journey} for m in made for r in m.rows]
    health = [
        {**c, "experiment": m.experiment}
        for m in made
        for c in (m.checks or [check(name) for name in PASSED])
    ]
    left_out = [
        {"experiment": m.experiment, "variant": arm, "reason": reason, "units": units, "status": "ok"}
        for m in made
        for reason, pair in m.exclusions.items()
        for arm, units in zip(("holdout", *m.variants), pair, strict=False)
    ]
    steps = [{**s, "experiment": m.experiment, "journey": m.journey} for m in made for s in m.steps()]
    quarter = [
        {"journey": name, "period": "2026Q3", "status": "ok", **figures.get(name, {})} for name in names
    ]
    for table, rows in {
        "effects": [{"as_of_run": run_id, **r} for r in effects],
        "effects_by_day": steps,
        "health": health,
        "exclusions": left_out,
        "journeys": quarter,
        "quarantine": list(quarantine),
    }.items():
        if rows:
            types = dtypes(figure_table(table))
            kept = [{name: r.get(name) for name in types} for r in rows]
            yield Published(table, pl.DataFrame(kept, schema=types, orient="row"))


def _p(lift: float, half_width: float) -> float:
    return math.erfc(abs(lift) * Z / half_width / math.sqrt(2))


def _apart(total: Mapping[str, Any], name: str, grown: float) -> float:
    """A limit farther from its estimate."""
    middle = total["relative" if name.startswith("relative") else "difference"]
    return float(middle + grown * (total[name] - middle))
