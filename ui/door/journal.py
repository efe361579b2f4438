"""What the audit log keeps of sign-in: who came and with which roles, who left, and who was refused what."""

import logging
from collections import OrderedDict

from ui import stores
from ui.door.sessions import SIGN_OUTS, Session
from ui.stores import UNREADABLE

log = logging.getLogger("liftgate")

SIGNED_OUT = "by themselves"
MOST_REMEMBERED = 10_000
_told: OrderedDict[tuple[str, str, str], None] = OrderedDict()


def signed_in(session: Session) -> None:
    """Record a sign-in, and a role change since the last one."""
    log.info("signed in: %s, roles %s", session.subject, sorted(session.roles))
    try:
        store = stores.current()
        if store:
            store.signed_in(session.subject, session.name, session.roles)
    except UNREADABLE:
        log.exception("a sign-in could not be recorded")


def signed_out(session: Session) -> None:
    """End every session that somebody has begun until now, and record it."""
    log.info("signed out everywhere: %s", session.subject)
    try:
        SIGN_OUTS.end(session, SIGNED_OUT)
    except UNREADABLE:
        log.exception("a sign-out could not be recorded; this process keeps it")


def refused(session: Session, what: str) -> None:
    """Record that somebody was refused something, once per session."""
    key = (session.subject, session.started_at.isoformat(), what)
    if key in _told:
        return
    _told[key] = None
    if len(_told) > MOST_REMEMBERED:
        _told.popitem(last=False)
    log.warning("refused %s: %s", session.subject, what)
    detail = {"subject": session.subject, "roles": sorted(session.roles), "what": what}
    try:
        store = stores.current()
        if store:
            store.audit(session.name, "access refused", detail)
    except UNREADABLE:
        log.exception("a refusal could not be recorded")
