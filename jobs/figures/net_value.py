"""Net value per journey: the margin it measurably adds, less inference spread over whom it personalised."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from jobs.admission import ProcessingUse
from jobs.clock import local_midnight
from jobs.config.models import Experiment, MeanMetric
from jobs.config.workspace import Workspace
from jobs.experiment.compute import ExperimentResult
from jobs.figures.effects import chosen_variant, deciding_experiment
from jobs.figures.run import Family, RunInputs
from metrics.inference import Offsets
from metrics.net_value import Effect, Ledger, Worth, first_days, unit_days, worth
from metrics.published import Published
from policy.disclosure import Cells, publish
from storage.frames import dtypes, figure_table

CELLS = Cells(
    people=("people",),
    figures=(
        "treated_units", "margin_per_unit", "margin_low", "margin_high", "personalised_units",
        "inference_cost", "cost_per_unit_day", "uncovered_units", *Worth._fields,
    ),
)  # fmt: skip
JOURNEY_COLUMNS = (
    "net_value", "net_low", "net_high", "break_even_cost_per_recommendation",
    "value_of_consent", "value_of_consent_low", "value_of_consent_high",
)  # fmt: skip
USE: ProcessingUse = "serving cost"
WANTED = "margin metric: a mean of the order lines' margin"
EXTRAPOLATED = (
    "value of consent is an extrapolation: as if people without consent responded like those with it"
)

Row = dict[str, Any]
"""By column of the table, and `people`, the number that the door looks at."""


@dataclass(frozen=True)
class Measured:
    """What the journey's deciding experiment says of one metric, or why it says nothing.

    Attributes:
        experiment, variant, metric: keys; None where there is none.
        effect: None unless the effect is published and can be tested.
        interval: `fixed`, or `any_look` while the experiment is still running.
        status, reason: of the missing effect.
        n_control: mature units of the control; 0 without an effect.
    """

    experiment: Experiment | None = None
    variant: str | None = None
    metric: str | None = None
    effect: Effect | None = None
    interval: str | None = None
    status: str = "no_evidence"
    reason: str | None = None
    n_control: int = 0


@dataclass(frozen=True)
class Spent:
    """What a journey's serving took, and over whom it is spread; the people are still to pass the door."""

    ledger: Ledger
    units: int
    people: int


def margin_metric(workspace: Workspace, experiment: Experiment) -> str | None:
    """The experiment's margin per unit: a mean of the order lines' margin, uncapped if there is a choice."""
    found = [
        (metric.cap_quantile is not None, name)
        for name in experiment.all_metrics
        if isinstance(metric := workspace.metrics[name], MeanMetric)
        and (metric.table, metric.value, metric.aggregate) == ("order_lines", "margin", "sum")
    ]
    return min(found, key=lambda entry: entry[0])[1] if found else None


def measured(
    run: RunInputs,
    shown: pl.DataFrame | None,
    journey: str,
    choose: Callable[[Workspace, Experiment], str | None],
    wanted: str,
) -> Measured:
    """Look up the published effect of the metric that `choose` names in the journey's deciding experiment.

    Until an experiment has ended its limits are those of the confidence sequence, which hold at any look.
    """
    result = deciding_experiment(run, journey)
    if result is None:
        return Measured(reason="no experiment has started on this journey")
    return measured_in(run, shown, result, choose, wanted)


def measured_in(
    run: RunInputs,
    shown: pl.DataFrame | None,
    result: ExperimentResult,
    choose: Callable[[Workspace, Experiment], str | None],
    wanted: str,
) -> Measured:
    """The same in one experiment."""
    experiment = result.experiment
    variant, metric = chosen_variant(run.workspace, experiment), choose(run.workspace, experiment)
    known = Measured(experiment, variant, metric)
    if variant is None:
        return _without(known, "several variants and no `rollout` in journeys.yaml to choose one")
    if metric is None:
        return _without(known, f"the experiment has no {wanted}")
    found = effect_of(run, shown, result, metric, variant)
    if found.effect is not None and not found.effect.window_days:
        return _without(known, f"'{metric}' has no window", "not_testable")
    return found


def effect_of(
    run: RunInputs, shown: pl.DataFrame | None, result: ExperimentResult, metric: str, variant: str
) -> Measured:
    """The published effect of a variant on a metric with the limits that decide; a window of 0 = none."""
    known = Measured(result.experiment, variant, metric)
    row = headline(shown, result.experiment.id, metric, variant)
    if row is None:
        return _without(known, f"no result for '{metric}' yet")
    kind = "fixed" if result.facts["ended"] else "any_look"
    low, high = (
        ("difference_low", "difference_high") if kind == "fixed" else ("sequential_low", "sequential_high")
    )
    if row["status"] != "ok" or row[low] is None:
        status = "not_testable" if row["status"] == "ok" else row["status"]
        return _without(known, row["note"] or f"'{metric}' has no limits", status)
    window = getattr(run.workspace.metrics[metric], "window_days", None)
    effect = Effect(row["n_variant"], row["difference"], row[low], row[high], window or 0.0)
    return Measured(result.experiment, variant, metric, effect, kind, "ok", n_control=row["n_control"])


def _without(known: Measured, reason: str, status: str = "no_evidence") -> Measured:
    return Measured(known.experiment, known.variant, known.metric, status=status, reason=reason)


def headline(shown: pl.DataFrame | None, experiment: str, metric: str, variant: str) -> dict[str, Any] | None:
    """The published row that counts for the whole experiment."""
    if shown is None:
        return None
    found = shown.filter(
        pl.col("experiment") == experiment, pl.col("metric") == metric, pl.col("variant") == variant,
        pl.col("segment_dimension") == "", pl.col("headline"),
    )  # fmt: skip
    return None if found.is_empty() else found.row(0, named=True)


def net_value(
    run: RunInputs, effects: Family, spent: Mapping[str, Spent], whole: Row | None = None
) -> Published:
    """Rows of net_value.csv, one per journey, and one of all together where `whole` has it.

    `spent` is what `spending` found for the quarter.
    """
    shown, excluded = table_of(effects, "effects"), table_of(effects, "exclusions")
    rows = [_row(run, journey, shown, excluded, spent.get(journey)) for journey in run.workspace.journeys]
    rows += [whole] if whole else []
    types = {**dtypes(figure_table("net_value")), "people": pl.Int64()}
    return publish("net_value", pl.DataFrame(rows, schema=types), CELLS, run.minimum_people)


def table_of(family: Family, name: str) -> pl.DataFrame | None:
    """A table of a family that has passed the door; None: it has none."""
    return next((part.frame for part in family.published if part.table == name), None)


def _row(
    run: RunInputs,
    journey: str,
    shown: pl.DataFrame | None,
    excluded: pl.DataFrame | None,
    spent: Spent | None,
) -> Row:
    margin = measured(run, shown, journey, margin_metric, WANTED)
    row: Row = {
        "journey": journey,
        "period": run.period,
        "experiment": margin.experiment.id if margin.experiment else None,
        "variant": margin.variant,
        "metric": margin.metric,
        "interval": margin.interval,
        "people": spent.people if spent else 0,
    }
    if spent:
        row |= {"inference_cost": spent.ledger.cost, "personalised_units": spent.units}
        row |= {"cost_per_unit_day": spent.ledger.cost_per_unit_day}
    if effect := margin.effect:
        row |= {"window_days": effect.window_days, "treated_units": effect.units}
        row |= {"margin_per_unit": effect.difference, "margin_low": effect.low, "margin_high": effect.high}
    if margin.experiment is None or margin.effect is None:
        return row | {"status": margin.status, "note": margin.reason}
    if spent is None:
        return row | {"status": "no_evidence", "note": _nothing_to_spread(run)}
    uncovered, remark = _uncovered(excluded, margin.experiment)
    figures = worth(margin.effect, spent.ledger, uncovered)._asdict()
    note = "; ".join([*_remarks(run, margin, margin.experiment), remark])
    return row | figures | {"uncovered_units": uncovered, "status": "ok", "note": note}


def _nothing_to_spread(run: RunInputs) -> str:
    missing = [name for name in ("inference_log", "journey_events") if name not in run.tables]
    if missing:
        return f"no {' and no '.join(missing)}: what a treated unit costs is not known, and is not zero"
    return f"no inference, or nobody personalised, is on record for this journey in {run.period}"


def _remarks(run: RunInputs, margin: Measured, experiment: Experiment) -> list[str]:
    metric = run.workspace.metrics[margin.metric or ""]
    remarks = [
        f"inference cost of {run.period} spread evenly over the days of the journey's personalised "
        f"{experiment.unit}s, and taken as known"
    ]
    if getattr(metric, "cap_quantile", None) is not None:
        remarks.append("margin is capped per unit")
    if margin.interval == "any_look":
        remarks.append("the experiment is still running: limits hold at any look")
    return remarks


def _uncovered(excluded: pl.DataFrame | None, experiment: Experiment) -> tuple[int | None, str]:
    """Assigned units of all arms that do not count for want of consent, as published; and a remark."""
    if experiment.lawful_basis != "consent":
        return None, f"no value of consent: the basis is {experiment.lawful_basis}"
    if excluded is not None:
        rows = excluded.filter(pl.col("experiment") == experiment.id, pl.col("reason") == "consent")
        if rows.height and not rows["units"].has_nulls():
            return int(rows["units"].sum()), EXTRAPOLATED
    return None, "no value of consent: how many units lack it is suppressed or not known"


def spending(run: RunInputs, counts: pl.DataFrame, offsets: Offsets) -> Mapping[str, Spent]:
    """What each journey's serving took in the quarter, and the person-time over which it is spread.

    A journey's costs are known from its first to its last day in the inference log; only personalised events
    of those days count. The erased take no part.
    """
    events = run.source.processing("journey_events", USE, run.workspace.as_of_end)
    if events is None or counts.is_empty():
        return {}
    known = counts.group_by("journey").agg(
        pl.col("cost", "recommendations").sum(), since=pl.col("day").min(), until=pl.col("day").max()
    )
    zone, day = run.workspace.zone, dt.timedelta(days=1)
    spans = {
        row["journey"]: (local_midnight(row["since"], zone), local_midnight(row["until"] + day, zone))
        for row in known.iter_rows(named=True)
    }
    first = run.engine.collect(first_days(_with_units(run, events), spans, offsets))
    last_day = dict(known.select("journey", "until").iter_rows())
    found = unit_days(first, last_day).join(known, on="journey")
    return {
        row["journey"]: Spent(
            Ledger(row["cost"], row["recommendations"], row["unit_days"]), row["units"], row["people"]
        )
        for row in found.iter_rows(named=True)
    }


def _with_units(run: RunInputs, events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Events of known people, with the unit that the journey's experiment counts."""
    rows = events.filter(~nw.col("customer").is_null())
    deciding = {name: deciding_experiment(run, name) for name in run.workspace.journeys}
    by_household = [name for name, r in deciding.items() if r and r.experiment.unit == "household"]
    if not by_household:
        return rows.with_columns(unit=nw.col("customer"))
    rows = run.source.at_home(rows, USE, "household")
    home = nw.when(nw.col("household").is_null()).then(nw.col("customer")).otherwise(nw.col("household"))
    unit = nw.when(nw.col("journey").is_in(by_household)).then(home).otherwise(nw.col("customer"))
    return rows.with_columns(unit=unit)
