"""What people have signed for a journey: its impact assessment and its owner's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from policy.decisions import Decision, Standing
from policy.gates import NO_EVIDENCE, Evidence


@dataclass(frozen=True)
class Signed:
    """A signature, from journeys.yaml or from the app."""

    by: str
    on: date
    expires_on: date
    scope: frozenset[str] = frozenset()
    document: str = ""


def approvals(configured: Mapping[str, Any], standing: Standing, on: date) -> dict[str, Evidence]:
    """Evidence on a day by figure: `dpia` and `owner_sign_off`."""
    assessed = [*_configured(configured, "dpia"), *_recorded(standing.dpia, on)]
    signed = [*_configured(configured, "sign_off"), *_recorded(standing.sign_off, on)]
    wanted = frozenset(configured.get("purposes") or ())
    return {"dpia": _assessment(assessed, wanted, on), "owner_sign_off": _sign_off(signed, on)}


def _assessment(found: Sequence[Signed], purposes: frozenset[str], on: date) -> Evidence:
    if not found:
        return replace(NO_EVIDENCE, note="no signed assessment is on record")
    if not purposes:
        return replace(NO_EVIDENCE, note="journeys.yaml names no purposes that an assessment could cover")
    best = max(found, key=lambda signed: (_in_force(signed, on), purposes <= signed.scope, signed.expires_on))
    beyond = sorted(purposes - best.scope)
    if not _in_force(best, on):
        return _signature(best, value=False, note=f"{_not_in_force(best, on)}; {best.document}")
    if beyond:
        return _signature(best, value=False, note=f"it does not cover {', '.join(beyond)}; {best.document}")
    return _signature(best, value=True, note=f"{best.document}, signed by {best.by} until {best.expires_on}")


def _sign_off(found: Sequence[Signed], on: date) -> Evidence:
    if not found:
        return Evidence(value=False, note="nobody has signed off")
    best = max(found, key=lambda signed: (_in_force(signed, on), signed.expires_on))
    if not _in_force(best, on):
        return _signature(best, value=False, note=_not_in_force(best, on))
    return _signature(best, value=True, note=f"signed by {best.by} until {best.expires_on}")


def _in_force(signed: Signed, on: date) -> bool:
    return signed.on <= on <= signed.expires_on


def _not_in_force(signed: Signed, on: date) -> str:
    if signed.on > on:
        return f"signed by {signed.by}, but dated {signed.on}, a day to come"
    return f"signed by {signed.by}, expired on {signed.expires_on}"


def _signature(signed: Signed, *, value: bool, note: str) -> Evidence:
    at = datetime.combine(signed.on, time(), UTC)
    return Evidence(value=value, n=1, counted="signatures", measured_at=at, note=note)


def _configured(configured: Mapping[str, Any], key: str) -> list[Signed]:
    entry = configured.get(key)
    if not entry:
        return []
    return [
        Signed(
            by=entry["signed_by"],
            on=date.fromisoformat(entry["signed_on"]),
            expires_on=date.fromisoformat(entry["expires_on"]),
            scope=frozenset(entry.get("scope") or ()),
            document=entry.get("document") or "",
        )
    ]


def _recorded(decision: Decision | None, on: date) -> list[Signed]:
    """What was signed in the app counts at once, also where its day has not yet begun as in UTC."""
    if decision is None or decision.expires_on is None:
        return []
    return [
        Signed(
            by=decision.name,
            on=min(decision.at.date(), on),
            expires_on=decision.expires_on,
            scope=frozenset(decision.scope),
            document=decision.document or "",
        )
    ]
