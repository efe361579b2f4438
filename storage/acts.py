"""What the audit log records: every action by name, and what its entry must say.

An action that does not stand here is refused, as is a detail that lacks a field, has one too many, or holds a
value of another kind: an entry can never be corrected afterwards. Details name runs, tables, files and
colleagues, never a customer.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast

Action = Literal[
    "refresh",
    "refresh failed",
    "refresh interrupted",
    "join",
    "clean-room match",
    "export",
    "freeze",
    "policy change",
    "annotation",
    "annotation removed",
    "decision",
    "waiver",
    "sign-off",
    "sign-in",
    "access refused",
    "role change",
    "sign-out everywhere",
    "anchor renewed",
]

TEXT, COUNT, LIST, TABLE = (str,), (int,), (list,), (dict,)
OPTIONAL_TEXT, OPTIONAL_COUNT = (str, type(None)), (int, type(None))
Kinds = Mapping[str, tuple[type, ...]]


class Fields(NamedTuple):
    """What the entries of one action say.

    Attributes:
        must: field → JSON types of its value; every entry has it.
        may: the same, for what is said where it applies.
    """

    must: Kinds
    may: Kinds = MappingProxyType({})


_EVENT: Kinds = {"number": COUNT, "day": TEXT, "kind": TEXT, "text": TEXT}
_ABOUT: Kinds = {"experiment": TEXT, "subject": TEXT}

FIELDS: Mapping[Action, Fields] = {
    "refresh": Fields(
        {
            "run_id": COUNT, "as_of": TEXT, "period": TEXT, "fingerprint": TEXT, "inputs": TABLE,
            "definitions_version": TEXT, "policy_version": OPTIONAL_COUNT, "policy_hash": TEXT, "rows": TABLE,
        },
        {"admission": TABLE},
    ),
    "refresh failed": Fields({"run_id": COUNT, "reason": TEXT}),
    "refresh interrupted": Fields({"run_id": COUNT, "reason": TEXT}),
    "join": Fields(
        {"run_id": COUNT, "use": TEXT, "tables": LIST, "key": TEXT, "rows": TABLE},
        {"experiment": TEXT, "lawful_basis": TEXT, "purposes": LIST},
    ),
    "clean-room match": Fields(
        {"run_id": COUNT, "experiment": TEXT, "metrics": LIST, "variants": LIST, "rows": COUNT},
        {"fingerprint": TEXT},
    ),
    "export": Fields(
        {"files": TABLE, "via": TEXT},
        {
            "run_id": COUNT, "period": TEXT, "table": TEXT, "rows": COUNT, "entries": COUNT, "subject": TEXT,
            "audience": TEXT, "version": COUNT,
        },
    ),
    "freeze": Fields(
        {
            "period": TEXT, "version": COUNT, "run_id": COUNT, "reason": TEXT, "content_hash": TEXT,
            "moved": COUNT,
        }
    ),
    "policy change": Fields(
        {
            "run_id": COUNT, "old_version": OPTIONAL_COUNT, "new_version": OPTIONAL_COUNT, "old_hash": TEXT,
            "new_hash": TEXT, "changes": LIST,
        }
    ),
    "annotation": Fields(_EVENT, _ABOUT),
    "annotation removed": Fields(_EVENT, _ABOUT),
    "decision": Fields(
        {"journey": TEXT, "recommended": TEXT, "decided": TEXT, "reason": TEXT},
        {
            "run_id": COUNT, "step": TEXT, "policy_version": OPTIONAL_COUNT, "policy_hash": TEXT,
            "requested_by": TEXT, "confirmed_by": TEXT,
        },
    ),
    "waiver": Fields(
        {"journey": TEXT, "check": TEXT, "state": TEXT, "requested_by": TEXT, "reason": TEXT, "until": TEXT},
        {"run_id": COUNT, "policy_version": OPTIONAL_COUNT},
    ),
    "sign-off": Fields(
        {"journey": TEXT, "kind": TEXT, "until": TEXT},
        {"run_id": COUNT, "reference": TEXT, "scope": TEXT, "reason": TEXT},
    ),
    "sign-in": Fields({"subject": TEXT, "roles": LIST}),
    "access refused": Fields({"subject": TEXT, "roles": LIST, "what": TEXT}),
    "role change": Fields({"subject": TEXT, "before": LIST, "after": LIST}, {"reason": TEXT}),
    "sign-out everywhere": Fields({"subject": TEXT}, {"reason": TEXT}),
    "anchor renewed": Fields({"reason": TEXT, "entries_found": COUNT}),
}  # fmt: skip
"""Action → what its entries say."""


def check(action: str, detail: Mapping[str, Any]) -> None:
    """Refuse what an entry cannot say.

    Args:
        action: one of `Action`.
        detail: as it comes out of JSON.

    Raises:
        ValueError: the action is unknown, or the detail does not fit it; names the first fault.
    """
    fields = FIELDS.get(cast("Action", action))
    if fields is None:
        near = get_close_matches(action, FIELDS, n=1)
        meant = f" Did you mean '{near[0]}'?" if near else ""
        msg = f"The audit log knows no action '{action}'.{meant} Actions stand in storage/acts.py."
        raise ValueError(msg)
    known = {**fields.must, **fields.may}
    if missing := fields.must.keys() - detail.keys():
        msg = f"An audit entry on '{action}' must say: {', '.join(sorted(missing))}."
        raise ValueError(msg)
    if unknown := detail.keys() - known.keys():
        msg = f"An audit entry on '{action}' has no field {', '.join(sorted(unknown))}; see storage/acts.py."
        raise ValueError(msg)
    for name, value in detail.items():
        if type(value) not in known[name]:
            kinds = " or ".join(kind.__name__ for kind in known[name])
            msg = f"In an audit entry on '{action}', {name} must be {kinds}, not {type(value).__name__}."
            raise ValueError(msg)
