"""One formatter for every figure that a person reads: on screen, in the terminal, in labels, on paper."""

import datetime as dt
import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from metrics import locales
from metrics.locales import in_use as in_use  # noqa: PLC0414  (pages know this module alone)
from metrics.locales import use as use  # noqa: PLC0414

Unit = Literal["share", "points", "money", "number", "count", "days"]
EffectUnit = Literal["lift", "points", "money", "number"]

MISSING = "–"
MINUS = "\u2212"
SPACE = "\u00a0"
_NOT_ZERO = re.compile("[1-9]")
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def missing(value: float | None) -> bool:
    """Whether there is no figure to show."""
    return value is None or not math.isfinite(value)


def number(value: float | None, digits: int = 2, *, sign: bool = False) -> str:
    """A plain number with grouped thousands and a true minus sign, as the locale in use writes it.

    >>> number(-1234.5, 1), number(0.0, 1, sign=True), number(None)
    ('−1,234.5', '±0.0', '–')
    """
    if missing(value):
        return MISSING
    return _written(float(value or 0), digits, sign, in_use())


@lru_cache(maxsize=2**15)
def _written(value: float, digits: int, sign: bool, _locale: str) -> str:
    """A page writes most of its numbers again at every click."""
    text = locales.written(abs(Decimal(repr(value))), digits)
    if not _NOT_ZERO.search(text):
        return f"±{text}" if sign else text
    return f"{MINUS if value < 0 else '+' if sign else ''}{text}"


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
    """An amount with its currency; `short` shortens thousands and millions as the locale does.

    >>> money(-1.734, "EUR"), money(1_860_000, "EUR", short=True), money(12, "SEK")
    ('−€1.73', '€1.86m', 'SEK\\xa012.00')
    """
    if missing(value):
        return MISSING
    amount, suffix, digits = float(value or 0), "", 2
    if short:
        amount, suffix, digits = _shortened(amount)
    return _amount(amount, currency, digits, suffix, sign=sign)


def price(value: float | None, currency: str) -> str:
    """A small amount, with two significant digits at least.

    >>> price(0.003546, "EUR"), price(0.32, "EUR"), price(12.5, "EUR"), price(0, "EUR")
    ('€0.0035', '€0.32', '€12.50', '€0.00')
    """
    if missing(value) or not value:
        return _amount(value, currency, 2)
    return _amount(value, currency, min(6, max(2, 1 - math.floor(math.log10(abs(value))))))


def milliseconds(value: float | None) -> str:
    """A latency.

    >>> milliseconds(142.9), milliseconds(5.9)
    ('143\\xa0ms', '5.9\\xa0ms')
    """
    return MISSING if missing(value) else f"{number(value, 1 if abs(value or 0) < 10 else 0)}{SPACE}ms"


def days(value: float | None) -> str:
    """A span of time in days.

    >>> days(365), days(1), days(0.5)
    ('365\\xa0days', '1\\xa0day', '0.5\\xa0days')
    """
    whole = missing(value) or float(value or 0).is_integer()
    text = number(value, 0 if whole else 1)
    return text if missing(value) else f"{text}{SPACE}{'day' if value == 1 else 'days'}"


def size(value: float | None) -> str:
    """An amount of data, in decimal units.

    >>> size(6_613_000_000), size(412), size(1e15)
    ('6.6\\xa0GB', '412\\xa0B', '1,000.0\\xa0TB')
    """
    if missing(value):
        return MISSING
    amount, units = float(value or 0), ["B", "kB", "MB", "GB", "TB"]
    while abs(amount) >= 999.95 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{number(amount, 0 if units[0] == 'B' else 1)}{SPACE}{units[0]}"


def quarter(period: str) -> str:
    """A quarter as people write it.

    >>> quarter("2026Q3")
    'Q3 2026'
    """
    return f"{period[4:]} {period[:4]}"


def separators() -> str:
    """The signs before decimals and between thousands, as a chart library takes them.

    >>> with locales.written_in("de-DE"):
    ...     separators(), money(-1234.5, "EUR"), money(1.86e6, "EUR", short=True), percent(0.0421, sign=True)
    (',.', '−1.234,50\\xa0€', '1,86\\xa0Mio.\\xa0€', '+4,2\\xa0%')
    """
    style = locales.style()
    return f"{style.decimal}{style.group}"


def affixes(currency: str) -> tuple[str, str]:
    """What stands before an amount and what behind it, one of them empty.

    >>> affixes("EUR"), affixes("SEK")
    (('€', ''), ('SEK\\xa0', ''))
    """
    style, symbol = locales.style(), SYMBOLS.get(currency, currency)
    gap = style.gap or (SPACE if symbol.isalpha() else "")
    return ("", f"{gap}{symbol}") if style.after else (f"{symbol}{gap}", "")


def _amount(value: float | None, currency: str, digits: int, suffix: str = "", *, sign: bool = False) -> str:
    if missing(value):
        return MISSING
    text, (before, after) = number(value, digits, sign=sign), affixes(currency)
    lead = text[0] if text[0] in f"+±{MINUS}" else ""
    return f"{lead}{before}{text[len(lead) :]}{suffix}{after}"


def _shortened(amount: float) -> tuple[float, str, int]:
    scale, suffix = _scale(abs(amount))
    return amount / scale, suffix, {1e6: 2, 1e3: 0}.get(scale, 2 if abs(amount) < 100 else 0)


def _scale(size: float) -> tuple[float, str]:
    """By what amounts of a size are divided, and how that is said."""
    style = locales.style()
    if size >= 999_500 and style.millions:
        return 1e6, style.millions
    return (1e3, style.thousands) if size >= 999.5 and style.thousands else (1.0, "")


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


def significant(value: float, digits: int = 4) -> str:
    """A number to so many significant digits at most, without zeros at its end.

    >>> significant(0.999), significant(0.95)
    ('0.999', '0.95')
    """
    return number(value, len(f"{value:.{digits}g}".partition(".")[2]))


def _digits(value: float | None) -> int:
    """Decimals that show about three significant digits."""
    if missing(value) or value == 0:
        return 1
    return min(6, max(0, 2 - math.floor(math.log10(abs(value or 1)))))


class EffectText(NamedTuple):
    """An estimate and its limits, written alike; `interval` is "low to high"."""

    estimate: str
    low: str
    high: str

    @property
    def interval(self) -> str:
        """Both limits."""
        return interval(self.low, self.high)


def effect(
    estimate: float | None,
    low: float | None,
    high: float | None,
    unit: EffectUnit,
    *,
    currency: str = "",
    sign: bool = True,
) -> EffectText:
    """An effect with its limits, with as many decimals as its precision deserves.

    A limit that is not 0 is never written as 0.

    >>> effect(0.0421, 0.019, 0.065, "lift")
    EffectText(estimate='+4.2\\xa0%', low='+1.9\\xa0%', high='+6.5\\xa0%')
    >>> effect(1.1746, 0.64, 1.97, "lift").interval, effect(0.2, 0.0004, 0.4, "lift").low
    ('+64\\xa0% to +197\\xa0%', '+0.04\\xa0%')
    >>> effect(0.7677, 0.4831, 1.0523, "money", currency="USD").estimate
    '+$0.77'
    >>> effect(-611.06, -4885.11, 3662.99, "money", currency="USD").estimate
    '−$611'
    """
    values = (estimate, low, high)
    scale = 100 if unit in ("lift", "points") else 1
    digits = decimals(*(None if missing(value) else scale * (value or 0) for value in values))
    if unit == "money":
        large = any(abs(value or 0) >= 1000 for value in values)
        digits = digits if digits > 2 else 0 if digits == 0 and large else 2
        return EffectText(*(_amount(value, currency, digits, sign=sign) for value in values))
    write = {"lift": percent, "points": points, "number": number}[unit]
    return EffectText(*(write(value, digits, sign=sign) for value in values))


def total(
    estimate: float | None,
    low: float | None = None,
    high: float | None = None,
    currency: str = "",
    *,
    sign: bool = False,
) -> EffectText:
    """An amount that has been added up, with its limits, all in units, thousands or millions.

    A language that does not shorten thousands has them in full.

    >>> total(1_860_000, 900_000, 2_800_000, "EUR")
    EffectText(estimate='€1.86m', low='€0.90m', high='€2.80m')
    >>> total(-1_513.8, -20_318, 17_291, "EUR").interval, total(611_500, currency="EUR").estimate
    ('−€20k to €17k', '€612k')
    >>> total(3_759, 1_685, 5_833, "EUR", sign=True)
    EffectText(estimate='+€3.8k', low='+€1.7k', high='+€5.8k')
    >>> with locales.written_in("de-DE"):
    ...     total(-1_513.8, -20_318, 17_291, "EUR").interval
    '−20.318\\xa0€ to 17.291\\xa0€'
    """
    values = [None if missing(value) else float(value or 0) for value in (estimate, low, high)]
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    scale, suffix = _scale(largest)
    scaled = [None if value is None else value / scale for value in values]
    alone = {1e6: 2, 1e3: 0}.get(scale, 2 if 0 < largest < 100 else 0)
    digits = alone if None in scaled[1:] else decimals(*scaled)
    return EffectText(*(_amount(value, currency, digits, suffix, sign=sign) for value in scaled))


def decimals(*values: float | None) -> int:
    """Decimals, at most 6, that show two to three digits of the values' spread and write none but 0 as 0.

    >>> decimals(4.21, 1.9, 6.5), decimals(117, 64, 197), decimals(14.5, 8, 21.7), decimals(20, 0.3, 40)
    (1, 0, 1, 1)
    """
    known = [float(value or 0) for value in values if not missing(value)]
    if not any(known):
        return 0
    spread = (max(known) - min(known)) / 3 or max(abs(value) for value in known)
    smallest = min(abs(value) for value in known if value)
    wanted = max(1 - math.floor(math.log10(spread)), 1 + math.floor(-math.log10(2 * smallest)))
    return min(6, max(0, wanted))


def means(
    control: float | None,
    variant: float | None,
    unit: Literal["money", "share", "number"],
    currency: str = "",
) -> tuple[str, str]:
    """The means of two arms, written alike.

    >>> means(0.0057, 0.0125, "share"), means(41.2, 42.93, "money", "EUR")
    (('0.57\\xa0%', '1.25\\xa0%'), ('€41.20', '€42.93'))
    """
    both = [value for value in (control, variant) if not missing(value) and value]
    if unit == "money":
        large = bool(both) and min(abs(value or 0) for value in both) >= 10_000
        return _amount(control, currency, 0 if large else 2), _amount(variant, currency, 0 if large else 2)
    if unit == "share":
        digits = max([1, *(1 - math.floor(math.log10(abs(100 * (value or 1)))) for value in both)])
        return percent(control, min(digits, 4)), percent(variant, min(digits, 4))
    digits = max((_digits(value) for value in both), default=1)
    return number(control, digits), number(variant, digits)


def about(value: float | None) -> str:
    """A rough number, to two digits.

    >>> about(93_758), about(412), about(7)
    ('94,000', '410', '7')
    """
    if missing(value) or not value:
        return MISSING if missing(value) else "0"
    size = 10 ** max(0, math.floor(math.log10(abs(value))) - 1)
    return number(round(value / size) * size, 0)


def interval(low: str, high: str) -> str:
    """Two formatted bounds.

    >>> interval("+1.9 %", "+6.5 %")
    '+1.9 % to +6.5 %'
    """
    return MISSING if MISSING in (low, high) else f"{low} to {high}"


def p_value(value: float | None) -> str:
    """A p-value; the smallest ones by their bound.

    >>> p_value(0.0311), p_value(1e-300), p_value(0.00001)
    ('0.031', '<0.0001', '<0.0001')
    """
    if missing(value):
        return MISSING
    if (value or 0) < 0.0001:
        return f"<{number(0.0001, 4)}"
    exact = (
        f"{value:.2g}" if (value or 0) < 0.01 else f"{value:.3f}" if (value or 0) < 0.1 else f"{value:.2f}"
    )
    return number(value, len(exact.partition(".")[2]))


def day(value: dt.date | None) -> str:
    """A date as people say it.

    >>> day(dt.date(2026, 9, 30))
    '30 Sep 2026'
    """
    return MISSING if value is None else f"{value.day} {value:%b %Y}"


def clock(value: dt.datetime | None) -> str:
    """A time in its own zone, to the minute.

    >>> clock(dt.datetime(2026, 9, 30, 7, 5, tzinfo=dt.timezone.utc))
    '30 Sep 2026, 07:05'
    """
    return MISSING if value is None else f"{day(value)}, {value:%H:%M}"
