"""May a journey roll out further? The answer of the command line, for people and for deployment pipelines."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.config.load import load
from jobs.export import open_store
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import is_current
from policy.gates import CheckResult, Gate, Status
from reports.gates.evaluation import decisions, gates
from reports.snapshot import Snapshot
from reports.snapshot import load as load_snapshot
from reports.wording import gates as wording


@dataclass(frozen=True)
class Answer:
    """The gates that were asked about.

    Attributes:
        stale: why the figures no longer show the workspace as it is; empty when they do.
    """

    snapshot: Snapshot
    gates: Sequence[Gate]
    stale: str

    @property
    def open(self) -> bool:
        """Whether every gate is open, on figures that hold."""
        return bool(self.gates) and not self.stale and all(g.status is Status.OPEN for g in self.gates)

    def facts(self) -> dict[str, Any]:
        """The answer for a machine."""
        run = self.snapshot.run
        return {
            "open": self.open,
            "stale": self.stale or None,
            "run_id": run.run_id,
            "as_of": self.snapshot.as_of_date.isoformat(),
            "policy_version": run.policy_version,
            "policy_hash": run.policy_hash,
            "gates": [self._gate(gate) for gate in self.gates],
        }

    def _gate(self, gate: Gate) -> dict[str, Any]:
        """One gate; on figures that no longer hold it is blocked, whatever the run said."""
        reason = wording.reason(gate, self.snapshot.currency)
        return {
            "journey": gate.journey,
            "status": str(Status.BLOCKED if self.stale else gate.status),
            "step": None if self.stale else gate.step,
            "rollout_percent": gate.current,
            "reason": self.stale or reason,
            "status_in_run": str(gate.status),
            "checks": [self._check(found) for found in gate.checks],
        }

    def _check(self, found: CheckResult) -> dict[str, Any]:
        said, check = wording.words(found, self.snapshot.currency), found.check
        return {
            "check": check.id,
            "figure": check.figure,
            "severity": check.severity,
            "result": str(found.result),
            "why": found.why,
            "bound": check.bound,
            "op": check.op,
            "threshold": check.threshold,
            "observed": found.observed,
            "distance": found.distance,
            "waived_until": found.waived_until.isoformat() if found.waived_until else None,
            **said._asdict(),
        }


def ask(folder: Path, journey: str | None) -> Answer:
    """The gates of a workspace, or of one journey, as they stand now.

    Raises:
        WorkspaceError: the configuration cannot be read, or nothing was ever refreshed.
        KeyError: there is no such journey; holds the ids that there are.
    """
    workspace = load(folder)
    if journey is not None and journey not in workspace.journeys:
        raise KeyError(*workspace.journeys)
    with open_store(folder) as store:
        run = store.visible_run()
        if run is None:
            remedy = f"Run: python -m jobs refresh {folder}"
            raise WorkspaceError([Problem(str(folder), "There are no figures yet: no gate is open.", remedy)])
        snapshot = load_snapshot(store, run.run_id)
        found = gates(snapshot, decisions(store), dt.datetime.now(dt.UTC))
    wanted = list(workspace.journeys) if journey is None else [journey]
    known = [found[name] for name in wanted if name in found]
    stale = "" if is_current(workspace, run) and len(known) == len(wanted) else _stale(run.run_id)
    return Answer(snapshot, known, stale)


def _stale(run_id: int) -> str:
    return f"Configuration or data have changed since run {run_id}: refresh before you rely on its gates."
