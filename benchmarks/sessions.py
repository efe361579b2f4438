"""What fifty people at once wait for: `python -m benchmarks.sessions [WORKSPACE] [MINUTES]`.

Each has a connection of their own that speaks as the browser does, and clicks every five seconds from page to
page. They and the app share this machine, as the figures then say of both.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.large_store import EXPERIMENTS, write
from benchmarks.large_store import name as experiment
from benchmarks.measure import cpu_of, listening_on, resident
from tests.e2e.server import free_port, serving
from ui.site import SCREENS

PEOPLE, PAUSE, MINUTES = 50, 5.0, 2.0
"""Sessions at once, seconds between clicks, and how long."""
MOST_MINUTES = 15.0
PATIENCE = 30.0
"""Seconds after which a click counts as an error."""
UNSHOWN = "could not be shown"
"""What a page says that failed."""
SAMPLE = 5.0
"""Seconds between two looks at the app's memory."""
PATHS = tuple(screen.path for screen in SCREENS if screen.path != "exports")

Row = tuple[str, float, str]


class Click(NamedTuple):
    """One click: when, on which page, and how long until the page was whole."""

    at: float
    path: str
    wait: float
    failed: bool


def run(workspace: Path | None = None, minutes: float = MINUTES) -> list[Row]:
    """Rows of name, value and unit."""
    if not 0 < minutes <= MOST_MINUTES:
        msg = f"A load test lasts up to {MOST_MINUTES:.0f} minutes, not {minutes:g}."
        raise ValueError(msg)
    if workspace is None:
        with tempfile.TemporaryDirectory() as folder:
            return run(write(Path(folder)), minutes)
    port = free_port()
    before = os.getloadavg()[0]
    with serving(workspace, port=port) as address:
        process = listening_on(port)
        spent = cpu_of(process)
        clicks, memory = asyncio.run(_crowd(address.removeprefix("http://"), process, 60 * minutes))
        spent = cpu_of(process) - spent
    return [
        *_waits(clicks, minutes),
        ("CPU of the app, each click", 1_000 * spent / len(clicks), "ms"),
        ("CPU of the app, at all", spent / (60 * minutes), "of one core"),
        *_memory(memory, minutes),
        ("load of the machine before", before, "processes"),
    ]


def _waits(clicks: list[Click], minutes: float) -> list[Row]:
    settled = [click for click in clicks if click.at > PAUSE]
    spread = quantiles([1_000 * click.wait for click in settled], n=100)
    who = f"{PEOPLE} people, {minutes:g} min"
    slowest = max(PATHS, key=lambda path: median([c.wait for c in settled if c.path == path] or [0.0]))
    its = median([1_000 * c.wait for c in settled if c.path == slowest])
    return [
        (f"{who}: clicks", len(clicks), ""),
        (f"{who}: errors", sum(click.failed for click in clicks), "(none allowed)"),
        (f"{who}: p50", spread[49], "ms"),
        (f"{who}: p95", spread[94], "ms (at most 300)"),
        (f"{who}: p99", spread[98], "ms"),
        (f"{who}: slowest page, {slowest or 'board'}, p50", its, "ms"),
    ]


def _memory(memory: list[float], minutes: float) -> list[Row]:
    """At each eighth, and the second quarter against the last: by then every page has been read."""
    quarter = max(1, len(memory) // 4)
    over = [(part / 8, memory[min(len(memory) - 1, part * len(memory) // 8)]) for part in range(9)]
    early, late = median(memory[quarter : 2 * quarter] or memory), median(memory[-quarter:])
    return [
        *((f"memory of the app after {minutes * part:.2f} min", held, "MiB") for part, held in over),
        ("memory: last quarter / second quarter", late / early, "(flat: at most 1.05)"),
    ]


async def _crowd(host: str, process: int, seconds: float) -> tuple[list[Click], list[float]]:
    start = time.monotonic()
    watched: list[float] = []

    async def watch() -> None:
        while time.monotonic() - start < seconds:
            watched.append(resident(process))
            await asyncio.sleep(SAMPLE)

    people = (_person(host, number, start, seconds) for number in range(PEOPLE))
    found, _ = await asyncio.gather(asyncio.gather(*people), watch())
    return [click for clicks in found for click in clicks], watched


async def _person(host: str, number: int, start: float, seconds: float) -> list[Click]:
    """Click until the time is over; whoever loses the connection has met an error, and connects anew."""
    await asyncio.sleep(PAUSE * number / PEOPLE)
    clicks: list[Click] = []
    while time.monotonic() - start < seconds:
        begun = time.monotonic()
        try:
            async with connect(
                f"ws://{host}/_stcore/stream",
                subprotocols=["streamlit"],
                max_size=None,
                origin=f"http://{host}",
            ) as socket:
                while (begun := time.monotonic()) - start < seconds:
                    turn = len(clicks)
                    path = PATHS[(number + turn) % len(PATHS)]
                    failed = await _click(socket, path, experiment((7 * number + turn) % EXPERIMENTS))
                    wait = time.monotonic() - begun
                    clicks.append(Click(begun - start, path, wait, failed))
                    await asyncio.sleep(max(0.0, PAUSE - wait))
        except (OSError, WebSocketException):
            clicks.append(Click(begun - start, "", time.monotonic() - begun, failed=True))
            await asyncio.sleep(PAUSE)
    return clicks


async def _click(socket: ClientConnection, path: str, shown: str) -> bool:
    """Ask for a page and wait until it is whole; whether something went wrong."""
    message = BackMsg()
    message.rerun_script.page_name = path
    message.rerun_script.query_string = f"experiment={shown}"
    await socket.send(message.SerializeToString())
    failed = False
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = ForwardMsg.FromString(await socket.recv())
                kind = answer.WhichOneof("type")
                if kind == "delta":
                    failed |= _shows_an_error(answer.delta.new_element)
                elif kind == "script_finished":
                    return failed or answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY
    except TimeoutError:
        return True


def _shows_an_error(element: Element) -> bool:
    kind = element.WhichOneof("type")
    return kind == "exception" or (kind == "alert" and UNSHOWN in element.alert.body)


if __name__ == "__main__":
    given = sys.argv[1:]
    for label, value, unit in run(
        Path(given[0]).resolve() if given else None, float(given[1]) if given[1:] else MINUTES
    ):
        print(f"{label:<52} {value:10.2f} {unit}")
