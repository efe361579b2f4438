"""Rows of a register (fields, vendors) that were set aside: which journeys they may have been about."""

from collections.abc import Iterable

from metrics import wholes

ANY = wholes.ANY
"""Stands for a row that names no journey."""


def about_another(journey: str, named: Iterable[str], known: Iterable[str]) -> bool:
    """Whether rows set aside are surely not about a journey: they name other known journeys and nothing else.

    Args:
        journey: the journey asked about.
        named: what the rows name, `ANY` among them where one names none.
        known: ids of every journey of the workspace.
    """
    return set(named) <= set(known) - {journey}
