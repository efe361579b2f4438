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
        moments: shape (arms,), control first; the variables are the money and the cost.
        people: distinct people per arm.
    """

    metric: str
    moments: Moments
    people: Floats


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
    first = [(part.columns[0], part.caps[0], part.pilots[0]) for part in (money, cost)]
    columns, caps, pilots = zip(*first, strict=True)
    return Variables(f"{money.metric}/{cost.metric}", columns, mature, caps, pilots)
