"""Figures that stand on pages alone: they are in no file."""

from metrics.definitions.figure import Figure

CLOCK = "law/deadlines"
_RECEIVED = "requests received in the quarter"

PAGES = (
    Figure(
        "page.units", "Customers or households that count", "units", "none",
        "Customers or households that count in the experiment: held out and the variant shown, together.",
        "all that were assigned",
    ),
    Figure(
        "page.outcome", "By the horizon, per arm", "metric", "none",
        "What the row names, in one arm: the risk by the horizon, customers gone, or mean days still there.",
        "units of the arm that count", "Kaplan & Meier 1958",
    ),
    Figure(
        "page.change", "Change by the horizon", "metric", "none",
        "What the row names: variant minus control, and of the hazard ratio variant over control.",
        "per unit, or in all", "Kaplan & Meier 1958; Cox 1972",
    ),
    Figure(
        "page.share_of_total", "Of the total, added up", "share", "none",
        "What this product and those above it add, as a share of what all products add.",
        "the difference of all products",
    ),
    Figure(
        "page.requests_due_soon", "Due soon", "requests", "lower",
        "Requests not answered whose last day is at most seven days away.", _RECEIVED, CLOCK,
    ),
    Figure(
        "page.requests_open", "Open", "requests", "none",
        "Requests not answered whose last day is more than seven days away.", _RECEIVED, CLOCK,
    ),
    Figure(
        "page.requests_unknown", "Clock unknown", "requests", "lower",
        "Requests of a kind and place for which the law data has no clock.", _RECEIVED, CLOCK,
    ),
    Figure(
        "page.requests_excluded", "Not counted", "requests", "none",
        "Requests that were withdrawn, were duplicates or were tests.", _RECEIVED,
    ),
    Figure(
        "page.rows_read", "Rows read", "rows", "none",
        "Rows of the table as the retailer gave it.", "all rows of the table",
    ),
    Figure(
        "page.rows_counted", "Rows that count", "rows", "none",
        "Rows that broke no rule.", "rows read",
    ),
    Figure(
        "page.journeys_passing", "Passes", "units", "higher",
        "Journeys in which the check does not stand against a rollout: it passes, or is waived.",
        "journeys that are asked for it",
    ),
    Figure(
        "page.rows_admitted", "Admitted", "rows", "none",
        "Rows that may enter a figure: on reading those that broke no rule, in a use those of people who "
        "count, while they may be used.",
        "rows of the table",
    ),
    Figure(
        "page.rows_refused", "Refused", "rows", "none",
        "Rows that enter no figure: set aside on reading, or of people who do not count in the use.",
        "rows of the table",
    ),
    Figure(
        "page.file_rows", "Rows", "rows", "none", "Rows of the file, those without figures among them.",
        "one file",
    ),
    Figure(
        "page.file_hidden", "Hidden", "rows", "none",
        "Rows that keep their keys and have no figures, because they are about too few people.",
        "rows of the file",
    ),
    Figure(
        "page.run_duration", "Took", "seconds", "none",
        "Time from the start of a refresh to its end.", "one refresh",
    ),
)  # fmt: skip
