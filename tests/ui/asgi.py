"""Asking an ASGI app without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def served(app: Callable[..., Awaitable[None]], *asked: Any) -> None:
    """Let the app serve one request, on a thread of its own.

    A browser that an earlier test opened in this process keeps an event loop running on the main one.
    """

    async def once() -> None:
        await app(*asked)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, once()).result()
