"""What every figure means: one entry per column and health check, for tooltips and the Methods page.

A key is a column's name where it means the same in every file, else `table.column`; a health check's is
`check.name`. The entries stand in `metrics.definitions`, by family.
"""

import hashlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from metrics.definitions import (
    ageing,
    board,
    consent,
    data_use,
    effects,
    gates,
    inference,
    money,
    pages,
    products,
    requests,
    staying,
)
from metrics.definitions.figure import Direction, Figure, Unit

__all__ = [
    "DEFINITIONS_VERSION", "FIGURES", "Direction", "Figure", "Unit", "check", "column", "definitions_version",
    "figure", "meaning", "shown",
]  # fmt: skip

FAMILIES = (
    effects.EFFECTS, ageing.AGEING, effects.COUNTS, effects.CHECKS,
    consent.STATES, consent.COVERAGE, consent.SIGNALS,
    requests.REQUESTS, data_use.MINIMIZATION, data_use.VENDORS, products.PRODUCTS, staying.STAYING,
    inference.INFERENCE, inference.NET_VALUE, money.MONEY, board.BOARD, gates.GATES, pages.PAGES,
)  # fmt: skip

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {entry.key: entry for family in FAMILIES for entry in family}
)
"""Every entry by key, in the order in which the Methods page shows them."""


def definitions_version(figures: Iterable[Figure]) -> str:
    """Twelve hexadecimal digits that change when a definition does; labels and sources may change freely.

    >>> changed = Figure("difference", "Difference", "metric", "metric", "Another definition.", "per unit")
    >>> definitions_version([changed]) == definitions_version(FIGURES.values())
    False
    """
    parts = sorted((f.key, f.unit, f.direction, f.definition, f.denominator, f.version) for f in figures)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


DEFINITIONS_VERSION = definitions_version(FIGURES.values())
"""Version of all definitions together; every run carries it."""


def figure(key: str) -> Figure:
    """Look up an entry.

    Raises:
        KeyError: there is none; names the nearest.

    >>> figure("relative").label
    'Lift'
    """
    if key in FIGURES:
        return FIGURES[key]
    near = get_close_matches(key, FIGURES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" It knows: {', '.join(FIGURES)}."
    msg = f"The catalogue has no figure {key!r}.{hint}"
    raise KeyError(msg)


def column(table: str, name: str) -> Figure:
    """Look up what a column of a file means: its own entry if it has one, else the common one.

    Raises:
        KeyError: there is none; names the nearest.

    >>> column("health", "p_value").key, column("effects", "p_value").key
    ('health.p_value', 'p_value')
    """
    own = f"{table}.{name}"
    return FIGURES[own] if own in FIGURES else figure(name)


def shown(key: str) -> Figure:
    """Look up what a page shows: a key, or `table.column` for a column of a file.

    Raises:
        KeyError: there is none; names the nearest.

    >>> shown("journeys.cost_per_1k").key, shown("consent_alerts.score").key, shown("relative").key
    ('cost_per_1k', 'consent_alerts.score', 'relative')
    """
    table, _, name = key.rpartition(".")
    return column(table, name) if table else figure(key)


def meaning(key: str) -> str:
    """A definition with its denominator, in one line.

    >>> meaning("relative")
    "The difference as a share of control's mean. Empty where that mean is 0. Of: mean of control."
    """
    entry = shown(key)
    return f"{entry.definition} Of: {entry.denominator}." if entry.denominator else entry.definition


def check(name: str) -> Figure:
    """Look up a health check.

    Raises:
        KeyError: there is none; names the nearest.

    >>> check("sample_ratio").label
    'Sample ratio'
    """
    return figure(f"check.{name}")
