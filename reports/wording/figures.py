"""Figures as they go into sentences."""

from collections.abc import Sequence

from metrics import formatting
from metrics.formatting import EffectText
from reports.readings import deciding, side
from reports.results import Effect, Experiment, Metric, arm_name


class Figures:
    """The figures of one effect as they go into sentences.

    Attributes:
        text: estimate and deciding limits, as a lift where that exists, else in the metric's unit.
    """

    def __init__(self, experiment: Experiment, row: Effect, currency: str) -> None:
        self.experiment, self.row, self.currency = experiment, row, currency
        self.metric = experiment.metric(row.metric)
        self.text = effect_text(row, self.metric, experiment, currency)

    def higher(self) -> str:
        """Such as "4.2 % higher"."""
        return _amount_and_way(self.text.estimate)

    def span(self) -> str:
        """Such as "from 9 % lower to 20 % higher"."""
        return f"from {_amount_and_way(self.text.low)} to {_amount_and_way(self.text.high)}"

    def compared(self) -> str:
        """Such as "with personalised than with holdout"."""
        return f"with {arm_name(self.row.variant)} than with {arm_name(self.row.control)}"

    def more(self) -> str:
        """Interval, means and total."""
        parts = [f"{interval_name(self.experiment)} {self.text.interval}"]
        control, variant = formatting.means(
            self.row.mean_control, self.row.mean_variant, self.metric.unit, self.currency
        )
        parts.append(f"{variant} instead of {control}{_each(self.metric, self.experiment)}")
        return f"{capitalised('; '.join(parts))}{self._total()}."

    def briefly(self) -> str:
        """Such as "+10.7 pp (+8.5 pp to +12.8 pp), 16.4 % instead of 5.7 %"."""
        control, variant = formatting.means(
            self.row.mean_control, self.row.mean_variant, self.metric.unit, self.currency
        )
        return f"{self.text.estimate} ({self.text.interval}), {variant} instead of {control}"

    def _total(self) -> str:
        """What it adds up to, where the sign is clear: a sum that may be a gain or a loss is not told."""
        row, limits = self.row, deciding(self.row, self.experiment)
        if self.metric.unit != "money" or row.n_variant is None or not side(limits):
            return ""
        each = (row.difference, limits.low, limits.high)
        middle, low, high = (None if v is None else v * row.n_variant for v in each)
        total = formatting.total(middle, low, high, self.currency, sign=True)
        capped = ", large values capped" if "capped" in (row.note or "") else ""
        among = f"the {formatting.count(row.n_variant)} {self.experiment.noun} it was assigned to"
        return f"; {total.estimate} in all ({total.interval}{capped}) among {among}"


def effect_text(row: Effect, metric: Metric, experiment: Experiment, currency: str) -> EffectText:
    """Estimate and deciding limits: as a lift where it is bounded, else in the metric's unit."""
    limits = deciding(row, experiment)
    if None not in (row.relative, limits.relative_low, limits.relative_high):
        return formatting.effect(row.relative, limits.relative_low, limits.relative_high, "lift")
    unit = difference_unit(metric)
    return formatting.effect(row.difference, limits.low, limits.high, unit, currency=currency)


def difference_unit(metric: Metric) -> formatting.EffectUnit:
    """How a difference of two means is written."""
    return "points" if metric.unit == "share" else metric.unit


def interval_name(experiment: Experiment, *, several: bool = False) -> str:
    """Such as "95 % interval", and whether it holds at every look."""
    name = f"{formatting.percent(experiment.confidence, 0)} interval{'s' if several else ''}"
    return name if experiment.ended else f"{name}, valid at every look{'' if several else ','}"


def subject(metric: Metric, experiment: Experiment) -> str:
    """Such as "revenue per customer", for the middle of a sentence."""
    label = metric.label if metric.label[1:2].isupper() else metric.label[:1].lower() + metric.label[1:]
    return f"{label}{_each(metric, experiment)}"


def capitalised(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names as people list them.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c", "d", "e"])
    ('a, b and c', 'a, b, c and 2 more')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _each(metric: Metric, experiment: Experiment) -> str:
    per_unit = metric.definition.get("kind", "mean") == "mean" and metric.unit != "share"
    return f" per {experiment.noun[:-1]}" if per_unit else ""


def _amount_and_way(text: str) -> str:
    """A signed text as an amount and a way: "+4.2 %" as "4.2 % higher"."""
    if text.startswith(formatting.MINUS):
        return f"{text[1:]} lower"
    return f"{text.lstrip('+')} higher" if text.startswith("+") else "no different"
