"""Choices that live in the address, so that a link shows what its sender saw."""

from collections.abc import Callable, Sequence
from typing import Literal, cast

import streamlit as st

from ui.data import Loaded

Scale = Literal["relative", "absolute"]
View = Literal["chart", "table"]
EVERY = "all"

_SCALES = {"relative": "Lift, %", "absolute": "In units"}
_VIEWS = {"chart": "Chart", "table": "Table"}


def scale() -> Scale:
    """Whether effects are shown as lifts or in the metric's unit."""
    return cast("Scale", _switch("Effects as", _SCALES, "scale"))


def view() -> View:
    """Whether a chart or its table is shown."""
    return cast("View", _switch("Shown as", _VIEWS, "view"))


def journey(loaded: Loaded) -> str | None:
    """The one journey to show; None: all."""
    names = {item.journey: item.name for item in loaded.journeys}
    if len(names) < 2:
        return None
    found = choice("Journey", [EVERY, *names], "journey", lambda key: names.get(key, "All journeys"))
    return None if found == EVERY else found


def choice(label: str, options: Sequence[str], key: str, written: Callable[[str], str] = str) -> str:
    """One of several, from a list."""
    return st.selectbox(
        label,
        options,
        key=key,
        format_func=lambda option: f"{label}: {written(option)}",
        bind="query-params",
        label_visibility="collapsed",
        width=230,
    )


def _switch(label: str, options: dict[str, str], key: str) -> str:
    found = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        default=next(iter(options)),
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
    )
    return found or next(iter(options))
