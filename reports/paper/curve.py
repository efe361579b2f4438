"""The effect over time as places on paper: estimate, planned interval, the band that holds at every look."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import polars as pl

from metrics import formatting
from reports.annotations import Annotation
from reports.paper.blocks import Band, Curve, Tick
from reports.paper.noted import on_curve
from reports.results import Experiment, Metric, arm_name
from reports.snapshot import Snapshot
from reports.wording.figures import difference_unit

FEWEST = 3
"""With fewer steps the table says more than a curve."""
EARLY = 0.25
"""The first part of the days, whose limits are too wide to set the curve's height."""

_RELATIVE = (
    "relative",
    "relative_low",
    "relative_high",
    "relative_sequential_low",
    "relative_sequential_high",
)
_ABSOLUTE = ("difference", "difference_low", "difference_high", "sequential_low", "sequential_high")

Step = Sequence[float | None]


def curve(
    snapshot: Snapshot, experiment: Experiment, variant: str, events: Sequence[Annotation] = ()
) -> Curve | None:
    """The primary metric day by day; None with too few days to draw.

    `events`: what was noted, as the page numbers it; those within the days are marked.
    """
    rows = snapshot.by_day(experiment.experiment, experiment.primary, variant).filter(
        pl.col("status") == "ok"
    )
    metric = experiment.metric(experiment.primary)
    lift = rows.height > 0 and rows["relative"].null_count() == 0
    names = _RELATIVE if lift else _ABSOLUTE
    rows = rows.filter(pl.col(names[0]).is_not_null())
    if rows.height < FEWEST:
        return None
    steps: list[Step] = list(rows.select(names).iter_rows())
    low, high = _height(steps)
    days = rows["day"].to_list()
    across = [(day - days[0]) / (days[-1] - days[0]) for day in days]
    unit: formatting.EffectUnit = "lift" if lift else difference_unit(metric)

    dates = rows["date"].to_list()
    marks = [] if None in dates else on_curve(events, experiment, dates)

    def up(value: float) -> float:
        return min(1.0, max(0.0, (value - low) / (high - low)))

    return Curve(
        said=_said(experiment, metric, variant, steps[-1], unit, snapshot.currency),
        caption=_caption(experiment, lift=lift, marked=bool(marks)),
        line=[(x, up(step[0])) for x, step in zip(across, steps, strict=True) if step[0] is not None],
        bands=[
            *(Band(run, pale=True) for run in _runs(across, steps, (3, 4), up)),
            *(Band(run, pale=False) for run in _runs(across, steps, (1, 2), up)),
        ],
        across=_days(days, dates),
        up=[Tick(up(v), _tick(v, (low, high), unit, snapshot.currency)) for v in ticks(low, high)],
        zero=up(0),
        events=marks,
    )


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two values, at most so many.

    >>> ticks(-0.113, 0.34), ticks(-7.0, 52.0)
    ([-0.1, 0.0, 0.1, 0.2, 0.3], [0.0, 20.0, 40.0])
    """
    rough = (high - low) / most
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(float(i * step), 12) for i in range(first, last + 1)]


def _height(steps: Sequence[Step]) -> tuple[float, float]:
    """The range shown: all estimates, and the limits once they have settled; 0 always in it."""
    settled = [value for step in steps[int(EARLY * len(steps)) :] for value in step[3:]]
    known = [value for value in [*settled, *(step[0] for step in steps), 0.0] if value is not None]
    room = 0.06 * ((max(known) - min(known)) or 1)
    return min(known) - room, max(known) + room


def _runs(
    across: Sequence[float], steps: Sequence[Step], limits: tuple[int, int], up: Callable[[float], float]
) -> Iterator[list[tuple[float, float, float]]]:
    run: list[tuple[float, float, float]] = []
    for x, step in zip(across, steps, strict=True):
        low, high = (step[i] for i in limits)
        if low is not None and high is not None:
            run.append((x, up(low), up(high)))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _days(days: Sequence[int], dates: Sequence[date | None]) -> list[Tick]:
    """The first and last day, and two between where there is room."""
    chosen = dict.fromkeys(round(i * (len(days) - 1) / 3) for i in range(4))
    return [Tick((days[i] - days[0]) / (days[-1] - days[0]), _day(days[i], dates[i])) for i in chosen]


def _day(number: int, day: date | None) -> str:
    return f"day {number}" if day is None else f"{day.day} {day:%b}"


def _tick(value: float, ends: tuple[float, float], unit: formatting.EffectUnit, currency: str) -> str:
    return formatting.effect(value, *ends, unit, currency=currency).estimate


def _caption(experiment: Experiment, *, lift: bool, marked: bool) -> str:
    level = formatting.percent(experiment.confidence, 0)
    what = "Lift" if lift else "Difference"
    return (
        f"{what} of the primary metric among all who count by each day. Dark: {level} interval of one "
        f"planned look; pale: the limits that hold at every look.{' Numbers: noted below.' if marked else ''}"
    )


def _said(
    experiment: Experiment,
    metric: Metric,
    variant: str,
    last: Step,
    unit: formatting.EffectUnit,
    currency: str,
) -> str:
    fixed = formatting.effect(last[0], last[1], last[2], unit, currency=currency)
    any_look = formatting.effect(last[0], last[3], last[4], unit, currency=currency)
    return (
        f"{metric.label} by day, {arm_name(variant)} against {arm_name(experiment.control)}: at the end "
        f"{fixed.estimate}, one planned look {fixed.interval}, at every look {any_look.interval}."
    )
