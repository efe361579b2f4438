"""Figures of survival: how long customers stay, and what a variant changes about it."""

from metrics.definitions.figure import Figure

_FOLLOWED = "units followed from their assignment"
_BOTH = "units of both arms, followed until the horizon"

STAYING = (
    Figure(
        "survival.day", "Day", "days", "none",
        "Days since assignment, or the table's own unit of time where durations were observed elsewhere. "
        "Days are merged until each step takes nobody or at least k people out of the risk set.",
        _FOLLOWED,
    ),
    Figure(
        "at_risk", "At risk", "units", "none",
        "Units still followed, and without the event, just before the day.", _FOLLOWED,
    ),
    Figure("events", "Events", "units", "lower", "Units with the event by the day.", _FOLLOWED),
    Figure(
        "survival", "Still there", "share", "higher",
        "Share of units without the event after the day.", _FOLLOWED, "Kaplan & Meier 1958",
    ),
    Figure(
        "survival_low", "Still there, low", "share", "higher",
        "Lower pointwise limit, from Greenwood's variance on the log-log scale.",
        _FOLLOWED, "Kalbfleisch & Prentice 2002, 1.4",
    ),
    Figure(
        "survival_high", "Still there, high", "share", "higher",
        "Upper pointwise limit, from Greenwood's variance on the log-log scale.",
        _FOLLOWED, "Kalbfleisch & Prentice 2002, 1.4",
    ),
    Figure(
        "horizon_days", "Horizon", "days", "none",
        "Days after assignment at which the arms are compared: as the metric says, else the longest that "
        "both arms were followed.",
        _BOTH,
    ),
    Figure(
        "rmst_difference", "Time gained", "days", "higher",
        "Restricted mean time without the event up to the horizon: variant minus control.",
        _BOTH, "Royston & Parmar 2013",
    ),
    Figure("rmst_low", "Time gained, low", "days", "higher", "Lower end of its interval.", _BOTH),
    Figure("rmst_high", "Time gained, high", "days", "higher", "Upper end of its interval.", _BOTH),
    Figure(
        "risk_difference", "Risk difference", "share", "lower",
        "Share of units with the event by the horizon: variant minus control.", _BOTH, "Greenwood 1926",
    ),
    Figure(
        "risk_low", "Risk difference, low", "share", "lower",
        "Lower end of its interval; empty where the last at risk in an arm all had the event.", _BOTH,
    ),
    Figure(
        "risk_high", "Risk difference, high", "share", "lower",
        "Upper end of its interval; empty where the last at risk in an arm all had the event.", _BOTH,
    ),
    Figure(
        "risk_control", "Risk, control", "share", "lower",
        "Share of the control's units with the event by the horizon.", _FOLLOWED, "Kaplan & Meier 1958",
    ),
    Figure(
        "risk_variant", "Risk, variant", "share", "lower",
        "Share of the variant's units with the event by the horizon.", _FOLLOWED, "Kaplan & Meier 1958",
    ),
    Figure(
        "hazard_ratio", "Hazard ratio", "statistic", "lower",
        "Pace of events in the variant over that in the control; below 1, they come more slowly.",
        _FOLLOWED, "Cox 1972; Efron 1977",
    ),
    Figure("hazard_low", "Hazard ratio, low", "statistic", "lower", "Its interval's lower end.", _FOLLOWED),
    Figure("hazard_high", "Hazard ratio, high", "statistic", "lower", "Its interval's upper end.", _FOLLOWED),
    Figure(
        "logrank_p", "p-value, log-rank", "probability", "lower",
        "Probability of curves at least this different if the arms had the same survival.",
        _FOLLOWED, "Mantel 1966",
    ),
    Figure(
        "proportional_p", "p-value, steady ratio", "probability", "none",
        "Probability of a drift at least this strong if the hazard ratio were the same at all times; when "
        "small, read the curves rather than the ratio.",
        _FOLLOWED, "Grambsch & Therneau 1994",
    ),
    Figure(
        "left_control", "Left early, control", "units", "none",
        "Units no longer followed because of a withdrawal or objection; what they did later is unknown.",
        _FOLLOWED,
    ),
    Figure(
        "left_variant", "Left early, variant", "units", "none",
        "Units no longer followed because of a withdrawal or objection; what they did later is unknown.",
        _FOLLOWED,
    ),
    Figure(
        "worst_case_risk_difference", "Risk difference, worst case", "share", "lower",
        "The risk difference if every unit of the variant that left early had had the event at that moment, "
        "those of the control left as they are.",
        _BOTH,
    ),
    Figure(
        "churn_risk_difference", "Churn", "share", "lower",
        "Risk difference at the horizon of the deciding experiment's first metric of customers who leave: "
        "variant minus control.",
        _BOTH, "Greenwood 1926",
    ),
)  # fmt: skip
