"""One formatter for every figure that a person reads: on screen, in the terminal, in labels, on paper."""

import datetime as dt
import math
from decimal import Decimal
from typing import Literal

Unit = Literal["share", "points", "money", "number", "count", "days"]

MISSING = "–"
MINUS = "\u2212"
SPACE = "\u00a0"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def missing(value: float | None) -> bool:
    """Whether there is no figure to show."""
    return value is None or not math.isfinite(value)


def number(value: float | None, digits: int = 2, *, sign: bool = False) -> str:
    """A plain number with grouped thousands and a true minus sign.

    >>> number(-1234.5, 1), number(0.0, 1, sign=True), number(None)
    ('−1,234.5', '±0.0', '–')
    """
    if missing(value):
        return MISSING
    text = f"{abs(Decimal(repr(float(value or 0)))):,.{digits}f}"
    zero = not text.strip("0.,")
    if zero:
        return f"±{text}" if sign else text
    return f"{MINUS if (value or 0) < 0 else '+' if sign else ''}{text}"


def count(value: float | None) -> str:
    """How many.

    >>> count(23716)
    '23,716'
    """
    return number(value, 0)


def percent(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """A share as per cent.

    >>> percent(0.0421, sign=True)
    '+4.2\\xa0%'
    """
    return MISSING if missing(value) else f"{number(100 * (value or 0), digits, sign=sign)}{SPACE}%"


def points(value: float | None, digits: int = 1, *, sign: bool = True) -> str:
    """A difference of two shares, in percentage points.

    >>> points(-0.008)
    '−0.8\\xa0pp'
    """
    return MISSING if missing(value) else f"{number(100 * (value or 0), digits, sign=sign)}{SPACE}pp"


def money(value: float | None, currency: str, *, sign: bool = False, short: bool = False) -> str:
    """An amount with its currency; `short` writes thousands and millions as k and m.

    >>> money(-1.734, "EUR"), money(1_860_000, "EUR", short=True), money(12, "SEK")
    ('−€1.73', '€1.86m', 'SEK\\xa012.00')
    """
    if missing(value):
        return MISSING
    amount, suffix, digits = float(value or 0), "", 2
    if short:
        amount, suffix, digits = _shortened(amount)
    text = number(amount, digits, sign=sign)
    lead = text[0] if text[0] in f"+±{MINUS}" else ""
    symbol = SYMBOLS.get(currency, f"{currency}{SPACE}")
    return f"{lead}{symbol}{text[len(lead) :]}{suffix}"


def _shortened(amount: float) -> tuple[float, str, int]:
    size = abs(amount)
    if size >= 999_500:
        return amount / 1e6, "m", 2
    if size >= 999.5:
        return amount / 1e3, "k", 0
    return amount, "", 2 if size < 100 else 0


def figure(value: float | None, unit: Unit, *, currency: str = "", sign: bool = False) -> str:
    """A figure in its unit.

    >>> figure(0.381, "share"), figure(0.612, "number")
    ('38.1\\xa0%', '0.612')
    """
    if unit == "share":
        return percent(value, sign=sign)
    if unit == "points":
        return points(value, digits=2, sign=sign)
    if unit == "money":
        return money(value, currency, sign=sign)
    if unit == "count":
        return number(value, 0, sign=sign)
    return number(value, _digits(value), sign=sign)


def _digits(value: float | None) -> int:
    """Decimals that show about three significant digits."""
    if missing(value) or value == 0:
        return 1
    return min(6, max(0, 2 - math.floor(math.log10(abs(value or 1)))))


def interval(low: str, high: str) -> str:
    """Two formatted bounds.

    >>> interval("+1.9 %", "+6.5 %")
    '+1.9 % to +6.5 %'
    """
    return MISSING if MISSING in (low, high) else f"{low} to {high}"


def p_value(value: float | None) -> str:
    """A p-value; the smallest ones by their bound.

    >>> p_value(0.0311), p_value(1e-300), p_value(0.00001)
    ('0.031', '<1e-300', '<0.0001')
    """
    if missing(value):
        return MISSING
    if (value or 0) <= 1e-300:
        return "<1e-300"
    if (value or 0) < 0.0001:
        return "<0.0001"
    return f"{value:.2g}" if (value or 0) < 0.01 else f"{value:.3f}" if (value or 0) < 0.1 else f"{value:.2f}"


def day(value: dt.date | None) -> str:
    """A date as people say it.

    >>> day(dt.date(2026, 9, 30))
    '30 Sep 2026'
    """
    return MISSING if value is None else f"{value.day} {value:%b %Y}"
