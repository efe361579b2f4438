"""Figures by days since assignment: the course of an effect in each unit's own time, and whether it fades."""

from metrics.definitions.figure import Figure

_OBSERVED = "units observed to the end of that day since their assignment"
_COMPLETE = "units that have completed the metric's window"

AGEING = (
    Figure(
        "effects_by_age.day", "Day since assignment", "days", "none",
        "Days since each unit's own assignment, of 24 hours; figures are of those observed to its end. Units "
        "are gathered until each step takes nobody or at least k people out of an arm.",
        _OBSERVED,
    ),
    Figure(
        "effects_by_age.difference", "Difference by then", "metric", "metric",
        "Effect on the metric counted from assignment to the end of the day; on the window's last day it is "
        "the effect of effects.csv.",
        _OBSERVED,
    ),
    Figure(
        "daily_difference", "Difference of the day", "metric", "metric",
        "What the day added to the effect: the change of the metric on it, variant minus control.", _OBSERVED,
    ),
    Figure(
        "daily_low", "Difference of the day, low", "metric", "none",
        "Lower limit of what the day added; one day on its own, at one look.", _OBSERVED,
    ),
    Figure(
        "daily_high", "Difference of the day, high", "metric", "none",
        "Upper limit of what the day added; one day on its own, at one look.", _OBSERVED,
    ),
    Figure(
        "early_days", "Days of the first half", "days", "none", "Length of the window's first half.",
        "per unit",
    ),
    Figure(
        "late_days", "Days of the second half", "days", "none", "Length of the window's second half.",
        "per unit",
    ),
    Figure(
        "effect_trends.early", "Effect a day, first half", "metric", "metric",
        "Effect per unit and day in the first half of the window.", _COMPLETE,
    ),
    Figure(
        "early_low", "First half, lower limit", "metric", "none",
        "Lower limit of the effect a day in the first half; at any look until the experiment has ended.",
        _COMPLETE,
    ),
    Figure(
        "early_high", "First half, upper limit", "metric", "none",
        "Upper limit of the effect a day in the first half; at any look until the experiment has ended.",
        _COMPLETE,
    ),
    Figure(
        "effect_trends.late", "Effect a day, second half", "metric", "metric",
        "Effect per unit and day in the second half of the window.", _COMPLETE,
    ),
    Figure(
        "late_low", "Second half, lower limit", "metric", "none",
        "Lower limit of the effect a day in the second half; at any look until the experiment has ended.",
        _COMPLETE,
    ),
    Figure(
        "late_high", "Second half, upper limit", "metric", "none",
        "Upper limit of the effect a day in the second half; at any look until the experiment has ended.",
        _COMPLETE,
    ),
    Figure(
        "change", "Change between the halves", "metric", "none",
        "Effect a day in the second half less that in the first, from each unit's own change.", _COMPLETE,
    ),
    Figure(
        "change_low", "Change, lower limit", "metric", "none",
        "Lower limit of the change; at any look until the experiment has ended.", _COMPLETE,
    ),
    Figure(
        "change_high", "Change, upper limit", "metric", "none",
        "Upper limit of the change; at any look until the experiment has ended.", _COMPLETE,
    ),
    Figure(
        "effect_trends.p_value", "p, no change", "probability", "none",
        "How often chance alone would give a change at least as large, either way, if there were none.",
        _COMPLETE,
    ),
    Figure(
        "smallest_change", "Smallest visible change", "metric", "none",
        "A change of this size would be seen with a chance of 80 %; smaller ones mostly would not.",
        _COMPLETE,
    ),
)  # fmt: skip
