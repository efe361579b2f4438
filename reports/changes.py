"""What changed between two runs: data, definitions, policy, experiments and verdicts."""

from collections.abc import Iterable, Mapping

from metrics import formatting
from reports.readings import VERDICTS
from reports.results import arm_name, humanised
from storage.records import Run, VerdictRecord


def run_changes(before: Run, after: Run) -> list[str]:
    """What went into the later run that did not go into the earlier one."""
    found = []
    if before.as_of != after.as_of:
        found.append("measurement date moved")
    for table in dict.fromkeys([*after.inputs, *before.inputs]):
        old, new = before.inputs.get(table), after.inputs.get(table)
        if old is None or new is None:
            found.append(f"{table} {'added' if old is None else 'gone'}")
        elif old.get("fingerprint") != new.get("fingerprint"):
            delta = (new.get("accepted") or 0) - (old.get("accepted") or 0)
            rows = formatting.number(delta, 0, sign=True) if delta else "same number of"
            found.append(f"{table} changed ({rows} rows)")
    if before.definitions_version != after.definitions_version:
        found.append("definitions changed")
    if before.policy_hash != after.policy_hash:
        found.append("policy changed")
    settings = ("currency", "timezone", "minimum_people", "journeys")
    if any(before.workspace.get(name) != after.workspace.get(name) for name in settings):
        found.append("settings changed")
    return found


def verdict_changes(
    before: Iterable[VerdictRecord], after: Iterable[VerdictRecord], names: Mapping[str, str]
) -> list[str]:
    """Which verdicts are other than they were, which are new and which have gone.

    Args:
        before: of the earlier run.
        after: of the later one.
        names: what experiments are called, by id; those not in it are called by their id in words.
    """
    old = {(record.experiment, record.variant): record.code for record in before}
    new = {(record.experiment, record.variant): record.code for record in after}
    found = []
    for experiment, variant in dict.fromkeys([*new, *old]):
        was, now = old.get((experiment, variant)), new.get((experiment, variant))
        name = f"{names.get(experiment, humanised(experiment))}, {arm_name(variant)}"
        if was is None and now is not None:
            found.append(f"{name}: new, {_word(now)}")
        elif now is None and was is not None:
            found.append(f"{name}: gone, was {_word(was)}")
        elif was is not None and now is not None and was != now:
            found.append(f"{name}: from {_word(was)} to {_word(now)}")
    return found


def _word(code: str) -> str:
    return VERDICTS[code].word if code in VERDICTS else code
