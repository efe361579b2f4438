"""Names that nobody expected, one journey, forty, and nothing at all: still a pack, and still true."""

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from metrics import formatting
from reports.board_pdf import compiled, document, pack
from reports.paper.blocks import plain
from reports.paper.text import BOX, FONTS, printable
from reports.snapshot import Snapshot
from tests.reports.paper import cases
from tests.reports.paper.conftest import words

FEWEST_WORDS = 50
"""Of a page, with its foot of about twenty."""
NAMES = {
    "long": cases.LONG, "unbroken": cases.UNBROKEN, "hostile": cases.HOSTILE, "Hebrew": cases.HEBREW,
    "Arabic": cases.ARABIC, "Greek": cases.GREEK, "Cyrillic": cases.CYRILLIC, "Chinese": cases.CHINESE,
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMES)
def test_any_name_can_be_printed(demo: Snapshot, kind: str) -> None:
    pdf = pack(cases.renamed(demo, lambda _: NAMES[kind]))

    assert len(PdfReader(io.BytesIO(pdf)).pages) < 30


def test_markup_in_a_name_is_only_letters(demo: Snapshot) -> None:
    text = words(pack(cases.renamed(demo, lambda _: cases.HOSTILE)))

    assert '#panic("x") $x$ <b>*_`] #import "/etc/passwd"' in text
    assert "root:" not in text


def test_a_name_written_from_right_to_left_turns_no_figure_around(demo: Snapshot) -> None:
    plain_text = words(pack(demo), 0)
    turned = words(pack(cases.renamed(demo, lambda _: cases.HEBREW)), 0)

    for figure in ("at least", "+14", "customers"):
        assert plain_text.count(figure) == turned.count(figure)


def test_one_journey(demo: Snapshot) -> None:
    pdf = pack(cases.only(demo, "cart_recovery"))

    titles = [words(pdf, n)[:40] for n in range(len(PdfReader(io.BytesIO(pdf)).pages))]
    assert sum(title.startswith("Cart recovery") for title in titles) == 1
    assert not any(title.startswith("Homepage") for title in titles)


def test_forty_journeys_are_all_there(demo: Snapshot) -> None:
    made = cases.many(demo, 40)
    text = words(pack(made))

    for item in made.run.workspace["journeys"]:
        assert item["name"] in text


def test_without_evidence_nothing_reads_as_zero_or_as_good(demo: Snapshot) -> None:
    pdf = pack(cases.nothing(demo))
    text = words(pdf)

    assert text.count("No evidence") >= 7
    assert "Nothing needs" not in text
    figures = text.partition("Method and source")[0]
    for good in (" 0 %", "100.0 %", "0.0 %", "€0", "passed", "in order", "in time 0"):
        assert good not in figures
    assert len(PdfReader(io.BytesIO(pdf)).pages) < 7, "chapters without evidence share pages"


@pytest.mark.parametrize("case", ["as it is", "long", "one", "many", "none"])
def test_no_page_is_nearly_empty(demo: Snapshot, case: str) -> None:
    made = {
        "as it is": lambda: demo,
        "long": lambda: cases.renamed(demo, lambda _: cases.LONG),
        "one": lambda: cases.only(demo, "cart_recovery"),
        "many": lambda: cases.many(demo, 9),
        "none": lambda: cases.nothing(demo),
    }[case]()
    pdf = pack(made, cases.before(made))

    pages = [words(pdf, number).split() for number in range(len(PdfReader(io.BytesIO(pdf)).pages))]
    assert min(len(page) for page in pages) > FEWEST_WORDS
    assert (case == "none") == (not any(" ".join(page).startswith("What changed") for page in pages))


def test_without_journeys(demo: Snapshot) -> None:
    assert "There are no journeys" in words(pack(cases.nothing(demo, journeys=False)))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_typst_refuses_no_text(demo: Snapshot, name: str) -> None:
    made = {
        **document(cases.nothing(demo, journeys=False)),
        "title": plain(name) or "x",
        "footer": plain(name),
    }

    assert compiled(made).startswith(b"%PDF")


@given(st.text())
@example("A\x01\u0323")
def test_printable_text_is_stable_and_steers_nothing(text: str) -> None:
    shown = printable(text)

    assert printable(shown) == shown
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00")


@pytest.mark.parametrize("figure", ["€1,234.50", "−0.8\u00a0pp", "+64\u00a0% to +197\u00a0%", "143\u00a0ms"])
def test_a_figure_is_printed_as_it_is_written(figure: str) -> None:
    assert printable(figure) == figure


def test_figures_of_the_formatter_need_no_stand_in() -> None:
    written = [
        formatting.money(-1.5, "EUR"), formatting.money(1.5, "GBP"), formatting.money(2, "JPY"),
        formatting.points(0.0), formatting.percent(-0.1), formatting.number(None),
        formatting.price(0.001, "SEK"),
    ]  # fmt: skip
    assert not any(BOX in printable(text) for text in written)


def test_the_fonts_carry_their_licences() -> None:
    licences = " ".join(file.read_text(encoding="utf-8") for file in FONTS.glob("OFL-*.txt"))
    for font in FONTS.glob("*.ttf"):
        family = "Source" if font.name.startswith("Source") else "Noto Sans"
        assert family in licences
    assert licences.count("SIL OPEN FONT LICENSE") + licences.count("SIL Open Font License") >= 2
