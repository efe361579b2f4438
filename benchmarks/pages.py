"""What a page costs: every script on a year of 50 experiments and 20,000 SKUs; first load in a browser."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

from benchmarks.large_store import write
from tests.e2e.browser import found
from tests.e2e.server import serving
from ui.site import SCREENS

ROOT = Path(__file__).parents[1]
RUNS = 40

Row = tuple[str, float, str]


def run() -> list[Row]:
    """Rows of name, value and unit; CPU milliseconds where other work on the machine would blur seconds."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = write(Path(folder))
        rows = _scripts(workspace)
        with serving(workspace) as address:
            return [*rows, *_first_load(address)]


def _scripts(workspace: Path) -> Iterator[Row]:
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    os.environ["LIFTGATE_WORKSPACE"] = str(workspace)
    for screen in SCREENS:
        app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60).run()
        if screen.path:
            app.switch_page(str(ROOT / "pages" / f"{screen.file}.py"))
        app.query_params["experiment"] = "test-07"
        app.run()
        if app.exception:
            raise RuntimeError(app.exception[0].message)
        spent = [_cpu_ms(app.run) for _ in range(RUNS)]
        middle, high = quantiles(spent, n=20)[9], quantiles(spent, n=20)[18]
        page = screen.path or "board"
        yield f"{page}: script, p50", middle, "CPU ms (at most 60)"
        yield f"{page}: script, p95", high, "CPU ms (at most 100)"


def _cpu_ms(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return 1_000 * (time.process_time() - start)


def _first_load(address: str) -> Iterator[Row]:
    """From an empty browser to the sentence on the page; nothing where there is no browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    path = found()
    if path is None:
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, target in (
            ("first load of the server", ""),
            ("first load", ""),
            ("first load, experiment", "experiment?experiment=test-07"),
        ):
            page = browser.new_context().new_page()
            start = time.perf_counter()
            page.goto(f"{address}/{target}")
            page.locator(".lg-lead").wait_for()
            yield name, time.perf_counter() - start, "s (at most 2, on two quiet cores)"
        browser.close()


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<46} {value:10.2f} {unit}")
