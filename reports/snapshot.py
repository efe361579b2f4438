"""One run's figures and facts, frozen: screen, files and paper read this and nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from metrics.locales import DEFAULT
from reports.frames import Frames, LateFrames, WithheldError
from storage.errors import NoRunError
from storage.frames import figure_table
from storage.records import ExperimentRecord, Json, Run, VerdictRecord
from storage.schema import FIGURES
from storage.store import Store

__all__ = ["Snapshot", "WithheldError", "load"]

FALSE_DISCOVERIES = 0.05
"""Tolerated share of false discoveries among the SKUs that are called different."""


class Counted(NamedTuple):
    """SKUs of a variant: how many were tested, called different, and of these sell more."""

    tested: int
    different: int
    more: int


@dataclass(frozen=True)
class Snapshot:
    """A complete run.

    Attributes:
        run: when it ran, on which data, policy and definitions.
        frames: the figure tables by name, each sorted by its key; a table without evidence has no rows, and
            one that is not for the reader raises `WithheldError`.
        experiment_records: experiments as configured, with the facts of their method, by id.
        verdict_records: verdicts by experiment and variant.
        metric_definitions: metrics as configured, by id.
    """

    run: Run
    frames: Mapping[str, pl.DataFrame]
    experiment_records: tuple[ExperimentRecord, ...]
    verdict_records: tuple[VerdictRecord, ...]
    metric_definitions: Mapping[str, Json]

    @property
    def name(self) -> str:
        """The retailer's name."""
        return str(self.run.workspace["name"])

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount of money."""
        return str(self.run.workspace["currency"])

    @property
    def locale(self) -> str:
        """The locale that numbers are written in; runs from before there was a choice have none."""
        return str(self.run.workspace.get("locale") or DEFAULT)

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of days, weeks and quarters."""
        return ZoneInfo(str(self.run.workspace["timezone"]))

    @property
    def minimum_people(self) -> int:
        """The fewest people that a published figure may describe."""
        return int(self.run.workspace["minimum_people"])

    @property
    def as_of_date(self) -> date:
        """The last day that counts, in the workspace's zone."""
        return (self.run.as_of - timedelta(microseconds=1)).astimezone(self.zone).date()

    def table(self, name: str) -> pl.DataFrame:
        """Give a figure table whole.

        Raises:
            ValueError: there is none of that name.
            WithheldError: it is not for the reader.
        """
        return self.frames[figure_table(name).name]

    def part(self, name: str, experiment: str) -> pl.DataFrame:
        """Give an experiment's rows of a figure table; of a large table only they are read.

        Raises:
            ValueError: there is no such table.
            WithheldError: it is not for the reader.
        """
        return self._frames.part(figure_table(name).name, experiment)

    @cached_property
    def skus_called_different(self) -> Mapping[tuple[str, str], Counted]:
        """SKUs tested, and those called different at `FALSE_DISCOVERIES`, by experiment and variant.

        Raises:
            WithheldError: figures by SKU are not for the reader.
        """
        counted = self._frames.skus_called_different(FALSE_DISCOVERIES)
        return {(name, arm): Counted(*numbers) for name, arm, *numbers in counted.iter_rows()}

    @cached_property
    def money(self) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
        """Rows of money by experiment and variant.

        Raises:
            WithheldError: they are not for the reader.
        """
        return self.frames["money"].rows_by_key(("experiment", "variant"), named=True, include_key=True)

    def journeys(self) -> pl.DataFrame:
        """Give the journeys of the run's quarter, one row each."""
        return self.frames["journeys"].filter(pl.col("period") == self.run.period)

    def experiments(self) -> tuple[ExperimentRecord, ...]:
        """List the experiments as configured."""
        return self.experiment_records

    def experiment(self, name: str) -> ExperimentRecord:
        """Look up an experiment.

        Raises:
            KeyError: there is none of that id; names the nearest.
        """
        known = {record.experiment: record for record in self.experiment_records}
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(known) or 'none'}."
            msg = f"Run {self.run.run_id} has no experiment {name!r}.{hint}"
            raise KeyError(msg)
        return known[name]

    def verdicts(self, experiment: str) -> tuple[VerdictRecord, ...]:
        """List an experiment's verdicts, one per variant."""
        return tuple(verdict for verdict in self.verdict_records if verdict.experiment == experiment)

    def effects(
        self,
        experiment: str | None = None,
        metric: str | None = None,
        variant: str | None = None,
        *,
        headline: bool | None = None,
    ) -> pl.DataFrame:
        """Give effects over whole experiments, filtered by whatever is named.

        Args:
            experiment: its id.
            metric: its id.
            variant: its name.
            headline: True for the rows that count, False for the other method, None for both.
        """
        rows = _where(self.frames["effects"], experiment=experiment, metric=metric, variant=variant)
        return _where(rows.filter(pl.col("segment_dimension").is_null()), headline=headline)

    def segments(
        self,
        experiment: str | None = None,
        metric: str | None = None,
        variant: str | None = None,
        *,
        dimension: str | None = None,
        headline: bool | None = None,
    ) -> pl.DataFrame:
        """Give effects by segment, filtered by whatever is named; arguments as for `effects`."""
        rows = _where(self.frames["effects"], experiment=experiment, metric=metric, variant=variant)
        rows = rows.filter(pl.col("segment_dimension").is_not_null())
        return _where(rows, segment_dimension=dimension, headline=headline)

    def by_day(
        self, experiment: str | None = None, metric: str | None = None, variant: str | None = None
    ) -> pl.DataFrame:
        """Give cumulative effects by days since the start, filtered by whatever is named."""
        name = "effects_by_day"
        rows = self.frames[name] if experiment is None else self.part(name, experiment)
        return _where(rows, metric=metric, variant=variant)

    @property
    def _frames(self) -> Frames:
        return self.frames if isinstance(self.frames, Frames) else Frames(self.frames)

    def health(self, experiment: str | None = None) -> pl.DataFrame:
        """Give the health checks, of one experiment or all."""
        return _where(self.frames["health"], experiment=experiment)

    def exclusions(self, experiment: str | None = None) -> pl.DataFrame:
        """Give who was left out and why, of one experiment or all."""
        return _where(self.frames["exclusions"], experiment=experiment)


def load(
    store: Store, run_id: int | None = None, *, tables: Collection[str] | None = None, late: bool = False
) -> Snapshot:
    """Read a run: the one given, else the visible one.

    Args:
        store: where it lies.
        run_id: its number; None for the visible one.
        tables: the figure tables that the reader may have; asking the snapshot for another raises
            `WithheldError`. None: all.
        late: whether to read a figure table when it is first asked for, from a store that stays open.

    Raises:
        NoRunError: there is no such run, it is not complete, or no refresh has completed yet.
    """
    run = store.visible_run() if run_id is None else store.run(run_id)
    if run is None:
        msg = "There are no figures yet: no refresh has been completed. Run: python -m jobs refresh WORKSPACE"
        raise NoRunError(msg)
    if run.status != "complete":
        msg = f"Run {run.run_id} is {run.status} and has no figures. Choose a complete run."
        raise NoRunError(msg)
    wanted = [name for name in FIGURES if tables is None or name in tables]
    read = {} if late else {name: store.figures(name, run.run_id) for name in wanted}
    return Snapshot(
        run=run,
        frames=LateFrames(store, run.run_id, wanted) if late else Frames(read),
        experiment_records=tuple(store.experiments(run.run_id)),
        verdict_records=tuple(store.verdicts(run.run_id)),
        metric_definitions=MappingProxyType(dict(store.metrics(run.run_id))),
    )


def _where(frame: pl.DataFrame, **wanted: str | bool | None) -> pl.DataFrame:
    return frame.filter(*(pl.col(name) == value for name, value in wanted.items() if value is not None))
