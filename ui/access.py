"""Who is reading, and what they may see: the one place where a page asks."""

from ipaddress import ip_address
from typing import NamedTuple

import streamlit as st

EXECUTIVE, MARKETER, PRIVACY, ADMIN = "executive", "marketer", "privacy", "admin"
ROLES = frozenset({EXECUTIVE, MARKETER, PRIVACY, ADMIN})


class Reader(NamedTuple):
    """A person in front of the app.

    Attributes:
        name: for people.
        roles: what they may see.
        note: how they were recognised, shown discreetly.
    """

    name: str
    roles: frozenset[str]
    note: str


LOCAL = Reader("local", ROLES, "Local, one person. No sign-in is set up, so only this computer can connect.")


def reader() -> Reader:
    """Who is reading: without sign-in the one person at this computer, who may see everything."""
    return LOCAL


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


def require(*roles: str) -> Reader:
    """Who is reading, if they have one of the roles; else the page says that it is not theirs, and ends.

    Every page asks this first, whatever the menu shows.
    """
    who = reader()
    if not who.roles & set(roles):
        st.error("This page is not for your role. Ask whoever runs Liftgate to give you access.")
        st.stop()
    return who
