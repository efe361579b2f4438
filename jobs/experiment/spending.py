"""Money and what it cost, unit by unit: the moments behind the return on a cost that was measured."""

from typing import NamedTuple

from experiments.arrays import Floats
from experiments.moments import Moments
from jobs.config.models import MeanMetric
from jobs.experiment.analysis import Analysis, cell_sums, cube
from metrics.outcomes import Variables


class Spending(NamedTuple):
    """A money metric together with the experiment's cost metric.

    Attributes:
        metric: the money metric.
        moments: shape (arms,), control first; the variables are the money, the cost and, where the money's
            effect is adjusted, its covariate.
        people: distinct people per arm.
    """

    metric: str
    moments: Moments
    people: Floats

    @property
    def pooled_x(self) -> float | None:
        """The covariate's mean over all arms; None where there is none."""
        adjusts = self.moments.mean.shape[-1] > 2
        return float(self.moments.merge_all(0).mean[2]) if adjusts else None


def spending(analysis: Analysis) -> tuple[Spending, ...]:
    """Joint moments of every money metric and the cost, over the units for which both are known."""
    breakdown = analysis.breakdown
    cost = breakdown.experiment.cost
    own = {variable.metric: variable for variable in analysis.variables}
    if cost is None or cost not in own:
        return ()
    metrics = breakdown.workspace.metrics
    earning = [
        name
        for name in own
        if name != cost and isinstance(metric := metrics[name], MeanMetric) and metric.money
    ]
    joined = {name: _together(own[name], own[cost]) for name in earning}
    if not joined:
        return ()
    frame = cell_sums(breakdown, None, list(joined.values()))
    found = []
    for name, variables in joined.items():
        moments, people = cube(frame, variables, breakdown.arms, [""])
        found.append(Spending(name, moments[0], people[0]))
    return tuple(found)


def _together(money: Variables, cost: Variables) -> Variables:
    mature = money.mature if money.mature == cost.mature else f"{money.mature}&{cost.mature}"
    parts = [(money, 0), (cost, 0), *((money, place) for place in range(1, len(money.columns)))]
    columns, caps, pilots = zip(
        *((part.columns[i], part.caps[i], part.pilots[i]) for part, i in parts), strict=True
    )
    return Variables(f"{money.metric}/{cost.metric}", columns, mature, caps, pilots)
