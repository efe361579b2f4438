"""One effect as the cells of a table: estimate, limits, bar and reading, as lift or in the metric's unit."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics import formatting
from metrics.formatting import EffectText
from reports.readings import WITHHELD, Mark, deciding, reading, withheld
from reports.results import Effect, Experiment, Metric
from reports.wording.figures import difference_unit
from ui.filters import Scale
from ui.intervals import Axis, Bar, draw
from ui.markup import Html, small, strong, text


@dataclass(frozen=True)
class EffectCells:
    """What a row of any table of effects shows.

    Attributes:
        texts: estimate and limits as written; dashes where there is no figure.
        bar: the interval to draw.
        shared: whether it fits on the other rows' axis: a lift without limits is shown in the metric's unit.
    """

    texts: EffectText
    bar: Bar
    shared: bool = True

    def estimate(self) -> Html:
        """The estimate with its limits beneath."""
        if self.texts.estimate == formatting.MISSING:
            return text(formatting.MISSING)
        limits = (
            small(self.texts.interval) if self.texts.interval != formatting.MISSING else small("no limits")
        )
        return Html(f"{strong(self.texts.estimate)}{limits}")

    def drawn(self, axis: Axis | None) -> Html:
        """The interval as a bar."""
        if self.shared or self.bar.low is None:
            return draw(self.bar, axis)
        return Html(f"{draw(self.bar)}{small('on its own scale')}")


NO_CELLS = EffectCells(EffectText(*[formatting.MISSING] * 3), Bar(None, None, None, "none", ""))
"""A row without figures, or with figures that must not be read."""


def primary_cells(experiment: Experiment, variant: str, scale: Scale, currency: str) -> EffectCells:
    """A variant's primary metric in a list of results; withheld figures are not shown there."""
    if withheld(experiment):
        return NO_CELLS
    metric = experiment.metric(experiment.primary)
    row = experiment.headline(experiment.primary, variant)
    return effect_cells(row, metric, experiment, reading(row, metric, experiment), scale, currency)


def effect_cells(
    row: Effect | None, metric: Metric, experiment: Experiment, status: Mark, scale: Scale, currency: str
) -> EffectCells:
    """How a row is shown; an effect whose lift has no limits is shown in the metric's unit."""
    if row is None or row.difference is None:
        return NO_CELLS
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
    return EffectCells(texts, bar, shared=lift or scale == "absolute")


def interval_heading(experiments: Sequence[Experiment]) -> str:
    """The heading of a column of intervals; says so where they hold at any look."""
    levels = {formatting.percent(experiment.confidence, 0) for experiment in experiments}
    name = f"{levels.pop()} interval" if len(levels) == 1 else "Interval"
    running = [experiment for experiment in experiments if not experiment.ended]
    return f"{name}, any look" if running and len(running) == len(experiments) else name


def scale_figure(scale: Scale) -> str:
    """The figure that a scale shows; its limits end in `_low` and `_high`."""
    return "relative" if scale == "relative" else "difference"


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
