"""One retailer, as its YAML files describe it: loaded, checked, frozen."""

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url

from jobs.config.models import Experiment, Journey, Metric, Segment, Settings
from jobs.config.yaml_lines import Document
from jobs.intake.sources import TableSource
from policy.model import Policy


@dataclass(frozen=True)
class Workspace:
    """One retailer, as its YAML files describe it.

    Attributes:
        folder: absolute path of the workspace.
        settings: `workspace.yaml`.
        metrics, experiments, journeys, policy, segments: the other files, or their defaults.
        sources: where the tables lie, by table name.
        zone: the workspace's time zone.
        as_of: the measurement date, a local day.
        as_of_end: exclusive end of that day, naive UTC.
        documents: the YAML files by what they hold ("workspace", "metrics", …).
    """

    folder: Path
    settings: Settings
    metrics: dict[str, Metric]
    experiments: tuple[Experiment, ...]
    journeys: dict[str, Journey]
    policy: Policy
    segments: tuple[Segment, ...]
    sources: dict[str, TableSource]
    zone: ZoneInfo
    as_of: dt.date
    as_of_end: dt.datetime
    documents: dict[str, Document]

    @property
    def store_url(self) -> str:
        """URL of the store; `LIFTGATE_STORE` overrides; a relative SQLite file lies in the workspace."""
        url = make_url(os.environ.get("LIFTGATE_STORE") or self.settings.store)
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            url = url.set(database=str(self.folder / url.database))
        return url.render_as_string(hide_password=False)

    @property
    def configuration_hash(self) -> str:
        """SHA-256 over all YAML texts."""
        digest = hashlib.sha256()
        for name, document in sorted(self.documents.items()):
            digest.update(f"{name}\0{document.text}\0".encode())
        return digest.hexdigest()
