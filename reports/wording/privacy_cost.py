"""Inference in sentences: what recommending costs against its targets and how long it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics import formatting
from reports.readings import NO_EVIDENCE, Mark
from reports.snapshot import Snapshot
from reports.wording.figures import listed
from reports.wording.privacy_words import Told, counted, verb

Row = Mapping[str, Any]

OVER = Mark("over target", "▲", "warn")
WITHIN = Mark("within target", "●", "good")
NO_TARGET = Mark("no target", "◌", "none")

SERVING = {
    "central": "central servers",
    "edge": "edge",
    "on_device": "on the device",
    "contextual": "from context alone",
}
"""By way of serving: where the model runs, or that it needs no data about a person."""


@dataclass(frozen=True)
class Spend:
    """What a journey's inference takes, against what the retailer set itself; None where it is not known.

    Attributes:
        cost, cost_per_1k, cost_target: in the workspace's currency, per thousand recommendations.
        p95, latency_target: milliseconds.
        over: share of recommendations that took longer than the latency target.
        per_order: cost of one more order (or unit of the primary metric); None unless there is a clear gain.
    """

    journey: str
    name: str
    recommendations: int
    cost: float
    cost_per_1k: float | None
    cost_target: float | None
    p95: float | None
    latency_target: float | None
    over: float | None
    per_order: float | None

    @property
    def cost_mark(self) -> Mark:
        """Whether a thousand recommendations cost more than they should."""
        return against(self.cost_per_1k, self.cost_target)

    @property
    def latency_mark(self) -> Mark:
        """Whether the 95th percentile lies above the target."""
        return against(self.p95, self.latency_target)


def against(value: float | None, target: float | None) -> Mark:
    """A figure that should not exceed its target; nothing is within a target that is not there."""
    if value is None:
        return NO_EVIDENCE
    if target is None:
        return NO_TARGET
    return OVER if value > target else WITHIN


def spends(snapshot: Snapshot, models: pl.DataFrame, names: Mapping[str, str]) -> list[Spend]:
    """What every journey with a log takes, the most expensive per recommendation first.

    Args:
        snapshot: the run, for targets and for figures of whole journeys.
        models: rows of inference.csv.
        names: journey → its name for people.
    """
    targets = {item["id"]: item for item in snapshot.run.workspace.get("journeys", [])}
    wholes = {row["journey"]: row for row in snapshot.journeys().iter_rows(named=True)}
    sums = models.group_by("journey", maintain_order=True).agg(
        pl.col("recommendations", "cost").sum(), pl.col("cost_per_incremental_unit").first()
    )
    found = []
    for row in sums.iter_rows(named=True):
        journey, made = row["journey"], row["recommendations"]
        target, whole = targets.get(journey, {}), wholes.get(journey, {})
        found.append(
            Spend(
                journey=journey,
                name=names.get(journey, journey),
                recommendations=made,
                cost=row["cost"],
                cost_per_1k=1000 * row["cost"] / made if made else None,
                cost_target=target.get("cost_target_per_1k"),
                p95=whole.get("latency_p95"),
                latency_target=target.get("latency_target_ms"),
                over=whole.get("share_over_latency_target"),
                per_order=row["cost_per_incremental_unit"],
            )
        )
    return sorted(found, key=lambda spend: -(spend.cost_per_1k or 0))


def lead(found: Sequence[Spend], currency: str) -> Told:
    """Whether recommending costs what it should."""
    over = [spend for spend in found if spend.cost_mark == OVER]
    slow = [spend for spend in found if spend.latency_mark == OVER]
    if over:
        told = [f"{s.name} ({_against(s, currency)})" for s in over]
        if len(over) == 1:
            cost, target = _prices(over[0], currency)
            sentence = (
                f"{over[0].name} costs {cost} per thousand recommendations, over its target of {target}."
            )
            return Told(Mark("over its target", "▲", "warn"), sentence, _latency(slow))
        sentence = (
            f"{len(over)} of {counted(len(found), 'journey')} cost more than their target: {listed(told)}."
        )
        return Told(OVER, sentence, _latency(slow))
    targeted = [spend for spend in found if spend.cost_mark == WITHIN]
    if not targeted:
        return Told(NO_TARGET, "No journey has a target for its inference cost.", _latency(slow))
    if len(targeted) < len(found):
        which = f"{len(targeted)} of {counted(len(found), 'journey')}"
        sentence = (
            f"{which} {verb(len(targeted), 'keeps', 'keep')} to {verb(len(targeted), 'its', 'their')} cost "
        )
        return Told(WITHIN, f"{sentence}target; the others have none.", _latency(slow))
    if len(found) == 1:
        first = found[0]
        cost, target = _prices(first, currency)
        return Told(
            WITHIN,
            f"{first.name} costs {cost} per thousand recommendations, within its target of {target}.",
            _latency(slow),
        )
    return Told(WITHIN, f"All {len(found)} journeys keep to their cost target.", _latency(slow))


def _against(spend: Spend, currency: str) -> str:
    cost, target = _prices(spend, currency)
    return f"{cost}, over its target of {target}"


def _prices(spend: Spend, currency: str) -> tuple[str, str]:
    """A journey's cost and its target, with as many digits as tell them apart."""
    cost, target = spend.cost_per_1k or 0.0, spend.cost_target or 0.0
    texts = formatting.price(cost, currency), formatting.price(target, currency)
    if texts[0] != texts[1] or cost == target:
        return texts
    exact = formatting.effect(None, cost, target, "money", currency=currency, sign=False)
    return exact.low, exact.high


def _latency(slow: Sequence[Spend]) -> str:
    told = [
        f"{s.name} takes longer than {formatting.milliseconds(s.p95)} for 5 % of its requests, over its "
        f"target of {formatting.milliseconds(s.latency_target)}"
        for s in slow
    ]
    return f"{listed(told)}." if told else ""


def next_step(found: Sequence[Spend], models: pl.DataFrame, currency: str) -> str:
    """Where to look first: the model that takes most of the cost of the journey farthest over its target."""
    over = [spend for spend in found if spend.cost_mark == OVER]
    slow = [spend for spend in found if spend.latency_mark == OVER]
    if not over and not slow:
        return "Nothing needs to change for cost or latency."
    if over:
        worst = max(over, key=lambda s: (s.cost_per_1k or 0) / (s.cost_target or 1))
        row = (
            models.filter(pl.col("journey") == worst.journey).sort("cost", descending=True).row(0, named=True)
        )
        share = formatting.percent(row["cost"] / worst.cost, 0) if worst.cost else formatting.MISSING
        return (
            f"Look first at {row['model']} ({_served(row)}): {share} of the cost of {worst.name}, at "
            f"{formatting.price(row['cost_per_1k'], currency)} per thousand."
        )
    worst = max(slow, key=lambda s: (s.p95 or 0) / (s.latency_target or 1))
    own = models.filter(pl.col("journey") == worst.journey, pl.col("latency_p95").is_not_null())
    row = own.sort("latency_p95", descending=True).row(0, named=True)
    return (
        f"Look first at {row['model']} ({_served(row)}) of {worst.name}: its 95 % latency is "
        f"{formatting.milliseconds(row['latency_p95'])}."
    )


def _served(row: Row) -> str:
    return SERVING.get(row["serving"], str(row["serving"]))


def total(found: Sequence[Spend], currency: str, period: str) -> str:
    """What all of it cost, for how many recommendations."""
    made, cost = sum(s.recommendations for s in found), sum(s.cost for s in found)
    per_1k = formatting.price(1000 * cost / made, currency) if made else formatting.MISSING
    return (
        f"{formatting.price(cost, currency)} for {counted(made, 'recommendation')} in "
        f"{formatting.quarter(period)}: {per_1k} per thousand."
    )


def avoided(models: pl.DataFrame) -> str:
    """How many requests no server had to answer with a person's data."""
    requests, kept = int(models["requests"].sum()), int(models["server_requests_avoided"].sum() or 0)
    if not kept:
        return f"None of {counted(requests, 'request')}: every one was answered by a server."
    sizes = models.filter(pl.col("server_requests_avoided") > 0)["server_bytes_avoided"]
    known = formatting.size(float(sizes.sum())) if not sizes.has_nulls() else ""
    data = f", about {known}" if known else "; the log does not say how many bytes"
    share = formatting.percent(kept / requests, 0)
    return f"{share} of {counted(requests, 'request')}, on the device or from context alone{data}."
