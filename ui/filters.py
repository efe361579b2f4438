"""Choices that live in the address, so that a link shows what its sender saw."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextvars import ContextVar
from typing import Literal, NamedTuple, TypeVar, cast

import streamlit as st

from metrics import formatting
from ui import data
from ui.data import Loaded
from ui.site import Filter

Key = TypeVar("Key")
Scale = Literal["relative", "absolute"]
View = Literal["chart", "table"]

EVERY = "All journeys"
SCALES = ("Relative", "Absolute")
DEFAULTS = {"journey": EVERY, "scale": SCALES[0]}
_NEWEST: ContextVar[str | None] = ContextVar("newest", default=None)
"""How the quarter of the visible run is written, where there are others to choose."""


class Choices(NamedTuple):
    """What holds on every page until it is changed.

    Attributes:
        journey: the one to show; None: all.
        scale: whether effects are shown as lifts or in the metric's unit.
    """

    journey: str | None = None
    scale: Scale = "relative"


def quarter(loaded: Loaded, shown: Collection[Filter]) -> str | None:
    """Draw the choice of a quarter; None: the one of the visible run, and all that there is.

    A page that always shows the visible run keeps the choice for later.
    """
    newest = loaded.snapshot.run.period
    periods = [newest, *(period for period in data.quarters() if period != newest)]
    _NEWEST.set(formatting.quarter(newest) if len(periods) > 1 else None)
    if len(periods) == 1:
        return None
    options = {period: formatting.quarter(period) for period in periods}
    if "quarter" in shown:
        chosen = choice("Quarter", options, "quarter", width=120, labelled=False)
        return None if chosen == newest else chosen
    with st.container(key="kept-quarter"):
        choice("Quarter", options, "quarter", width=120, labelled=False)
    return None


def everywhere(loaded: Loaded, shown: Collection[Filter]) -> Choices:
    """Draw the choices that span pages; those that a page has no use for are kept out of sight."""
    drawn = {}
    for name, draw in (("journey", _journey), ("scale", _scale)):
        if name in shown:
            drawn[name] = draw(loaded)
        else:
            with st.container(key=f"kept-{name}"):
                drawn[name] = draw(loaded)
    return Choices(journey=drawn["journey"], scale=cast("Scale", drawn["scale"]))


def carried() -> dict[str, str]:
    """The choices that a link to another page takes along, as its address writes them."""
    defaults = DEFAULTS if _NEWEST.get() is None else {"quarter": _NEWEST.get(), **DEFAULTS}
    chosen = {name: st.session_state.get(name) for name in defaults}
    return {name: value for name, value in chosen.items() if value not in (None, defaults[name])}


def tidy(named: Collection[str]) -> None:
    """Take out of the address what neither a control of the page nor the page itself makes use of.

    What a control cannot be set to has gone already: it shows its default.
    """
    for name in set(st.query_params) - set(named):
        if name not in st.session_state:
            del st.query_params[name]


def view(key: str = "view") -> View:
    """Whether a chart or its table is shown; each chart of a page has a key of its own."""
    return cast("View", _switch("Shown as", ("Chart", "Table"), key))


def part(label: str, options: Sequence[str], key: str) -> str:
    """Which part of a page is shown."""
    switched = _switch(label, options, key)
    return next(option for option in options if option.lower() == switched)


def choice(
    label: str, options: Mapping[Key, str], key: str, width: int = 210, *, labelled: bool = True
) -> Key:
    """One of several, from a list; the address names it as people do.

    Options that read alike are told apart by what they stand for; `width` in pixels.
    """
    labels = Counter(options.values())
    written = {
        text if labels[text] == 1 else f"{text} ({option})": option for option, text in options.items()
    }
    shown = st.selectbox(
        label, list(written), key=key, bind="query-params", width=width,
        label_visibility="visible" if labelled else "collapsed",
    )  # fmt: skip
    return written[str(shown)]


def search(label: str, key: str) -> str:
    """What to look for; it lives in the address."""
    found = st.text_input(
        label, key=key, bind="query-params", type="search", width=260, max_chars=80, placeholder=label,
        label_visibility="collapsed",
    )  # fmt: skip
    return found or ""


def _journey(loaded: Loaded) -> str | None:
    names = loaded.journey_names
    return choice("Journey", {None: EVERY, **names}, "journey", labelled=False) if len(names) > 1 else None


def _scale(_loaded: Loaded) -> str:
    return _switch("Effects as", SCALES, "scale")


def _switch(label: str, options: Sequence[str], key: str) -> str:
    found: str | None = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
    )
    return (found or options[0]).lower()
