"""What every page has: its title, how old the figures are, and words for when there is nothing to show."""

import re
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from metrics import formatting
from reports.readings import Mark
from reports.wording.figures import capitalised
from reports.wording.freshness import STALE_MARK, Freshness, as_it_was, freshness
from ui import data, filters
from ui.data import Loaded, Missing
from ui.filters import Choices
from ui.parts.markup import NOTHING, Html, link, mark, prose, tag, text
from ui.site import SCREENS, Filter

ADDRESSES = {screen.title: screen.path for screen in SCREENS}
_SEE = re.compile(rf"\bsee ({'|'.join(ADDRESSES)})\b")


class Frame(NamedTuple):
    """What the router has laid out before a page begins.

    Attributes:
        found: the run that is shown, or why there is none.
        past: whether a quarter was chosen that is not the visible run's.
        head: place of the title.
        controls: place beside it.
        choices: what holds on every page.
    """

    found: Loaded | Missing
    past: bool
    head: DeltaGenerator
    controls: DeltaGenerator
    choices: Choices


_FRAME: ContextVar[Frame] = ContextVar("frame")


def begin(shown: Collection[Filter]) -> None:
    """Lay out the head of the page, with the choices that span pages."""
    found, choices, past = data.current(), Choices(), None
    with st.container(horizontal=True, vertical_alignment="top", key="header"):
        head = st.container(key="head")
        controls = st.container(horizontal=True, vertical_alignment="bottom", width="content", key="controls")
    with controls:
        if isinstance(found, Loaded):
            past = filters.quarter(found, shown)
            found = data.current(past) if past else found
        if isinstance(found, Loaded):
            formatting.use(found.snapshot.locale)
            choices = filters.everywhere(found, shown)
    _FRAME.set(Frame(found, past is not None, head, controls, choices))


def figures() -> Loaded:
    """The visible run; where there is none, the page says why and ends here."""
    frame = _FRAME.get()
    if isinstance(frame.found, Missing):
        frame.head.html(title(frame.found.title))
        st.html(alert(Mark("", "◌", "none"), frame.found.what, frame.found.remedy))
        st.stop()
    return frame.found


def past() -> bool:
    """Whether a quarter is shown that is not the visible run's."""
    return _FRAME.get().past


def found() -> Loaded | Missing:
    """The visible run, or why there is none: for a page that has something to say without figures."""
    return _FRAME.get().found


def choices() -> Choices:
    """What holds on every page until it is changed."""
    return _FRAME.get().choices


def header(name: str, loaded: Loaded, about: Html = NOTHING) -> DeltaGenerator:
    """Title, freshness and what must be known before reading; gives the place beside it for more controls."""
    frame, fresh = _FRAME.get(), fresh_or_old(loaded)
    old = Html(f" · {_old(fresh)}") if fresh.old else Html("")
    first = tag("p", about, class_="lg-meta") if about else NOTHING
    frame.head.html(f"{title(name)}{first}<p class='lg-meta'>{text(fresh.line)}{old}</p>")
    if fresh.alert:
        st.html(alert(fresh.mark, f"{capitalised(fresh.mark.word)}.", fresh.alert))
    return frame.controls


def fresh_or_old(loaded: Loaded) -> Freshness:
    """How old the figures are; those of a past quarter are as they were, and not old."""
    if _FRAME.get().past:
        return as_it_was(loaded.snapshot)
    return freshness(loaded.snapshot, next(iter(data.runs(1)), None), data.now())


def bare_header(name: str) -> DeltaGenerator:
    """Title alone, where there are no figures; gives the place beside it for controls."""
    frame = _FRAME.get()
    frame.head.html(title(name))
    return frame.controls


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
    pill = Html(f"{mark(status, pill=True)} ") if status else NOTHING
    return tag("p", Html(f"{pill}<strong>{prose(sentence)}</strong> {prose(more)}"), class_="lg-lead")


def note(sentence: str) -> Html:
    """A quiet remark; the pages that it says to see are links."""
    told = _SEE.sub(lambda found: f"see {link(found[1], ADDRESSES[found[1]])}", text(sentence))
    return tag("p", Html(told), class_="lg-note")


def folded(label: str, key: str, build: Callable[[], Html]) -> None:
    """What is built and sent only once it is opened; a link to the page keeps it open."""
    place = st.expander(label, key=key, bind="query-params")
    if place.open:
        place.html(build())


def answers(pairs: Iterable[tuple[str, Html]]) -> Html:
    """Three short answers side by side."""
    items = "".join(f"<div><dt>{text(term)}</dt><dd>{told}</dd></div>" for term, told in pairs)
    return Html(f'<dl class="lg-answers">{items}</dl>')


def finding(sentence: str, more: str = "", warning: str = "", status: Mark | None = None) -> Html:
    """What a section says, what it means, and what could mislead."""
    sign = Html(f"{mark(status)} ") if status else NOTHING
    careful = (
        Html(f" <span class='lg-mark lg-warn'>▲ careful</span> {text(warning)}") if warning else Html("")
    )
    said = Html(f"{sign}<strong>{prose(sentence)}</strong> {prose(more)}{careful}")
    return tag("p", said, class_="lg-said")
