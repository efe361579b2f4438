"""Opt-out preference signals (Global Privacy Control): where and since when they bind, what they refuse."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from law.loader import LawError, load

STATES_DIFFER = "US"


def binding_since(jurisdiction: str | None) -> date | None:
    """First day on which a signal is by law a request to opt out in a jurisdiction (ISO 3166); None = not so.

    Where the state of a customer is not known, the strictest rule holds: the earliest day of all.

    Raises:
        LawError: law/opt_out_signals.yaml is damaged.
    """
    file = load("opt_out_signals.yaml")
    days = {key: file.entry(rule, "since", date) for key, rule in file.rules.items()}
    code = (jurisdiction or STATES_DIFFER).strip().upper()
    return min(days.values()) if code == STATES_DIFFER else days.get(code)


def refused_by_signal(purposes: Iterable[str]) -> frozenset[str]:
    """The purposes of sale, sharing or targeting among those given: what a binding signal refuses.

    Raises:
        LawError: law/opt_out_signals.yaml is damaged.
    """
    words = _words()
    return frozenset(purpose for purpose in purposes if words & set(re.split(r"[^a-z]+", purpose.lower())))


@cache
def _words() -> frozenset[str]:
    words = load("opt_out_signals.yaml").settings.get("words")
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        where = "law/opt_out_signals.yaml, words"
        raise LawError(where=where, what="there is no list of words.", remedy="List them as [sale, sharing].")
    return frozenset(words)
