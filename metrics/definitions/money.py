"""Figures of money: what an effect adds up to, per customer, per recommendation and per unit of cost."""

from metrics.definitions.figure import Figure

_MATURE = "all mature units of the variant"
_UNIT = "per mature unit of the variant"
_SERVED = "recommendations per treated unit, over the metric's window"
_COST = "cost per treated unit, over the metric's window"
_QUARTER = "units of the quarter, as `quarter_basis` says"
_FIELLER = "Fieller 1954, Some problems in interval estimation"

MONEY = (
    Figure(
        "money.incremental_low", "Earned in all, lower limit", "money", "none",
        "Lower limit of what the variant added in all; at any look until the experiment has ended.", _MATURE,
    ),
    Figure(
        "money.incremental_high", "Earned in all, upper limit", "money", "none",
        "Upper limit of what the variant added in all; at any look until the experiment has ended.", _MATURE,
    ),
    Figure(
        "per_unit", "Earned per customer", "money", "higher",
        "Effect on the metric per assigned unit, over the metric's window.", _UNIT,
    ),
    Figure(
        "per_unit_low", "Earned per customer, lower limit", "money", "none",
        "Lower limit of the effect per unit; at any look until the experiment has ended.", _UNIT,
    ),
    Figure(
        "per_unit_high", "Earned per customer, upper limit", "money", "none",
        "Upper limit of the effect per unit; at any look until the experiment has ended.", _UNIT,
    ),
    Figure(
        "recommendations_per_unit", "Recommendations per customer", "recommendations", "none",
        "Recommendations to one treated unit over the metric's window: the quarter's, spread evenly over the "
        "days of the journey's personalised units.",
        _UNIT,
    ),
    Figure(
        "per_recommendation", "Earned per recommendation", "money", "higher",
        "Effect per unit over the recommendations made to a treated unit, which are counted, not estimated.",
        _SERVED,
    ),
    Figure(
        "per_recommendation_low", "Per recommendation, lower limit", "money", "none",
        "Lower limit of what a recommendation earns; at any look until the experiment has ended.", _SERVED,
    ),
    Figure(
        "per_recommendation_high", "Per recommendation, upper limit", "money", "none",
        "Upper limit of what a recommendation earns; at any look until the experiment has ended.", _SERVED,
    ),
    Figure(
        "money.cost_per_unit", "Cost per customer", "money", "lower",
        "What a treated unit took over the metric's window: inference by the ledger, and where the "
        "experiment measures a cost per unit, its difference between the arms too. `cost_basis` says which.",
        _UNIT,
    ),
    Figure(
        "return_on_cost", "Return on cost", "statistic", "higher",
        "Money earned for each unit of money spent (iROAS). Of margin, above 1 it pays. Where the cost is "
        "measured per unit both differences are estimates, adjusted as the effect itself is.",
        _COST, _FIELLER,
    ),
    Figure(
        "return_low", "Return on cost, lower limit", "statistic", "none",
        "Lower limit of the return. Empty when the added cost is not clear of 0.", _COST, _FIELLER,
    ),
    Figure(
        "return_high", "Return on cost, upper limit", "statistic", "none",
        "Upper limit of the return. Empty when the added cost is not clear of 0.", _COST, _FIELLER,
    ),
    Figure(
        "quarter_units", "Customers of the quarter", "units", "none",
        "Units personalised by the journey in the quarter; where that is not on record, those measured.",
        "all such units",
    ),
    Figure(
        "quarter_total", "Worth for the quarter", "money", "higher",
        "The effect per unit over the metric's window times the quarter's units: as if each of them gained "
        "what those measured did.",
        _QUARTER,
    ),
    Figure(
        "quarter_low", "Quarter, lower limit", "money", "none",
        "Lower limit of the quarter's worth; at any look until the experiment has ended.", _QUARTER,
    ),
    Figure(
        "quarter_high", "Quarter, upper limit", "money", "none",
        "Upper limit of the quarter's worth; at any look until the experiment has ended.", _QUARTER,
    ),
    Figure(
        "half_low", "Half the interval, lower limit", "money", "none",
        "Lower limit of the quarter's worth if the estimate stayed and the interval were half as wide.",
        _QUARTER,
    ),
    Figure(
        "half_high", "Half the interval, upper limit", "money", "none",
        "Upper limit of the quarter's worth if the estimate stayed and the interval were half as wide.",
        _QUARTER,
    ),
    Figure(
        "units_for_half", "Customers for half the interval", "units", "none",
        "Further units, both arms together, that would halve the interval: three times those so far.",
        "units of both arms",
    ),
)  # fmt: skip
