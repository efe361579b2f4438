"""Who is reading, and what they may see: the one place where a page asks."""

from collections.abc import Collection
from typing import NamedTuple

import streamlit as st

from policy import roles
from policy.roles import ROLES
from ui import site
from ui.door import journal, sessions
from ui.door.sessions import Session
from ui.door.signin import SignIn, configured
from ui.stores import UNREADABLE


class Reader(NamedTuple):
    """A person in front of the app.

    Attributes:
        name: for people.
        subject: what the sign-in calls them, for good; two readers are the same person if it is the same.
        roles: what they may see; empty for nobody.
        note: how they were recognised, shown discreetly.
    """

    name: str
    subject: str
    roles: frozenset[str]
    note: str


LOCAL = Reader(
    "local", "local", ROLES, "Local, one person. No sign-in is set up, so only this computer can connect."
)
NOBODY = Reader("nobody", "", frozenset(), "Not signed in.")


def reader() -> Reader:
    """Who is reading: without sign-in the one person at this computer, who may see everything.

    With sign-in, whoever the connection's signed cookie names, if that session still holds and Streamlit's
    own login knows the same person; else nobody. Acts are recorded under this: `name` for people, `subject`
    to tell whether two acts are one person's.
    """
    settings = configured()
    if settings is None:
        return LOCAL
    session = _session(settings)
    if session is None:
        return NOBODY
    held = ", ".join(sorted(session.roles)) or "no role"
    return Reader(session.name, session.subject, session.roles, f"Signed in as {session.name} ({held}).")


def leaving() -> str:
    """A link that signs the reader out everywhere; nothing where nobody signs in."""
    told = "Ends your sessions in every window and on every device"
    return (
        f'<br><a class="lg-leave" href="./auth/logout" target="_self" title="{told}">Sign out</a>'
        if configured()
        else ""
    )


def _session(settings: SignIn) -> Session | None:
    session = sessions.of(st.context.cookies, settings)
    try:
        if session is None or not sessions.lasts(session, settings):
            return None
    except UNREADABLE:
        return None
    return session if st.user.get("sub") == session.subject else None


def may_open(path: str, who: Reader | None = None) -> bool:
    """Whether the reader may open the page at an address; nobody may open what `ui.site` does not list."""
    screen = site.BY_PATH.get(path)
    return screen is not None and _overlap(screen.roles, (who or reader()).roles)


def may_load(table: str, who: Reader | None = None) -> bool:
    """Whether the reader may load a table of the store."""
    return roles.may_load(table, (who or reader()).roles)


def require(path: str) -> Reader:
    """Who is reading, if they may open the page at this address; else the page says so, and ends.

    Every page asks this first, whatever the router and the menu have done.
    """
    who = reader()
    if not may_open(path, who):
        refuse(who, path)
    return who


def refuse(who: Reader, path: str) -> None:
    """Say that a page is not for the reader, what they may do about it, and end."""
    settings = configured()
    session = _session(settings) if settings else None
    if session:
        journal.refused(session, f"page {path or 'overview'}")
    screen = site.BY_PATH.get(path)
    wanted, has = (" or ".join(sorted(found)) for found in (screen.roles if screen else (), who.roles))
    theirs = next((own for own in site.SCREENS if may_open(own.path, who)), None)
    on = f'<p><a class="lg-link" href="./{theirs.path}">Go to {theirs.title}</a></p>' if theirs else ""
    st.html(
        '<h1 class="lg-title">Not for your role</h1>'
        f'<p class="lg-lead"><strong>This page is for the role {wanted or "of nobody"}.</strong> '
        f"Yours: {has or 'none'}. Whoever gives out roles in your company's sign-in can change that; "
        f"it holds from your next sign-in.</p>{on}"
    )
    st.stop()


def _overlap(these: Collection[str], those: Collection[str]) -> bool:
    return not set(these).isdisjoint(those)
