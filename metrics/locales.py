"""How a locale writes numbers and amounts, from the Unicode CLDR by Babel; words and dates stay English."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers
from babel.numbers import NumberPattern, parse_pattern

DEFAULT = "en-IE"
_SPACE = "\u00a0"
_IN_USE: ContextVar[str] = ContextVar("locale", default=DEFAULT)


class Style(NamedTuple):
    """How a locale writes.

    Attributes:
        decimal, group: signs between whole and part, and between thousands.
        after: whether a currency stands behind its amount.
        gap: between them.
        by_three: whether digits are always grouped by three.
        whole: pattern of whole numbers.
        thousands, millions: how a thousand and a million are shortened; None where the language does not
            shorten them, or counts in other steps.
    """

    locale: Locale
    decimal: str
    group: str
    after: bool
    gap: str
    by_three: bool
    whole: str
    thousands: str | None
    millions: str | None


def use(locale: str) -> None:
    """Write numbers as a locale does from here on, in this context alone.

    Raises:
        ValueError: it is not known.
    """
    style_of(locale)
    _IN_USE.set(locale)


@contextmanager
def written_in(locale: str) -> Iterator[None]:
    """Write numbers as a locale does within a block.

    Raises:
        ValueError: it is not known.
    """
    style_of(locale)
    token = _IN_USE.set(locale)
    try:
        yield
    finally:
        _IN_USE.reset(token)


def in_use() -> str:
    """The locale that numbers are written in now."""
    return _IN_USE.get()


def style() -> Style:
    """How it writes."""
    return style_of(in_use())


@lru_cache(maxsize=64)
def style_of(name: str) -> Style:
    """How a locale writes.

    Raises:
        ValueError: it is not known; names the nearest.

    >>> style_of("de-DE")[1:6], style_of("de-CH")[1:6], style_of("en-IN").by_three
    ((',', '.', True, '\\xa0', True), ('.', '’', False, '\\xa0', True), False)
    >>> style_of("de-DE")[-2:], style_of("fr-FR")[-2:], style_of("en-GB")[-2:], style_of("ja-JP")[-2:]
    ((None, '\\xa0Mio.'), ('\\xa0k', '\\xa0M'), ('k', 'm'), (None, None))
    >>> style_of("deutsch")
    Traceback (most recent call last):
    ValueError: There is no locale 'deutsch'. Write a language and a country, such as de-DE or en-IE.
    """
    try:
        locale = Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        near = get_close_matches(name, [known.replace("_", "-") for known in locale_identifiers()], n=1)
        hint = (
            f"Did you mean '{near[0]}'?"
            if near
            else "Write a language and a country, such as de-DE or en-IE."
        )
        msg = f"There is no locale '{name}'. {hint}"
        raise ValueError(msg) from None
    signs, decimals = locale.number_symbols["latn"], locale.decimal_formats[None]
    money = locale.currency_formats["standard"].pattern.split(";")[0]
    after = not money.startswith("¤")
    return Style(
        locale, signs["decimal"], signs["group"], after,
        _SPACE if _SPACE in money or " " in money else "", decimals.grouping == (3, 3),
        decimals.pattern.split(";")[0].split(".")[0], *_short(locale),
    )  # fmt: skip


def _short(locale: Locale) -> tuple[str | None, str | None]:
    if locale.language == "en":
        return "k", "m"
    patterns = locale.compact_decimal_formats["short"]["other"]

    def sign(power: int) -> str | None:
        found = {patterns[str(10 ** (power + more))].pattern.replace("'", "") for more in range(3)}
        ends = {text.lstrip("0") for text in found}
        steps = sorted(len(text) - len(text.lstrip("0")) for text in found)
        return ends.pop() or None if steps == [1, 2, 3] and len(ends) == 1 else None

    return sign(3), sign(6)


def written(size: Decimal, digits: int) -> str:
    """A number without sign, rounded to so many decimals, as the locale in use writes it.

    >>> with written_in("de-DE"):
    ...     written(Decimal("1234567.5"), 2)
    '1.234.567,50'
    >>> with written_in("en-IN"):
    ...     written(Decimal("1234567.5"), 0)
    '12,34,568'
    """
    text, found = f"{size:,.{digits}f}", style()
    if found.by_three:
        return text.translate({ord(","): found.group, ord("."): found.decimal})
    exact = Decimal(text.replace(",", ""))
    return str(_pattern(found.whole, digits).apply(exact, found.locale))


@lru_cache(maxsize=64)
def _pattern(whole: str, digits: int) -> NumberPattern:
    return parse_pattern(f"{whole}.{'0' * digits}" if digits else whole)
