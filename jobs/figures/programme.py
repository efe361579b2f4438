"""Net value of all journeys together: the universal holdout's margin, less what all their inference costs."""

import polars as pl

from jobs.figures.effects import programme_experiment
from jobs.figures.net_value import WANTED, Row, margin_metric, measured_in, table_of
from jobs.figures.run import Family, RunInputs
from metrics.programme import PROGRAMME, daily_cost, net_value

CHARGED = (
    "margin of the universal holdout; what all journeys' inference costs over as many days is charged to the "
    "units measured, although it also serves others, and is taken as known"
)


def programme(run: RunInputs, effects: Family, counts: pl.DataFrame) -> Row | None:
    """The row of net_value.csv that stands for all journeys; None without a universal holdout.

    Args:
        effects: what has passed the door.
        counts: the quarter's inference by journey and day, with its cost.
    """
    result = programme_experiment(run)
    if result is None:
        return None
    margin = measured_in(run, table_of(effects, "effects"), result, margin_metric, WANTED)
    row: Row = {
        "journey": PROGRAMME,
        "period": run.period,
        "experiment": result.experiment.id,
        "variant": margin.variant,
        "metric": margin.metric,
        "interval": margin.interval,
    }
    effect = margin.effect
    if effect is None:
        return row | {"people": 0, "status": margin.status, "note": margin.reason}
    row |= {"people": effect.units, "treated_units": effect.units, "window_days": effect.window_days}
    row |= {"margin_per_unit": effect.difference, "margin_low": effect.low, "margin_high": effect.high}
    per_day = costs_per_day(run, counts)
    unknown = [name for name, cost in per_day.items() if cost is None]
    if unknown or not per_day:
        what = f"of {', '.join(unknown)} " if unknown else ""
        note = f"what inference {what}costs is not known, and is not zero"
        return row | {"status": "no_evidence", "note": note}
    daily = sum(cost for cost in per_day.values() if cost is not None)
    limits = (effect.difference, effect.low, effect.high)
    found = net_value(effect.units, limits, daily, effect.window_days)
    row |= {"inference_cost": float(counts["cost"].sum()), "cost_per_unit_day": daily / effect.units}
    row |= {"cost_per_unit": daily * effect.window_days / effect.units}
    row |= {"net_value": found.estimate, "net_low": found.low, "net_high": found.high}
    looks = "; the experiment is still running: limits hold at any look" if margin.interval != "fixed" else ""
    return row | {"status": "ok", "note": f"{CHARGED}{looks}"}


def costs_per_day(run: RunInputs, counts: pl.DataFrame) -> dict[str, float | None]:
    """What each journey's inference costs per day of the quarter's log; None where that is not known."""
    days = (pl.col("day").max() - pl.col("day").min()).dt.total_days() + 1
    spent = counts.group_by("journey").agg(pl.col("cost").sum(), days=days)
    known = {journey: daily_cost(cost, span) for journey, cost, span in spent.iter_rows()}
    return {name: known.get(name) for name in dict.fromkeys([*run.workspace.journeys, *sorted(known)])}
