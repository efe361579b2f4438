"""What people decided about a journey, and what of it is in force: waivers, sign-offs, assessments, rollouts.

Decisions are never changed: an approval, or a revocation, is a decision that refers to an earlier one. What
is in force is read from all of them, so that a record which breaks a rule has no effect.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from policy.gates import STEPS, Gate, Result, Status
from policy.model import Policy

Kind = Literal["sign_off", "dpia", "waiver", "waiver_approval", "rollout", "rollout_approval", "revocation"]
State = Literal["in force", "waiting", "expired", "revoked", "replaced", "done", "without effect"]

MAY: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        "sign_off": frozenset({"marketer", "admin"}),
        "dpia": frozenset({"privacy", "admin"}),
        "waiver": frozenset({"marketer", "privacy", "admin"}),
        "waiver_approval": frozenset({"privacy", "admin"}),
        "rollout": frozenset({"marketer", "executive", "admin"}),
        "rollout_approval": frozenset({"executive", "privacy", "admin"}),
        "revocation": frozenset({"privacy", "admin"}),
    }
)
"""Roles that may decide, by kind."""

LONGEST: Mapping[Kind, timedelta] = MappingProxyType(
    {"waiver": timedelta(days=90), "sign_off": timedelta(days=366), "dpia": timedelta(days=3 * 366)}
)
"""How far ahead of the decision its last day may lie; 3 years: 11 CCR 7155 for a review of the assessment."""

APPROVES: Mapping[Kind, Kind] = MappingProxyType({"waiver_approval": "waiver", "rollout_approval": "rollout"})


@dataclass(frozen=True)
class Decision:
    """One decision of one person.

    Attributes:
        number: its number in the store; 0 before it is recorded.
        actor: who decided: what the sign-in calls them, for good.
        name: the same, for people.
        roles: the roles that they had.
        check: the check that is waived.
        document: where a signed assessment is kept.
        scope: the purposes that an assessment covers.
        step: rollout in per cent.
        expires_on: last day in force.
        refers_to: the decision that is approved or revoked.
        against: for a rollout, what the gate said when it was not open; empty where it was.
    """

    at: datetime
    actor: str
    name: str
    roles: tuple[str, ...]
    kind: Kind
    journey: str
    reason: str
    number: int = 0
    check: str | None = None
    document: str | None = None
    scope: tuple[str, ...] = ()
    step: int | None = None
    expires_on: date | None = None
    refers_to: int | None = None
    against: str = ""


@dataclass(frozen=True)
class Standing:
    """What is in force for one journey on one day.

    Attributes:
        waivers: check id → last day.
        sign_off, dpia: the newest in force, or else the newest that has expired.
        rollout: the newest that needs nobody more.
        pending: waivers and rollouts that wait for a second person.
    """

    waivers: Mapping[str, date] = field(default_factory=dict)
    sign_off: Decision | None = None
    dpia: Decision | None = None
    rollout: Decision | None = None
    pending: tuple[Decision, ...] = ()


def standing(decisions: Iterable[Decision], journey: str, on: date) -> Standing:
    """What is in force for a journey on a day."""
    own = sorted((d for d in decisions if d.journey == journey), key=lambda d: d.number)
    valid = [d for d in own if _valid(d, on)]
    revoked = {d.refers_to for d in valid if d.kind == "revocation"}
    live = [d for d in valid if d.number not in revoked]
    approved = {
        asked.number for asked in live for d in live if d.refers_to == asked.number and _approves(d, asked)
    }
    waivers = [d for d in live if d.kind == "waiver" and d.check and d.expires_on and d.expires_on >= on]
    rollouts = [d for d in live if d.kind == "rollout"]
    in_force = [d for d in rollouts if not d.against or d.number in approved]
    waiting = [d for d in [*waivers, *rollouts[-1:]] if d.number not in approved]
    return Standing(
        waivers=_latest_days(d for d in waivers if d.number in approved),
        sign_off=_newest(live, "sign_off", on),
        dpia=_newest(live, "dpia", on),
        rollout=in_force[-1] if in_force else None,
        pending=tuple(d for d in waiting if d.kind == "waiver" or d.against),
    )


def state(decision: Decision, decisions: Iterable[Decision], on: date) -> State:
    """What has become of a decision by a day; an approval or a revocation is done where it has effect."""
    known = [d for d in decisions if d.journey == decision.journey]
    if not _valid(decision, on):
        return "without effect"
    if any(d.kind == "revocation" and d.refers_to == decision.number and _valid(d, on) for d in known):
        return "revoked"
    if decision.kind == "revocation" or decision.kind in APPROVES:
        asked = next((d for d in known if d.number == decision.refers_to), None)
        effect = asked is not None and (decision.kind == "revocation" or _approves(decision, asked))
        return "done" if effect else "without effect"
    if decision.kind in LONGEST and decision.expires_on is not None and decision.expires_on < on:
        return "expired"
    return _standing_of(decision, standing(known, decision.journey, on))


def _standing_of(decision: Decision, now: Standing) -> State:
    if decision in now.pending:
        return "waiting"
    if decision.kind == "waiver":
        return "in force" if decision.check in now.waivers else "without effect"
    newest = {"sign_off": now.sign_off, "dpia": now.dpia, "rollout": now.rollout}[decision.kind]
    return "in force" if decision == newest else "replaced"


def goes_against(step: int, gate: Gate) -> bool:
    """Whether a rollout step goes further than the gate allows."""
    if step <= (gate.current or 0):
        return False
    return gate.status is not Status.OPEN or step > (gate.step or 0)


def refusal(
    wanted: Decision, decisions: Sequence[Decision], policy: Policy, gate: Gate, on: date
) -> str | None:
    """Why a decision may not be recorded, and what to do; None where it may.

    Args:
        wanted: the decision, without number.
        decisions: all recorded ones.
        policy: whose checks are waived.
        gate: the journey's gate at present.
        on: today, in the workspace's zone.
    """
    problems = (_not_allowed(wanted), _wrong_day(wanted, on), _particular(wanted, decisions, policy, gate))
    return next((problem for problem in problems if problem), None)


def _not_allowed(wanted: Decision) -> str | None:
    if not _may(wanted):
        return f"This takes the role {' or '.join(sorted(MAY[wanted.kind]))}. Ask somebody who has it."
    if not wanted.reason.strip():
        return "Give a reason: whoever reads the log later has nothing else to go by."
    return None


def _particular(wanted: Decision, decisions: Sequence[Decision], policy: Policy, gate: Gate) -> str | None:
    match wanted.kind:
        case "waiver":
            return _waiver_refusal(wanted, policy, gate)
        case "dpia" if not (wanted.document or "").strip() or not wanted.scope:
            return "Name the signed document and the purposes that it covers."
        case "rollout":
            return _rollout_refusal(wanted, gate)
        case "waiver_approval" | "rollout_approval" | "revocation":
            return _reference_refusal(wanted, decisions, gate)
    return None


def _may(decision: Decision) -> bool:
    return bool(MAY.get(decision.kind, frozenset()) & set(decision.roles))


def _valid(decision: Decision, on: date) -> bool:
    """Whether it keeps the rules, and is not dated past the end of a day in any zone."""
    made = decision.at.date() <= on + timedelta(days=1)
    return made and _may(decision) and bool(decision.reason.strip()) and _within_limits(decision)


def _within_limits(decision: Decision) -> bool:
    longest = LONGEST.get(decision.kind)
    if longest is None:
        return True
    made = decision.at.date() + timedelta(days=1)
    return decision.expires_on is not None and decision.expires_on <= made + longest


def _approves(decision: Decision, asked: Decision) -> bool:
    later = decision.number > asked.number
    return later and APPROVES.get(decision.kind) == asked.kind and decision.actor != asked.actor


def _latest_days(waivers: Iterable[Decision]) -> dict[str, date]:
    found: dict[str, date] = {}
    for waiver in waivers:
        if waiver.check and waiver.expires_on:
            found[waiver.check] = max(waiver.expires_on, found.get(waiver.check, waiver.expires_on))
    return found


def _newest(decisions: Collection[Decision], kind: Kind, on: date) -> Decision | None:
    found = [d for d in decisions if d.kind == kind]
    current = [d for d in found if d.expires_on is None or d.expires_on >= on]
    return next(reversed(current or found), None)


def _wrong_day(wanted: Decision, on: date) -> str | None:
    if wanted.kind not in LONGEST:
        return None
    last = on + LONGEST[wanted.kind]
    if wanted.expires_on is None or not on <= wanted.expires_on <= last:
        return f"Give a last day between {on} and {last}: nothing of this kind holds for ever."
    return None


def _waiver_refusal(wanted: Decision, policy: Policy, gate: Gate) -> str | None:
    checks = {check.id: check for check in policy.checks_for(wanted.journey)}
    check = checks.get(wanted.check or "")
    if check is None:
        return f"The policy has no check '{wanted.check}'."
    if check.severity == "legal":
        rule = f" ({check.legal_reference})" if check.legal_reference else ""
        return f"'{check.id}' rests on the law{rule}: nobody may waive it."
    if any(found.check.id == check.id and found.result is Result.PASS for found in gate.checks):
        return f"'{check.id}' passes: there is nothing to waive."
    return None


def _rollout_refusal(wanted: Decision, gate: Gate) -> str | None:
    if wanted.step not in STEPS:
        return f"A rollout goes to one of {', '.join(str(step) for step in STEPS)} %."
    if wanted.step <= (gate.current or 0):
        return None
    if any(found.blocks and found.check.severity == "legal" for found in gate.checks):
        return "The gate is blocked by the law: no decision can open it. Mend what blocks it first."
    if goes_against(wanted.step, gate) and not wanted.against:
        return "This goes against the gate: it must say so, and a second person must approve it."
    return None


def _reference_refusal(wanted: Decision, decisions: Sequence[Decision], gate: Gate) -> str | None:
    asked = next((d for d in decisions if d.number == wanted.refers_to), None)
    if asked is None or asked.journey != wanted.journey:
        return f"There is no decision {wanted.refers_to} about this journey."
    if wanted.kind == "revocation":
        return None
    if APPROVES[wanted.kind] != asked.kind:
        return f"Decision {asked.number} is no {APPROVES[wanted.kind]}."
    if asked.actor == wanted.actor:
        return "Whoever asked may not approve: it takes a second person."
    legal = any(found.blocks and found.check.severity == "legal" for found in gate.checks)
    if wanted.kind == "rollout_approval" and legal:
        return "The gate is blocked by the law: no decision can open it. Mend what blocks it first."
    return None
