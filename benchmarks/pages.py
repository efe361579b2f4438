"""What a click costs: scripts on 50 experiments of a year, first load in a browser, 20 people at once."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

from tests.e2e.browser import found
from tests.e2e.server import serving
from tests.ui.retailer import METRICS, Made, row, segment, write

ROOT = Path(__file__).parents[1]
EXPERIMENTS, DAYS, RUNS = 50, 365, 40
PEOPLE, CLICKS, PAUSE = 20, 6, 5.0
"""Sessions at once, clicks of each, seconds between them."""

Row = tuple[str, float, str]


def run() -> list[Row]:
    """Rows of name, value and unit; CPU milliseconds where other work on the machine would blur seconds."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = _store(Path(folder))
        rows = _scripts(workspace)
        with serving(workspace) as address:
            return [*rows, *_first_load(address), *asyncio.run(_people(address.removeprefix("http://")))]


def _store(folder: Path) -> Path:
    """Fifty experiments in as many journeys, each with five metrics, 20 segments and a row per day."""
    made = [
        Made(
            experiment=f"test-{number:02}",
            journey=f"journey_{number:02}",
            variants=("short", "long"),
            rows=[
                *(row(metric, variant=arm) for metric in METRICS for arm in ("short", "long")),
                *(segment("country", f"c{i}", 0.05, variant=a) for i in range(20) for a in ("short", "long")),
            ],
            days=DAYS,
        )
        for number in range(EXPERIMENTS)
    ]
    return write(folder, made)


def _scripts(workspace: Path) -> Iterator[Row]:
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    os.environ["LIFTGATE_WORKSPACE"] = str(workspace)
    for page, file in (
        ("board", ""), ("journeys", "journey_list"), ("experiments", "experiment_list"),
        ("experiment", "experiment_results"), ("status", "data_status"), ("methods", "methods"),
    ):  # fmt: skip
        app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60).run()
        if file:
            app.switch_page(str(ROOT / "pages" / f"{file}.py"))
        app.query_params["experiment"] = "test-07"
        app.run()
        if app.exception:
            raise RuntimeError(app.exception[0].message)
        spent = [_cpu_ms(app.run) for _ in range(RUNS)]
        middle, high = quantiles(spent, n=20)[9], quantiles(spent, n=20)[18]
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
            yield name, time.perf_counter() - start, "s (at most 3)"
        browser.close()


async def _people(address: str) -> list[Row]:
    """Twenty sessions, each clicking every five seconds."""
    found = await asyncio.gather(*(_person(address, number) for number in range(PEOPLE)))
    waits = sorted(1_000 * wait for waits, _ in found for wait in waits)
    errors = sum(errors for _, errors in found)
    spread = quantiles(waits, n=20)
    return [
        (f"{PEOPLE} people, a click every {PAUSE:.0f} s: p50", spread[9], "ms"),
        (f"{PEOPLE} people, a click every {PAUSE:.0f} s: p95", spread[18], "ms"),
        (f"{PEOPLE} people: errors", float(errors), "(none allowed)"),
    ]


async def _person(address: str, number: int) -> tuple[list[float], int]:
    from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: PLC0415
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: PLC0415
    from websockets.asyncio.client import connect  # noqa: PLC0415

    pages = ("", "experiments", "experiment", "status")
    waits, errors = [], 0
    await asyncio.sleep(PAUSE * number / PEOPLE)
    async with connect(
        f"ws://{address}/_stcore/stream",
        subprotocols=["streamlit"],
        max_size=None,
        origin=f"http://{address}",
    ) as socket_:
        for click in range(CLICKS):
            message = BackMsg()
            message.rerun_script.page_name = pages[(number + click) % len(pages)]
            message.rerun_script.query_string = f"experiment=test-{(7 * number + click) % EXPERIMENTS:02}"
            start = time.perf_counter()
            await socket_.send(message.SerializeToString())
            while True:
                answer = ForwardMsg.FromString(await socket_.recv())
                errors += answer.delta.new_element.WhichOneof("type") == "exception"
                if answer.WhichOneof("type") == "script_finished":
                    break
            waits.append(time.perf_counter() - start)
            await asyncio.sleep(PAUSE)
    return waits, errors


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<46} {value:10.2f} {unit}")
