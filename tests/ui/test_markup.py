"""What comes from data is escaped, and intervals lie where they belong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.readings import BETTER
from ui import filters, frame
from ui.parts.intervals import Axis, Bar, draw, shared_axis
from ui.parts.markup import Column, Row, link, mark, prose, table, text

limits = st.floats(-1e6, 1e6)


@given(st.text())
def test_no_text_from_data_becomes_markup(value: str) -> None:
    made = table([Column(value)], [Row([text(value)])], label=value)
    bare = re.sub(r"</?(div|table|thead|tbody|tr|th|span)[^<>]*>", "", made)
    assert "<" not in bare
    assert ">" not in bare


def test_a_link_carries_its_parameters_encoded_and_without_the_empty() -> None:
    made = link("A & B", "experiment", experiment="x y&z", scale=None)
    assert 'href="./experiment?experiment=x+y%26z"' in made
    assert ">A &amp; B</a>" in made


def test_a_remark_links_the_pages_that_it_says_to_see_and_keeps_the_rest_as_text() -> None:
    made = frame.note("2 rows of <a> broke a rule: see Status. The age was read elsewhere: see Methods.")
    assert 'see <a href="./status" class="lg-link" target="_self">Status</a>. The' in made
    assert 'see <a href="./methods" class="lg-link" target="_self">Methods</a>.</p>' in made
    assert "rows of &lt;a&gt; broke" in made
    assert "<a" not in frame.note("Look at Status, or oversee Methods.")


def test_figures_of_a_finding_never_break_across_lines() -> None:
    assert '<span class="lg-nowrap">+€15</span> to' in frame.finding("From +€15 to", "x")


def test_a_mark_has_word_and_shape_and_hides_the_shape_from_readers_of_words() -> None:
    assert mark(BETTER) == (
        '<span class="lg-mark lg-good"><span class="lg-shape" aria-hidden="true">▲</span>better</span>'
    )


def test_a_link_takes_along_what_spans_pages_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "carried", lambda: {"quarter": "Q2 2026", "journey": "Homepage"})
    assert 'href="./churn?quarter=Q2+2026&amp;journey=Homepage&amp;test=A"' in link(
        "Churn", "churn", test="A"
    )
    assert 'href="./consent?quarter=Q2+2026&amp;journey=App"' in link("Consent", "consent", journey="App")
    assert 'href="./gates?quarter=Q2+2026"' in link("Gates", "gates", journey=None)


def test_signed_figures_do_not_break_across_lines() -> None:
    assert prose("of +€16k (+€10k to +€22k)").count("lg-nowrap") == 3


@given(low=limits, high=limits, estimate=limits)
def test_a_bar_stays_in_its_cell_and_an_axis_holds_0(low: float, high: float, estimate: float) -> None:
    low, estimate, high = sorted((low, estimate, high))
    bar = Bar(estimate, low, high, "good", "said")
    axis = shared_axis([bar])
    assert axis.low <= 0 <= axis.high
    assert axis.low < axis.high
    for place in re.findall(r"left:(-?[\d.]+)%", draw(bar, axis)):
        assert 0 <= float(place) <= 100


def test_an_interval_that_reaches_much_farther_is_cut_with_an_arrow() -> None:
    bars = [Bar(0.02, 0.01, 0.03, "good", "")] * 5 + [Bar(1.0, -4.0, 6.0, "neutral", "")]
    axis = shared_axis(bars)
    assert axis.high < 1
    drawn = draw(bars[-1], axis)
    assert "‹" in drawn
    assert "›" in drawn
    assert "lg-dot" not in drawn


def test_without_limits_nothing_is_drawn_and_without_anything_the_axis_stands() -> None:
    assert draw(Bar(None, None, None, "none", "")) == ""
    assert shared_axis([]) == Axis(-1, 1)
