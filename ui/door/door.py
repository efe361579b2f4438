"""The door when sign-in is set up: whoever is not signed in, or has no role, meets nothing of Streamlit.

No page, no name of a page, no file and no connection; what was let in ends when the session does.
"""

import asyncio
import contextlib
import logging
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from streamlit.user_info import generate_login_redirect_url
from websockets.http11 import MAX_LINE_LENGTH

from ui import site
from ui.door import door_pages, journal, sessions
from ui.door.links import Links
from ui.door.middleware import App, Message, Receive, Scope, Send
from ui.door.sessions import Session
from ui.door.signin import CALLBACK, SignIn
from ui.stores import UNREADABLE

log = logging.getLogger("liftgate")

OPEN = ("/healthz", "/favicon.png", "/_stcore/health")
OPEN_BELOW = ("/static/", "/assets/")
"""Answered to whoever asks: Streamlit's own code and the app's small scripts, the same for everybody."""
NO_PAGES = ("_stcore", "media", "component", "app", "static", "assets", "auth")
SIGN_IN, SIGN_OUT, STATE = "/sign-in", "/auth/logout", "/session"
RETURN = "liftgate_return"
"""Cookie that remembers which page somebody asked for before they signed in."""
RETURN_SECONDS, LONGEST_RETURN = 600, 1_500
LARGEST = MAX_LINE_LENGTH - 512
"""Characters of identity cookies that a connection can carry, beside the few small ones."""
LOOK_SECONDS = 2.0
"""How often an open connection is asked whether its session still holds."""


class Door:
    """Lets in who is signed in with a role, and nobody else."""

    def __init__(self, app: App, settings: SignIn) -> None:
        self.app = app
        self.settings = settings
        self.links = Links()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a connection."""
        path = scope.get("path", "")
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        send = self._over_tls_only(send)
        if scope.get("root_path"):  # below another path the paths here would say nothing
            await PlainTextResponse("Serve Liftgate at the root of a host name.\n", 404)(scope, receive, send)
        elif path in OPEN or path.startswith(OPEN_BELOW) or path == "/auth/login":
            await self.app(scope, receive, send)
        elif path == SIGN_IN:
            await RedirectResponse(generate_login_redirect_url("default"), 302)(scope, receive, send)
        elif path == CALLBACK:
            await self._callback(scope, receive, send)
        else:
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, websocket = scope["path"], scope["type"] == "websocket"
        session = sessions.of(HTTPConnection(scope).cookies, self.settings)
        try:
            lasting = session is not None and await run_in_threadpool(sessions.lasts, session, self.settings)
        except UNREADABLE:
            log.exception("who was signed out cannot be read")
            answer: Response = HTMLResponse(door_pages.unreadable(), 503)
        else:
            if path == SIGN_OUT and not websocket:
                await self._sign_out(scope, receive, send, session if lasting else None)
                return
            if session and lasting and session.roles:
                await self._in(scope, receive, send, session)
                return
            answer = await self._refusal(scope, session, lasting=lasting)
        if websocket:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    async def _in(self, scope: Scope, receive: Receive, send: Send, session: Session) -> None:
        """Serve somebody who is signed in with a role: files only to whom they were offered."""
        path = scope["path"]
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send, session)
        elif path == STATE:
            await Response(status_code=204)(scope, receive, send)
        elif path.startswith("/media") and not self.links.offered(session, path):
            await run_in_threadpool(journal.refused, session, "a file that was not offered to this session")
            await PlainTextResponse("This file was not offered to you.\n", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope, session: Session | None, *, lasting: bool) -> Response:
        if session and lasting:
            await run_in_threadpool(journal.refused, session, "Liftgate: no role")
            return HTMLResponse(door_pages.no_role(session.name), 403)
        if scope["path"].strip("/").split("/")[0] in NO_PAGES or scope["path"] == STATE:
            return PlainTextResponse("Sign in first.\n", 401, headers=_CHALLENGE)
        answer = HTMLResponse(door_pages.sign_in(ended=session is not None), 401, headers=_CHALLENGE)
        answer.set_cookie(
            RETURN, quote(_asked(scope), safe=""), max_age=RETURN_SECONDS, httponly=True, samesite="lax"
        )
        return answer

    async def _callback(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Finish a sign-in: record it, and go where the person was going."""
        back = returning(HTTPConnection(scope).cookies.get(RETURN, ""))
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        failed = False

        async def finished(message: Message) -> None:
            nonlocal failed
            if message["type"] != "http.response.start":
                if not failed:
                    await send(message)
                return
            given = _set_cookies(message)
            session = sessions.of(given, self.settings)
            large = sum(len(name) + len(value) + 3 for name, value in given.items()) > LARGEST
            failed = large or (session is None and not asked.keys().isdisjoint({"code", "error"}))
            if failed:
                if large:
                    log.error("an identity is too large for a connection: docs/operations.md says what to do")
                page = door_pages.too_large() if large else door_pages.failed()
                await HTMLResponse(page, 401, headers=_CHALLENGE)(scope, receive, send)
                return
            if session:
                await run_in_threadpool(journal.signed_in, session)
                headers = MutableHeaders(raw=list(message["headers"]))
                headers["location"] = back
                forget = Response()
                forget.delete_cookie(RETURN, httponly=True, samesite="lax")
                headers.append("set-cookie", forget.headers["set-cookie"])
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, finished)

    async def _sign_out(self, scope: Scope, receive: Receive, send: Send, session: Session | None) -> None:
        """End every session of a person; then Streamlit forgets this one and tells the provider."""
        if HTTPConnection(scope).headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            await PlainTextResponse("Sign out from within Liftgate.\n", 403)(scope, receive, send)
            return
        if session:
            await run_in_threadpool(journal.signed_out, session)
        await self.app(scope, receive, send)

    async def _connection(self, scope: Scope, receive: Receive, send: Send, session: Session) -> None:
        """Carry a connection for as long as its session lasts, remembering which files it offers."""
        ended = asyncio.Event()

        async def heard() -> Message:
            listening, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(ended.wait())
            done, waiting = await asyncio.wait({listening, ending}, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            if ended.is_set() or listening not in done:
                return {"type": "websocket.disconnect", "code": 1008}
            return listening.result()

        async def said(message: Message) -> None:
            if not ended.is_set():
                self.links.note(session, message.get("bytes"))
                await send(message)

        async def watch() -> None:
            while await self._holds(session):
                await asyncio.sleep(LOOK_SECONDS)
            ended.set()
            with contextlib.suppress(RuntimeError):
                await send({"type": "websocket.close", "code": 1008})

        watching = asyncio.create_task(watch())
        try:
            await self.app(scope, heard, said)
        finally:
            watching.cancel()

    async def _holds(self, session: Session) -> bool:
        try:
            return await run_in_threadpool(sessions.lasts, session, self.settings)
        except UNREADABLE:
            return False

    def _over_tls_only(self, send: Send) -> Send:
        """Where people come over TLS, their cookies never go without it."""
        if not self.settings.secure:
            return send

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, value + b"; Secure")
                    if name.lower() == b"set-cookie" and b"; secure" not in value.lower()
                    else (name, value)
                    for name, value in message.get("headers", [])
                ]
                message = {**message, "headers": headers}
            await send(message)

        return marked


_CHALLENGE = {"www-authenticate": 'Cookie realm="Liftgate"'}


def returning(remembered: str) -> str:
    """Where to go after sign-in: a page of the app that the cookie names, else the first one.

    >>> returning("%2Fconsent%3Fjourney%3Dhome"), returning("%2F%2Fevil.example%2Fconsent")
    ('/consent?journey=home', '/')
    """
    path, mark, query = unquote(remembered).partition("?")
    known = path in {f"/{screen.path}" for screen in site.SCREENS}
    if not known or any(ord(letter) < 33 or letter == "\\" for letter in query):
        return "/"
    return f"{path}{mark}{query}"


def _asked(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query and len(query) <= LONGEST_RETURN else str(scope["path"])


def _set_cookies(message: Message) -> dict[str, str]:
    """The cookies that an answer sets."""
    found: dict[str, str] = {}
    for name, value in message["headers"]:
        if name.lower() == b"set-cookie":
            with contextlib.suppress(CookieError):
                jar = SimpleCookie(value.decode("latin-1"))
                found |= {key: cookie.value for key, cookie in jar.items() if cookie.value}
    return found
