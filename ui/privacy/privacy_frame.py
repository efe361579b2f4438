"""What the pages on privacy share: the answer on top, and the page without evidence."""

import streamlit as st

from reports.wording import privacy_words
from reports.wording.privacy_words import Told
from ui import frame
from ui.data import Loaded
from ui.parts.markup import Html, mark, text


def without_evidence(loaded: Loaded, page: str, tables: tuple[str, ...], what: str) -> None:
    """The whole page when a table is missing: why, and what to do."""
    frame.header(page, loaded)
    told = privacy_words.no_evidence(loaded.snapshot, tables, what)
    st.html(frame.lead(told.mark, told.lead, told.more))


def lead(told: Told) -> None:
    """The page's answer."""
    st.html(frame.lead(told.mark, told.lead, told.more))


def aside(loaded: Loaded, *tables: str) -> None:
    """A note on the rows of the input tables that count nowhere."""
    notes = [note for table in tables if (note := privacy_words.set_aside_note(loaded.snapshot, table))]
    if notes:
        st.html(frame.note(" ".join(notes)))


def marked(told: Told) -> Html:
    """An answer with its mark, for a place among others."""
    pill = Html(f"{mark(told.mark)} · ") if told.mark else Html("")
    return Html(f"{pill}{text(told.lead)} {text(told.more)}")
