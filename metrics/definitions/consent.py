"""Figures of consent: states per purpose, joint coverage of a journey's events, signals and alerts."""

from metrics.definitions.figure import Figure

CONSENT = "GDPR Art 4(11), 6(1)(a), 7"
WITHDRAWAL = "GDPR Art 7(3)"
EXPIRY = "`consent_validity_days` in policy.yaml; EDPB Guidelines 05/2020"
LOW = "Wilson 1927; Kish 1965; Franco et al. 2019, Confidence intervals for proportions in complex samples"
CHILDREN = "GDPR Art 8(1); law/children.yaml"
JUMP = "Anscombe 1948; calibrated by simulation (metrics/consent_alerts.py)"
_CUSTOMERS = "customers with an event of the journey in the period"
_CHOSEN = "customers who chose: granted, refused or withdrew, as of their last event"
_EVENTS = "events of the journey in jurisdictions where its basis is consent, unknown visitors included"
_COVERED = "events covered by joint consent"
_FIRST = "customers whose first answer about the purpose fell into the week"

STATES = (
    Figure(
        "eligible", "Customers or events", "people", "none",
        "Distinct customers with an event of the journey in the period. In rows of all purposes jointly: "
        "events of the journey.",
        "all such customers, or events", CONSENT,
    ),
    Figure(
        "granted", "Granted", "people", "none",
        "Customers whose grant was in force at their last event. In rows of all purposes jointly: events at "
        "which every purpose of the journey was granted.",
        _CUSTOMERS, CONSENT,
    ),
    Figure(
        "refused", "Refused", "people", "none",
        "Customers who had refused at their last event, or whose TC string or opt-out signal did. A string "
        "that cannot be decoded, or was not valid that day, grants nothing and counts here: consent_signals "
        "has how many.",
        _CUSTOMERS, CONSENT,
    ),
    Figure(
        "withdrawn", "Withdrawn", "people", "none",
        "Customers who had withdrawn a grant at their last event.", _CUSTOMERS, WITHDRAWAL,
    ),
    Figure(
        "expired", "Expired", "people", "none",
        "Customers whose grant was older, at their last event, than it is valid where they live.",
        _CUSTOMERS, EXPIRY,
    ),
    Figure(
        "undecided", "Undecided", "people", "none",
        "Customers who had said nothing about the purpose before their last event; never counted as granted.",
        _CUSTOMERS, CONSENT,
    ),
    Figure(
        "consent_rate", "Consent rate, of those who chose", "share", "none",
        "Granted ÷ (granted + refused + withdrawn).", _CHOSEN, CONSENT,
    ),
    Figure(
        "opt_in_rate", "Opt-in rate, of all", "share", "none",
        "Granted ÷ all customers with an event, expired and undecided included.", _CUSTOMERS, CONSENT,
    ),
    Figure(
        "decided_share", "Decided, of all", "share", "none",
        "(Granted + refused + withdrawn) ÷ all customers with an event.", _CUSTOMERS, CONSENT,
    ),
)  # fmt: skip

COVERAGE = (
    Figure(
        "coverage", "Joint coverage, of events", "share", "higher",
        "Share of events at whose time every purpose of the journey was granted, unexpired and not "
        "withdrawn. An unknown visitor is not covered.",
        _EVENTS, CONSENT,
    ),
    Figure(
        "coverage_low", "Joint coverage, lower limit", "share", "none",
        "One-sided 95 % lower limit of joint coverage: Wilson with events ÷ design effect, since the events "
        "of one customer are alike.",
        _EVENTS, LOW,
    ),
    Figure(
        "consent_coverage", "Joint coverage, of events", "share", "higher",
        "Joint coverage over all jurisdictions of the journey where its basis is consent.", _EVENTS, CONSENT,
    ),
    Figure(
        "consent_coverage_low", "Joint coverage, lower limit", "share", "none",
        "One-sided 95 % lower limit of the journey's joint coverage.", _EVENTS, LOW,
    ),
    Figure(
        "events_needing_consent", "Events that need consent", "events", "none",
        "Events of the journey in the quarter in jurisdictions where its basis is consent.", _EVENTS, CONSENT,
    ),
    Figure(
        "leakage_events", "Leaked events", "events", "lower",
        "Events that were personalised, or not marked as unpersonalised, without joint consent.",
        _EVENTS, "GDPR Art 6(1)(a), 5(2)",
    ),
    Figure(
        "server_share", "Collected on a server, of events", "share", "higher",
        "Share of events that a server recorded; an event that does not say counts as not.", _EVENTS,
    ),
    Figure(
        "one_source_share", "One source of truth, of covered", "share", "higher",
        "Share of covered events whose grants were all recorded by one and the same known source.", _COVERED,
    ),
    Figure(
        "children_excluded", "Children", "people", "none",
        "Customers with an event who were below the age of digital consent at their last one; experiments "
        "leave them out.",
        _CUSTOMERS, CHILDREN,
    ),
    Figure(
        "age_unknown", "Age unknown", "people", "lower",
        "Customers with an event whose birth date is not known.", _CUSTOMERS, CHILDREN,
    ),
    Figure(
        "customers", "Customers met", "people", "none",
        "Distinct customers with an event of the journey where its basis is consent; in the row of all "
        "jurisdictions.",
        _CUSTOMERS, CHILDREN,
    ),
    Figure(
        "age_unknown_most", "Age unknown, at most", "people", "lower",
        "As many customers of unknown age as may be said: where they are too few to be shown, one fewer than "
        "the smallest group that may be; where all but so few are, all.",
        _CUSTOMERS, CHILDREN,
    ),
)  # fmt: skip

SIGNALS = (
    Figure(
        "consent_signals.rows", "Consent events", "rows", "none",
        "Consent events with a TC string, an opt-out signal or a TCF number, by what came of them.",
        "all consent events with such a signal",
        "IAB Europe TCF v2.3; 11 CCR 7025; law/opt_out_signals.yaml",
    ),
    Figure(
        "decided", "First answers", "people", "none",
        "Customers who answered about the purpose for the first time in the week.", "all such customers",
    ),
    Figure(
        "consent_alerts.granted", "Granted", "people", "none",
        "Customers whose first answer in the week was a grant.", _FIRST, CONSENT,
    ),
    Figure(
        "declined", "Not granted", "people", "none",
        "Customers whose first answer in the week was a refusal, or no valid grant.", _FIRST, CONSENT,
    ),
    Figure(
        "rate", "Consent rate of first answers", "share", "none",
        "Share of a week's first answers that were a grant.", _FIRST, CONSENT,
    ),
    Figure(
        "baseline", "Usual rate of first answers", "share", "none",
        "Median of the jurisdiction's own rate over the last twelve weeks that raised no alert, to a whole "
        "per cent.",
        _FIRST, JUMP, version=2,
    ),
    Figure(
        "consent_alerts.score", "Distance from the usual rate", "statistic", "none",
        "Distance of the week from its baseline as a multiple of what raises an alert; below zero: lower.",
        _FIRST, JUMP,
    ),
)  # fmt: skip
