"""What the quarterly pack costs: the demo's, and one of 40 journeys, from snapshot to PDF."""

import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pypdf import PdfReader

from jobs.demo import make
from jobs.export import open_store
from jobs.refresh import refresh
from reports.board_pdf import pack
from reports.snapshot import Snapshot, load
from tests.reports.paper.cases import many

RUNS = 7
MOST = "s (at most 1 for 12 pages, on a quiet core)"

Row = tuple[str, float, str]


def run() -> Iterator[Row]:
    """Rows of name, value and unit; the first pack of a process also loads the compiler and its fonts."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "demo"
        make(workspace, scale=0.1)
        refresh(workspace)
        with open_store(workspace) as store:
            demo = load(store)
    yield "first pack of a process", _seconds(demo), MOST
    for name, snapshot, limit in (("pack", demo, MOST), ("pack of 40 journeys", many(demo, 40), "s")):
        pages = len(PdfReader(io.BytesIO(pack(snapshot))).pages)
        cpu = time.process_time()
        seconds = median(_seconds(snapshot) for _ in range(RUNS))
        yield f"{name}, {pages} pages", seconds, limit
        yield f"{name}, CPU", (time.process_time() - cpu) / RUNS, "CPU s"


def _seconds(snapshot: Snapshot) -> float:
    start = time.perf_counter()
    pack(snapshot)
    return time.perf_counter() - start
