"""The app's door to the files of a quarter, for an audience whose role the reader has."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from policy import roles
from policy.roles import PACK, Audience
from reports.quarters import quarter as quarters
from reports.quarters.quarter import Quarter
from reports.snapshot import Snapshot, load
from storage.errors import NoStoreError
from storage.store import Store
from ui import access, stores

Pack = Callable[[], bytes]


def audiences() -> tuple[Audience, ...]:
    """Whom the reader may make files for."""
    return roles.audiences(access.reader().roles)


def quarter(shown: Snapshot, audience: Audience) -> Quarter:
    """The figures that speak for the quarter of a snapshot, with the tables of an audience and no others.

    Raises:
        PermissionError: the reader does not have the audience's role.
        NoRunError, StoreError: they cannot be read.
    """
    store, period = _store(audience), shown.run.period
    versions = store.frozen_versions(period)
    run = store.latest_run(period)
    began = run.started_at if run else None
    key = (str(store.engine.url), period, len(versions), run.run_id if run else 0, began)
    return _quarter(store, key, roles.loadable({roles.ROLE_OF[audience]}))


def pack(shown: Quarter, audience: Audience) -> Pack | None:
    """What makes the quarterly pack when it is asked for; None where it is not for the audience.

    Raises:
        PermissionError: the reader does not have the audience's role.
    """
    store, issued, run_id = _store(audience), shown.issued, shown.snapshot.run.run_id
    if audience not in PACK:
        return None
    if issued is not None:
        return lambda: issued
    return lambda: quarters.pack_of(store, Quarter(load(store, run_id)))


def _store(audience: Audience) -> Store:
    store = stores.current()
    if audience not in audiences():
        msg = f"Files for {audience} are for the role {roles.ROLE_OF[audience]}: see policy/roles.py."
        raise PermissionError(msg)
    if store is None:
        msg = "There is no store any more. Run: python -m jobs refresh WORKSPACE"
        raise NoStoreError(msg)
    return store


@st.cache_resource(max_entries=8, show_spinner=False)
def _quarter(
    _store: Store, key: tuple[str, str, int, int, datetime | None], tables: frozenset[str]
) -> Quarter:
    """Runs and versions never change; readers of other roles share nothing."""
    return quarters.quarter(_store, key[1], tables=tables)
