"""Who is reading, and what they may see: the one place where a page asks."""

from collections.abc import Collection
from ipaddress import ip_address
from typing import NamedTuple

import streamlit as st

from policy import roles
from policy.roles import ROLES
from ui import site


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


def reader() -> Reader:
    """Who is reading: without sign-in the one person at this computer, who may see everything.

    Acts are recorded under this: `name` for people, `subject` to tell whether two acts are one person's.
    """
    return LOCAL


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
    screen = site.BY_PATH.get(path)
    wanted, has = (" or ".join(sorted(found)) for found in (screen.roles if screen else (), who.roles))
    st.html(
        '<h1 class="lg-title">Not for your role</h1>'
        f'<p class="lg-lead"><strong>This page is for the role {wanted or "of nobody"}.</strong> '
        f"Yours: {has or 'none'}. Whoever gives out roles in your company's sign-in can change that; "
        "it holds from your next sign-in.</p>"
    )
    st.stop()


def is_loopback(host: str | None) -> bool:
    """Whether an address or host name means this very computer.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.7", None)]
    [True, True, True, False, False, False]
    """
    if not host:
        return False
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _overlap(these: Collection[str], those: Collection[str]) -> bool:
    return not set(these).isdisjoint(those)
