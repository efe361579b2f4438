"""What every family of figures is computed from, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from jobs.admission import TABLES, PersonalTables
from jobs.clock import quarter
from jobs.config.workspace import Workspace
from jobs.editions import Editions
from jobs.engine import PolarsEngine
from jobs.experiment.compute import ExperimentResult
from jobs.intake.ingest import IngestedTable
from metrics.published import Published


@dataclass(frozen=True)
class RunInputs:
    """One refresh's material, on the personal-data side of the door.

    Attributes:
        tables: what was read, with its accepted parts as the contract types them; of tables about people the
            counts alone (`jobs.admission.TABLES`).
        source: those tables, keyed by integers, as far as people's rows may be used.
        results: the experiments.
        state: folder of the workspace's secret.
        erasures: keyed digest of the erased; changes whenever somebody more is.
        editions: what earlier runs published and hid.
        signals: what came of TC strings and opt-out signals (`jobs.signals.Normalised.findings`); None: no
            consent events.
    """

    workspace: Workspace
    tables: Mapping[str, IngestedTable]
    source: PersonalTables
    engine: PolarsEngine
    results: tuple[ExperimentResult, ...]
    state: Path
    erasures: str
    editions: Editions
    signals: pl.DataFrame | None = None

    @property
    def period(self) -> str:
        """The quarter of the measurement date."""
        return quarter(self.workspace.as_of)

    @property
    def minimum_people(self) -> int:
        """k of the disclosure door."""
        return self.workspace.settings.disclosure.minimum_people

    def parts(self, table: str) -> list[Path]:
        """Accepted Parquet files of a table; none where the retailer has no such table.

        Raises:
            PermissionError: the table is about people; its rows come through `source` alone.
        """
        if table in TABLES:
            msg = f"Rows of {table} come through jobs.admission alone, which knows who counts."
            raise PermissionError(msg)
        found = self.tables.get(table)
        return list(found.parts) if found else []

    def set_aside(self, table: str) -> str | None:
        """How many rows of a table broke a rule and are in no figure, in words; None: none did."""
        found = self.tables.get(table)
        rows = sum(count.rows for count in found.quarantined) if found else 0
        what = "1 row" if rows == 1 else f"{rows} rows"
        return f"{what} of the table set aside, see quarantine.csv" if rows else None


@dataclass(frozen=True)
class Family:
    """What one family adds to a run.

    Attributes:
        published: its tables, past the door.
        journeys: journey → columns of journeys.csv, taken from figures that have passed the door.
    """

    published: tuple[Published, ...] = ()
    journeys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
