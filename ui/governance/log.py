"""The app's door to the audit log: for the roles that may read it, one page of entries at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import streamlit as st
from sqlalchemy.exc import DatabaseError

from reports.snapshot import WithheldError
from storage import audit
from storage.audit import AuditCheck, Search
from storage.audit_export import FORMS, Form
from storage.chain import Entry
from storage.store import Store
from ui import access, stores

TABLE = "audit"
VERIFIED_FOR = 600
"""Seconds for which a verification is shown before the log is verified again."""


class Verified(NamedTuple):
    """What verification found, and when."""

    check: AuditCheck
    at: datetime


class Found(NamedTuple):
    """A page of a search.

    Attributes:
        entries: newest first.
        matches: entries that match in all.
    """

    entries: Sequence[Entry]
    matches: int


def store() -> Store | None:
    """The store whose log may be read; None before the first refresh.

    Raises:
        WithheldError: the log is not for the reader.
    """
    if not access.may_load(TABLE):
        raise WithheldError(TABLE)
    return stores.current()


def lost() -> AuditCheck | None:
    """The finding that the store has vanished and its anchor has not; None where there never was one."""
    url = stores.address(stores.workspace())
    return audit.gone(url) if url and access.may_load(TABLE) else None


def verified(opened: Store, *, anew: bool = False) -> Verified:
    """The state of the log as it ends now; verified again on request, and when ten minutes have passed."""
    if anew:
        _verified.clear()
    try:
        head = "".join(entry.hash for entry in audit.entries(opened, limit=1))
    except DatabaseError:
        head = ""
    return _verified(opened, str(opened.engine.url), head)


def search(opened: Store, wanted: Search, *, limit: int, skip: int) -> Found:
    """A page of the entries wanted."""
    return Found(audit.entries(opened, wanted, limit=limit, skip=skip), audit.count(opened, wanted))


def whole(opened: Store, form: Form) -> tuple[bytes, int]:
    """The whole log as a file, and how many entries it holds."""
    entries = list(audit.whole(opened))
    return FORMS[form](entries), len(entries)


@st.cache_data(ttl=VERIFIED_FOR, max_entries=8, show_spinner="Verifying every entry …")
def _verified(_opened: Store, url: str, head: str) -> Verified:
    return Verified(audit.verify(_opened), datetime.now(UTC))
