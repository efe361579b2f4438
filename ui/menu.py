"""The menu at the side: the pages that the reader may open, by section, the present one marked."""

from collections.abc import Iterable
from itertools import groupby

from ui.parts.markup import Html, link, tag, text
from ui.site import Screen


def menu(screens: Iterable[Screen], current: Screen) -> Html:
    """The menu.

    Args:
        screens: the pages that the reader may open, sections together.
        current: the page that is open.
    """
    here, parts = current.below or current.path, ""
    listed = (screen for screen in screens if screen.section)
    for section, entries in groupby(listed, key=lambda screen: screen.section):
        items = Html("".join(_item(entry, here) for entry in entries))
        parts += f"{tag('h2', text(section))}{tag('ul', items)}"
    return tag("nav", Html(parts), aria_label="Pages", class_="lg-menu")


def _item(entry: Screen, here: str) -> str:
    shown = link(entry.title, entry.path)
    if here == entry.path:
        shown = Html(shown.replace("<a ", '<a aria-current="page" ', 1))
    return tag("li", shown)
