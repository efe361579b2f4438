"""A figure on a page is one that the catalogue defines. Charts show what the table beside them has."""

from datetime import date
from pathlib import Path

import pytest

from jobs.demo import make
from jobs.export import open_store
from jobs.refresh import refresh
from tests.ui.conftest import Open, markup
from tests.ui.figures_shown import tables, undefined
from ui.parts.markup import Column, Html, Row, table, text
from ui.privacy import consent_tables
from ui.site import SCREENS

DATES = ("Period", "Received", "Last day by law", "Careful date", "Due", "First time in it",
         "Last time in it", "Started", "Data as of", "When", "Last day", "Noted by")  # fmt: skip
SENTENCES = ("Verdict and next step", "Next action", "What mends it", "Reading", "Reading of the net",
             "What changed, or why it failed", "Why", "In words")  # fmt: skip
LAW_AND_METHOD = ("Rule", "Beside", "Source", "Read", "On what footing", "Definition", "What it says",
                  "Of how many", "After")  # fmt: skip
PLACES = ("First one stands in",)
WORDS = frozenset({*DATES, *SENTENCES, *LAW_AND_METHOD, *PLACES})
"""Columns of words that may hold digits; a column of figures needs a key of the catalogue."""


@pytest.fixture(scope="module")
def northlight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo after its refresh: every page has something to show."""
    folder = tmp_path_factory.mktemp("pages") / "northlight"
    make(folder, scale=0.3)
    refresh(folder)
    with open_store(folder) as store:
        sale = {"day": date(2026, 8, 14), "kind": "campaign", "text": "Summer sale", "experiment": None}
        store.annotate("Ada", "ada-1", sale)
    return folder


@pytest.mark.parametrize("view", ["Chart", "Table"])
@pytest.mark.parametrize("page", [screen.path for screen in SCREENS])
def test_every_figure_of_every_page_is_defined(
    northlight: Path, open_app: Open, page: str, view: str
) -> None:
    chosen = {"experiment": "homepage-2026q3"} if page == "experiment" else {}
    shown = markup(open_app(northlight, page, view=view, **chosen))

    assert undefined(shown, WORDS) == set()
    assert tables(shown)


def happiness(column: Column, cell: str = "87 % of 1,000") -> str:
    return table([Column("Journey"), column], [Row([text("Homepage"), text(cell)])], label="Journeys")


def test_a_figure_without_a_key_is_found() -> None:
    assert undefined(happiness(Column("Happiness")), WORDS) == {"Journeys · Happiness: '87 % of 1,000'"}
    assert undefined(happiness(Column("Happiness"), "quite"), WORDS) == set()
    assert undefined(happiness(Column("Coverage", "consent.coverage")), WORDS) == set()


def test_a_key_of_no_figure_is_refused_when_the_page_is_drawn() -> None:
    with pytest.raises(KeyError, match="The catalogue has no figure 'happiness'"):
        happiness(Column("Happiness", "journeys.happiness"))


@pytest.mark.parametrize("key", ["dsr_sla.unknown", "consent.leakage", "nowhere.coverage"])
def test_a_figure_of_another_file_does_not_define_it(key: str) -> None:
    drawn = happiness(Column("Happiness", "consent.coverage")).replace("consent.coverage", key)

    assert undefined(drawn, WORDS) == {f"Journeys · Happiness: no figure {key!r}"}


def test_a_bogus_figure_on_a_page_fails(
    northlight: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_happiness(columns: list[Column], rows: list[Row], **more: str) -> Html:
        extended = [Row([*row.cells, text("87 %")], row.dim) for row in rows]
        return table([*columns, Column("Happiness")], extended, **more)

    monkeypatch.setattr(consent_tables, "table", with_happiness)
    found = undefined(markup(open_app(northlight, "consent")), WORDS)

    assert "Consent by journey · Happiness: '87 %'" in found
