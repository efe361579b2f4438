"""Asking an ASGI app without a server."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Do this on a thread of its own.

    A browser that an earlier test opened in this process keeps an event loop running on the main one.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def served(app: Callable[..., Awaitable[None]], *asked: Any) -> None:
    """Let the app serve one request."""

    async def once() -> None:
        await app(*asked)

    apart(once())
