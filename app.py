"""The app's entry: Streamlit's pages, a health check beside them, and what stands before every answer.

Run with `streamlit run app.py`; any ASGI server can serve `app:app`.
"""

import asyncio
import importlib
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from ui.door.door import Door
from ui.door.loopback import is_loopback
from ui.door.middleware import SCRIPTS, Headers, LocalOnly, Shell
from ui.door.signin import SignIn, SignInError, configured
from ui.door.sockets import send_at_once

ROOT = Path(__file__).parent
ASSETS = ROOT / "ui" / "assets"
log = logging.getLogger("liftgate")


def sign_in() -> SignIn | None:
    """How people sign in; stops before anything is served where that is set up wrongly."""
    try:
        return configured()
    except SignInError as error:
        sys.exit(f"Liftgate does not start. {error}")


def refuse_open_address() -> None:
    """Stop before anything is served to a network: without sign-in the app is for this computer only."""
    address = st.get_option("server.address")
    if not is_loopback(address):
        sys.exit(
            f"Liftgate will not listen on {address or 'every address'}: no sign-in is set up, so anybody "
            "who reaches it could read it. Leave server.address at 127.0.0.1, or set up sign-in: "
            "docs/operations.md."
        )


async def healthz(_request: Request) -> JSONResponse:
    """Say that the server answers."""
    return JSONResponse({"status": "ok"})


async def asset(request: Request) -> FileResponse:
    """Send one of the app's own files."""
    return FileResponse(ASSETS / Path(request.url.path).name, headers={"cache-control": "no-cache"})


def on_script_error(error: Exception) -> bool:
    """Log a page's error under a reference, and show the reference alone."""
    reference = secrets.token_hex(4)
    log.error("reference %s", reference, exc_info=error)
    st.error(f"This page could not be shown. The log has the reason under reference {reference}.")
    return True


@asynccontextmanager
async def started(_app: st.App) -> AsyncIterator[None]:
    """Load what pages need before the first visitor comes, and let no answer wait."""
    for file in sorted((ROOT / "ui").glob("*/*_page.py")):
        importlib.import_module(f"ui.{file.parent.name}.{file.stem}")
    send_at_once(asyncio.get_running_loop())
    yield


settings = sign_in()
if settings is None:
    refuse_open_address()
door = Middleware(Door, settings=settings) if settings else Middleware(LocalOnly)
scripts = (*SCRIPTS, "session.js") if settings else SCRIPTS
app = st.App(
    "ui/router.py",
    lifespan=started,
    routes=[
        Route("/healthz", healthz),
        Route("/favicon.png", asset),
        *(Route(f"/assets/{name}", asset) for name in scripts),
    ],
    middleware=[Middleware(Headers), door, Middleware(Shell, scripts=scripts)],
    on_script_error=on_script_error,
)
