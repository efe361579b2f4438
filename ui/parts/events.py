"""Noted events on a chart over time: a labelled line for each day, and a table beside it."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

import streamlit as st

from metrics import formatting
from reports.annotations import Annotation
from reports.wording.annotations import EVERYTHING, KINDS, dated
from ui.parts.markup import Column, Row, join, table, tag, text

INK, GROUND = "#7A828E", "#5A616D"
"""Of the line, and behind its label: white on it can be read on light and on dark."""
LEVELS = 3
"""Labels stand on so many heights in turn, so that close ones do not cover each other."""
LATE = 0.7
"""From this part of the days on, a label stands to the left of its line."""


def lines(events: Sequence[Annotation], days: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """Plotly's shapes and annotations: a line over the whole height, with its number and kind.

    Args:
        events: by day, numbered in this order, as `numbered` does; those before the first day of the chart
            have a number and no line.
        days: of the chart, dates or ISO texts.
    """
    shapes, labels = [], []
    inside = within([date.fromisoformat(str(day)) for day in days], events) if events else []
    numbers = [(number, event) for number, event in enumerate(events, start=1) if event in inside]
    groups = groupby(numbers, key=lambda item: item[1].day)
    for place, (day, found) in enumerate(groups):
        words = ", ".join(f"{number} {KINDS[event.kind]}" for number, event in found)
        at = day.isoformat()
        shapes.append(
            {
                "type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1,
                "line": {"color": INK, "width": 1.4, "dash": "dot"},
            }
        )  # fmt: skip
        labels.append(
            {
                "x": at, "yref": "paper", "y": 1 - 0.1 * (place % LEVELS), "text": words,
                "showarrow": False, "xanchor": "right" if _part(day, days) > LATE else "left",
                "yanchor": "top", "bgcolor": GROUND, "borderpad": 2, "font": {"size": 11, "color": "#FFFFFF"},
            }
        )  # fmt: skip
    return {"shapes": shapes, "annotations": labels}


def numbered(events: Sequence[Annotation]) -> None:
    """Say what the numbers on a chart stand for, where there are any."""
    if events:
        items = join(tag("li", text(dated(event))) for event in events)
        st.html(tag("ol", items, class_="lg-list lg-note"))


def said(events: Sequence[Annotation]) -> str:
    """The events in one sentence, for who cannot see the lines; empty where there are none."""
    return f" Noted: {'; '.join(dated(event) for event in events)}." if events else ""


def listed(events: Sequence[Annotation]) -> None:
    """Show the events as a table, the newest first, where there are any."""
    if not events:
        return
    rows = [
        Row([text(formatting.day(event.day)), text(KINDS[event.kind]), text(event.text), text(_about(event))])
        for event in reversed(events)
    ]
    columns = [Column("Day"), Column("Event"), Column("What happened"), Column("About")]
    st.html(table(columns, rows, label="Noted events", kind="lg-plain"))


def within(days: Sequence[date], events: Sequence[Annotation]) -> list[Annotation]:
    """The events from the first to the last of these days."""
    return [event for event in events if days and min(days) <= event.day <= max(days)]


def _about(event: Annotation) -> str:
    return event.experiment or EVERYTHING


def _part(day: date, days: Sequence[Any]) -> float:
    """How far into the days a day is, from 0 to 1."""
    first, last = (date.fromisoformat(str(end)) for end in (min(days), max(days)))
    return (day - first) / (last - first) if last > first else 0.0
