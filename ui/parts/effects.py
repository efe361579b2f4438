"""One effect as the cells of a table: estimate, limits, bar and reading, as lift or in the metric's unit."""

from metrics import formatting
from reports.intervals import Axis, Shown, effect_shown, ends_text, interval_heading, primary_shown
from reports.readings import Mark
from reports.results import Effect, Experiment, Metric
from ui.filters import Scale
from ui.parts.intervals import draw
from ui.parts.markup import Html, small, strong, tag, text

__all__ = ["EffectCells", "effect_cells", "ends_text", "interval_heading", "primary_cells", "scale_figure"]


class EffectCells(Shown):
    """What a row of any table of effects shows."""

    def estimate(self) -> Html:
        """The estimate with its limits beneath."""
        if self.texts.estimate == formatting.MISSING:
            return text(formatting.MISSING)
        return Html(f"{strong(self.texts.estimate)}{tag('span', self.limits(), class_='lg-small')}")

    def limits(self) -> Html:
        """The limits alone."""
        if self.texts.estimate != formatting.MISSING == self.texts.interval:
            return text("no limits")
        return text(self.texts.interval)

    def drawn(self, axis: Axis | None) -> Html:
        """The interval as a bar."""
        if self.shared or self.bar.low is None:
            return draw(self.bar, axis)
        return Html(f"{draw(self.bar)}{small('on its own scale')}")


def primary_cells(experiment: Experiment, variant: str, scale: Scale, currency: str) -> EffectCells:
    """A variant's primary metric in a list of results; withheld figures are not shown there."""
    return EffectCells(**vars(primary_shown(experiment, variant, scale, currency)))


def effect_cells(
    row: Effect | None, metric: Metric, experiment: Experiment, status: Mark, scale: Scale, currency: str
) -> EffectCells:
    """How a row is shown; an effect whose lift has no limits is shown in the metric's unit."""
    return EffectCells(**vars(effect_shown(row, metric, experiment, status, scale, currency)))


def scale_figure(scale: Scale) -> str:
    """The figure that a scale shows; its limits end in `_low` and `_high`."""
    return "relative" if scale == "relative" else "difference"
