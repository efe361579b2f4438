"""What every page has: its title, how old the figures are, and words for when there is nothing to show."""

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from reports.readings import Mark
from reports.wording.figures import capitalised
from reports.wording.freshness import STALE_MARK, Freshness, freshness
from ui import data
from ui.data import Loaded, Missing
from ui.markup import Html, mark, tag, text


def figures() -> Loaded:
    """The visible run; where there is none, the page says why and ends here."""
    found = data.current()
    if isinstance(found, Missing):
        st.html(title("No figures yet"))
        st.html(alert(Mark("", "◌", "none"), found.what, found.remedy))
        st.stop()
    return found


def header(name: str, loaded: Loaded, about: str = "") -> DeltaGenerator:
    """Title, freshness and what must be known before reading; gives the place beside it for controls."""
    fresh = freshness(loaded.snapshot, next(iter(data.runs(1)), None), data.now())
    old = Html(f" · {_old(fresh)}") if fresh.old else Html("")
    first = tag("p", text(about), class_="lg-meta") if about else Html("")
    with st.container(horizontal=True, vertical_alignment="top", key="header"):
        st.html(f"{title(name)}{first}<p class='lg-meta'>{text(fresh.line)}{old}</p>", width="stretch")
        place = st.container(horizontal=True, vertical_alignment="center", width="content", key="controls")
    if fresh.alert:
        st.html(alert(fresh.mark, f"{capitalised(fresh.mark.word)}.", fresh.alert))
    return place


def _old(fresh: Freshness) -> Html:
    shape = tag("span", text(STALE_MARK.shape), class_="lg-shape", aria_hidden="true")
    return tag("span", Html(f"{shape}{text(fresh.old)}"), class_=f"lg-mark lg-{STALE_MARK.tone}")


def title(name: str) -> Html:
    """The page's one main heading."""
    return tag("h1", text(name), class_="lg-title")


def heading(name: str, under: str = "") -> Html:
    """A section's heading with a quiet line under it."""
    quiet = tag("p", text(under), class_="lg-meta") if under else Html("")
    return Html(f"{tag('h2', text(name), class_='lg-head')}{quiet}")


def alert(status: Mark, lead: str, more: str) -> Html:
    """Something to know before reading on."""
    shape = tag("span", text(status.shape), class_="lg-shape", aria_hidden="true")
    body = Html(f"<strong>{shape}{text(lead)}</strong> {text(more)}")
    return tag("div", body, class_=f"lg-alert lg-{status.tone}", role="note")


def lead(status: Mark | None, sentence: str, more: str) -> Html:
    """The answer in words: a verdict, a sentence, and the figures behind it."""
    pill = Html(f"{mark(status, pill=True)} ") if status else Html("")
    return tag("p", Html(f"{pill}<strong>{text(sentence)}</strong> {text(more)}"), class_="lg-lead")


def note(sentence: str) -> Html:
    """A quiet remark."""
    return tag("p", text(sentence), class_="lg-note")


def answers(pairs: Iterable[tuple[str, Html]]) -> Html:
    """Three short answers side by side."""
    items = "".join(f"<div><dt>{text(term)}</dt><dd>{told}</dd></div>" for term, told in pairs)
    return Html(f'<dl class="lg-answers">{items}</dl>')


def lead_small(sentence: str, warning: str) -> Html:
    """What a section says, and what could mislead."""
    careful = Html(f" <span class='lg-mark lg-warn'>▲</span> {text(warning)}") if warning else Html("")
    return tag("p", Html(f"<strong>{text(sentence)}</strong>{careful}"), class_="lg-said")
