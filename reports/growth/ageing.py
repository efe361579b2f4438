"""Effects by days since assignment: a variant's curve, and what its halves say, as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import polars as pl

from reports.readings import HIDDEN, NO_EVIDENCE, NOT_TESTABLE, Mark, Tone
from reports.results import Experiment, Metric
from reports.snapshot import Snapshot

UNCLEAR = Mark("cannot be told", "◔", "neutral")
SHAPES: Mapping[str, str] = {"fades": "▼", "grows": "▲", "holds": "●"}
"""By reading that tells something."""


@dataclass(frozen=True)
class Trend:
    """A row of effect_trends.csv; a figure that is not available is None."""

    metric: str
    early_days: int
    late_days: int
    early: float | None
    early_low: float | None
    early_high: float | None
    late: float | None
    late_low: float | None
    late_high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    smallest_change: float | None
    reading: str | None
    status: str
    note: str | None

    def helps(self, metric: Metric) -> bool:
        """Whether the effect whose course it is goes the metric's better way; only where the halves tell."""
        level = self.late if self.reading == "grows" else self.early
        return level is not None and (level > 0) != metric.lower_is_better

    def mark(self, metric: Metric, experiment: Experiment) -> Mark:
        """What the halves say, as a word: its tone is good only where the effect itself is."""
        if self.reading is not None and self.reading in SHAPES:
            return Mark(self.reading, SHAPES[self.reading], self._tone(metric, experiment))
        if self.reading == "unclear":
            return UNCLEAR
        return {"suppressed": HIDDEN, "not_testable": NOT_TESTABLE}.get(self.status, NO_EVIDENCE)

    def _tone(self, metric: Metric, experiment: Experiment) -> Tone:
        if metric.metric == experiment.definition.get("cost"):
            return "neutral"
        helps = self.helps(metric)
        if self.reading == "fades":
            return "warn" if helps else "neutral"
        return "good" if helps else "bad"


def trends(snapshot: Snapshot, experiment: Experiment, variant: str) -> dict[str, Trend]:
    """What the halves say of each metric, in the experiment's order."""
    rows = snapshot.part("effect_trends", experiment.experiment).filter(variant=variant)
    names = [field.name for field in fields(Trend)]
    found = {row["metric"]: Trend(**row) for row in rows.select(names).iter_rows(named=True)}
    return {m.metric: found[m.metric] for m in experiment.metrics if m.metric in found}


def curve(snapshot: Snapshot, experiment: Experiment, metric: str, variant: str) -> pl.DataFrame:
    """Rows of effects_by_age.csv that have figures, by day."""
    rows = snapshot.part("effects_by_age", experiment.experiment).filter(metric=metric, variant=variant)
    return rows.filter(pl.col("difference").is_not_null()).sort("day")
