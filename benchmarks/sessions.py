"""What fifty people at once wait for: `python -m benchmarks.sessions [WORKSPACE] [MINUTES]`.

Each has a connection of their own that speaks as the browser does, and clicks every five seconds from page to
page. They and the app share this machine, as the figures then say of both.
"""

import asyncio
import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.large_store import EXPERIMENTS, write
from benchmarks.large_store import name as experiment
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
        process = _process_on(port)
        spent = _cpu(process)
        clicks, memory = asyncio.run(_crowd(address.removeprefix("http://"), process, 60 * minutes))
        spent = _cpu(process) - spent
    return [
        *_waits(clicks, minutes),
        ("CPU of the app, each click", 1_000 * spent / len(clicks), "ms"),
        *_memory(memory),
        ("load of the machine before", before, "processes"),
    ]


def _waits(clicks: list[Click], minutes: float) -> list[Row]:
    settled = [click for click in clicks if click.at > PAUSE]
    spread = quantiles([1_000 * click.wait for click in settled], n=20)
    who = f"{PEOPLE} people, {minutes:g} min"
    slowest = max(PATHS, key=lambda path: median([c.wait for c in settled if c.path == path] or [0.0]))
    its = median([1_000 * c.wait for c in settled if c.path == slowest])
    return [
        (f"{who}: clicks", len(clicks), ""),
        (f"{who}: errors", sum(click.failed for click in clicks), "(none allowed)"),
        (f"{who}: p50", spread[9], "ms"),
        (f"{who}: p95", spread[18], "ms (at most 300)"),
        (f"{who}: p95 / p50", spread[18] / spread[9], ""),
        (f"{who}: slowest page, {slowest or 'board'}, p50", its, "ms"),
    ]


def _memory(memory: list[float]) -> list[Row]:
    """The second quarter against the last: by then every page and experiment has been read."""
    quarter = max(1, len(memory) // 4)
    early, late = median(memory[quarter : 2 * quarter] or memory), median(memory[-quarter:])
    return [
        ("memory of the app, at the end", late, "MiB"),
        ("memory: last quarter / second quarter", late / early, "(flat: at most 1.05)"),
    ]


async def _crowd(host: str, process: int, seconds: float) -> tuple[list[Click], list[float]]:
    start = time.monotonic()
    watched: list[float] = []

    async def watch() -> None:
        while time.monotonic() - start < seconds:
            watched.append(_resident(process))
            await asyncio.sleep(SAMPLE)

    people = (_person(host, number, start, seconds) for number in range(PEOPLE))
    found, _ = await asyncio.gather(asyncio.gather(*people), watch())
    return [click for clicks in found for click in clicks], watched


async def _person(host: str, number: int, start: float, seconds: float) -> list[Click]:
    await asyncio.sleep(PAUSE * number / PEOPLE)
    clicks = []
    async with connect(
        f"ws://{host}/_stcore/stream", subprotocols=["streamlit"], max_size=None, origin=f"http://{host}"
    ) as socket:
        while (begun := time.monotonic()) - start < seconds:
            turn = len(clicks)
            path = PATHS[(number + turn) % len(PATHS)]
            failed = await _click(socket, path, experiment((7 * number + turn) % EXPERIMENTS))
            wait = time.monotonic() - begun
            clicks.append(Click(begun - start, path, wait, failed))
            await asyncio.sleep(max(0.0, PAUSE - wait))
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
                element = answer.delta.new_element
                failed |= element.WhichOneof("type") == "exception" or "could not be shown" in str(
                    element.alert
                )
                if answer.WhichOneof("type") == "script_finished":
                    return failed or answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY
    except TimeoutError:
        return True


def _process_on(port: int) -> int:
    """The process that was started with a port."""
    words = ("--server.port", str(port))
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_text(encoding="utf-8").split("\0")
        except OSError:
            continue
        if words in zip(told, islice(told, 1, None), strict=False):
            return int(folder.name)
    msg = f"No process listens on port {port}."
    raise RuntimeError(msg)


def _cpu(process: int) -> float:
    """Seconds of user and system time that a process has spent."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    """MiB that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    given = sys.argv[1:]
    for label, value, unit in run(
        Path(given[0]).resolve() if given else None, float(given[1]) if given[1:] else MINUTES
    ):
        print(f"{label:<52} {value:10.2f} {unit}")
