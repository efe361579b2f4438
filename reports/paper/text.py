"""Any text made fit for paper: only characters that the shipped fonts have, in an order that reads well.

PDF/A forbids a page that shows a character without a glyph, so one that no font has becomes a hollow box.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[1] / "fonts"
FAMILIES = ("SourceSans3", "NotoSansArabic", "NotoSansHebrew")
"""In the order in which they are tried, as in the Typst files."""

BOX = "\u25a1"
LONGEST = 20
"""Characters without a place to break a line, beyond which one is made."""

_JOINERS = "\u200c\u200d"
_BREAK, _LEFT_TO_RIGHT, _NO_BREAK = "\u200b", "\u200e", "\u2060"
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RTL_RUN = re.compile(rf"{_RTL}(?:[\s\d]*{_RTL})*(?:[\s\d]+$)?")
_SIGNED = re.compile(r"(?<=[+±−])(?=[€£$¥A-Z])")
_NAMELIKE = re.compile(r"(?<=[a-z0-9])([._/])(?=[A-Za-z])")
_WORD, _HASH = re.compile(r"\S+"), re.compile(r"[0-9a-f]{12,}")
_LONG = re.compile(rf"[^\s{_BREAK}]{{{LONGEST}}}(?=[^\s{_BREAK}]{{4}})")


def shortened(text: str, most: int) -> str:
    """A text cut where there is no room for all of it.

    >>> shortened("Personalised recommendations", 16), shortened("Cart", 16)
    ('Personalised re…', 'Cart')
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def printable(text: str) -> str:
    """A text as it can be printed: nothing that Typst refuses, long words with places to break.

    Characters that steer the direction of writing are dropped, so that no name can turn a sentence around;
    after words written from right to left the sentence goes on from left to right.

    >>> printable("Cart \\u202erecovery\\x00 \\u6f22"), printable("two\\nlines")
    ('Cart recovery □', 'two lines')
    """
    if text.isascii() and text.isprintable() and len(text) < LONGEST:
        return text
    shown = _visible(text)
    shown = _SIGNED.sub(_NO_BREAK, shown)
    shown = _NAMELIKE.sub(rf"\1{_BREAK}", shown)
    shown = _WORD.sub(lambda word: _broken(word[0]), shown)
    return _RTL_RUN.sub(lambda run: run[0] if run.end() == len(shown) else f"{run[0]}{_LEFT_TO_RIGHT}", shown)


def _visible(text: str) -> str:
    """Composed characters alone: one that is dropped may leave a letter beside its accent."""
    shown = "".join(_shown(unicodedata.normalize("NFC", text)))
    return shown if shown == text else _visible(shown)


def _shown(text: str) -> list[str]:
    found, last = [], 0
    for character in text:
        kind = unicodedata.category(character)
        if character.isspace() and ord(character) not in _glyphs()[0]:
            found.append(" ")
        elif kind[0] == "M" or character in _JOINERS:
            if ord(character) in _glyphs()[last]:
                found.append(character)
        elif kind not in ("Cc", "Cf"):
            font = next((i for i, font in enumerate(_glyphs()) if ord(character) in font), None)
            last = font or 0
            found.append(BOX if font is None or kind in ("Co", "Cs", "Cn") else character)
    return found


def _broken(word: str) -> str:
    return word if _HASH.fullmatch(word) else _LONG.sub(rf"\g<0>{_BREAK}", word)


@cache
def _glyphs() -> tuple[frozenset[int], ...]:
    """The characters that each family has."""
    found = []
    for family in FAMILIES:
        with TTFont(FONTS / f"{family}-Regular.ttf", lazy=True) as font:
            found.append(frozenset(font.getBestCmap()))
    return tuple(found)
