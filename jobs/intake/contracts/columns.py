"""The kinds of column that tables are made of, each with the checks that every column of its kind has."""

from collections.abc import Callable, Iterable

import dataframely as dy
import polars as pl

from jobs.config.yaml_lines import FORBIDDEN
from metrics.wholes import RESERVED

Check = Callable[[pl.Expr], pl.Expr]

KEY_CHARACTERS = 256
TEXT_CHARACTERS = 4_096
TC_STRING_CHARACTERS = 10_000


def _at_most(characters: int) -> Check:
    return lambda text: text.str.len_chars() <= characters


def _printable(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(FORBIDDEN)


def key(*, required: bool = False, **checks: Check) -> dy.String:
    """An identifier or a name that tables are joined or grouped by, at most 256 characters."""
    return text(required=required, characters=KEY_CHARACTERS, **checks)


def text(*, required: bool = False, characters: int = TEXT_CHARACTERS, **checks: Check) -> dy.String:
    """Free text, at most `characters` long; further `checks` are named as a person reads them."""
    return dy.String(
        nullable=not required,
        check={"too_long": _at_most(characters), "control_character": _printable, **checks},
        metadata={"required": required},
    )


def unreserved(name: pl.Expr) -> pl.Expr:
    """Whether a name is none of those that stand for several rows together."""
    return ~name.is_in(RESERVED)


def each_unreserved(names: pl.Expr) -> pl.Expr:
    """The same of every name of a list."""
    return ~names.list.eval(pl.element().is_in(RESERVED)).list.any().fill_null(value=False)


def one_of(values: Iterable[str], *, otherwise: str, required: bool = False) -> dy.String:
    """One of a few words; any other word breaks the rule named `otherwise`."""
    known = tuple(values)
    check = {otherwise: lambda word: word.is_in(known)}
    return dy.String(nullable=not required, check=check, metadata={"required": required})


def listed(**checks: Check) -> dy.List:
    """A list of words, `;`-separated where a file holds text; at most 4,096 characters in all."""
    return dy.List(
        dy.String(nullable=True),
        nullable=True,
        check={
            "too_long": lambda words: words.list.join(";").str.len_chars() <= TEXT_CHARACTERS,
            "control_character": lambda words: _printable(words.list.join(";")),
            **checks,
        },
        metadata={"required": False},
    )


def number(*, required: bool = False, nullable: bool | None = None, **checks: Check) -> dy.Float64:
    """A finite number; `nullable` states whether a column that must be there may have empty cells."""
    return dy.Float64(
        nullable=not required if nullable is None else nullable, check=checks, metadata={"required": required}
    )


def whole(*, required: bool = False, **checks: Check) -> dy.Int64:
    """A whole number."""
    return dy.Int64(nullable=not required, check=checks, metadata={"required": required})


def flag() -> dy.Bool:
    """True or false."""
    return dy.Bool(nullable=True, metadata={"required": False})


def moment(*, required: bool = False, event: bool = False) -> dy.Datetime:
    """A point in time, UTC without zone, microseconds.

    An `event` must lie before the end of the measurement date. Milestones of a request, dates of a contract
    and facts of a register are not events: a request closed after the measurement date was open on it.
    """
    return dy.Datetime(nullable=not required, metadata={"required": required, "event": event})


def day(*, event: bool = False) -> dy.Date:
    """A calendar day; `event` as in `moment`."""
    return dy.Date(nullable=True, metadata={"required": False, "event": event})


def at_most(limit: float) -> Check:
    """A check that a number lies within ±`limit`: beyond it, a column was mistaken for another."""
    return lambda value: (value.abs() <= limit) | ~value.is_finite()


def not_negative(value: pl.Expr) -> pl.Expr:
    """Whether a number is 0 or more."""
    return value >= 0


def jurisdiction() -> dy.String:
    """A country or a part of one by ISO 3166: `IE`, `US-CA`."""
    return dy.String(
        nullable=False,
        check={"malformed_jurisdiction": lambda code: code.str.contains(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")},
        metadata={"required": True},
    )


def country() -> dy.String:
    """A country by ISO 3166-1: `IE`."""
    return dy.String(
        nullable=True,
        check={"malformed_country": lambda code: code.str.contains(r"^[A-Z]{2}$")},
        metadata={"required": False},
    )
