"""Where evidence comes from: a snapshot, and how old the tables behind it are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from metrics.registers import ANY, about_another
from policy.gates import NO_EVIDENCE, Evidence
from reports.journeys import Journey
from reports.snapshot import Snapshot

EVENTS = frozenset({"order_lines", "journey_events", "inference_log", "consent_events"})
"""Tables in which a day without rows means that they were not loaded; of others the last row says nothing."""


@dataclass(frozen=True)
class Source:
    """One journey in one snapshot.

    Attributes:
        configured: the journey as in journeys.yaml.
    """

    snapshot: Snapshot
    journey: Journey
    configured: Mapping[str, Any]

    @property
    def period(self) -> str:
        """The quarter."""
        return self.snapshot.run.period

    def set_aside(self, *tables: str) -> int:
        """How many rows of tables were set aside."""
        found = (self.snapshot.run.inputs.get(table, {}).get("quarantined") or {} for table in tables)
        return sum(sum(rules.values()) for rules in found)

    def whole(self, table: str) -> bool:
        """Whether no row of a register was set aside that may be about the journey."""
        if not self.set_aside(table):
            return True
        named = self.snapshot.run.inputs[table].get("journeys_set_aside") or (ANY,)
        known = (item["id"] for item in self.snapshot.run.workspace.get("journeys", []))
        return about_another(self.journey.journey, named, known)

    def known_until(self, *tables: str) -> datetime:
        """Until when the data of tables are known: as_of, or a table of events' last row if a day older.

        No later than the run that read them, whatever as_of says.
        """
        run = self.snapshot.run
        as_of = min(run.as_of, run.started_at)
        found = [as_of]
        for table in EVENTS.intersection(tables):
            last = self.snapshot.run.inputs.get(table, {}).get("last_time")
            if last is not None:
                time = datetime.fromisoformat(last)
                time = time if time.tzinfo else time.replace(tzinfo=UTC)
                found.append(time if time < as_of - timedelta(days=1) else as_of)
        return min(found)

    def figure(
        self,
        key: str,
        *tables: str,
        n: int | None = None,
        counted: str = "",
        lower: str = "",
        upper: str = "",
    ) -> Evidence:
        """A column of journeys.csv as evidence, measured on tables; empty = no evidence."""
        row = self.journey.figures
        if row.get(key) is None:
            return NO_EVIDENCE
        return Evidence(
            value=row[key],
            lower=row.get(lower),
            upper=row.get(upper),
            n=n,
            counted=counted,
            period=self.period,
            measured_at=self.known_until(*tables),
        )
