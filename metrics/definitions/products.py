"""Figures of products: which SKUs and categories an experiment sells more or less of."""

from metrics.definitions.figure import Figure

_UNITS = "all mature units of the arm, buyers or not"
_TESTED = "SKUs of the experiment and variant that stand for themselves"

PRODUCTS = (
    Figure(
        "buyers_control", "Buyers, control", "units", "none",
        "Units of the control arm that bought the SKU or category inside the window.", _UNITS,
    ),
    Figure(
        "buyers_variant", "Buyers, variant", "units", "none",
        "Units of the variant that bought the SKU or category inside the window.", _UNITS,
    ),
    Figure(
        "p_corrected", "p-value, corrected", "probability", "lower",
        "The larger of Welch's and Student's p-value: where one arm is small and few buy, each errs on "
        "another side far in the tail, and a discovery has to convince both.",
        _UNITS, "Welch 1947; Student 1908",
    ),
    Figure(
        "q_value", "q-value", "probability", "lower",
        "The smallest share of false discoveries at which this SKU would be called different; at 0.05, one "
        "in twenty of the SKUs called different is wrong on average.",
        _TESTED, "Benjamini & Hochberg 1995",
    ),
    Figure(
        "fcr_low", "Interval if selected, low", "metric", "none",
        "Lower end of an interval for the SKUs called different, widened because they were selected.",
        _UNITS, "Benjamini & Yekutieli 2005",
    ),
    Figure(
        "fcr_high", "Interval if selected, high", "metric", "none",
        "Upper end of an interval for the SKUs called different, widened because they were selected.",
        _UNITS, "Benjamini & Yekutieli 2005",
    ),
    Figure(
        "shrunk_difference", "Difference, shrunk", "metric", "none",
        "Revenue difference per unit, drawn towards 0 by as much as the SKUs together say is noise: the "
        "largest raw differences are partly luck.",
        _UNITS, "Stephens 2017, Biostatistics",
    ),
    Figure(
        "shrunk_low", "Shrunk interval, low", "metric", "none",
        "Lower end of the interval that holds the SKU's effect with the experiment's confidence.",
        _UNITS, "Stephens 2017, Biostatistics",
    ),
    Figure(
        "shrunk_high", "Shrunk interval, high", "metric", "none",
        "Upper end of the interval that holds the SKU's effect with the experiment's confidence.",
        _UNITS, "Stephens 2017, Biostatistics",
    ),
)  # fmt: skip
