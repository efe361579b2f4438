"""Figures of the use of data: minimisation, retention, vendors, transfers."""

from metrics.definitions.figure import Figure

MINIMISATION = "GDPR Art 5(1)(c) and 25; the score is this product's definition"
STORAGE = "GDPR Art 5(1)(e)"
PROCESSORS = "GDPR Art 28; 11 CCR 7051 and 7053"
TRANSFERS = "GDPR Art 44 to 46; law/adequacy.yaml"
_FIELDS = "fields of the inventory"
_SERVING = "vendors that serve the journey"

MINIMIZATION = (
    Figure(
        "fields", "Fields", "fields", "none", "Fields of the inventory that hold data about people.", _FIELDS,
        MINIMISATION,
    ),
    Figure(
        "passing", "Justified", "fields", "higher",
        "Fields that pass all four tests: needed by an active purpose, on a lawful basis, recently used, "
        "within retention.",
        _FIELDS, MINIMISATION,
    ),
    Figure(
        "score", "Minimisation score", "share", "higher",
        "Weight of the fields that pass all four tests as a share of the weight of all. Missing evidence "
        "fails. A justified field added raises it: read it beside the excess load.",
        "weight of all fields (sensitivity 1, 2, 4 or 8)", MINIMISATION,
    ),
    Figure(
        "excess_load", "Excess load", "weight", "lower",
        "Weight of the fields that fail a test: what deleting or mending them takes away. Nothing added "
        "elsewhere dilutes it.",
        "all fields, by sensitivity", MINIMISATION,
    ),
    Figure(
        "failing_purpose", "Needed by no purpose", "fields", "lower",
        "Fields that no active purpose lists as needed.", _FIELDS, "GDPR Art 5(1)(b) and (c)",
    ),
    Figure(
        "failing_basis", "Without lawful basis", "fields", "lower",
        "Fields with none of the six lawful bases recorded, or on consent without a record of consent.",
        _FIELDS, "GDPR Art 6(1)",
    ),
    Figure(
        "failing_use", "Not used", "fields", "lower",
        "Fields not used within the window, or whose last use nobody recorded.", _FIELDS, MINIMISATION,
    ),
    Figure(
        "failing_retention", "Retention failed", "fields", "lower",
        "Fields whose oldest record is older than the declared retention, or with either unrecorded.",
        _FIELDS, STORAGE,
    ),
    Figure(
        "unknown", "Lacking evidence", "fields", "lower",
        "Fields for which the inventory leaves the outcome of a test open; they fail it.", _FIELDS,
        MINIMISATION,
    ),
    Figure(
        "retention_overdue", "Past retention", "fields", "lower",
        "Fields whose oldest record is known to be older than the declared retention.", _FIELDS, STORAGE,
    ),
    Figure(
        "retention_overdue_days", "Days past retention", "days", "lower",
        "Days by which the oldest record exceeds the declared retention; of several fields the longest.",
        "fields past retention", STORAGE,
    ),
    Figure(
        "purpose_ok", "Needed", "flag", "none",
        "Whether an active purpose lists the field as needed; empty: no active purposes are known.",
        "one field", "GDPR Art 5(1)(b) and (c)",
    ),
    Figure(
        "basis_ok", "On a lawful basis", "flag", "none",
        "Whether one of the six lawful bases is recorded and, for consent, a record of consent exists.",
        "one field", "GDPR Art 6(1)",
    ),
    Figure(
        "use_ok", "In use", "flag", "none",
        "Whether the field was used within the window; empty: nobody recorded its last use.",
        "one field", MINIMISATION,
    ),
    Figure(
        "retention_ok", "Within retention", "flag", "none",
        "Whether the oldest record is within the declared retention; empty: one of the two is unrecorded.",
        "one field", STORAGE,
    ),
    Figure(
        "sensitivity", "Sensitivity", "weight", "none",
        "Weight of the field: 1 plain, 2 contact or behaviour, 4 precise location or finances, 8 special "
        "categories.",
        "one field", "GDPR Art 9 for the heaviest; the weights are this product's choice",
    ),
    Figure(
        "score_if_fixed", "Score after this fix", "share", "higher",
        "Score of the whole inventory after what stands under `fix` is done for this field alone.",
        "weight of all fields that remain", MINIMISATION,
    ),
    Figure(
        "excess_load_if_fixed", "Excess load after this fix", "weight", "lower",
        "Excess load of the whole inventory after what stands under `fix` is done for this field alone.",
        "all fields, by sensitivity", MINIMISATION,
    ),
    Figure(
        "minimization_score", "Minimisation score", "share", "higher",
        "Weight of the journey's fields that pass all four tests as a share of the weight of all its fields, "
        "over all systems.",
        "weight of the fields that the journey uses", MINIMISATION,
    ),
    Figure(
        "fields_past_retention", "Fields past retention", "fields", "lower",
        "The journey's fields whose oldest record is known to be older than the declared retention.",
        "fields that the journey uses", STORAGE,
    ),
)  # fmt: skip

VENDORS = (
    Figure(
        "contract_status", "Contract", "flag", "none",
        "`valid`; `expiring`: ends within 60 days; `expired`; `missing`: no end recorded or not begun yet.",
        "the worst of the vendor's services", PROCESSORS,
    ),
    Figure(
        "dpa_ok", "Processing agreement", "flag", "none",
        "Whether the data-processing agreement is signed; empty: the role needs none.",
        "all services of the vendor", "GDPR Art 28(3)",
    ),
    Figure(
        "clean_room", "Clean room", "flag", "none",
        "Whether the clean room has every protection that the journeys served require, and at least one; "
        "empty: no journey is served.",
        "all services of the vendor", "`required_protections` in journeys.yaml",
    ),
    Figure(
        "transfer_ok", "Transfer", "flag", "none",
        "Whether the data may be where the vendor has them: within the EEA, under an adequacy decision, "
        "certified (US), under assessed standard clauses or binding rules; empty: country unknown.",
        "all services of the vendor", TRANSFERS,
    ),
    Figure(
        "review_status", "Due diligence", "flag", "none",
        "`current`: reviewed within a year; `overdue`; `missing`: never reviewed.",
        "the worst of the vendor's services", "GDPR Art 28(1); the year is this product's choice",
    ),
    Figure(
        "vendors_live", "Vendors under contract", "vendors", "none",
        "Vendors whose contracts for all that they do for the journey are in force at the measurement date.",
        _SERVING, PROCESSORS,
    ),
    Figure(
        "vendors_with_protections", "With clean-room protections", "vendors", "higher",
        "Of the vendors under contract, those whose clean room has every protection that the journey "
        "requires; where it requires none, at least one.",
        "vendors under contract that serve the journey", "`required_protections` in journeys.yaml",
    ),
    Figure(
        "vendors_unprotected", "Vendors that may not receive data", "vendors", "lower",
        "Vendors without a contract in force, a processing agreement where one is due, or a lawful way to "
        "transfer. None is claimed only where no row that may be about the journey was set aside.",
        _SERVING, f"{PROCESSORS}; {TRANSFERS}",
    ),
    Figure(
        "events_to_unprotected_recipients", "Events exposed to such vendors", "events", "lower",
        "Events of the journey on days of the quarter on which a vendor that serves it might not receive "
        "data. An exposure by the register, not a log of what was sent.",
        "events of the journey in the quarter", f"{PROCESSORS}; {TRANSFERS}",
    ),
)  # fmt: skip
