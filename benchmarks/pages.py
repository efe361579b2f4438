"""What a page costs: the script of each on a year of 50 experiments and 20,000 SKUs."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

from benchmarks.large_store import write
from ui.site import SCREENS

ROOT = Path(__file__).parents[1]
RUNS = 40

Row = tuple[str, float, str]


def run() -> list[Row]:
    """Rows of name, value and unit; CPU milliseconds where other work on the machine would blur seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_scripts(write(Path(folder))))


def _scripts(workspace: Path) -> Iterator[Row]:
    from streamlit.testing.v1 import AppTest

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


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<46} {value:10.2f} {unit}")
