"""Shares, parts of a whole and spreads drawn in a table's cells; the same figures stand beside them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reports.readings import Tone
from ui.parts.markup import Html, join, tag, text


class Part(NamedTuple):
    """One part of a whole.

    Attributes:
        label: its name, for the key and for who cannot see it.
        amount: how much; parts of nothing are not drawn.
        colour: CSS.
    """

    label: str
    amount: float
    colour: str


def meter(
    share: float | None, tone: Tone, said: str, *, low: float | None = None, goal: float | None = None
) -> Html:
    """A share of 1 as a track, with a tick at its lower limit and a dashed line at what it should reach."""
    if share is None:
        return Html("")
    parts = [tag("span", Html(""), class_="lg-fill", style=f"width:{_percent(share)}")]
    for place, kind in ((low, "tick"), (goal, "goal")):
        if place is not None:
            parts.append(tag("span", Html(""), class_=f"lg-{kind}", style=f"left:{_percent(place)}"))
    return tag("span", join(parts), class_=f"lg-meter lg-{tone}", role="img", aria_label=said)


def stack(parts: Sequence[Part]) -> Html:
    """Parts of a whole side by side, in proportion."""
    total = sum(part.amount for part in parts)
    if total <= 0:
        return Html("")
    drawn = join(
        tag(
            "span",
            Html(""),
            style=f"width:{_percent(part.amount / total)};background:{part.colour}",
            title=f"{part.label}: {_percent(part.amount / total)}",
        )
        for part in parts
        if part.amount > 0
    )
    said = ", ".join(f"{part.label} {_percent(part.amount / total)}" for part in parts)
    return tag("span", drawn, class_="lg-parts", role="img", aria_label=said)


def keys(parts: Iterable[Part]) -> Html:
    """What the colours stand for."""
    named = join(
        Html(
            f'<span><span class="lg-key" style="background:{part.colour}" aria-hidden="true"></span>'
            f"{text(part.label)}</span>"
        )
        for part in parts
    )
    return tag("p", named, class_="lg-keys")


def spread(
    middle: float, high: float, most: float, end: float, tone: Tone, said: str, goal: float | None
) -> Html:
    """Median (dot), 95th (tick) and 99th percentile (end of the line) on an axis from 0 to `end`."""

    def place(value: float) -> str:
        return f"left:{_percent(min(1.0, value / end))}"

    width = _percent(max(0.0, min(1.0, most / end) - min(1.0, middle / end)))
    parts = [
        tag("span", Html(""), class_="lg-reach", style=f"{place(middle)};width:{width}"),
        tag("span", Html(""), class_="lg-dot", style=place(middle)),
        tag("span", Html(""), class_="lg-high", style=place(high)),
    ]
    if goal is not None:
        parts.append(tag("span", Html(""), class_="lg-margin", style=place(goal)))
    if most > end:
        parts.append(tag("span", text("›"), class_="lg-cut lg-cut-right"))
    return tag("span", join(parts), class_=f"lg-spread lg-{tone}", role="img", aria_label=said)


def _percent(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"
