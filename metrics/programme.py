"""Net value of personalisation as a whole: the margin that the universal holdout shows, less all inference.

The margin is an estimate with an interval; the cost is a ledger figure and taken as known, so net value has
the margin's interval, moved by the cost.
"""

from typing import NamedTuple

from metrics import wholes

PROGRAMME = wholes.PROGRAMME
"""What stands for all journeys together where a row of a table names a journey."""


class NetValue(NamedTuple):
    """In the workspace's currency; limits None where the margin has none."""

    estimate: float
    low: float | None
    high: float | None


def net_value(
    units: int, margin: tuple[float, float | None, float | None], cost_per_day: float, window_days: float
) -> NetValue:
    """Margin per unit times units, less what inference costs over as many days as each was followed.

    The whole cost is charged to the units measured, although it also serves others: the figure is at most
    too small.

    >>> net_value(1_000, (0.50, 0.20, 0.80), cost_per_day=10.0, window_days=28)
    NetValue(estimate=220.0, low=-80.0, high=520.0)

    Args:
        units: mature units that were not held out.
        margin: effect per unit over the window, with its limits.
        cost_per_day: of all journeys' inference.
        window_days: how long each unit was followed.
    """
    cost = cost_per_day * window_days
    estimate, low, high = (None if each is None else units * each - cost for each in margin)
    return NetValue(estimate or 0.0, low, high)


def daily_cost(cost: float | None, days: int | None) -> float | None:
    """Cost of one day of a log of so many days; None where either is not known.

    >>> daily_cost(184.0, 92), daily_cost(None, 92), daily_cost(10.0, None)
    (2.0, None, None)
    """
    return None if cost is None or not days else cost / days
