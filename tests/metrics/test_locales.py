"""Numbers are written as a locale does, in the context that asked for it and nowhere else."""

import contextvars
import doctest
from decimal import Decimal

import pytest
from babel.numbers import format_compact_decimal, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from metrics import formatting, locales
from metrics.locales import DEFAULT, use, written, written_in

PLACES = ("en-IE", "de-DE", "fr-FR", "nl-NL", "de-CH", "sv-SE", "es-ES", "pl-PL", "da-DK", "en-IN", "hi-IN")


def test_the_examples_hold() -> None:
    assert doctest.testmod(locales).failed == 0


@pytest.mark.parametrize("place", PLACES)
@given(cents=st.integers(0, 10**13))
def test_numbers_are_written_as_the_library_writes_them(place: str, cents: int) -> None:
    exact = Decimal(cents) / 100
    wanted = format_decimal(exact, format=None, locale=place.replace("-", "_"), decimal_quantization=False)
    with written_in(place):
        ours = written(exact, max(0, -int(exact.normalize().as_tuple().exponent)) if exact else 0)
    assert ours == wanted


@pytest.mark.parametrize(
    ("place", "money", "short", "share", "p"),
    [
        ("en-IE", "−€1,234.50", "€1.86m", "+4.2\u00a0%", "0.031"),
        ("de-DE", "−1.234,50\u00a0€", "1,86\u00a0Mio.\u00a0€", "+4,2\u00a0%", "0,031"),
        ("fr-FR", "−1\u202f234,50\u00a0€", "1,86\u00a0M\u00a0€", "+4,2\u00a0%", "0,031"),
        ("nl-NL", "−€\u00a01.234,50", "€\u00a01,86\u00a0mln.", "+4,2\u00a0%", "0,031"),
    ],
)
def test_amounts_shares_and_p_values(place: str, money: str, short: str, share: str, p: str) -> None:
    with written_in(place):
        assert formatting.money(-1234.5, "EUR") == money
        assert formatting.money(1.86e6, "EUR", short=True) == short
        assert formatting.total(1.86e6, currency="EUR").estimate == short
        assert formatting.percent(0.0421, sign=True) == share
        assert formatting.p_value(0.0311) == p
        assert formatting.number(0, 1, sign=True) == "±" + written(Decimal(0), 1)
        assert formatting.money(None, "EUR") == formatting.MISSING


@pytest.mark.parametrize("place", PLACES)
def test_large_amounts_are_shortened_as_the_library_does_or_not_at_all(place: str) -> None:
    style = locales.style_of(place)
    for sign, power in ((style.thousands, 3), (style.millions, 6)):
        if sign and style.locale.language != "en":
            for digits in range(3):
                whole = format_compact_decimal(7 * 10 ** (power + digits), locale=style.locale)
                assert whole == f"{7 * 10**digits}{sign}"


def test_a_language_without_short_thousands_has_them_in_full() -> None:
    with written_in("de-DE"):
        assert formatting.money(611_500, "EUR", short=True) == "611.500\u00a0€"
        assert formatting.total(611_500.4, 355_100, 871_000, "EUR").interval == (
            "355.100\u00a0€ to 871.000\u00a0€"
        )


def test_a_block_ends_with_its_locale_and_other_contexts_never_see_it() -> None:
    other = contextvars.copy_context()
    with written_in("de-DE"):
        assert formatting.count(23_716) == "23.716"
        assert other.run(formatting.count, 23_716) == "23,716"
    assert formatting.count(23_716) == "23,716"
    assert contextvars.copy_context().run(lambda: (use("fr-FR"), formatting.count(1e4))[1]) == "10\u202f000"


@pytest.mark.parametrize(
    ("name", "said"), [("de-DEE", "no locale 'de-DEE'"), ("deutsch", "such as de-DE"), ("", "no locale ''")]
)
def test_an_unknown_locale_is_refused(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said), written_in(name):
        pass
    assert locales.style() == locales.style_of(DEFAULT)
