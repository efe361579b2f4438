"""When an experiment began, whether its planned look has come, and until when its outcomes count."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import narwhals as nw

from jobs.clock import local_midnight
from jobs.config.models import Experiment, MeanMetric, Metric, RatioMetric
from jobs.config.workspace import Workspace
from jobs.experiment.inputs import Inputs


class Assigned(NamedTuple):
    """First and last local day on which a unit of an experiment was assigned."""

    first: dt.date
    last: dt.date


def assigned(inputs: Inputs, experiment: Experiment) -> Assigned | None:
    """When its units were assigned; None where no assignment has a time."""
    if not inputs.source.has("assignments"):
        return None
    rows = inputs.source.assignments(experiment).filter(~nw.col("assigned_at").is_null())
    day = nw.col("assigned_on")
    first, last = inputs.engine.collect(rows.select(first=day.min(), last=day.max())).row(0)
    return None if first is None else Assigned(first, last)


def windows(metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Days until a unit's outcome is complete, per metric; metrics without times are left out."""
    found = {
        name: metric.window_days
        for name, metric in metrics.items()
        if isinstance(metric, MeanMetric) and metric.window_days is not None
    }
    for name, metric in metrics.items():
        if isinstance(metric, RatioMetric) and {metric.numerator, metric.denominator} <= set(found):
            found[name] = max(found[metric.numerator], found[metric.denominator])
    return found


def started(workspace: Workspace, experiment: Experiment, known: Assigned | None) -> dt.datetime | None:
    """Local midnight at which it started, as naive UTC; None where no assignment has a time."""
    return local_midnight(experiment.starts or known.first, workspace.zone) if known else None


def ended(workspace: Workspace, experiment: Experiment, known: Assigned | None) -> bool:
    """Whether the last assigned unit's primary outcome is complete, so that one planned look decides."""
    if experiment.ends is None:
        return known is None
    return _complete(workspace, experiment, experiment.ends) <= workspace.as_of_end


def counted_until(
    workspace: Workspace, experiment: Experiment, known: Assigned | None, steps: Sequence[int]
) -> dt.datetime | None:
    """The last instant, as naive UTC, at which an outcome can count for the primary metric.

    On the last of its `steps`, in days since the start, the last unit that counts completes its window. A
    metric whose outcomes have no times has no steps: then that of the last unit that `ends` or the
    assignments allow. None where neither says when assignment ended.
    """
    began = experiment.starts or (known.first if known else None)
    if steps and began:
        return local_midnight(began, workspace.zone) + dt.timedelta(days=steps[-1])
    last = [day for day in (experiment.ends, known.last if known else None) if day]
    return _complete(workspace, experiment, min(last)) if last else None


def _complete(workspace: Workspace, experiment: Experiment, last: dt.date) -> dt.datetime:
    """When the primary outcome of a unit assigned at the end of a day is complete, as naive UTC."""
    window = windows(workspace.metrics).get(experiment.primary, 0.0)
    return local_midnight(last + dt.timedelta(days=1), workspace.zone) + dt.timedelta(days=window)
