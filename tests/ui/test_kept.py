"""What is built once is built again as soon as anything that it depends on is another."""

from itertools import product

import polars as pl
import pytest

from metrics import formatting, locales
from policy.roles import EXECUTIVE, MARKETER
from ui import access, filters
from ui.access import Reader
from ui.parts.kept import kept
from ui.parts.markup import link

BUILT: list[tuple[list[float], str]] = []


@kept
def shown(rows: pl.DataFrame, *, unit: str) -> str:
    """Figures, and a link that some may follow."""
    BUILT.append((rows["figure"].to_list(), unit))
    figures = ", ".join(formatting.number(value) for value in rows["figure"])
    return f"{figures} {unit} {link('More', 'experiments')}"


def test_it_is_built_once_for_the_same_rows_words_locale_roles_choices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(roles: str, locale: str, figure: float, unit: str, quarter: str = "Q2 2026") -> str:
        monkeypatch.setattr(filters, "carried", lambda: {"quarter": quarter})
        monkeypatch.setattr(access, "reader", lambda: Reader("a", "a", frozenset({roles}), ""))
        with locales.written_in(locale):
            return shown(pl.DataFrame({"figure": [figure]}), unit=unit)

    every = list(product((MARKETER, EXECUTIVE), ("en-IE", "de-DE"), (1234.5, 1234.6), ("a", "b")))
    BUILT.clear()
    first = [read(*how) for how in every]
    assert len(BUILT) == len(set(first)) == len(every)
    assert [read(*how) for how in every] == first
    assert len(BUILT) == len(every)
    assert "1.234,50" in read(MARKETER, "de-DE", 1234.5, "a")
    assert "<a " not in read(EXECUTIVE, "en-IE", 1234.5, "a")
    assert "?quarter=Q2+2026" in read(MARKETER, "en-IE", 1234.5, "a")
    assert "?quarter=Q1+2026" in read(MARKETER, "en-IE", 1234.5, "a", "Q1 2026")
