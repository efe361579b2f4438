"""Figures of the board that no other file has: what all journeys are together."""

from metrics.definitions.figure import Figure

BOARD = (
    Figure(
        "board.programme_lift", "Programme lift", "share", "metric",
        "Effect of all personalisation together on the universal holdout's primary metric. Never a sum of "
        "journeys: they share customers, and those that look best are partly lucky.",
        "mean of those held out of every journey",
    ),
    Figure(
        "board.programme_net_value", "Net value of the programme", "money", "higher",
        "Margin that the universal holdout shows to be added, less what all journeys' inference costs over "
        "as many days as each customer was followed. The whole cost is charged to the customers measured, so "
        "the figure is at most too small. Empty where the cost of any journey is not known.",
        "customers measured and not held out, over the metric's window",
    ),
    Figure(
        "board.consent_coverage", "Consent coverage", "share", "higher",
        "Joint coverage of the events of all journeys that rest on consent. Its lower limit is the "
        "journeys' own, weighted by their events: it holds however many customers they share.",
        "events that need consent",
    ),
    Figure(
        "board.vendors_protected", "Vendors protected", "vendors", "higher",
        "Vendors under contract that serve a journey and whose clean room has every protection required.",
        "vendors under contract that serve a journey",
    ),
    Figure(
        "board.standing", "Checks failing or unknown", "units", "lower",
        "Checks of the journey's gate that fail or lack evidence, each counted once and none weighed: "
        "never a score of several things.",
        "checks of the gate",
    ),
)  # fmt: skip
