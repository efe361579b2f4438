"""What each experiment's effects on money amount to, from figures that have passed the door."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from jobs.config.models import MeanMetric
from jobs.experiment.compute import ExperimentResult
from jobs.figures.effects import deciding_experiment
from jobs.figures.net_value import Measured, Spent, effect_of, table_of
from jobs.figures.run import Family, RunInputs
from metrics.money import Earned, Outlay, Served, earned, outlay
from metrics.net_value import Effect
from metrics.published import Published
from policy.disclosure import Cells, publish
from storage.frames import dtypes, figure_table

CELLS = Cells(people=("people",), figures=("n_control", "n_variant", *Earned._fields))
NO_COST = "no cost is on record, so the return on it is not known"


def money(run: RunInputs, effects: Family, spent: Mapping[str, Spent]) -> tuple[Published, ...]:
    """Rows of money.csv: every metric of money of every variant; none where nothing is measured in money.

    The ledger of inference belongs to the experiment that decides for its journey in the quarter; `spent` is
    what `jobs.figures.net_value.spending` found.
    """
    shown = table_of(effects, "effects")
    rows = [
        _row(run, shown, result, metric, variant, spent)
        for result in run.results
        for metric in money_metrics(run, result)
        for variant in result.experiment.variants
    ]
    types = {**dtypes(figure_table("money")), "people": pl.Int64()}
    frame = pl.DataFrame(rows, schema=types)
    return (publish("money", frame, CELLS, run.minimum_people),) if rows else ()


def money_metrics(run: RunInputs, result: ExperimentResult) -> list[str]:
    """Means per unit that are amounts, the cost left out."""
    return [
        name
        for name in result.experiment.all_metrics
        if name != result.experiment.cost
        and isinstance(metric := run.workspace.metrics[name], MeanMetric)
        and metric.money
    ]


def _row(
    run: RunInputs,
    shown: pl.DataFrame | None,
    result: ExperimentResult,
    metric: str,
    variant: str,
    spent: Mapping[str, Spent],
) -> dict[str, Any]:
    experiment = result.experiment
    found = effect_of(run, shown, result, metric, variant)
    row: dict[str, Any] = {
        "experiment": experiment.id, "journey": experiment.journey, "metric": metric,
        "control": experiment.control, "variant": variant, "period": run.period, "kind": _kind(run, metric),
        "interval": found.interval, "people": 0,
    }  # fmt: skip
    if found.effect is None:
        return row | {"status": found.status, "note": found.reason}
    both = (found.n_control, found.effect.units)
    served, why = _served(run, result, found.effect, spent)
    measured, cost_note = _outlay(result, metric, variant, served, run.minimum_people)
    figures = earned(found.effect, sum(both), served, measured)
    basis = [word for word, known in (("measured", measured), ("ledger", served)) if known]
    notes = [why, cost_note, *_remarks(run, metric, found), "" if basis else NO_COST]
    return row | figures._asdict() | {
        "people": min(both), "n_control": both[0], "n_variant": both[1],
        "window_days": found.effect.window_days or None,
        "cost_basis": " and ".join(basis) or None,
        "quarter_basis": "personalised" if served else "measured",
        "status": "ok", "note": "; ".join(filter(None, notes)) or None,
    }  # fmt: skip


def _kind(run: RunInputs, metric: str) -> str:
    found = run.workspace.metrics[metric]
    value = found.value if isinstance(found, MeanMetric) and found.table == "order_lines" else None
    return value if value in ("revenue", "margin") else "other"


def _served(
    run: RunInputs, result: ExperimentResult, effect: Effect, spent: Mapping[str, Spent]
) -> tuple[Served | None, str]:
    """What the ledger says that a treated unit took over the window; else why it says nothing."""
    journey = result.experiment.journey
    if journey is None:
        return None, "a universal holdout has no ledger of its own"
    deciding = deciding_experiment(run, journey)
    if deciding is None or deciding.experiment.id != result.experiment.id:
        other = f"; it stands with {deciding.experiment.id}" if deciding else ""
        return None, f"the ledger of {run.period} is not about this experiment{other}"
    found = spent.get(journey)
    if found is None or found.people < run.minimum_people:
        return None, f"what a treated unit took in {run.period} is not on record"
    if not effect.window_days:
        return None, "the metric has no window over which to count what was served"
    ledger = found.ledger
    per_unit = (ledger.cost / ledger.unit_days, ledger.recommendations / ledger.unit_days)
    cost, made = (part * effect.window_days for part in per_unit)
    return Served(cost, made, found.units), ""


def _outlay(
    result: ExperimentResult, metric: str, variant: str, served: Served | None, minimum_people: int
) -> tuple[Outlay | None, str]:
    """The return on the cost of each unit, where the experiment measures it; and a remark."""
    own = next((item for item in result.spending if item.metric == metric), None)
    if own is None:
        return None, ""
    arms = (0, result.design.arms.index(variant))
    if min(own.people[arm] for arm in arms) < minimum_people:
        return None, "the cost is known for too few people"
    planned = None if result.facts["ended"] else float(result.design.planned_pairs()[arms[1] - 1])
    variants = len(result.design.arms) - 1
    pair = own.moments.take(arms)
    found = outlay(pair, served, result.design.confidence, planned, variants, own.pooled_x)
    unknown = str(found.returned.reason)
    return found, f"no limits of the return: {unknown}" if unknown else ""


def _remarks(run: RunInputs, metric: str, found: Measured) -> Iterator[str]:
    if getattr(run.workspace.metrics[metric], "cap_quantile", None) is not None:
        yield "values are capped per unit"
    if found.interval == "any_look":
        yield "the experiment is still running: limits hold at any look"
