"""The menu at the side: every page by section, the present one marked."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ui.markup import Html, link, tag, text


class Entry(NamedTuple):
    """One page in the menu.

    Attributes:
        title: for people.
        path: its address below the app's; empty for the first page.
        below: addresses of pages that belong to it and have no entry of their own.
    """

    title: str
    path: str
    below: tuple[str, ...] = ()


def menu(sections: Mapping[str, Sequence[Entry]], current: str, carried: Mapping[str, str]) -> Html:
    """The menu, its links taking along the choices that span pages."""
    parts = ""
    for section, entries in sections.items():
        items = Html("".join(_item(entry, current, carried) for entry in entries))
        parts += f"{tag('h2', text(section))}{tag('ul', items)}"
    return tag("nav", Html(parts), aria_label="Pages", class_="lg-menu")


def _item(entry: Entry, current: str, carried: Mapping[str, str]) -> str:
    here = current == entry.path or current in entry.below
    shown = link(entry.title, entry.path, **carried)
    if here:
        shown = Html(shown.replace("<a ", '<a aria-current="page" ', 1))
    return tag("li", shown)
