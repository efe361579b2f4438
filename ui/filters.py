"""Choices that live in the address, so that a link shows what its sender saw."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar, cast

import streamlit as st

from ui.data import Loaded
from ui.site import Filter

Key = TypeVar("Key")
Scale = Literal["relative", "absolute"]
View = Literal["chart", "table"]

EVERY = "All journeys"
SCALES = ("Relative", "Absolute")
DEFAULTS = {"journey": EVERY, "scale": SCALES[0]}


class Choices(NamedTuple):
    """What holds on every page until it is changed.

    Attributes:
        journey: the one to show; None: all.
        scale: whether effects are shown as lifts or in the metric's unit.
    """

    journey: str | None = None
    scale: Scale = "relative"


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
    chosen = {name: st.session_state.get(name) for name in DEFAULTS}
    return {name: value for name, value in chosen.items() if value not in (None, DEFAULTS[name])}


def view(key: str = "view") -> View:
    """Whether a chart or its table is shown; each chart of a page has a key of its own."""
    return cast("View", _switch("Shown as", ("Chart", "Table"), key))


def choice(label: str, options: Mapping[Key, str], key: str, width: int = 210) -> Key:
    """One of several, from a list; the address names it as people do.

    Options that read alike are told apart by what they stand for; `width` in pixels.
    """
    labels = Counter(options.values())
    written = {
        text if labels[text] == 1 else f"{text} ({option})": option for option, text in options.items()
    }
    return written[str(st.selectbox(label, list(written), key=key, bind="query-params", width=width))]


def _journey(loaded: Loaded) -> str | None:
    names = loaded.journey_names
    return choice("Journey", {None: EVERY, **names}, "journey") if len(names) > 1 else None


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
