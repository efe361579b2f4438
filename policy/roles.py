"""Who may see what: the roles, and for every kind of evidence the roles that may load it."""

from collections.abc import Collection, Mapping
from typing import Final, Literal, get_args

EXECUTIVE: Final = "executive"
MARKETER: Final = "marketer"
PRIVACY: Final = "privacy"
ADMIN: Final = "admin"
ROLES: Final = frozenset({EXECUTIVE, MARKETER, PRIVACY, ADMIN})
"""A person may have several; each adds what it may see and takes nothing away.

`admin` runs Liftgate: the state of the data and the audit log, no figures about customers.
"""

_ALL = ROLES
_BUSINESS = frozenset({EXECUTIVE, MARKETER})
_FIGURES = frozenset({EXECUTIVE, MARKETER, PRIVACY})
_MARKETER = frozenset({MARKETER})
_PRIVACY = frozenset({PRIVACY})
_BOARD = frozenset({EXECUTIVE, PRIVACY})

TABLES: Mapping[str, frozenset[str]] = {
    "runs": _ALL,
    "audit": frozenset({PRIVACY, ADMIN}),
    "experiments": _ALL,
    "verdicts": _ALL,
    "metrics": _ALL,
    "quarantine": _ALL,
    "journeys": _FIGURES,
    "gates": _FIGURES,
    "consent": _FIGURES,
    "net_value": _FIGURES,
    "annotations": _FIGURES,
    "money": _BUSINESS,
    "effects": _BUSINESS,
    "survival_effects": _BUSINESS,
    "health": _BUSINESS,
    "exclusions": _BUSINESS,
    "effects_by_day": _MARKETER,
    "effects_by_age": _MARKETER,
    "effect_trends": _MARKETER,
    "sku_lift": _MARKETER,
    "category_lift": _MARKETER,
    "survival": _MARKETER,
    "inference": _FIGURES,
    "inference_by_day": _FIGURES,
    "consent_signals": _PRIVACY,
    "consent_alerts": _PRIVACY,
    "dsr_requests": _PRIVACY,
    "dsr_sla": _BOARD,
    "dsr_7102": _PRIVACY,
    "minimization": _BOARD,
    "minimization_fields": _PRIVACY,
    "minimization_categories": _PRIVACY,
    "vendors": _BOARD,
}
"""By table of the store, who may load it. A table that is missing here is for nobody.

`consent` holds coverage and leakage of whole journeys, which the overview needs; requests of data subjects,
fields and vendors are compliance records. The board counts those by law, by system and by vendor; single
requests and fields stay with those who work on them. `audit` counts rows exactly, however few.
"""


ANNOTATES: Final = frozenset({MARKETER})
"""Who may note events on charts, and take them back."""

Audience = Literal["board", "marketing", "privacy"]
AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)
ROLE_OF: Mapping[Audience, str] = {"board": EXECUTIVE, "marketing": MARKETER, "privacy": PRIVACY}
"""Whom files are made for → the role whose tables they may hold."""

PACK: Final[frozenset[Audience]] = frozenset({"board"})
"""Who is given the quarterly pack. It sums up tables that its readers may not load one by one."""


def audiences(roles: Collection[str]) -> tuple[Audience, ...]:
    """Whom somebody with these roles may make files for: those whose role they have themselves.

    >>> audiences({"privacy", "executive"}), audiences({"admin"})
    (('board', 'privacy'), ())
    """
    return tuple(audience for audience in AUDIENCES if ROLE_OF[audience] in roles)


def may_load(table: str, roles: Collection[str]) -> bool:
    """Whether one of the roles may load a table.

    >>> [may_load("vendors", roles) for roles in ({"marketer"}, {"marketer", "privacy"})]
    [False, True]
    >>> may_load("unheard of", ROLES)
    False
    """
    return not TABLES.get(table, frozenset()).isdisjoint(roles)


def loadable(roles: Collection[str]) -> frozenset[str]:
    """Every table that one of the roles may load."""
    return frozenset(table for table in TABLES if may_load(table, roles))
