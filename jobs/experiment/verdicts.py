"""What an experiment's figures amount to, per variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from experiments.health import HealthCheck
from experiments.verdict import Interval, Verdict, decide, needed_more
from jobs.config.models import Experiment
from jobs.config.workspace import Workspace
from jobs.experiment.survival import Followed, guardrail_states_of


@dataclass(frozen=True)
class Reading:
    """A variant's verdict, and what an inconclusive one would need.

    Attributes:
        verdict: see `experiments.verdict.Verdict`.
        ended: whether the planned look decided, or the confidence sequence.
        unmeasured_guardrails: guardrails without a figure: not known to be safe.
        needed_more: further units, both arms together, that would make the interval's half-width as small as
            the estimate; None unless inconclusive.
    """

    verdict: Verdict
    ended: bool
    unmeasured_guardrails: tuple[str, ...]
    needed_more: int | None


def decide_all(
    workspace: Workspace,
    experiment: Experiment,
    effects: pl.DataFrame,
    followed: Sequence[Followed],
    checks: Sequence[HealthCheck],
    *,
    ended: bool,
) -> dict[str, Reading]:
    """One reading per variant, from the headline rows of the whole experiment."""
    failed = [check.check for check in checks if check.status == "fail"]
    direction = workspace.metrics[experiment.primary].direction
    k = workspace.settings.disclosure.minimum_people
    found = {}
    for variant in experiment.variants:
        rows = _headlines(effects, variant)
        row = rows.get(experiment.primary)
        states = {name: rows[name]["guardrail_state"] for name in experiment.guardrails if name in rows}
        states |= guardrail_states_of(followed, variant, k)
        verdict = decide(
            status=_status(row, k),
            direction=direction,
            fixed=_interval(row, "difference"),
            sequential=_interval(row, "sequential"),
            ended=ended,
            failed_checks=failed,
            guardrails=states,
        )
        unmeasured = tuple(name for name in experiment.guardrails if name not in states)
        found[variant] = Reading(verdict, ended, unmeasured, _needed(row, verdict, ended=ended))
    return found


def _headlines(effects: pl.DataFrame, variant: str) -> dict[str, dict[str, Any]]:
    if effects.is_empty():
        return {}
    rows = effects.filter(pl.col("headline"), pl.col("segment_dimension") == "", pl.col("variant") == variant)
    return {row["metric"]: row for row in rows.iter_rows(named=True)}


def _status(row: dict[str, Any] | None, minimum_people: int) -> str:
    if row is None or row["status"] == "no_evidence":
        return "no_evidence"
    if min(row["people_control"], row["people_variant"]) < minimum_people:
        return "suppressed"
    return str(row["status"])


def _interval(row: dict[str, Any] | None, name: str) -> Interval:
    low, high = (row[f"{name}_low"], row[f"{name}_high"]) if row else (None, None)
    return Interval(*(float("nan") if bound is None else bound for bound in (low, high)))


def _needed(row: dict[str, Any] | None, verdict: Verdict, *, ended: bool) -> int | None:
    if row is None or verdict.code not in ("no_clear_effect", "too_early"):
        return None
    low, high = _interval(row, "difference" if ended else "sequential")
    return needed_more(row["n_control"] + row["n_variant"], (high - low) / 2, row["difference"])
