"""Recording what people decide: allowed by the rules, and in the audit log at the same moment."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from policy.decisions import Decision, refusal
from policy.gates import Gate
from reports.gates.evaluation import decisions, gates, policy_of
from reports.snapshot import Snapshot
from reports.wording.gates import reason
from storage.decisions import AuditAction, Seen
from storage.store import Store

CHANGED = "The gate has changed since you opened this page. Look at it again, then decide."


def decide(store: Store, wanted: Decision, snapshot: Snapshot, now: datetime) -> str | None:
    """Record a decision, or say in words why it may not be.

    What it is judged on and the record belong together: where another decision or run comes between the two,
    nothing is recorded.

    Args:
        store: where it is kept, with its audit entry.
        wanted: without a number.
        snapshot: the visible run, whose gate it is about.
        now: present time, with zone.
    """
    known = decisions(store)
    gate = gates(snapshot, known, now).get(wanted.journey)
    if gate is None:
        return f"There is no journey '{wanted.journey}'."
    today = now.astimezone(snapshot.zone).date()
    refused = refusal(wanted, known, policy_of(snapshot), gate, today)
    if refused is not None:
        return refused
    values = {name: value for name, value in asdict(wanted).items() if name != "number"}
    action, detail = _entry(wanted, known, gate, snapshot)
    seen = Seen(snapshot.run.run_id, max((decision.number for decision in known), default=0))
    return None if store.decide(values, action, detail, seen) is not None else CHANGED


def _entry(
    wanted: Decision, known: Sequence[Decision], gate: Gate, snapshot: Snapshot
) -> tuple[AuditAction, Mapping[str, Any]]:
    run = snapshot.run
    asked = next((decision for decision in known if decision.number == wanted.refers_to), None)
    if wanted.kind in ("waiver", "waiver_approval"):
        about = asked or wanted
        return "waiver", {
            "journey": wanted.journey,
            "check": about.check or "",
            "state": "requested" if wanted.kind == "waiver" else "approved",
            "requested_by": about.name,
            "reason": wanted.reason,
            "until": str(about.expires_on),
            "run_id": run.run_id,
            "policy_version": run.policy_version,
        }
    if wanted.kind in ("sign_off", "dpia"):
        detail = {
            "journey": wanted.journey,
            "kind": wanted.kind,
            "until": str(wanted.expires_on),
            "run_id": run.run_id,
            "reason": wanted.reason,
        }
        if wanted.kind == "dpia":
            detail |= {"reference": wanted.document, "scope": "; ".join(wanted.scope)}
        return "sign-off", detail
    return "decision", {
        "journey": wanted.journey,
        "recommended": f"{gate.status}: {reason(gate, snapshot.currency)}",
        "decided": _decided(wanted),
        "reason": wanted.reason,
        "run_id": run.run_id,
        "policy_version": run.policy_version,
        "policy_hash": run.policy_hash,
    } | _people(wanted, asked)


def _decided(wanted: Decision) -> str:
    if wanted.kind == "rollout":
        waits = "; waits for a second person" if wanted.against else ""
        return f"roll out to {wanted.step} %{waits}"
    done = "approved" if wanted.kind == "rollout_approval" else "revoked"
    return f"decision {wanted.refers_to} {done}"


def _people(wanted: Decision, asked: Decision | None) -> dict[str, str]:
    if asked is None:
        return {"requested_by": wanted.name}
    return {"requested_by": asked.name, "confirmed_by": wanted.name}
