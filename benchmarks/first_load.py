"""From an empty browser to a page: until its sentence, and until its first chart, can be seen.

Seconds depend on whatever else the machine does; the CPU seconds beside them, of the app and of the browser's
main thread, much less.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.large_store import write
from benchmarks.measure import cpu_of, listening_on
from tests.e2e.browser import found
from tests.e2e.server import free_port, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUNS = 5
PAGES = {
    "board": "",
    "experiment": "experiment?experiment=test-07",
    "SKU lift": "sku-lift",
    "consent": "consent",
}
SENTENCE, CHART = ".lg-lead", ".js-plotly-plot svg.main-svg"
DRAWN = frozenset({"experiment", "SKU lift", "consent"})
"""Pages that open with a chart by Plotly."""

Row = tuple[str, float, str]


class Load(NamedTuple):
    """Seconds until the sentence, until the first chart, and of CPU in the app and in the browser."""

    sentence: float
    chart: float
    app: float
    browser: float


def run() -> list[Row]:
    """Rows of name, value and unit: medians of several loads; nothing where there is no browser."""
    path = found()
    if path is None:
        return []
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(write(Path(folder)), port=port) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        process, before = listening_on(port), os.getloadavg()[0]
        opened = _load(browser, address, "board", process)
        rows = [
            ("board, first of all: sentence", opened.sentence, "s"),
            *(row for page in PAGES for row in _medians(browser, address, page, process)),
            ("load of the machine before", before, "processes"),
        ]
        browser.close()
    return rows


def _medians(browser: "Browser", address: str, page: str, process: int) -> Iterator[Row]:
    loads = [_load(browser, address, page, process) for _ in range(RUNS)]
    yield f"{page}: sentence", median(load.sentence for load in loads), "s (at most 2, on two quiet cores)"
    if page in DRAWN:
        yield f"{page}: first chart", median(load.chart for load in loads), "s"
    yield f"{page}: CPU of the app", median(load.app for load in loads), "s"
    yield f"{page}: CPU of the browser's main thread", median(load.browser for load in loads), "s"


def _load(browser: "Browser", address: str, name: str, process: int) -> Load:
    context = browser.new_context()
    page = context.new_page()
    watch = context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent, start = cpu_of(process), time.perf_counter()
    page.goto(f"{address}/{PAGES[name]}", wait_until="commit")
    page.locator(SENTENCE).first.wait_for()
    sentence = time.perf_counter() - start
    if name in DRAWN:
        page.locator(CHART).first.wait_for()
    chart = time.perf_counter() - start
    told = {one["name"]: one["value"] for one in watch.send("Performance.getMetrics")["metrics"]}
    context.close()
    return Load(sentence, chart, cpu_of(process) - spent, told["TaskDuration"])


if __name__ == "__main__":
    for label, value, unit in run():
        print(f"{label:<46} {value:10.2f} {unit}")
