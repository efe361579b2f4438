"""Answers leave at once, however small.

Streamlit hands its server a listening socket that does not name TCP as its protocol, so asyncio leaves
Nagle's algorithm on (RFC 896). On a connection that is kept, the second part of every answer then waits for
the browser's delayed acknowledgement (RFC 1122, 4.2.3.2), on Linux 40 ms for each file and each message.
"""

import asyncio
import socket
from typing import Any


def send_at_once(loop: asyncio.AbstractEventLoop) -> None:
    """Turn Nagle's algorithm off on the sockets this loop is given to serve; connections inherit it."""
    create_server = loop.create_server

    async def prompt(*args: Any, sock: socket.socket | None = None, **kwargs: Any) -> asyncio.Server:
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await create_server(*args, sock=sock, **kwargs)

    loop.create_server = prompt  # type: ignore[method-assign]
