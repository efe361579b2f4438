"""Who a request comes from: Streamlit's signed cookie, its age, and whether the person was signed out since.

The same question is asked before every answer (`ui.door`), on every open connection while it lasts, and by
every page (`ui.access.reader`). The layout of the cookie is Streamlit's own: its version is pinned.
"""

import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui import stores
from ui.door.signin import SignIn

FRESH_SECONDS = 1.0
"""How long an answer of the store about sign-outs is good."""
CLOCK = timedelta(seconds=5)
"""How far the clocks of several servers may differ; a sign-out may miss what began within it."""


class Session(NamedTuple):
    """One sign-in of one person in one browser.

    Attributes:
        subject: what the sign-in calls the person, for good.
        name: for people.
        roles: what they may see; empty where the sign-in gives none that Liftgate knows.
        started_at: when they signed in, by this server's clock.
    """

    subject: str
    name: str
    roles: frozenset[str]
    started_at: datetime


def of(cookies: Mapping[str, str], settings: SignIn) -> Session | None:
    """Whose session cookies speak of, however old; None where no signature of ours vouches for them."""
    sent = {name: value for name, value in cookies.items() if name.startswith(USER_COOKIE_NAME)}
    found = _signed(tuple(sorted(sent.items())), settings.cookie_secret) if sent else None
    if found is None:
        return None
    claims, started_at = found
    subject = claims.get("sub")
    right = claims.get("origin") == settings.origin and claims.get("is_logged_in") is True
    if not right or not isinstance(subject, str) or not subject:
        return None
    names = (claims.get(name) for name in ("name", "preferred_username", "email"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), subject)
    return Session(subject, name, settings.roles_of(claims), started_at)


def lasts(session: Session, settings: SignIn) -> bool:
    """Whether a session still holds: young enough, and not from before its person was signed out.

    Raises:
        StoreError, SQLAlchemyError, OSError: the store cannot say.
    """
    age = datetime.now(UTC) - session.started_at
    if not -CLOCK <= age < timedelta(hours=settings.session_hours):
        return False
    ended = SIGN_OUTS.last(session.subject)
    return ended is None or session.started_at > ended


class SignOuts:
    """When people were last signed out everywhere: as the store has it, and as this process knows already."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: dict[str, datetime] = {}
        self._own: dict[str, datetime] = {}
        self._asked = (-FRESH_SECONDS, "")

    def last(self, subject: str) -> datetime | None:
        """When a person was last signed out everywhere; None where never.

        Raises:
            StoreError, SQLAlchemyError, OSError: the store cannot say.
        """
        with self._lock:
            where = str(stores.workspace())
            at, about = self._asked
            if about != where or time.monotonic() - at >= FRESH_SECONDS:
                store = stores.current()
                self._stored = store.sign_outs() if store else {}
                self._asked = (time.monotonic(), where)
            known = [times[subject] for times in (self._stored, self._own) if subject in times]
            return max(known, default=None)

    def end(self, session: Session, reason: str) -> None:
        """Sign a person out of every session begun until now.

        Raises:
            StoreError, SQLAlchemyError, OSError: the store cannot keep it; this process does.
        """
        with self._lock:
            self._own[session.subject] = datetime.now(UTC)
        store = stores.current()
        if store is None:
            return
        try:
            store.sign_out(session.name, session.subject, reason)
        except KeyError:  # the sign-in was before this store
            store.signed_in(session.subject, session.name, session.roles)
            store.sign_out(session.name, session.subject, reason)


SIGN_OUTS = SignOuts()


@lru_cache(maxsize=1024)
def _signed(cookies: tuple[tuple[str, str], ...], secret: str) -> tuple[dict[str, Any], datetime] | None:
    """The claims that signed cookies hold, put together from their parts, and when they were signed."""
    sent, times = dict(cookies), list[datetime]()

    def opened(name: str) -> bytes | None:
        if name not in sent:
            return None
        try:
            value, at = URLSafeTimedSerializer(secret, salt=name).loads(sent[name], return_timestamp=True)
        except (BadData, UnicodeError):
            return None
        times.append(at)
        return value.encode() if isinstance(value, str) else None

    whole = get_cookie_with_chunks(opened, USER_COOKIE_NAME)
    try:
        claims = json.loads(whole) if whole else None
    except ValueError:
        return None
    return (claims, min(times)) if isinstance(claims, dict) else None
