"""A policy with one check moved, and the lines of policy.yaml that say so."""

from typing import Any

import yaml

from policy.model import Check, CheckOverride, Policy, default_text

_ONE_LINE = 10_000


def moved(policy: Policy, check: Check, journey: str | None) -> Policy:
    """The policy with a check in place of the one of its id, for every journey or for one."""
    if journey is None:
        checks = [check if known.id == check.id else known for known in policy.checks]
        return policy.model_copy(update={"checks": checks})
    own = policy.journeys.get(journey, {})
    before = own.get(check.id, CheckOverride())
    override = before.model_copy(update={"threshold": check.threshold, "severity": check.severity})
    return policy.model_copy(update={"journeys": {**policy.journeys, journey: {**own, check.id: override}}})


def lines(written: str, before: Check, after: Check, journey: str | None) -> tuple[str, str]:
    """Where to write what, so that the policy asks for the moved check.

    Args:
        written: policy.yaml as it was, or the default policy.
        before: the check as it is.
        after: as it should be.
        journey: the one it is for; None: all.
    """
    if journey is not None:
        names = ("threshold", "severity")
        pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
        changed = {name: new for name, old, new in pairs if new != old}
        where = f"Under journeys in policy.yaml, beside what stands there for {journey}"
        return f"{where}. It holds from the next refresh.", _flow({journey: {after.id: changed}})
    line = f"- {_flow(after.model_dump(exclude_none=True, exclude_defaults=True))}"
    if written != default_text() and _lists_checks(written):
        return f"In policy.yaml, in place of the check {after.id}. It holds from the next refresh.", line
    return (
        "This workspace goes by the default policy: copy all its checks from docs/policy.md to policy.yaml, "
        f"since a list there replaces them all, and put this in place of {after.id}.",
        line,
    )


def _lists_checks(written: str) -> bool:
    try:
        found = yaml.safe_load(written)
    except yaml.YAMLError:
        return False
    return isinstance(found, dict) and bool(found.get("checks"))


def _flow(value: Any) -> str:
    dumped = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=_ONE_LINE
    )
    return str(dumped).strip()
