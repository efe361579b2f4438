"""The last pages: how the figures are made, what each one means, and which run they are."""

from datetime import datetime

from metrics import catalogue, formatting
from reports.paper.blocks import Block, Bullets, Cell, Column, Facts, Heading, Item, Note, Section, Table
from reports.paper.material import Material

PRINTED = (
    "relative", "sequential_low", "p_adjusted", "margin", "net_value", "cost_per_unit",
    "churn_risk_difference", "consent_coverage", "consent_coverage_low", "leakage_events", "consent_rate",
    "opt_in_rate", "dsr_sla_rate", "dsr_sla_low", "overdue", "median_days", "minimization_score",
    "excess_load", "fields_past_retention", "score_if_fixed", "vendors_live", "vendors_with_protections",
    "vendors_unprotected", "events_to_unprotected_recipients", "cost_per_1k", "latency_p95",
)  # fmt: skip
"""The figures that the pack prints, in its order; the app's Methods page has all others."""

METHOD = (
    "An effect compares customers whom chance assigned: those with personalisation against those held out. "
    "Only people count whose consent, age and objections allow it; unknown consent is no consent.",
    "An interval that holds 0 is neither a gain nor a loss. Until an experiment's planned end has come, the "
    "limits shown hold however often somebody looks (asymptotic confidence sequence); from then on they are "
    "those of one planned look (Welch's t, adjusted for behaviour before assignment where known, lift by "
    "Fieller).",
    "The programme's lift comes from the universal holdout, never from a sum of winners.",
    "A failed health check withholds the verdict. Missing evidence is missing: it never reads as zero or as "
    "good.",
)


def appendix(material: Material) -> list[Section]:
    """Method and run, then definitions."""
    return [
        Section("Method and source", [*_method(material), *_run(material)]),
        Section("Definitions", _definitions(material)),
    ]


def _method(material: Material) -> list[Block]:
    k = material.snapshot.minimum_people
    hidden = (
        f"Nothing about fewer than {k} people is shown; further figures are hidden where a difference would "
        "reveal them."
    )
    return [Heading("How the figures are made"), Bullets([*METHOD, hidden])]


def _run(material: Material) -> list[Block]:
    snapshot, run = material.snapshot, material.snapshot.run
    policy = "default policy" if run.policy_version is None else f"version {run.policy_version}"
    items = [
        Item("Run", str(run.run_id), f"complete {_clock(material, run.finished_at)}"),
        Item("Data as of", f"end of {formatting.day(snapshot.as_of_date)}", f"days in {snapshot.zone.key}"),
        Item("Period", formatting.quarter(run.period)),
        Item("Policy", policy, f"SHA-256 {run.policy_hash}"),
        Item("Definitions", run.definitions_version),
        Item("Inputs and settings", f"SHA-256 {run.fingerprint}"),
    ]
    return [Heading("Where they come from"), Facts(items), *_inputs(material)]


def _inputs(material: Material) -> list[Block]:
    inputs = material.snapshot.run.inputs
    if not inputs:
        return [Note("No table of this workspace was read.")]
    columns = [
        Column("Table", width=1), Column("Rows read", right=True), Column("Rows set aside", right=True),
        Column("Fingerprint", width=1.4),
    ]  # fmt: skip
    body = [
        [
            Cell(name),
            Cell(formatting.count(facts.get("rows_in"))),
            Cell(formatting.count(sum((facts.get("quarantined") or {}).values()))),
            Cell(small=str(facts.get("fingerprint") or formatting.MISSING)[:32]),
        ]
        for name, facts in inputs.items()
    ]
    return [
        Heading("Tables read", "A row that breaks a rule is set aside and counts nowhere."),
        Table("Tables read", columns, body),
    ]


def _definitions(material: Material) -> list[Block]:
    columns = [Column("Figure", width=1), Column("What it says", width=3.4), Column("Of how many", width=1.2)]
    body = [
        [
            Cell(entry.label, strong=True),
            Cell(entry.definition, entry.source),
            Cell(entry.denominator or formatting.MISSING),
        ]
        for entry in map(catalogue.figure, PRINTED)
    ]
    run = material.snapshot.run
    blocks: list[Block] = [Table("Definitions", columns, body, dense=True)]
    if run.definitions_version != catalogue.DEFINITIONS_VERSION:
        blocks.insert(
            0,
            Note(
                f"These are definitions {catalogue.DEFINITIONS_VERSION}; the run was computed with "
                f"{run.definitions_version}."
            ),
        )
    return blocks


def _clock(material: Material, time: datetime | None) -> str:
    return formatting.clock(time.astimezone(material.snapshot.zone) if time else None)
