"""Figures of experiments: effects, their days, what was left out, health checks."""

from metrics.definitions.figure import Figure

WELCH = "Welch 1947, The generalization of Student's problem"
LIN = "Lin 2013, Agnostic notes on regression adjustments"
FIELLER = "Fieller 1954, Some problems in interval estimation"
SEQUENCE = "Waudby-Smith et al. 2024, Time-uniform central limit theory and asymptotic confidence sequences"
SAMPLE_RATIO = "Fabijan et al. 2019, Diagnosing sample ratio mismatch in online controlled experiments"

_ARMS = "mature units of the two arms"
_PER_UNIT = "per mature unit"

EFFECTS = (
    Figure(
        "n_control", "Held out", "units", "none",
        "Units of the control arm that count: assigned, eligible, observed for the metric's whole window.",
        "all such units",
    ),
    Figure(
        "n_variant", "Personalised", "units", "none",
        "Units of the variant that count: assigned, eligible, observed for the metric's whole window.",
        "all such units",
    ),
    Figure(
        "mean_control", "Mean, held out", "metric", "metric",
        "Mean of the metric in the control arm; adjusted, at the average covariates of both arms.",
        _PER_UNIT, LIN,
    ),
    Figure(
        "mean_variant", "Mean, personalised", "metric", "metric",
        "Mean of the metric in the variant; adjusted, at the average covariates of both arms.",
        _PER_UNIT, LIN,
    ),
    Figure(
        "difference", "Difference", "metric", "metric",
        "Mean of the variant less mean of control: the effect of being assigned, whatever a unit then did.",
        _PER_UNIT, LIN,
    ),
    Figure(
        "difference_se", "Standard error", "metric", "none",
        "Standard error of the difference, from each arm's own variance.", _PER_UNIT, WELCH,
    ),
    Figure(
        "difference_low", "Difference, lower limit", "metric", "none",
        "Lower limit of the difference at the stated confidence. Valid at one look, planned in advance.",
        _PER_UNIT, WELCH,
    ),
    Figure(
        "difference_high", "Difference, upper limit", "metric", "none",
        "Upper limit of the difference at the stated confidence. Valid at one look, planned in advance.",
        _PER_UNIT, WELCH,
    ),
    Figure(
        "relative", "Lift", "share", "metric",
        "The difference as a share of control's mean. Empty where that mean is 0.",
        "mean of control", FIELLER,
    ),
    Figure(
        "relative_low", "Lift, lower limit", "share", "none",
        "Lower limit of the lift; excludes 0 when the difference's interval does. Empty when unbounded.",
        "mean of control", FIELLER,
    ),
    Figure(
        "relative_high", "Lift, upper limit", "share", "none",
        "Upper limit of the lift; excludes 0 when the difference's interval does. Empty when unbounded.",
        "mean of control", FIELLER,
    ),
    Figure(
        "p_value", "p", "probability", "none",
        "How often chance alone would give a difference at least as large, either way, if there were none.",
        _ARMS, WELCH,
    ),
    Figure(
        "p_adjusted", "p, adjusted", "probability", "none",
        "p after allowing for the number of questions: Holm over primary metric and guardrails of all "
        "variants, Benjamini-Hochberg over a metric's segments.",
        _ARMS, "Holm 1979; Benjamini & Hochberg 1995",
    ),
    Figure(
        "sequential_low", "Difference, lower limit at any look", "metric", "none",
        "Lower limit of the difference that stays valid however often one looks.", _PER_UNIT, SEQUENCE,
    ),
    Figure(
        "sequential_high", "Difference, upper limit at any look", "metric", "none",
        "Upper limit of the difference that stays valid however often one looks.", _PER_UNIT, SEQUENCE,
    ),
    Figure(
        "relative_sequential_low", "Lift, lower limit at any look", "share", "none",
        "Lower limit of the lift that stays valid however often one looks.", "mean of control", SEQUENCE,
    ),
    Figure(
        "relative_sequential_high", "Lift, upper limit at any look", "share", "none",
        "Upper limit of the lift that stays valid however often one looks.", "mean of control", SEQUENCE,
    ),
    Figure(
        "incremental_total", "Earned in all", "metric", "metric",
        "The difference times the variant's mature units: what the variant added among those measured.",
        "all mature units of the variant",
    ),
    Figure(
        "incremental_low", "Earned in all, lower limit", "metric", "none",
        "Lower limit of the difference times the variant's mature units.", "all mature units of the variant",
    ),
    Figure(
        "incremental_high", "Earned in all, upper limit", "metric", "none",
        "Upper limit of the difference times the variant's mature units.", "all mature units of the variant",
    ),
    Figure(
        "confidence", "Confidence", "share", "none",
        "Share of such intervals, over repeated experiments, that contain the true effect.",
        "experiments like this one",
    ),
    Figure(
        "margin", "Tolerated harm", "metric", "none",
        "The largest harm to a guardrail that was called acceptable beforehand.", _PER_UNIT,
    ),
    Figure(
        "p_noninferiority", "p, not worse", "probability", "none",
        "How often chance alone would look this harmless if the harm were as large as the margin; one-sided.",
        _ARMS, "Piaggio et al. 2012, Reporting of noninferiority and equivalence randomized trials",
    ),
    Figure(
        "as_of_run", "Run of the figures", "run", "none",
        "Run whose figures are shown: a segment that moved by very few people keeps those published last.",
        "",
    ),
    Figure(
        "day", "Day", "days", "none",
        "Days since the experiment's start; figures are cumulative up to it.", "since the start",
    ),
)  # fmt: skip

COUNTS = (
    Figure(
        "health.statistic", "Statistic", "statistic", "none",
        "The number on which the check rests; the check's own entry says which.", "as the check says",
    ),
    Figure(
        "health.p_value", "p", "probability", "none",
        "How often chance alone would look this odd if nothing were wrong: below 0.01 warns, 0.001 fails.",
        "as the check says",
    ),
    Figure(
        "units", "Left out", "units", "none",
        "Units that do not count for this reason; a unit with several stands under the first. "
        "`age_unknown_included` does count, and is shown beside them.",
        "all assigned units of the arm",
    ),
    Figure(
        "rows", "Rows quarantined", "rows", "lower",
        "Rows of a table that broke this rule and were set aside; none was dropped silently.",
        "all rows of the table",
    ),
)  # fmt: skip

CHECKS = (
    Figure(
        "check.sample_ratio", "Sample ratio", "probability", "none",
        "Do the arms have the sizes they were meant to have? Chi-square test against the allocation.",
        "assigned units less the erased", SAMPLE_RATIO,
    ),
    Figure(
        "check.crossover_share", "Seen in two variants", "share", "lower",
        "Share of units found in more than one variant; they are left out of all.",
        "units found in any variant",
    ),
    Figure(
        "check.exclusion_balance", "Left out alike", "probability", "none",
        "Are as many units left out of each arm, as a share? Chi-square.", "assigned units less the erased",
    ),
    Figure(
        "check.erasure_balance", "Erased alike", "probability", "none",
        "Did as many units of each arm ask for erasure, as a share? An outcome: it warns and never fails.",
        "assigned units, the erased included",
    ),
    Figure(
        "check.withdrawal_balance", "Withdrawn alike", "probability", "none",
        "Did as many units of each arm withdraw consent, as a share? An outcome: it warns and never fails.",
        "eligible units",
    ),
    Figure(
        "check.missing_outcome_balance", "Missing alike", "probability", "none",
        "Is the pre-computed outcome missing as often in each arm? Chi-square.", "eligible units",
    ),
    Figure(
        "check.pre_period_balance", "Alike before the start", "probability", "none",
        "Were the arms alike before assignment? Smallest p over covariates and variants, corrected for "
        "their number.",
        _ARMS, WELCH,
    ),
    Figure(
        "check.quarantine_share", "Quarantined rows", "share", "lower",
        "Share of rows set aside because they broke a rule, in the tables this experiment reads.",
        "all rows of those tables",
    ),
    Figure(
        "check.id_match", "Ids written alike", "share", "lower",
        "Share of rows whose id the other tables have but for spaces, capitals, leading zeros or an ending "
        ".0.",
        "rows with an id of the table with the largest share",
    ),
    Figure(
        "check.placebo_calibration", "Test keeps its promise", "share", "none",
        "Share of random splits of these very units that look significant; due is one minus the confidence.",
        "500 random splits",
    ),
    Figure(
        "check.data_freshness", "Data up to date", "days", "lower",
        "Days between the outcome table's last row and the measurement date: not loaded is not zero.", "",
    ),
    Figure(
        "check.missing_days", "Missing days", "days", "lower",
        "Days inside the measured period on which the outcome table has no row at all.",
        "days of that period",
    ),
    Figure(
        "check.cap", "Cap", "statistic", "none",
        "Whether the quantile that caps a metric's outliers lies above the median; else nothing is capped.",
        "all mature units",
    ),
    Figure(
        "check.consent", "Consent", "share", "none",
        "Whether consent or another lawful basis was checked for everyone who counts, and which.",
        "assigned units",
    ),
)  # fmt: skip
