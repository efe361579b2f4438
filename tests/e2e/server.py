"""The app, started as a person starts it, on a port of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds until it must answer."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(workspace: Path, *options: str, port: int = 0) -> Iterator[str]:
    """Give the address of the app on a workspace; it ends with the block.

    Args:
        workspace: the folder.
        options: further words of the command line.
        port: where it listens; 0 for a free one.

    Raises:
        RuntimeError: it did not start; says what it wrote.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *options]
    environment = {**os.environ, "LIFTGATE_WORKSPACE": str(workspace)}
    environment.pop("LIFTGATE_STORE", None)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(address: str, process: "subprocess.Popen[str]") -> None:
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < PATIENCE:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    process.terminate()
    written = process.stderr.read() if process.stderr else ""
    msg = f"The app did not start: {written[-2_000:]}"
    raise RuntimeError(msg)
