"""What an effect on money amounts to: in all, for each customer and recommendation, per euro of cost.

The estimate is published with its limits; counts and ledger costs are taken as known. A cost that was
measured unit by unit is an estimate too, and comes in as a `Return` of its own.
"""

from typing import NamedTuple

import numpy as np

from experiments.arrays import Floats
from experiments.moments import Moments
from experiments.money import Amount, Return, added_cost, half_as_wide, return_on_measured_cost
from experiments.sequential import multiplier
from metrics.net_value import Effect


class Served(NamedTuple):
    """What one treated unit took over the metric's window, from the journey's ledger.

    Attributes:
        cost: of inference, in the workspace's currency.
        recommendations: how many were made.
        units: personalised in the quarter, in the experiment or not.
    """

    cost: float
    recommendations: float
    units: int


class Outlay(NamedTuple):
    """A cost that was measured unit by unit.

    Attributes:
        per_unit: what a unit of the variant took more than one of the control, inference included if known.
        returned: on that cost.
    """

    per_unit: float
    returned: Return


class Earned(NamedTuple):
    """Figures of money.csv; field names are its columns. None where not known."""

    incremental_total: float | None
    incremental_low: float | None
    incremental_high: float | None
    per_unit: float | None
    per_unit_low: float | None
    per_unit_high: float | None
    recommendations_per_unit: float | None
    per_recommendation: float | None
    per_recommendation_low: float | None
    per_recommendation_high: float | None
    cost_per_unit: float | None
    return_on_cost: float | None
    return_low: float | None
    return_high: float | None
    quarter_units: int
    quarter_total: float | None
    quarter_low: float | None
    quarter_high: float | None
    half_low: float | None
    half_high: float | None
    units_for_half: int


def earned(effect: Effect, arms: int, served: Served | None, outlay: Outlay | None) -> Earned:
    """What an effect on money amounts to.

    >>> margin = Effect(units=1000, difference=0.50, low=0.20, high=0.80, window_days=28)
    >>> found = earned(margin, 2000, Served(cost=0.25, recommendations=20, units=5000), outlay=None)
    >>> found.incremental_total, found.return_on_cost, found.return_low, found.per_recommendation
    (500.0, 2.0, 0.8, 0.025)
    >>> found.quarter_low, found.quarter_total, found.half_low, found.units_for_half
    (1000.0, 2500.0, 1750.0, 6000)

    Args:
        effect: per unit, with the limits that decide.
        arms: units of both arms together, whose number sets how wide the limits are.
        served: by the journey, in the quarter; None: not on record.
        outlay: where each unit's cost was measured; None: the ledger's cost is all there is.
    """
    each = Amount(*(np.asarray(part) for part in (effect.difference, effect.low, effect.high)))
    quarter = effect.units if served is None else served.units
    total = _times(each, quarter)
    narrow, more = half_as_wide(total, arms)
    made = served.recommendations if served else np.nan
    cost = outlay.per_unit if outlay else served.cost if served else np.nan
    returned = outlay.returned.amount if outlay else each.per(cost)
    return Earned(
        *_known(_times(each, effect.units)),
        *_known(each),
        _number(made),
        *_known(each.per(made)),
        _number(cost),
        *_known(returned),
        quarter,
        *_known(total),
        _number(narrow.low),
        _number(narrow.high),
        int(more),
    )


def outlay(
    moments: Moments,
    served: Served | None,
    confidence: float,
    planned_pair: float | None,
    variants: int,
    pooled_x: float | None = None,
) -> Outlay:
    """The return of one variant on a cost that was measured unit by unit, by Fieller.

    Args:
        moments: shape (2,), control first; the variables are the money earned, the cost and, where the effect
            is adjusted, its covariate.
        served: the ledger's cost is added to what was measured.
        confidence: two-sided.
        planned_pair: planned units of the two arms while the experiment still runs, so that the limits hold
            at any look; None: it has ended.
        variants: how many share the error rate.
        pooled_x: mean of the covariate over all arms; None: there is none.
    """
    control, variant = moments[0], moments[1]
    known = served.cost if served else 0.0
    wide = None
    if planned_pair is not None:
        wide = multiplier(moments.n.sum(), planned_pair, (1 - confidence) / variants)
    added = float(added_cost(control, variant, pooled_x)) + known
    return Outlay(added, return_on_measured_cost(control, variant, known, confidence, wide, pooled_x))


def _times(each: Amount, units: float) -> Amount:
    return Amount(*(part * units for part in each))


def _known(amount: Amount) -> tuple[float | None, float | None, float | None]:
    value, low, high = (_number(part) for part in amount)
    return value, low, high


def _number(value: Floats | float) -> float | None:
    return None if np.isnan(value) else float(value)
