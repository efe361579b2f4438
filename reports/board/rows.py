"""One row per journey: what it brings and what it risks, side by side."""

import polars as pl

from metrics import formatting
from policy import gates as policy
from reports.board.effects import effect_figure, sure, unreadable
from reports.board.gates import gate
from reports.board.parts import Evidence, Figure, Row, Status
from reports.board.source import Source
from reports.journeys import Journey
from reports.readings import NO_EVIDENCE, Mark, reading, withheld
from reports.results import Experiment
from reports.wording.overview import period_of

NO_EXPERIMENT = "No experiment has started on this journey."
NO_CHOICE = "Several variants were tested and none is chosen: name one as `rollout` in journeys.yaml."


def row(source: Source, journey: Journey, judged: policy.Gate | None = None) -> Row:
    """Everything that the board says of a journey; `judged` as `reports.board.gates.gate` takes it."""
    found = journey.experiment
    return Row(
        journey=journey.journey,
        name=journey.name,
        experiment=found.experiment if found else None,
        marks=journey.marks,
        reading=_reading(journey),
        lift=_lift(source, journey),
        net_value=_net_value(source, journey),
        churn=_churn(source, journey),
        consent=consent(source, journey),
        leakage=_plain(source, journey, "leakage_events", "consent", "events that need consent"),
        requests=_requests(source, journey),
        minimisation=_plain(source, journey, "minimization_score", "data-use", "weight of all fields"),
        excess_load=_plain(source, journey, "excess_load", "data-use", "all fields, by sensitivity"),
        vendors=_plain(source, journey, "vendors_with_protections", "data-use", "vendors under contract"),
        vendors_live=_plain(source, journey, "vendors_live", "data-use", "vendors that serve the journey"),
        cost=_plain(source, journey, "cost_per_1k", "inference-cost", "recommendations of the quarter"),
        gate=gate(source, journey, judged),
    )


def _reading(journey: Journey) -> Mark:
    found = journey.experiment
    if found is None or len(journey.variants) != 1:
        return NO_EVIDENCE
    return reading(found.headline(found.primary, journey.variants[0]), found.metric(found.primary), found)


def _lift(source: Source, journey: Journey) -> Figure:
    found = journey.experiment
    if found is None:
        return source.absent("relative", "lift", Evidence("experiments"), "no_evidence", NO_EXPERIMENT)
    if len(journey.variants) != 1:
        return source.absent("relative", "lift", _of(found), "no_evidence", NO_CHOICE)
    return effect_figure(source, found, found.primary, journey.variants[0], "relative", _of(found))


def _net_value(source: Source, journey: Journey) -> Figure:
    evidence, found = source.evidence("inference-cost", journey), journey.experiment
    if found is not None and withheld(found):
        status, note = unreadable(found, None)
        return source.absent("net_value", "money", evidence, status or "withheld", note)
    table = source.snapshot.table("net_value")
    rows = table.filter(pl.col("journey") == journey.journey, pl.col("period") == source.period)
    known = rows.row(0, named=True) if rows.height else {}
    values = [journey.figures.get(name) for name in ("net_value", "net_low", "net_high")]
    if found is None or values[0] is None:
        status = known.get("status")
        kept: Status = status if status in ("suppressed", "not_testable") else "no_evidence"
        note = known.get("note") or NO_EXPERIMENT
        return source.absent("net_value", "money", evidence, kept, f"{note[:1].upper()}{note[1:]}.")
    units, window = known.get("treated_units"), known.get("window_days")
    of = (
        f"{formatting.count(units)} {found.noun}, {window:g} days each" if units and window else "all treated"
    )
    return source.figure(
        "net_value", "money", evidence, of, *values, period=period_of(found), sure=sure(found),
        note=known.get("note") or "",
    )  # fmt: skip


def _churn(source: Source, journey: Journey) -> Figure:
    """The difference in the risk of leaving at the horizon, in points; limits from the experiment."""
    key, found = "churn_risk_difference", journey.experiment
    if found is None or len(journey.variants) != 1:
        note = NO_EXPERIMENT if found is None else NO_CHOICE
        return source.absent(key, "points", Evidence("churn"), "no_evidence", note)
    evidence = Evidence("churn", {"test": found.name})
    if withheld(found):
        status, note = unreadable(found, None)
        return source.absent(key, "points", evidence, status or "withheld", note)
    value = journey.figures.get(key)
    if value is None:
        return source.absent(key, "points", evidence, "no_evidence", "Churn was not measured.")
    rows = source.snapshot.table("survival_effects").filter(
        pl.col("experiment") == found.experiment, pl.col("variant") == journey.variants[0],
        pl.col("risk_difference") == value,
    )  # fmt: skip
    limits = rows.row(0, named=True) if rows.height else {}
    horizon = limits.get("horizon_days")
    return source.figure(
        key, "points", evidence, found.noun, value, limits.get("risk_low"), limits.get("risk_high"),
        period=period_of(found), sure="95 % interval of one planned look",
        note=f"Within {horizon:g} days of assignment." if horizon else "",
    )  # fmt: skip


def consent(source: Source, journey: Journey) -> Figure:
    """Joint coverage with its one-sided lower limit."""
    key, evidence = "consent_coverage", source.evidence("consent", journey)
    value, low = (journey.figures.get(name) for name in (key, "consent_coverage_low"))
    if value is None:
        status: Status = (
            "not_needed" if journey.consent == "not_testable"
            else "suppressed" if journey.consent == "suppressed"
            else "no_evidence"
        )  # fmt: skip
        return source.absent(key, "share", evidence, status, "")
    events = journey.figures.get("events_needing_consent")
    of = f"{formatting.count(events)} events that need consent" if events else "events that need consent"
    return source.figure(key, "share", evidence, of, value, low, sure="one-sided 95 % lower limit")


def _requests(source: Source, journey: Journey) -> Figure:
    rate, low = (journey.figures.get(name) for name in ("dsr_sla_rate", "dsr_sla_low"))
    return source.figure(
        "dsr_sla_rate", "share", Evidence("requests"), "requests answered, or past their last day", rate, low,
        sure="one-sided 95 % lower limit", note="The same for every journey: people ask a company.",
    )  # fmt: skip


def _plain(source: Source, journey: Journey, key: str, page: str, of: str) -> Figure:
    """A figure of journeys.csv without limits."""
    units = {"minimization_score": "number", "cost_per_1k": "price", "excess_load": "weight"}
    unit = units.get(key, "count")
    return source.figure(key, unit, source.evidence(page, journey), of, journey.figures.get(key))  # type: ignore[arg-type]


def _of(found: Experiment) -> Evidence:
    return Evidence("experiment", {"experiment": found.experiment})
