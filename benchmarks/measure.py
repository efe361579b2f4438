"""CPU seconds and memory: of a job in a process of its own, and of one that listens on a port."""

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """What a job took.

    Attributes:
        cpu: user and system seconds.
        memory: peak resident MiB of the whole process.
    """

    cpu: float
    memory: float


def now() -> float:
    """CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(cpu: float) -> None:
    """Print, for `in_process`, what the calling process took.

    Its peak comes from /proc: `ru_maxrss` would begin with what the process held that started it.
    """
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(told.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"cpu": cpu, "memory": peak}))


def in_process(module: str, *arguments: str) -> Cost:
    """Run `python -m module arguments` and read the cost that it reports on its last line."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def interleaved(module: str, jobs: Sequence[str], *arguments: str, repeats: int = 3) -> dict[str, Cost]:
    """Median cost of several jobs of one module, run in turn so that a busy machine is unfair to none."""
    rounds = [{job: in_process(module, job, *arguments) for job in jobs} for _ in range(repeats)]
    return {
        job: Cost(
            statistics.median(found[job].cpu for found in rounds),
            statistics.median(found[job].memory for found in rounds),
        )
        for job in jobs
    }


def listening_on(port: int) -> int:
    """The process that was started with a port.

    Raises:
        RuntimeError: there is none.
    """
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


def cpu_of(process: int) -> float:
    """Seconds of user and system time that a process has spent."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> float:
    """MiB that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
