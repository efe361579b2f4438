"""The journeys of a run's quarter, each with the experiment that speaks for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from reports.assembly import journey_names
from reports.readings import Mark, verdict_mark
from reports.results import Experiment
from reports.snapshot import Snapshot

ATTENTION = ("withheld", "worse", "harms a guardrail", "better")
"""Verdicts that ask for an act, the most urgent first; all others follow."""


@dataclass(frozen=True)
class Journey:
    """One journey.

    Attributes:
        experiment: the one that speaks for it; None where none has started.
        variants: those shown: the one that rolls out, or all while none is chosen.
        figures: its row of journeys.csv: consent_coverage, minimization_score, cost_per_1k and the others.
        consent: status of its total row in consent.csv, as `not_testable` where its basis is not consent.
    """

    journey: str
    name: str
    experiment: Experiment | None
    variants: tuple[str, ...]
    figures: Mapping[str, Any]
    consent: str = "no_evidence"

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The verdicts of its variants."""
        found = self.experiment
        return tuple(verdict_mark(found, variant) for variant in self.variants) if found else ()


def journeys(snapshot: Snapshot, experiments: Mapping[str, Experiment]) -> list[Journey]:
    """Every journey, those that ask for an act first, otherwise as configured."""
    named = names(snapshot)
    rows = {row["journey"]: row for row in snapshot.journeys().iter_rows(named=True)}
    rollouts = {item["id"]: item.get("rollout") for item in snapshot.run.workspace.get("journeys", [])}
    last = quarter_end(snapshot.run.period)
    consent = _consent(snapshot)
    found = []
    for journey, name in named.items():
        speaking = deciding_experiment(experiments.values(), journey, last)
        variants = speaking.variants if speaking else ()
        chosen = rollouts.get(journey)
        found.append(
            Journey(
                journey=journey,
                name=name,
                experiment=speaking,
                variants=(chosen,) if chosen in variants else variants,
                figures=rows.get(journey, {}),
                consent=consent.get(journey, "no_evidence"),
            )
        )
    return sorted(found, key=lambda journey: urgency(journey.marks))


def names(snapshot: Snapshot) -> dict[str, str]:
    """Every journey's name for people, as configured; one that has only figures goes by its id."""
    return {**{name: name for name in snapshot.journeys()["journey"]}, **journey_names(snapshot)}


def programme(experiments: Iterable[Experiment], period: str) -> Experiment | None:
    """The universal holdout that speaks for all journeys together; None where there is none."""
    return _latest((e for e in experiments if e.programme), quarter_end(period))


def deciding_experiment(experiments: Iterable[Experiment], journey: str, last: date) -> Experiment | None:
    """The journey's experiment with the latest start on or before the quarter's last day."""
    return _latest((e for e in experiments if e.journey == journey and not e.programme), last)


def quarter_end(period: str) -> date:
    """The last day of a quarter.

    >>> quarter_end("2026Q3")
    datetime.date(2026, 9, 30)
    """
    year, quarter = int(period[:4]), int(period[-1])
    following = date(year + 1, 1, 1) if quarter == 4 else date(year, 3 * quarter + 1, 1)
    return following - timedelta(days=1)


def urgency(marks: Iterable[Mark]) -> int:
    """How soon somebody should act on the most urgent of several verdicts: 0 is first."""
    ranks = [ATTENTION.index(mark.word) if mark.word in ATTENTION else len(ATTENTION) for mark in marks]
    return min(ranks, default=len(ATTENTION) + 1)


def _consent(snapshot: Snapshot) -> dict[str, str]:
    totals = snapshot.frames["consent"].filter(
        pl.col("period") == snapshot.run.period, pl.col("jurisdiction") == "*all*"
    )
    return dict(totals.select("journey", "status").iter_rows())


def _latest(experiments: Iterable[Experiment], last: date) -> Experiment | None:
    started = [e for e in experiments if e.starts is None or e.starts <= last]
    return max(started, key=lambda e: e.starts or date.min, default=None)
