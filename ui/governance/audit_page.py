"""Audit: whether the log can be trusted, then a search of what was done, each entry in words and whole."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from metrics import formatting
from reports.wording import audit as wording
from reports.wording.privacy_words import counted
from storage import audit
from storage.audit import AuditCheck, Search
from storage.audit_export import Form
from storage.store import Store
from ui import data, filters, frame, stores
from ui.data import Loaded
from ui.governance import audit_tables, log
from ui.parts import downloads
from ui.parts.markup import Html, link, tag, text

PER_PAGE = 50
FIRST_DAY = dt.date(2020, 1, 1)
"""Earliest day that can be asked for."""
SHEET = "sheet"
"""Which fifty of the entries found, in the address."""
LAST = "audit-search"
"""What was looked for last: another search begins at its first sheet."""
KEPT = ("action", "by", "since", "until", "run", "words", SHEET, "entry")
"""What links within the page take along."""
FILES: Mapping[Form, tuple[str, str]] = {
    "csv": ("CSV", "text/csv"),
    "jsonl": ("JSON lines", "application/jsonl"),
}


def show() -> None:
    """Say first whether the log is whole, then show what is in it."""
    store, lost = _store()
    if lost:
        frame.bare_header("Audit")
        st.html(frame.lead(*wording.state(lost)))
        return
    if store is None:
        frame.figures()
        return
    loaded = frame.found()
    if isinstance(loaded, Loaded):
        zone, place = loaded.snapshot.zone, frame.header("Audit", loaded)
    else:
        zone, place = ZoneInfo("UTC"), frame.bare_header("Audit")
    check = _state(store)
    if check.entries == 0:
        return
    with place:
        for form in FILES:
            _offer(store, form)
    _one(store, zone)
    _list(store, zone, check)


def _store() -> tuple[Store | None, AuditCheck | None]:
    """The store, else the finding that it has vanished; neither: the frame knows why there is none."""
    try:
        store = log.store()
        return store, None if store else log.lost()
    except stores.UNREADABLE:
        return None, None


def _state(store: Store) -> AuditCheck:
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="verify"):
        since = st.container(width="content")
        anew = st.button("Verify now", help="Recompute every hash, follow the chain, compare with the anchor")
    found = log.verified(store, anew=anew)
    place.html(frame.lead(*wording.state(found.check)))
    since.html(frame.note(wording.ago(found.at, data.now())))
    return found.check


def _offer(store: Store, form: Form) -> None:
    label, mime = FILES[form]
    downloads.offer(
        partial(_file, store, form),
        f"audit.{form}",
        mime,
        key=f"audit-{form}",
        label=label,
        about="The whole log with its chain, to be verified offline; the export is itself recorded",
    )


def _file(store: Store, form: Form) -> tuple[bytes, dict[str, Any]]:
    content, entries = log.whole(store, form)
    return content, {"entries": entries}


def _one(store: Store, zone: ZoneInfo) -> None:
    """The entry that the address names, whole."""
    asked = st.query_params.get("entry", "")
    if not asked:
        return
    entry = audit.find(store, int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    if entry is None:
        st.html(frame.note(f"There is no entry {asked}."))
        return
    with st.container(border=True, key="entry"):
        st.html(frame.heading(f"Entry {entry.seq}"))
        st.html(audit_tables.entry(entry, zone))
        for part in audit_tables.parts(entry):
            st.html(part)
        with st.expander("Exactly as it was hashed"):
            st.code(entry.detail, language="json", wrap_lines=True)
        st.html(tag("p", link("Close", "audit", **_address(entry=None)), class_="lg-meta"))


def _list(store: Store, zone: ZoneInfo, check: AuditCheck) -> None:
    st.html(frame.heading("What was done", f"Newest first, times in {zone.key}."))
    wanted = _search(store, zone)
    matches = audit.count(store, wanted)
    if not matches:
        st.html(tag("p", Html(f"No entry matches. {link('Show all', 'audit')}"), class_="lg-note"))
        return
    pages = -(-matches // PER_PAGE)
    if st.session_state.setdefault(LAST, wanted) != wanted:
        st.query_params.pop(SHEET, None)
        st.session_state[LAST] = wanted
    asked = st.query_params.get(SHEET, "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 10 else 1
    if asked != str(page):
        st.query_params.pop(SHEET, None)
    entries = audit.entries(store, wanted, limit=PER_PAGE, skip=(page - 1) * PER_PAGE)
    st.html(audit_tables.entries(entries, zone, check, lambda seq: _address(entry=str(seq))))
    st.html(_pager(page, pages, matches))


def _search(store: Store, zone: ZoneInfo) -> Search:
    """What the reader looks for; it stands in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="search"):
        action = filters.choice("Action", {None: "All actions", **wording.ACTIONS}, "action")
        actor = filters.choice("By", {None: "Everybody", **{a: a for a in audit.actors(store)}}, "by")
        since, until = (
            st.date_input(
                label, value=None, key=key, min_value=FIRST_DAY, bind="query-params", width=150,
                format="YYYY-MM-DD",
            )
            for label, key in (("From", "since"), ("To", "until"))
        )  # fmt: skip
        run = st.number_input(
            "Run", value=None, min_value=1, step=1, key="run", bind="query-params", width=110,
        )  # fmt: skip
        words = st.text_input(
            "Containing", key="words", bind="query-params", width=190,
            placeholder="journey, file, check …",
        )  # fmt: skip
    return Search(
        action=action,
        actor=actor,
        containing=words.strip() or None,
        run_id=run,
        since=_midnight(since, zone),
        until=_midnight(until and until + dt.timedelta(days=1), zone),
    )


def _midnight(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), zone)


def _address(**changes: str | None) -> dict[str, str | None]:
    """The address as it stands, with changes: what is looked for stays."""
    return {**{name: st.query_params[name] for name in KEPT if name in st.query_params}, **changes}


def _pager(page: int, pages: int, matches: int) -> Html:
    first = (page - 1) * PER_PAGE + 1
    last = min(first + PER_PAGE - 1, matches)
    parts = [
        text(
            f"{formatting.count(first)} to {formatting.count(last)} of {counted(matches, 'entry', 'entries')}"
        )
    ]
    for label, to in (("Newer", page - 1), ("Older", page + 1), ("Oldest", pages)):
        if 1 <= to <= pages and to != page:
            parts.append(link(label, "audit", **_address(**{SHEET: str(to) if to > 1 else None})))
    return tag("p", Html(" · ".join(parts)), class_="lg-meta")
