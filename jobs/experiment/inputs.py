"""What every experiment of a refresh is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.admission import PersonalTables
from jobs.config.workspace import Workspace
from jobs.editions import Editions
from jobs.engine import PolarsEngine
from jobs.intake.ingest import IngestedTable


@dataclass(frozen=True)
class Inputs:
    """One refresh's configuration, tables and engine.

    Attributes:
        erasures: keyed digest of the erased, the same as long as nobody is erased; names nobody.
        editions: what earlier runs published and hid.
    """

    workspace: Workspace
    source: PersonalTables
    tables: Mapping[str, IngestedTable]
    engine: PolarsEngine
    erasures: str
    editions: Editions
