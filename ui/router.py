"""Which page is shown: every address is registered for everybody, and each page asks again who is reading."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui import access, frame, tour
from ui.access import Reader
from ui.filters import tidy
from ui.menu import menu
from ui.parts import style
from ui.parts.markup import Html, tag, text
from ui.site import BY_PATH, SCREENS, Screen

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "pages"
SIDEBAR = 220
"""Width in pixels."""


def main() -> None:
    """Show the page that the address names, or that it is not for the reader."""
    who = access.reader()
    pages = {screen.path: _page(screen, who) for screen in SCREENS}
    page = st.navigation(list(pages.values()), position="hidden")
    st.set_page_config(
        page_title=f"{page.title} · Liftgate",
        page_icon=str(ROOT / "ui" / "assets" / "favicon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR,
    )
    st.logo(str(ROOT / "ui" / "assets" / "mark.svg"), size="medium")
    style.apply()
    screen = BY_PATH[page.url_path]
    allowed = access.may_open(screen.path, who)
    if not allowed and not screen.path:
        st.switch_page(next(pages[path] for path in pages if access.may_open(path, who)))
    if allowed:
        frame.begin(screen.filters)
        tour.show(screen)
    with st.sidebar:
        st.html(menu([entry for entry in SCREENS if access.may_open(entry.path, who)], screen))
        st.html(tag("p", Html(f"{text(who.note)}{access.leaving()}"), class_="lg-meta"))
    page.run()
    if allowed:
        tidy(screen.named)


def _page(screen: Screen, who: Reader) -> StreamlitPage:
    """The page of an address; where it is not for the reader, the address leads to saying so."""
    shown = PAGES / f"{screen.file}.py"
    title, address = screen.title, screen.path or "board"
    if access.may_open(screen.path, who):
        return st.Page(shown, title=title, url_path=address, default=not screen.path)
    return st.Page(
        lambda: access.refuse(who, screen.path), title="No access", url_path=address, default=not screen.path
    )


main()
