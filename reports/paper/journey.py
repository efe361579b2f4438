"""A journey's page: what its experiment found, what it risks, what the gate says, what people decided."""

from collections import Counter

import polars as pl

from metrics import catalogue, formatting
from reports.intervals import Axis, Shown, effect_shown, ends_text, interval_heading, shared_axis
from reports.journeys import Journey
from reports.paper.blocks import (
    Answers,
    Beside,
    Block,
    Cell,
    Column,
    Facts,
    Heading,
    Item,
    Lead,
    Table,
    Tiles,
    span,
)
from reports.paper.curve import curve
from reports.paper.material import Material
from reports.paper.noted import of_journey
from reports.readings import HIDDEN, NO_EVIDENCE, Mark, reading
from reports.results import Effect, Experiment, Metric, arm_name
from reports.wording.assurance import assurance
from reports.wording.figures import capitalised, subject
from reports.wording.overview import period_of, stage
from reports.wording.privacy_words import counted, verb
from reports.wording.privacy_worth import worth

RISKS = "What it risks and takes"
NOT_NEEDED = Mark("not needed", "–", "none")


def result(material: Material, journey: Journey) -> list[Block]:
    """What the experiment that speaks for a journey found."""
    experiment = journey.experiment
    if experiment is None:
        lead = "No evidence yet: no experiment of this journey has started by the end of the quarter."
        more = "What personalisation earns here is not known: neither a gain nor nothing."
        return [Lead(lead, more, NO_EVIDENCE), *_risks(material, journey)]
    said = material.said(experiment)
    sure, how_sure = assurance(experiment)
    answers = [
        Item("What to do next", said.advice),
        Item("How sure is it?", how_sure, mark=sure),
        _worth(material, journey),
    ]
    blocks: list[Block] = [Lead(said.lead, said.more, said.mark), Answers(answers)]
    curves: list[Block] = []
    events = of_journey(material, journey)
    for variant in journey.variants:
        blocks += metrics_table(experiment, variant, material.currency)
        drawn = curve(material.snapshot, experiment, variant, events)
        curves += [drawn] if drawn else []
    if len(curves) != 1:
        return [*blocks, *curves, *_risks(material, journey)]
    facts = Facts(_figures(material, journey))
    return [*blocks, Beside([Heading("Day by day"), *curves], [Heading(RISKS), facts], share=0.56)]


def about(material: Material, journey: Journey) -> str:
    """Which experiment speaks, when it ran and how far it has come."""
    experiment = journey.experiment
    if experiment is None:
        return "No experiment has started."
    parts = [experiment.name, period_of(experiment), stage(experiment, material.snapshot.as_of_date)]
    return " · ".join(parts)


def metrics_table(experiment: Experiment, variant: str, currency: str) -> list[Block]:
    """Every metric of one variant against control, primary first."""
    control = arm_name(experiment.control)
    rows = [(metric, experiment.headline(metric.metric, variant)) for metric in experiment.metrics]
    shown = {
        metric.metric: effect_shown(
            row, metric, experiment, reading(row, metric, experiment), "relative", currency
        )
        for metric, row in rows
    }
    axis = shared_axis(one.bar for one in shown.values() if one.shared)
    sizes = Counter((row.n_control, row.n_variant) for _, row in rows if row and row.n_control is not None)
    usual = sizes.most_common(1)[0][0] if sizes else (None, None)
    columns = [
        Column("Metric", width=1.6),
        Column(capitalised(control), right=True, under=_n(usual[0])),
        Column(capitalised(arm_name(variant)), right=True, under=_n(usual[1])),
        Column(catalogue.figure("relative").label, right=True),
        Column(interval_heading([experiment]), right=True),
        Column("", width=1.3, under=ends_text(axis)),
        Column("Reading"),
    ]
    body = [
        _metric(experiment, metric, row, shown[metric.metric], axis, currency, usual) for metric, row in rows
    ]
    said = f"{capitalised(arm_name(variant))} against {control}"
    return [Heading(said), Table(said, columns, body)]


def _metric(
    experiment: Experiment,
    metric: Metric,
    row: Effect | None,
    one: Shown,
    axis: Axis,
    currency: str,
    usual: tuple[int | None, int | None],
) -> list[Cell]:
    """One metric; its numbers of units only where they are not those of the column's heading."""
    control, variant = formatting.means(
        row.mean_control if row else None, row.mean_variant if row else None, metric.unit, currency
    )
    roles = [
        *(["primary"] if metric.metric == experiment.primary else []),
        *(["guardrail"] if metric.metric in experiment.guardrails else []),
        *([] if one.shared else ["on its own scale"]),
    ]
    own = axis if one.shared else shared_axis([one.bar])
    own_counts = (row.n_control, row.n_variant) if row else (None, None)
    counts = (None, None) if own_counts == usual else own_counts
    interval = one.texts.interval if one.texts.interval != formatting.MISSING else ""
    return [
        Cell(capitalised(subject(metric, experiment)), ", ".join(roles), strong=True),
        Cell(control, _n(counts[0])),
        Cell(variant, _n(counts[1])),
        Cell(one.texts.estimate, strong=True),
        Cell(interval),
        Cell(drawn=span(one.bar, own)),
        Cell(mark=reading(row, metric, experiment)),
    ]


def _n(count: int | None) -> str:
    return f"n {formatting.count(count)}" if count is not None else ""


def _worth(material: Material, journey: Journey) -> Item:
    """Net value with its interval and what it is made of; why not, where there is none."""
    rows = material.snapshot.table("net_value").filter(
        pl.col("journey") == journey.journey, pl.col("period") == material.snapshot.run.period
    )
    title = "Worth, after inference cost"
    if rows.is_empty():
        return Item(title, "Not known: there is no margin metric, or no inference log.", mark=NO_EVIDENCE)
    row = rows.row(0, named=True)
    mark = worth(row)
    if row["net_value"] is None:
        return Item(title, capitalised(f"{row['note'] or 'not known'}."), mark=mark)
    texts = formatting.effect(
        row["net_value"], row["net_low"], row["net_high"], "money", currency=material.currency
    )
    limits = f" ({texts.interval})" if texts.interval != formatting.MISSING else ""
    units = formatting.count(row["treated_units"])
    cost = formatting.price(row["cost_per_unit"], material.currency)
    said = f"{texts.estimate}{limits} among {units} personalised and measured; inference {cost} per unit."
    return Item(title, said, mark=mark)


def _risks(material: Material, journey: Journey) -> list[Block]:
    return [Heading(RISKS), Tiles(_figures(material, journey))]


def _figures(material: Material, journey: Journey) -> list[Item]:
    """What a journey risks and takes, each figure with what it is of."""
    known, currency = journey.figures, material.currency
    target = material.configured(journey.journey).get("cost_target_per_1k")
    goal = material.configured(journey.journey).get("latency_target_ms")
    return [
        _consent(journey),
        _leaks(journey),
        _figure(
            "minimization_score", formatting.number(known.get("minimization_score")),
            f"excess load {formatting.number(known.get('excess_load'), 0)}; "
            f"{counted(known.get('fields_past_retention') or 0, 'field')} past retention",
            known=known.get("minimization_score") is not None,
        ),
        _vendors(journey),
        _figure(
            "cost_per_1k", formatting.price(known.get("cost_per_1k"), currency),
            f"target {formatting.price(target, currency)}" if target is not None else "no target set",
            known=known.get("cost_per_1k") is not None,
        ),
        _figure(
            "latency_p95", formatting.milliseconds(known.get("latency_p95")),
            f"target {formatting.milliseconds(goal)}" if goal is not None else "no target set",
            known=known.get("latency_p95") is not None,
        ),
    ]  # fmt: skip


def _figure(key: str, text: str, small: str, *, known: bool) -> Item:
    label = catalogue.column("journeys", key).label
    return Item(label, text, small) if known else Item(label, formatting.MISSING, mark=NO_EVIDENCE)


def _consent(journey: Journey) -> Item:
    known, label = journey.figures, catalogue.figure("consent_coverage").label
    share, low = known.get("consent_coverage"), known.get("consent_coverage_low")
    if share is None:
        why = {"not_testable": NOT_NEEDED, "suppressed": HIDDEN}.get(journey.consent, NO_EVIDENCE)
        return Item(label, formatting.MISSING, mark=why)
    least = f"at least {formatting.percent(low)}, " if low is not None else ""
    of = f"{least}of {formatting.count(known.get('events_needing_consent'))} events"
    return Item(label, formatting.percent(share), of)


def _leaks(journey: Journey) -> Item:
    leaks, label = journey.figures.get("leakage_events"), "Personalised without consent"
    if leaks is None:
        why = {"not_testable": NOT_NEEDED, "suppressed": HIDDEN}.get(journey.consent, NO_EVIDENCE)
        return Item(label, formatting.MISSING, mark=why)
    mark = Mark("leak", "■", "bad") if leaks else Mark("none", "●", "good")
    return Item(label, formatting.count(leaks), verb(leaks, "event", "events"), mark=mark)


def _vendors(journey: Journey) -> Item:
    known, label = journey.figures, "Vendors with all protections"
    live, safe = known.get("vendors_live"), known.get("vendors_with_protections")
    if live is None or safe is None:
        return Item(label, formatting.MISSING, mark=NO_EVIDENCE)
    barred = known.get("vendors_unprotected")
    beside = (
        "not known how many may not receive data"
        if barred is None
        else (f"{formatting.count(barred)} may not receive data" if barred else "all may receive data")
    )
    return Item(label, f"{formatting.count(safe)} of {formatting.count(live)}", beside)
