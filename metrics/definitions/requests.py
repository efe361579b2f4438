"""Figures of data-subject requests: the queue, the service level, California's yearly table."""

from metrics.definitions.figure import Figure

CLOCK = "GDPR Art 12(3), UK GDPR Art 12A, 11 CCR 7021 and 7026; law/deadlines"
REPORT = "11 CCR 7102"
WILSON = "Wilson 1927, Probable inference"
_RECEIVED = "requests received"
_DUE = "requests answered, or open and past their last day"
_ANSWERED = "requests complied with, in part, or denied"

REQUESTS = (
    Figure(
        "received", "Received", "requests", "none",
        "Requests received in the period, withdrawn and repeated ones included.", "all requests", REPORT,
    ),
    Figure(
        "complied", "Complied with", "requests", "none",
        "Requests answered in full.", _RECEIVED, REPORT,
    ),
    Figure(
        "complied_in_part", "Complied with in part", "requests", "none",
        "Requests answered in part.", _RECEIVED, REPORT,
    ),
    Figure(
        "denied", "Denied", "requests", "none", "Requests denied, each with its basis.", _RECEIVED, REPORT,
    ),
    Figure(
        "open", "Open", "requests", "none",
        "Requests not answered whose last day is still to come; not in the service level.",
        _RECEIVED, CLOCK,
    ),
    Figure(
        "overdue", "Overdue", "requests", "lower",
        "Requests not answered whose last day has passed, a valid extension allowed for.",
        _RECEIVED, CLOCK,
    ),
    Figure(
        "on_time", "On time", "requests", "higher",
        "Requests closed on or before their last day.", _RECEIVED, CLOCK,
    ),
    Figure("late", "Late", "requests", "lower", "Requests closed after their last day.", _RECEIVED, CLOCK),
    Figure(
        "sla_rate", "Answered in time", "share", "higher",
        "On time ÷ (on time + late + overdue). Requests withdrawn, repeated, of unknown clock or not due yet "
        "are outside it.",
        _DUE, CLOCK,
    ),
    Figure(
        "sla_low", "Answered in time, lower limit", "share", "none",
        "One-sided 95 % lower limit of the share answered in time.", _DUE, WILSON,
    ),
    Figure(
        "ack_rate", "Confirmed in time", "share", "higher",
        "Share of requests whose receipt was confirmed, or that were answered, by the last day to confirm.",
        "requests whose law sets a time to confirm, where it has passed or they were confirmed",
        "11 CCR 7021(a)",
    ),
    Figure(
        "median_days", "Days to answer, median", "days", "lower",
        "Median number of days from receipt to the answer.", _ANSWERED, REPORT,
    ),
    Figure(
        "mean_days", "Days to answer, mean", "days", "lower",
        "Mean number of days from receipt to the answer.", _ANSWERED, REPORT,
    ),
    Figure(
        "days", "Days to the answer", "days", "lower",
        "Days from receipt to the answer, in the time zone of the law.", "one request", CLOCK,
    ),
    Figure(
        "days_left", "Days left", "days", "higher",
        "Days to the last day in force, a valid extension included; negative when overdue.",
        "one open request", CLOCK,
    ),
    Figure(
        "dsr_sla_rate", "Requests answered in time", "share", "higher",
        "On time ÷ (on time + late + overdue) of all requests received in the quarter. People ask a company: "
        "the figure is the same for every journey.",
        _DUE, CLOCK,
    ),
    Figure(
        "dsr_sla_low", "In time, lower limit", "share", "none",
        "One-sided 95 % lower limit of the share of requests answered in time.", _DUE, WILSON,
    ),
    Figure(
        "dsr_overdue", "Requests overdue", "requests", "lower",
        "Requests open and overdue at the measurement date, whenever they were received.",
        "all requests of the company", CLOCK,
    ),
)  # fmt: skip
