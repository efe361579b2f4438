"""What a journey's experiment and its recommendations show the gate."""

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from metrics import formatting
from policy.gates import NO_EVIDENCE, Evidence
from reports.gates.evidence.source import Source
from reports.results import Effect, Experiment

HARMED = ("worse", "possibly_worse")


def growth(source: Source, now: datetime) -> dict[str, Evidence]:
    """Evidence by figure from the journey's experiment and its inference log, judged at `now`."""
    return _experiment(source, now) | _inference(source)


def _experiment(source: Source, now: datetime) -> dict[str, Evidence]:
    experiment, variants = source.journey.experiment, source.journey.variants
    named = (
        "primary_relative", "result_age_days", "guardrails_unproven", "churn_risk_difference", "net_value"
    )  # fmt: skip
    if experiment is None:
        why = "no experiment of the journey has begun"
        return dict.fromkeys((*named, "health_failed"), _without(why))
    health = _health(source, experiment)
    if health.value:
        return {"health_failed": health} | dict.fromkeys(named, _without("a health check failed"))
    if len(variants) != 1:
        why = "several variants, and no `rollout` in journeys.yaml to choose one"
        return {"health_failed": health} | dict.fromkeys(named, _without(why))
    return {
        "health_failed": health,
        "primary_relative": _lift(source, experiment, variants[0]),
        "result_age_days": _age(source, experiment, variants[0], now),
        "guardrails_unproven": _guardrails(source, experiment, variants[0]),
        "churn_risk_difference": _churn(source, experiment, variants[0]),
        "net_value": _net_value(source, experiment),
    }


def _without(why: str) -> Evidence:
    return replace(NO_EVIDENCE, note=why)


def _period(experiment: Experiment) -> str:
    return formatting.interval(formatting.day(experiment.starts), formatting.day(experiment.ends))


def _measured_at(source: Source, experiment: Experiment, metric: str) -> datetime:
    return source.known_until(experiment.metric(metric).definition.get("table", "order_lines"))


def _health(source: Source, experiment: Experiment) -> Evidence:
    """How many health checks failed; not known where the split between the arms could not be checked."""
    states = {check.check: check.status for check in experiment.checks}
    failed = [name for name, status in states.items() if status == "fail"]
    if not failed and states.get("sample_ratio") not in ("pass", "warn"):
        return _without("whether the groups were split as planned could not be checked")
    return Evidence(
        value=len(failed),
        n=len(states),
        counted="checks",
        period=_period(experiment),
        measured_at=source.known_until("assignments"),
        note=", ".join(failed),
    )


def _of(row: Effect | None, value: float | None, low: float | None, high: float | None) -> Evidence:
    if row is None:
        return _without("not measured yet")
    if row.status == "suppressed":
        return Evidence(status="suppressed", note=row.note or "")
    if row.status != "ok" or value is None:
        return _without(row.note or row.status.replace("_", " "))
    return Evidence(value=value, lower=low, upper=high, n=row.units)


def _lift(source: Source, experiment: Experiment, variant: str) -> Evidence:
    """Relative effect on the primary, so that more is better; before the planned end, limits for any look."""
    row, name = experiment.headline(experiment.primary, variant), experiment.primary
    if row is not None and row.status == "ok" and row.mean_control is not None and row.mean_control <= 0:
        return _without("control's mean is not above 0, so that a gain in per cent has no meaning")
    value, low, high = (
        (None, None, None)
        if row is None
        else (row.relative, row.relative_low, row.relative_high)
        if experiment.ended
        else (row.relative, row.relative_sequential_low, row.relative_sequential_high)
    )
    note = "" if experiment.ended else "limits hold at any look, because the test still runs"
    if experiment.metric(name).lower_is_better:
        value, low, high = _negated(value), _negated(high), _negated(low)
        note = "; ".join(filter(None, (note, "sign turned: less is better")))
    found = _of(row, value, low, high)
    return replace(
        found,
        counted=experiment.noun,
        period=_period(experiment),
        measured_at=_measured_at(source, experiment, name),
        note=found.note or note,
    )


def _negated(value: float | None) -> float | None:
    return None if value is None else -value


def _age(source: Source, experiment: Experiment, variant: str, now: datetime) -> Evidence:
    """Whole days from the last outcome that counts for the primary metric to `now`.

    `now` is the gate's own, as for `max_age_days`, so that a result grows old while nobody refreshes. The run
    keeps only the instant from which to count, and fresh tables do not move it: they bring no new outcomes.
    """
    until = experiment.facts.get("counted_until")
    measured = _measured_at(source, experiment, experiment.primary)
    if until is None:
        return _without("when its outcomes end is not on record; `ends` in experiments.yaml says so")
    last = min(datetime.fromisoformat(until), measured)
    day = (last - timedelta(microseconds=1)).astimezone(source.snapshot.zone).date()
    age = max(0, (now - last) // timedelta(days=1))
    found = _of(experiment.headline(experiment.primary, variant), age, None, None)
    return replace(
        found,
        counted=experiment.noun,
        period=_period(experiment),
        measured_at=measured,
        note=found.note or f"outcomes count until {formatting.day(day)}",
    )


def _guardrails(source: Source, experiment: Experiment, variant: str) -> Evidence:
    """How many guardrails are not shown to be safe; not known while none is harmed but some are open."""
    if not experiment.guardrails:
        return _without("the experiment declares no guardrail")
    rows = {name: experiment.headline(name, variant) for name in experiment.guardrails}
    states = {name: row.guardrail_state if row else None for name, row in rows.items()}
    labels = {name: experiment.metric(name).label for name in states}
    harmed = [name for name, state in states.items() if state in HARMED]
    open_ = [name for name, state in states.items() if state not in (*HARMED, "not_worse")]
    if open_ and not harmed:
        return _without(f"harm is not ruled out for {', '.join(labels[name] for name in open_)}")
    if not harmed and not _watches_withdrawal(experiment):
        return _without("consent withdrawal is not among the guardrails, and the basis is consent")
    sizes = [row.units for row in rows.values() if row and row.units is not None]
    return Evidence(
        value=len(harmed) + len(open_),
        n=min(sizes, default=None),
        counted=experiment.noun,
        period=_period(experiment),
        measured_at=min(_measured_at(source, experiment, name) for name in states),
        note=", ".join(labels[name] for name in [*harmed, *open_]),
    )


def _watches_withdrawal(experiment: Experiment) -> bool:
    """Whether people who withdraw are a guardrail, where the experiment rests on consent."""
    if experiment.definition.get("lawful_basis", "consent") != "consent":
        return True
    watched = (experiment.metric(name).definition for name in experiment.guardrails)
    return any((one.get("kind"), one.get("table")) == ("survival", "consent_events") for one in watched)


def _churn(source: Source, experiment: Experiment, variant: str) -> Evidence:
    """Risk difference of the experiment's first metric of customers who leave; before the end no limits."""
    for metric in experiment.metrics:
        kind, table = metric.definition.get("kind"), metric.definition.get("table")
        if kind == "survival" and table != "consent_events":
            row = experiment.headline(metric.metric, variant)
            low, high = (
                (row.difference_low, row.difference_high) if row and experiment.ended else (None, None)
            )
            found = _of(row, row.difference if row else None, low, high)
            measured = _measured_at(source, experiment, metric.metric)
            return replace(found, counted=experiment.noun, period=_period(experiment), measured_at=measured)
    return _without("the experiment has no metric of customers who leave")


def _net_value(source: Source, experiment: Experiment) -> Evidence:
    """What is left of the margin; before the end no limits, because they hold at the planned look alone."""
    worth = source.snapshot.frames["net_value"].filter(
        pl.col("journey") == source.journey.journey, pl.col("period") == source.period
    )
    treated = worth["treated_units"].first() if worth.height else None
    found = source.figure(
        "net_value", "order_lines", "inference_log",
        n=treated if isinstance(treated, int) else None,
        counted=experiment.noun, lower="net_low", upper="net_high",
    )  # fmt: skip
    return found if experiment.ended else replace(found, lower=None, upper=None)


def _inference(source: Source) -> dict[str, Evidence]:
    rows = source.snapshot.frames["inference"].filter(
        pl.col("journey") == source.journey.journey, pl.col("period") == source.period
    )
    made, timed = int(rows["recommendations"].sum()), rows["timed_requests"].drop_nulls()
    table, target = "inference_log", source.configured.get("cost_target_per_1k")
    cost = source.figure("cost_per_1k", table, n=made, counted="recommendations")
    price = cost.value
    if target and price is not None:
        ratio = replace(cost, value=price / target)
    else:
        ratio = cost if target else _without("journeys.yaml names no cost_target_per_1k")
    latency, late = (
        source.figure(
            name, table, n=int(timed.sum()) if timed.len() else None, counted="requests with a latency"
        )
        for name in ("latency_p95", "share_over_latency_target")
    )
    if not source.configured.get("latency_target_ms"):
        late = _without("journeys.yaml names no latency_target_ms")
    return {
        "cost_per_1k": cost,
        "cost_to_target": ratio,
        "latency_p95": latency,
        "share_over_latency_target": late,
    }
