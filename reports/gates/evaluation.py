"""The rollout gate of every journey, from one snapshot and what people have decided."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from policy.decisions import Decision, Standing, standing
from policy.gates import Evidence, Gate, evaluate
from policy.model import Check, Policy, parse
from reports import assembly
from reports.gates.evidence.approvals import approvals
from reports.gates.evidence.growth import growth
from reports.gates.evidence.privacy import privacy
from reports.gates.evidence.source import Source
from reports.journeys import Journey, journeys
from reports.snapshot import Snapshot
from storage.store import Store

CONSENT_KNOWN = Check(
    id="consent_evidence", figure="consent_known", op="==", threshold=True, severity="legal", owner="privacy",
    legal_reference="GDPR Art. 7(1)",
)  # fmt: skip
"""Asked of every journey, whatever the policy asks: where consent cannot be looked up, no gate is open."""


def policy_of(snapshot: Snapshot) -> Policy:
    """The policy by which a run was judged."""
    return parse(snapshot.run.workspace.get("policy") or {})


def decisions(store: Store) -> tuple[Decision, ...]:
    """Everything that people have decided, in order."""
    return tuple(Decision(**row) for row in store.decisions())


def gates(
    snapshot: Snapshot,
    decided: Iterable[Decision],
    now: datetime,
    policy: Policy | None = None,
) -> dict[str, Gate]:
    """The gate of every journey.

    Args:
        snapshot: whose figures are the evidence.
        decided: waivers, sign-offs, assessments and rollouts.
        now: present time, with zone; it decides what is stale and what has expired.
        policy: another one than the run's, to see what it would say.
    """
    rules = policy or policy_of(snapshot)
    known, today = tuple(decided), now.astimezone(snapshot.zone).date()
    configured = {item["id"]: item for item in snapshot.run.workspace.get("journeys", [])}
    found = {}
    for journey in journeys(snapshot, assembly.experiments(snapshot)):
        in_force = standing(known, journey.journey, today)
        source = Source(snapshot, journey, configured.get(journey.journey, {}))
        found[journey.journey] = evaluate(
            journey.journey,
            with_consent(rules.checks_for(journey.journey)),
            evidence(source, in_force, now),
            now=now,
            waivers=in_force.waivers,
            current=reach(source, in_force),
        )
    return found


def with_consent(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks with the one on consent, which no policy can leave out or soften."""
    own = [check for check in checks if check.figure == "consent_known" and check.severity == "legal"]
    asked = next((check for check in own if (check.op, check.threshold) == ("==", True)), CONSENT_KNOWN)
    return (*(check for check in checks if check.figure != "consent_known"), asked)


def evidence(source: Source, in_force: Standing, now: datetime) -> Mapping[str, Evidence]:
    """Evidence of one journey by figure."""
    today = now.astimezone(source.snapshot.zone).date()
    return growth(source, now) | privacy(source) | approvals(source.configured, in_force, today)


def reach(source: Source, in_force: Standing) -> float | None:
    """Share of customers that a journey reaches today, per cent: as decided, configured, or allotted."""
    if in_force.rollout is not None and in_force.rollout.step is not None:
        return float(in_force.rollout.step)
    declared = source.configured.get("rollout_percent")
    if declared is not None:
        return float(declared)
    return _allotted(source.journey)


def _allotted(journey: Journey) -> float | None:
    if journey.experiment is None or len(journey.variants) != 1:
        return None
    shares = journey.experiment.shares
    return 100 * shares[journey.variants[0]] / sum(shares.values())
