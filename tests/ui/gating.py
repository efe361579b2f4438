"""An invented retailer's rollout gates: each journey passes every check until a test takes something away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from metrics.published import Published
from policy.model import Policy
from reports.gates.evaluation import gates
from reports.gates.table import table
from storage.records import MetricRecord, RunRecord
from storage.store import Store
from tests.ui.privacy_tables import frame, joint
from tests.ui.retailer import METRICS, Made, check, row, snapshot

Row = Mapping[str, Any]
DPIA = {
    "document": "dpia/2026.pdf", "scope": ["personalize"], "signed_by": "M. Okafor",
    "signed_on": "2026-01-05", "expires_on": "2035-01-05",
}  # fmt: skip
CHECKS: tuple[dict[str, Any], ...] = (
    {"id": "lift", "figure": "primary_relative", "bound": "lower", "op": ">=", "threshold": 0.0},
    {"id": "consent_evidence", "figure": "consent_known", "op": "==", "threshold": True, "severity": "legal"},
    {"id": "leakage", "figure": "leakage_events", "op": "==", "threshold": 0.0, "severity": "legal",
     "legal_reference": "GDPR Art. 7", "owner": "privacy"},
    {"id": "coverage", "figure": "consent_coverage", "bound": "lower", "op": ">=", "threshold": 0.6,
     "min_n": 1_000, "owner": "privacy", "remedy": "Ask more people."},
    {"id": "dpia", "figure": "dpia", "op": "==", "threshold": True, "severity": "legal"},
    {"id": "cost", "figure": "cost_per_1k", "op": "<=", "threshold": 0.5, "severity": "warning"},
    {"id": "sign_off", "figure": "owner_sign_off", "op": "==", "threshold": True, "severity": "warning"},
)  # fmt: skip
TEXT = "version: 7\nchecks:\n  - {id: lift}\n"


@dataclass(frozen=True)
class Case:
    """A journey and what its gate looks at.

    Attributes:
        effects: rows of its experiment; None: no experiment has begun.
        figures: cells of its row of journeys.
        configured: keys of journeys.yaml.
        stored: what the run found, as the run wrote it down.
    """

    journey: str = "cart"
    name: str = "Cart recovery"
    effects: Sequence[Row] | None = field(default_factory=lambda: [row(lift=0.05)])
    figures: Row = field(default_factory=dict)
    configured: Row = field(default_factory=dict)
    stored: str | None = "open"

    def made(self) -> Made | None:
        """Its experiment."""
        if self.effects is None:
            return None
        checks = [check("sample_ratio"), check("consent", note="Only customers who consented count.")]
        return Made(experiment=f"{self.journey}-test", journey=self.journey, rows=self.effects, checks=checks)

    def cells(self) -> dict[str, Any]:
        """Its row of journeys: everything in order."""
        usual = {
            "journey": self.journey, "period": "2026Q3", "status": "ok", "leakage_events": 0,
            "events_needing_consent": 10_000, "consent_coverage": 0.7, "consent_coverage_low": 0.69,
            "cost_per_1k": 0.25, "gate": self.stored,
        }  # fmt: skip
        return {**usual, **self.figures}

    def entry(self) -> dict[str, Any]:
        """Its part of journeys.yaml."""
        signed = {"signed_by": "L. Brennan", "signed_on": "2026-01-05", "expires_on": "2035-01-05"}
        usual = {
            "id": self.journey, "name": self.name, "purposes": ["personalize"], "rollout_percent": 25.0,
            "dpia": DPIA, "sign_off": signed,
        }  # fmt: skip
        return {**usual, **self.configured}


def policy(*changes: Row, journeys: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A policy as a run keeps it, with keys of some checks changed, by id."""
    changed = {change["id"]: change for change in changes}
    checks = [{**one, **changed.get(one["id"], {})} for one in CHECKS]
    held = {"version": 7, "checks": checks, "journeys": journeys or {}}
    return Policy.model_validate(held).model_dump(mode="json")


def write(
    folder: Path,
    cases: Iterable[Case] = (Case(),),
    *,
    rules: Mapping[str, Any] | None = None,
    text: str = TEXT,
    as_of: datetime | None = None,
    zone: str = "Europe/Dublin",
) -> Path:
    """Write a workspace whose visible run has these journeys; again, for another run of the same store."""
    cases = list(cases)
    made = [item for case in cases if (item := case.made())]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = snapshot(
        *made,
        journeys={case.journey: case.name for case in cases},
        as_of=as_of or midnight - timedelta(days=1),
        workspace={
            "policy": rules or policy(),
            "journeys": [case.entry() for case in cases],
            "timezone": zone,
        },
    )
    tables = {
        "journeys": [case.cells() for case in cases],
        "consent": [joint(case.journey) for case in cases],
    }
    frames = {**found.frames, **{name: frame(name, rows) for name, rows in tables.items()}}
    if isinstance((rules or policy())["checks"], list):
        now = found.run.started_at
        judged = gates(replace(found, frames=frames), (), now).values()
        frames["gates"] = table(judged, now, 7, "EUR")
    known = {item.name: getattr(found.run, item.name) for item in fields(RunRecord)}
    record = replace(RunRecord(**known), policy_text=text, policy_version=7)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text("name: Northlight Retail\n", encoding="utf-8")
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        store.complete_run(
            store.begin_run(record),
            [Published(name, rows) for name, rows in frames.items() if rows.height],
            experiments=found.experiment_records,
            verdicts=found.verdict_records,
            metrics=[MetricRecord(name, definition) for name, definition in METRICS.items()],
        )
    return folder
