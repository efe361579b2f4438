"""The engine under the jobs: Polars, reached through Narwhals so that a job never names it."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

PARTS = "POLARS_GROUP_BY_NUM_PARTITIONS"


class PolarsEngine:
    """Lazy frames over Parquet, checkpointed between stages so that no stage is computed twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def scan(self, *parts: Path) -> nw.LazyFrame[Any]:
        """Rows of Parquet files."""
        return nw.from_native(pl.scan_parquet(list(parts)))

    def checkpoint(self, frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
        """Compute a frame to disk and read on from there; any two names are two files."""
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        file = self.folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:100]}-{digest}.parquet"
        frame.sink_parquet(file)
        return self.scan(file)

    @staticmethod
    def collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """A small result, in memory."""
        result: pl.DataFrame = frame.collect(backend="polars").to_native()
        return result

    @staticmethod
    @contextmanager
    def many_groups() -> Iterator[None]:
        """Group in parts small enough for the processor's cache, for about as many groups as rows.

        Polars makes one part per thread, whose table of millions of groups misses the cache at every row; a
        grouping into few groups gains nothing. A number that the environment already names is left alone.
        """
        if PARTS in os.environ:
            yield
            return
        os.environ[PARTS] = str(max(128, pl.thread_pool_size()))
        try:
            yield
        finally:
            del os.environ[PARTS]
