"""Intervals to be drawn, on an axis that several share: the same places on screen and on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from metrics import formatting
from metrics.formatting import EffectText
from reports.readings import WITHHELD, Mark, Tone, deciding, reading, withheld
from reports.results import Effect, Experiment, Metric
from reports.wording.figures import difference_unit

Scale = Literal["relative", "absolute"]

CROWDED = 4
"""Limits this many times farther out than three in four of the others are cut off, with an arrow."""


class Axis(NamedTuple):
    """What the left and right ends stand for; 0 always lies between them."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value lies, in per cent of the width, inside the cell."""
        return min(100.0, max(0.0, 100 * (value - self.low) / (self.high - self.low)))


class Bar(NamedTuple):
    """One interval; without limits nothing is drawn.

    Attributes:
        margin: tolerated harm, drawn as a dashed line.
        said: the interval in words, for who cannot see it.
    """

    estimate: float | None
    low: float | None
    high: float | None
    tone: Tone
    said: str
    margin: float | None = None


@dataclass(frozen=True)
class Shown:
    """An effect as every table and paper shows it.

    Attributes:
        texts: estimate and limits as written; dashes where there is no figure.
        bar: the interval to draw.
        shared: whether it fits on the other rows' axis: a lift without limits is shown in the metric's unit.
    """

    texts: EffectText
    bar: Bar
    shared: bool = True


NOTHING = Shown(EffectText(*[formatting.MISSING] * 3), Bar(None, None, None, "none", ""))
"""A row without figures, or with figures that must not be read."""


def shared_axis(bars: Iterable[Bar]) -> Axis:
    """An axis that shows most intervals whole; a few that reach much farther are cut off."""
    limits = [v for bar in bars for v in (bar.low, bar.high, bar.estimate, bar.margin) if v is not None]
    if not any(limits):
        return Axis(-1, 1)
    sizes = sorted(abs(value) for value in limits)
    farthest = CROWDED * sizes[(3 * (len(sizes) - 1)) // 4] or sizes[-1]
    low, high = min(0.0, max(min(limits), -farthest)), max(0.0, min(max(limits), farthest))
    room = 0.06 * (high - low)
    return Axis(low - room, high + room)


def primary_shown(experiment: Experiment, variant: str, scale: Scale, currency: str) -> Shown:
    """A variant's primary metric in a list of results; withheld figures are not shown there."""
    if withheld(experiment):
        return NOTHING
    metric = experiment.metric(experiment.primary)
    row = experiment.headline(experiment.primary, variant)
    return effect_shown(row, metric, experiment, reading(row, metric, experiment), scale, currency)


def effect_shown(
    row: Effect | None, metric: Metric, experiment: Experiment, status: Mark, scale: Scale, currency: str
) -> Shown:
    """How a row is shown; an effect whose lift has no limits is shown in the metric's unit."""
    if row is None or row.difference is None:
        return NOTHING
    limits = deciding(row, experiment)
    lift = scale == "relative" and limits.relative_low is not None
    unit: formatting.EffectUnit = "lift" if lift else difference_unit(metric)
    values = (
        (row.relative, limits.relative_low, limits.relative_high)
        if lift
        else (row.difference, limits.low, limits.high)
    )
    texts = formatting.effect(*values, unit, currency=currency)
    said = f"{metric.label}: {texts.estimate}, {texts.interval}"
    bar = Bar(*values, "none" if status == WITHHELD else status.tone, said, _margin(row, experiment, unit))
    return Shown(texts, bar, shared=lift or scale == "absolute")


def interval_heading(experiments: Sequence[Experiment]) -> str:
    """The heading of a column of intervals; says so where they hold at any look."""
    levels = {formatting.percent(experiment.confidence, 0) for experiment in experiments}
    name = f"{levels.pop()} interval" if len(levels) == 1 else "Interval"
    running = [experiment for experiment in experiments if not experiment.ended]
    return f"{name}, any look" if running and len(running) == len(experiments) else name


def ends_text(axis: Axis | None, unit: formatting.EffectUnit = "lift", currency: str = "") -> str:
    """What the ends of a column's bars stand for."""
    if axis is None:
        return "each on its own scale"
    ends = formatting.effect(None, axis.low, axis.high, unit, currency=currency)
    return ends.interval


def _margin(row: Effect, experiment: Experiment, unit: formatting.EffectUnit) -> float | None:
    """Tolerated harm, signed, on the axis shown; None without one."""
    rail = experiment.guardrails.get(row.metric)
    if row.margin is None or rail is None:
        return None
    harm = -row.margin if rail.get("harm_if") == "lower" else row.margin
    if unit != "lift":
        return harm
    return harm / row.mean_control if row.mean_control else None
