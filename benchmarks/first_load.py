"""From an empty browser to a page: until its sentence, and until its first chart, can be seen.

Seconds depend on whatever else the machine does; the CPU seconds beside them, of the app and of the browser's
main thread, much less. The page looks for itself, frame by frame: a driver that waits asks less and less
often, in the end every half second.
"""

import os
import tempfile
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
FRAME = 100.0
"""Milliseconds in which a page notes what has just been drawn."""
LOOK = """(parts => {
  window.shown = {};
  const look = () => {
    for (const [name, selector] of Object.entries(parts))
      if (document.querySelector(selector)?.getBoundingClientRect().height)
        window.shown[name] ??= performance.now() / 1000;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})({ sentence: "%s", chart: "%s" })"""
"""Notes the frame that shows each, in seconds since the address was asked for."""

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
    from playwright.sync_api import sync_playwright

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
    yield f"{page}: first chart", median(load.chart for load in loads), "s"
    yield f"{page}: CPU of the app", median(load.app for load in loads), "s"
    yield f"{page}: CPU of the browser's main thread", median(load.browser for load in loads), "s"


def _load(browser: "Browser", address: str, name: str, process: int) -> Load:
    context = browser.new_context()
    page = context.new_page()
    watch = context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(LOOK % (SENTENCE, CHART))
    spent = cpu_of(process)
    page.goto(f"{address}/{PAGES[name]}", wait_until="commit")
    page.locator(CHART).first.wait_for()
    page.wait_for_timeout(FRAME)
    shown = page.evaluate("window.shown")
    told = {one["name"]: one["value"] for one in watch.send("Performance.getMetrics")["metrics"]}
    context.close()
    return Load(shown["sentence"], shown["chart"], cpu_of(process) - spent, told["TaskDuration"])


if __name__ == "__main__":
    for label, value, unit in run():
        print(f"{label:<46} {value:10.2f} {unit}")
