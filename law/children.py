"""Ages of digital consent: who is a child to the consent that personalisation needs."""

from collections.abc import Mapping
from functools import lru_cache

from law.loader import LawError, load

DEFAULT = "default"
OLDEST_MAJORITY = 21


def ages_table() -> dict[str, int]:
    """Age of digital consent in years per jurisdiction, for bulk use.

    A jurisdiction that is not a key follows its country (the part before the hyphen), and a country that is
    not a key follows `default`, which is the strictest age of all.

    Raises:
        LawError: law/children.yaml is damaged.
    """
    return dict(_ages())


def digital_consent_age(jurisdiction: str | None, table: Mapping[str, int] | None = None) -> int:
    """Age in years from which a person of the jurisdiction (ISO 3166) may consent alone.

    US-TX falls back to US; an unknown or missing jurisdiction gets the strictest age. `table` is the result
    of `raise_ages`; left out, the law alone.
    """
    ages = _ages() if table is None else table
    code = (jurisdiction or "").strip().upper()
    for key in (code, code.split("-", maxsplit=1)[0]):
        if key in ages:
            return ages[key]
    return ages[DEFAULT]


def raise_ages(overrides: Mapping[str, int]) -> dict[str, int]:
    """The table of ages with a policy's higher ages in it.

    Raising a country raises its subdivisions, and `default` stays the strictest age of all.

    Raises:
        LawError: an override lies below the law, or is no age.
    """
    table = ages_table()
    for name, age in overrides.items():
        key = name if name == DEFAULT else name.strip().upper()
        legal = digital_consent_age(key)
        where = f"children.age.{name}"
        if isinstance(age, bool) or not isinstance(age, int) or age > OLDEST_MAJORITY:
            what, remedy = f"{age!r} is not an age.", f"Write whole years from {legal} to {OLDEST_MAJORITY}."
            raise LawError(where=where, what=what, remedy=remedy)
        if age < legal:
            what = f"{age} is below the age of digital consent, {legal}."
            remedy = f"A policy may raise this age but not lower it: write {legal} or more."
            raise LawError(where=where, what=what, remedy=remedy)
        below = [code for code in table if code.startswith(f"{key}-")]
        table |= {code: max(age, table.get(code, age)) for code in (key, *below)}
    table[DEFAULT] = max(table.values())
    return table


@lru_cache(maxsize=1)
def _ages() -> dict[str, int]:
    file = load("children.yaml")
    ages = {key: file.entry(rule, "age", int) for key, rule in file.rules.items()}
    return ages | {DEFAULT: max(ages.values())}
