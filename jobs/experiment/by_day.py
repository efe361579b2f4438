"""Effects by day since the start: in steps that never add fewer than k people to an arm."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl

from experiments.arrays import Floats
from experiments.moments import Moments
from jobs.experiment.analysis import Breakdown, cube, with_joint_counts
from jobs.experiment.timing import windows
from metrics.effects_table import MetricMoments
from metrics.outcomes import Variables, shifted_sums

col = nw.col


def by_day(
    breakdown: Breakdown, variables: Sequence[Variables], start: dt.datetime
) -> list[tuple[MetricMoments, tuple[int, ...]]]:
    """Moments accumulated up to each step, and the day since `start` on which the step is complete.

    A unit belongs to the first day d with time + window ≤ start + d × 24 h. Metrics without times are absent.
    """
    window = windows(breakdown.workspace.metrics)
    timed = [variable for variable in variables if variable.metric in window]
    if not timed:
        return []
    midnight = start - dt.datetime.combine(start.date(), dt.time())
    since = col("time") - midnight - dt.timedelta(microseconds=1)
    rows = with_joint_counts(breakdown.counting, timed).with_columns(
        cell=since.dt.truncate("1d").cast(nw.Date)
    )
    frame = breakdown.engine.collect(shifted_sums(rows, ["variant", "cell"], timed)).sort("cell")
    everybody = breakdown.engine.collect(rows.group_by("variant", "cell").agg(col("people").sum()))
    if frame.is_empty():
        return []
    steps = numbered_steps(everybody, breakdown.arms, breakdown.minimum_people)
    dates = frame["cell"].unique().sort().to_list()
    found = []
    for variable in timed:
        moments, people = cube(frame, variable, breakdown.arms, dates)
        groups = grouped(people, [steps[date] for date in dates], breakdown.minimum_people)
        ends = [_last_known(people, group) for group in groups]
        days = tuple(
            int(np.ceil((dates[end] - start.date()).days + 1 + window[variable.metric])) for end in ends
        )
        steps_moments = Moments.stack(
            [moments[first : last + 1].merge_all(0) for first, last in groups]
        ).cumulative(0)
        steps_people = np.stack([people[first : last + 1].sum(0) for first, last in groups]).cumsum(0)
        cells = tuple((str(day), "") for day in days)
        is_ratio, note = breakdown.is_ratio(variable), breakdown.note(variable)
        found.append(
            (MetricMoments(variable.metric, is_ratio, cells, steps_moments, steps_people, note), days)
        )
    return found


def _last_known(people: Floats, group: tuple[int, int]) -> int:
    """The last cell of a step in which anybody counts; those behind it are still waiting."""
    first, last = group
    known = np.flatnonzero(people[first : last + 1].sum(axis=1))
    return first + int(known[-1]) if known.size else last


def numbered_steps(everybody: pl.DataFrame, arms: Sequence[str], minimum: int) -> dict[dt.date, int]:
    """Number assignment days so that each number gathers nobody or at least k people in every arm.

    One numbering for all metrics of an experiment: two metrics cannot be subtracted to reveal a day.
    """
    wide = everybody.pivot("variant", index="cell", values="people").sort("cell").fill_null(0)
    step, numbers = 0, {}
    running = np.zeros(len(arms))
    for row in wide.iter_rows(named=True):
        numbers[row["cell"]] = step
        running += [row.get(arm, 0) for arm in arms]
        if np.all((running == 0) | (running >= minimum)) and running.any():
            step, running = step + 1, np.zeros(len(arms))
    return numbers


def grouped(people: Floats, steps: Sequence[int], minimum: int) -> list[tuple[int, int]]:
    """First and last cell of each step; a last step that is too small joins the one before."""
    starts = [i for i in range(len(steps)) if i == 0 or steps[i] != steps[i - 1]]
    groups = [(first, last - 1) for first, last in zip(starts, [*starts[1:], len(steps)], strict=True)]
    while len(groups) > 1:
        small = [i for i, (a, b) in enumerate(groups) if _too_small(people[a : b + 1].sum(0), minimum)]
        if not small:
            break
        at = max(small[-1], 1)
        groups[at - 1 : at + 1] = [(groups[at - 1][0], groups[at][1])]
    return groups


def _too_small(people: Floats, minimum: int) -> bool:
    return bool(np.any((people > 0) & (people < minimum)) or not people.any())
