"""Figures of the rollout gate: what checks look at and no other file holds, and what gates.csv says."""

from metrics.definitions.figure import Figure

_JOURNEY = "one journey"
_CHECK = "one check of one journey"
PRACTICE = "the company's policy"
ASSESSMENT = "GDPR Art 35; 11 CCR 7150 to 7157"

GATES = (
    Figure(
        "guardrails_unproven", "Guardrails not shown safe", "units", "lower",
        "Guardrails of the deciding experiment that are worse, or may be worse by over their margin, with "
        "those whose harm is not ruled out. Not known while none is worse but some are open, or while "
        "consent withdrawal is not among them though the basis is consent.",
        "guardrails of the deciding experiment", "non-inferiority at (1 − confidence) / 2",
    ),
    Figure(
        "health_failed", "Failed health checks", "units", "lower",
        "Health checks of the deciding experiment that failed. Not known where the split between the arms "
        "could not be checked.",
        "health checks of the deciding experiment", "Fabijan et al., KDD 2019",
    ),
    Figure(
        "result_age_days", "Age of the result", "days", "lower",
        "Whole days from the last moment at which an outcome counts for the deciding experiment's primary "
        "metric to the moment when the gate is judged. Outcomes count until the window of the last unit that "
        "counts ends, or the data where they end before; where they have no times, until assignment ended.",
        "primary metric of the deciding experiment",
    ),
    Figure(
        "consent_known", "Consent can be looked up", "flag", "none",
        "Whether consent, age and objections could be looked up for the people whom the experiment counts.",
        _JOURNEY, "GDPR Art 7(1)",
    ),
    Figure(
        "age_unknown_share", "Age unknown, of customers", "share", "lower",
        "Customers with an event of the journey in the quarter whose birth date is not known, as a share.",
        "known customers with an event of the journey in the quarter", "GDPR Art 8",
    ),
    Figure(
        "dpia", "Impact assessment", "flag", "none",
        "Whether a signed data protection impact assessment is in force that covers every purpose of the "
        "journey: from journeys.yaml or recorded in the app.",
        _JOURNEY, ASSESSMENT,
    ),
    Figure(
        "vendors_without_contract", "Vendors without contract", "vendors", "lower",
        "Vendors that serve the journey without a contract in force, or without a processing agreement where "
        "one is due. None is claimed only where no row that may be about the journey was set aside.",
        "vendors that serve the journey", "GDPR Art 28; 11 CCR 7051",
    ),
    Figure(
        "vendors_without_protections", "Vendors without protections", "vendors", "lower",
        "Vendors under contract whose clean room lacks a protection that the journey requires.",
        "vendors under contract that serve the journey", "`required_protections` in journeys.yaml",
    ),
    Figure(
        "transfers_without_mechanism", "Vendors without lawful transfer", "vendors", "lower",
        "Vendors that serve the journey and hold the data where no adequacy decision or other mechanism "
        "carries them. Not known while a country is unrecorded and none is known to be unlawful.",
        "vendors that serve the journey", "GDPR Art 44 to 46",
    ),
    Figure(
        "cost_to_target", "Cost against target", "statistic", "lower",
        "Cost of a thousand recommendations as a multiple of the journey's `cost_target_per_1k`.",
        "cost target of the journey", PRACTICE,
    ),
    Figure(
        "minimum_people", "Fewest people in a figure", "people", "higher",
        "The fewest people that a published figure may describe (`disclosure: minimum_people`).",
        "every published figure", PRACTICE,
    ),
    Figure(
        "owner_sign_off", "Owner's sign-off", "flag", "none",
        "Whether the journey's owner has signed off, and the signature has not expired.", _JOURNEY, PRACTICE,
    ),
    Figure(
        "observed", "Seen", "metric", "none",
        "What the check compared with its threshold: the figure, or the limit that `bound` names; yes is 1.",
        _CHECK,
    ),
    Figure("threshold", "Asked", "metric", "none", "The threshold of the check; yes is 1.", _CHECK, PRACTICE),
    Figure(
        "distance", "Distance", "metric", "higher",
        "By how much the threshold is met, or missed where it is negative, in the figure's unit.", _CHECK,
    ),
    Figure("n", "Rests on", "units", "none", "How many the figure rests on, of what `counted` says.", _CHECK),
    Figure(
        "policy_version", "Policy", "statistic", "none", "Version that the policy gives itself.", "the run",
    ),
    Figure(
        "gate_step", "May go to", "statistic", "higher",
        "The rollout step, in per cent of customers, that an open gate allows next: 1, 5, 25, 50 or 100.",
        "customers of the journey", PRACTICE,
    ),
    Figure(
        "rollout_percent", "Reaches today", "statistic", "none",
        "Share of customers, in per cent, that the journey reaches: as last decided, as configured, or as "
        "its experiment allots.",
        "customers of the journey",
    ),
    Figure(
        "checks_failing", "Checks failing", "units", "lower", "Checks of the gate that failed.", "all checks",
    ),
    Figure(
        "checks_unknown", "Checks unknown", "units", "lower",
        "Checks of the gate without usable evidence: missing, stale, hidden, or resting on too few.",
        "all checks",
    ),
)  # fmt: skip
