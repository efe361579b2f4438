"""What personalisation as a whole brings, from the universal holdout: never from a sum of winners.

Journeys share customers, so what one adds another may take away, and a sum of estimates that were picked
for being large is too large. Whoever is held out of everything counts every customer once.
"""

from collections.abc import Mapping

import polars as pl

from metrics import formatting
from metrics.programme import daily_cost, net_value
from reports.board.effects import effect_figure, sure, unreadable
from reports.board.parts import Evidence, Figure
from reports.board.source import Source
from reports.readings import deciding
from reports.results import Effect, Experiment
from reports.wording.figures import listed
from reports.wording.overview import period_of

LIFT, NET = "board.programme_lift", "board.programme_net_value"
NO_HOLDOUT = (
    "No universal holdout has started. Hold some customers out of all journeys (programme: true in "
    "experiments.yaml): journeys' gains do not add up, since they share customers."
)


def lift(source: Source) -> Figure:
    """The universal holdout's effect on its primary metric."""
    found = source.programme
    if found is None:
        return source.absent(LIFT, "lift", Evidence("experiments"), "no_evidence", NO_HOLDOUT)
    evidence = _evidence(found)
    if len(found.variants) != 1:
        return source.absent(LIFT, "lift", evidence, "no_evidence", "It has several variants.")
    return effect_figure(source, found, found.primary, found.variants[0], LIFT, evidence)


def net(source: Source) -> Figure:
    """Margin that the universal holdout shows to be added, less what inference costs over as many days.

    With a single journey and no universal holdout it is that journey's own net value.
    """
    found = source.programme
    if found is None:
        return source.absent(NET, "money", Evidence("experiments"), "no_evidence", NO_HOLDOUT)
    evidence, period = _evidence(found), period_of(found)
    row, why = _margin(source, found)
    if row is None:
        return source.absent(NET, "money", evidence, "no_evidence", why, period=period)
    status, note = unreadable(found, row)
    window = found.metric(row.metric).definition.get("window_days")
    if status or row.n_variant is None or row.difference is None or not window:
        return source.absent(NET, "money", evidence, status or "not_testable", note, period=period)
    per_day = costs_per_day(source)
    unknown = [item.name for item in source.journeys if per_day.get(item.journey) is None]
    if unknown or not per_day:
        what = f"of {listed(unknown)} " if unknown else ""
        note = f"What inference {what}costs is not known, and is not zero."
        return source.absent(NET, "money", evidence, "no_evidence", note, period=period)
    limits = deciding(row, found)
    cost = sum(value for value in per_day.values() if value is not None)
    worth = net_value(row.n_variant, (row.difference, limits.low, limits.high), cost, window)
    return source.figure(
        NET,
        "money",
        evidence,
        f"{formatting.count(row.n_variant)} {found.noun}, {window:g} days each",
        *worth,
        period=period,
        sure=sure(found),
        note=f"Margin added in the first {window:g} days after each was assigned, less what all journeys' "
        "inference costs over as many days.",
    )


def costs_per_day(source: Source) -> Mapping[str, float | None]:
    """What each journey's inference costs per day of the quarter's log; None where that is not known."""
    days = source.snapshot.table("inference_by_day").filter(_within(source.period, pl.col("day")))
    spans = days.group_by("journey").agg(days=(pl.col("day").max() - pl.col("day").min()).dt.total_days() + 1)
    known = dict(spans.iter_rows())
    return {
        item.journey: daily_cost(item.figures.get("inference_cost"), known.get(item.journey))
        for item in source.journeys
    }


def _within(period: str, day: pl.Expr) -> pl.Expr:
    return pl.format("{}Q{}", day.dt.year(), day.dt.quarter()) == period


def _margin(source: Source, found: Experiment) -> tuple[Effect | None, str]:
    """The headline of its margin per unit, uncapped if there is a choice; else why there is none."""
    if len(found.variants) != 1:
        return None, "The universal holdout has several variants."
    wanted = {"kind": "mean", "table": "order_lines", "value": "margin"}
    metrics = [
        metric
        for metric in found.metrics
        if all(metric.definition.get(name) == value for name, value in wanted.items())
        and metric.definition.get("aggregate", "sum") == "sum"
    ]
    if not metrics:
        return None, "The universal holdout has no margin metric: add one to its metrics."
    best = min(metrics, key=lambda metric: metric.definition.get("cap_quantile") is not None)
    row = found.headline(best.metric, found.variants[0])
    return row, "There is no result for the universal holdout's margin yet." if row is None else ""


def _evidence(found: Experiment) -> Evidence:
    return Evidence("experiment", {"experiment": found.experiment})
