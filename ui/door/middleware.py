"""What stands before every answer: only this computer may ask, and nothing may be kept or sent elsewhere."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit

from ui.door.loopback import is_loopback
from ui.door.preload import links

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS = ("/healthz",)
"""Answered to whoever asks; they say nothing about anybody."""

REFUSAL = (
    "Liftgate answers only this computer, because no sign-in is set up. Open it at http://127.0.0.1 on the "
    "machine where it runs.\n"
)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class LocalOnly:
    """Refuses everybody who is not at this computer, however the server was started.

    The other end of the connection and the name asked for must both be loopback, and no proxy may stand
    between: that also keeps out pages of other sites that resolve their name to 127.0.0.1.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        if scope["type"] not in ("http", "websocket") or scope["path"] in OPEN_PATHS or is_local(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSAL.encode()})


class Headers:
    """Adds the headers of a private product to every answer; what is downloaded is never kept by a cache."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.always = [(name.encode(), value.encode()) for name, value in _headers().items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with more headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = dict(self.always)
        if not scope["path"].startswith(("/static/", "/assets/")):
            ours[b"cache-control"] = b"no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
                message["headers"] = [*theirs, *ours.items()]
            await send(message)

        await self.app(scope, receive, with_headers)


SCRIPTS = ("base.js", "links.js", "tour.js")


class Shell:
    """Puts the app's name and its small scripts into Streamlit's page before it is sent."""

    def __init__(self, app: App, scripts: Sequence[str] = SCRIPTS) -> None:
        self.app = app
        self.scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a page of HTML is asked for uncompressed, and held back until it is whole."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: list[Message] = []
        parts: list[bytes] = []

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                start.append(message)
            elif start:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    body = shell(b"".join(parts), self.scripts) if scope["method"] == "GET" else b""
                    length = (b"content-length", str(len(body)).encode())
                    kept = [pair for pair in start[0]["headers"] if pair[0].lower() not in _OF_THE_FILE]
                    await send({**start[0], "headers": [*kept, length]})
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        plain = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        pages = "." not in scope["path"] and not scope["path"].startswith("/_stcore")
        await self.app({**scope, "headers": plain} if pages else scope, receive, rewritten)


_OF_THE_FILE = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}


def _is_page(message: Message) -> bool:
    kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
    return message["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)


def shell(page: bytes, scripts: Sequence[str] = SCRIPTS) -> bytes:
    """Streamlit's page under the app's name, with the app's scripts and links to what it will need."""
    tags = "".join(
        f'<script src="./assets/{name}"{" defer" if place else ""}></script>'
        for place, name in enumerate(scripts)
    )
    page = page.replace(b"<head>", f"<head>{tags}".encode(), 1)
    page = page.replace(b"</head>", f"{links()}</head>".encode(), 1)
    return page.replace(b"<title>Streamlit</title>", b"<title>Liftgate</title>", 1)


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this computer, asks for it by name, and came straight here."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    client = scope.get("client") or (None,)
    asked = urlsplit(f"//{headers.get('host', '')}").hostname
    straight = not any(name in headers for name in _FORWARDED)
    return is_loopback(client[0]) and is_loopback(asked) and straight


def content_policy(inline: Iterable[str]) -> str:
    """A Content-Security-Policy: nothing but this server's own, and these inline scripts."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *(f"'sha256-{digest}'" for digest in hashes)]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _headers() -> dict[str, str]:
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    return {
        "content-security-policy": content_policy(inline),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }
