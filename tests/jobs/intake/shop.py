"""A shop's files, as tests write them."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.intake.ingest import IngestContext, IngestedTable, ingest
from jobs.intake.sources import TableSource
from jobs.problems import Problem, WorkspaceError

WHERE = "workspace.yaml, line 9"
CONTEXT = IngestContext(timezone="Europe/Dublin", as_of_end=dt.datetime(2026, 9, 30, 23))  # noqa: DTZ001
SECRET = "mary@example.com"


class Shop:
    """A folder of files, and what comes of ingesting them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.accepted = folder / "state"
        self.quarantine = folder / "quarantine"
        self.data.mkdir(parents=True)

    def csv(self, name: str, *lines: str) -> "Shop":
        (self.data / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
        return self

    def parquet(self, name: str, **columns: Any) -> "Shop":
        pl.DataFrame(columns).write_parquet(self.data / name)
        return self

    def ingest(self, table: str, context: IngestContext = CONTEXT) -> IngestedTable:
        source = TableSource(table, (str(self.data / "*"),), None, None, WHERE)
        result = ingest(source, context, self.accepted, self.quarantine)
        quarantined = sum(count.rows for count in result.quarantined)
        assert result.rows_in == result.rows_accepted + quarantined
        assert result.rows_accepted == rows(result).height
        assert quarantined == sum(pl.read_parquet(file).height for file in self.quarantine.glob("*"))
        return result

    def problems(self, table: str, context: IngestContext = CONTEXT) -> tuple[Problem, ...]:
        """What is wrong with the table as a whole; nothing is left behind."""
        with pytest.raises(WorkspaceError) as raised:
            self.ingest(table, context)
        assert SECRET not in str(raised.value)
        assert [*self.accepted.glob("*"), *self.quarantine.glob("*")] == []
        return raised.value.problems


def rows(table: IngestedTable) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(part) for part in table.parts])


def rules(table: IngestedTable) -> dict[str, int]:
    return {count.rule: count.rows for count in table.quarantined}


def examples(table: IngestedTable) -> list[str]:
    return [count.example for count in table.quarantined]
