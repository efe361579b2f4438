"""Streamlit's listening socket is told to send at once; its connections inherit that."""

import asyncio
import socket

from tests.ui.asgi import apart
from ui.door.sockets import send_at_once


def _listening() -> socket.socket:
    """As Streamlit makes it: bound, listening, and silent about its protocol."""
    bound = socket.socket(socket.AF_INET)
    bound.bind(("127.0.0.1", 0))
    bound.listen()
    bound.setblocking(False)
    return bound


async def _delay_off(*, asked: bool) -> bool:
    loop = asyncio.get_running_loop()
    if asked:
        send_at_once(loop)
    accepted: asyncio.Future[bool] = loop.create_future()

    class Seen(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            accepted.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            transport.close()

    listening = _listening()
    async with await loop.create_server(Seen, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        found = await accepted
        writer.close()
        return found


def test_a_connection_to_a_given_socket_sends_at_once() -> None:
    assert apart(_delay_off(asked=True))


def test_without_it_asyncio_leaves_the_delay_on() -> None:
    assert not apart(_delay_off(asked=False)), "asyncio turns it off by itself: ui/door/sockets.py can go"
