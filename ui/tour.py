"""Three steps for the first visit: what the page answers, how to read a figure, where the rest is.

Steps are turned, ended and remembered in the browser, by `assets/tour.js`; without it nothing shows. The
cookie says only that the tour is over, so that whoever has seen it is sent none.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import streamlit as st

from ui import access
from ui.parts.markup import Html, join, link, tag, text
from ui.site import SCREENS, Screen

COOKIE, ENDED = "liftgate_tour", "ended"


class Step(NamedTuple):
    """One step: its heading and its sentences, in which `{gates}` stands for a link to that page."""

    heading: str
    sentences: Sequence[str]


def show(screen: Screen) -> None:
    """Send the tour to a browser that has not ended it."""
    if not ended():
        opens = [entry.path for entry in SCREENS if access.may_open(entry.path)]
        st.html(tour(steps(screen, opens)))


def ended() -> bool:
    """Whether this browser had ended the tour when it connected."""
    return st.context.cookies.get(COOKIE) == ENDED


def steps(screen: Screen, opens: Collection[str]) -> Sequence[Step]:
    """What the tour says on a page.

    Args:
        screen: the page.
        opens: addresses of the pages that the reader may open; it speaks of no others.
    """
    return (
        Step("What this page answers", _question(screen, opens)),
        Step("How to read a figure", _reading(opens)),
        Step("Where to find the rest", _rest(opens)),
    )


def _question(screen: Screen, opens: Collection[str]) -> list[str]:
    said = [f"{screen.title} says {screen.answers}."]
    if "gates" not in opens:
        said.append("{status} says how fresh the figures are." if screen.path != "status" else "")
    elif screen.path != "gates":
        said.append(
            "May a journey roll out further? That rests on its checks: {gates} has each with its evidence."
        )
    return [sentence for sentence in said if sentence]


def _reading(opens: Collection[str]) -> list[str]:
    said = [
        "An estimate stands with its interval, the range that the data allow.",
        "Point at a dotted heading for what is counted, and of how many; {methods} has every definition.",
        "What is missing is shown as missing, never as zero.",
    ]
    if "experiment" in opens:
        said.append("An experiment ends with how it was computed.")
    return said


def _rest(opens: Collection[str]) -> list[str]:
    said = []
    if "gates" in opens:
        said.append("A journey, a check or a figure that is a link leads to its evidence.")
        said.append("Quarter and journey, at the top of a page, stay while you go from page to page.")
    if "exports" in opens:
        said.append("CSV gives what you see; {exports} has the files of the quarter.")
    if "audit" in opens:
        said.append("{audit} has every act on record.")
    said.append("The address keeps what you chose: whoever may open it sees the same.")
    return said


def tour(found: Sequence[Step]) -> Html:
    """All steps, of which the browser shows one."""
    parts = join(_step(number, step, len(found)) for number, step in enumerate(found, 1))
    return tag("section", parts, class_="lg-tour", aria_label="Tour for the first visit")


def again() -> Html:
    """A link that begins the tour anew, on the first page."""
    return tag("a", text("Show the tour again"), href="./", class_="lg-leave", target="_self", data_to="1")


def _step(number: int, step: Step, last: int) -> Html:
    links = {screen.path: link(screen.title, screen.path) for screen in SCREENS if screen.path}
    said = join((Html(text(sentence).format_map(links)) for sentence in step.sentences), " ")
    progress = tag("span", text(f"{number} of {last}"), class_="lg-meta")
    told = f"tour-{number}"
    about = tag(
        "div", Html(f"{tag('h2', Html(f'{text(step.heading)} {progress}'))}{tag('p', said)}"), id=told
    )
    acts = [_button("Next", number + 1, told) if number < last else _button("Done", ENDED, told)]
    if number > 1:
        acts.append(_button("Back", number - 1, told))
    if number < last:
        acts.append(_button("Skip the tour", ENDED))
    return tag("div", Html(f"{about}{tag('div', join(acts))}"), data_step=str(number))


def _button(label: str, to: int | str, told: str = "") -> Html:
    return tag("button", text(label), type="button", data_to=str(to), aria_describedby=told)
