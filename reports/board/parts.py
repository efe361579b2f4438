"""What the board is made of: figures with everything that a reader may ask of them, gates, rows, tiles.

Screen and paper show these and nothing else, so they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from metrics import catalogue, formatting
from reports.readings import Mark

Unit = Literal["lift", "points", "share", "money", "price", "difference", "number", "weight", "count"]
Status = Literal["ok", "not_testable", "suppressed", "no_evidence", "withheld", "not_needed"]
GateStatus = Literal["open", "held", "blocked", "not_evaluated"]
Result = Literal["pass", "fail", "unknown"]

WORDS: Mapping[Status, str] = {
    "ok": "",
    "not_testable": "not testable",
    "suppressed": "too few people",
    "no_evidence": "no evidence",
    "withheld": "withheld",
    "not_needed": "not needed",
}
"""What stands in place of a figure that is not there."""


class Evidence(NamedTuple):
    """Where a figure can be looked into: a page of the app, and what is chosen on it."""

    page: str
    parameters: Mapping[str, str] = {}

    @property
    def path(self) -> str:
        """Such as "consent?journey=Homepage"; relative to the app's address."""
        query = urlencode(self.parameters)
        return f"{self.page}?{query}" if query else self.page


@dataclass(frozen=True)
class Figure:
    """One figure, as a number and as it is written.

    Attributes:
        key: its entry in the catalogue.
        unit: of value and limits; `lift`, `points` and `share` are fractions of 1, `money` and `price` are in
            the workspace's currency.
        of: its denominator: of how many, per what.
        period: when what it counts happened.
        evidence: where to look into it.
        value, low, high: None where not available; a one-sided lower limit has no `high`.
        text: value as written; a word such as "no evidence" where there is none.
        limits: both limits, or "at least" the lower one; empty without.
        sure: what the limits are, such as "95 % interval, valid at every look"; empty without.
        what: what an effect is on, such as "revenue per customer"; empty of other figures.
        status: `ok`, or why there is no figure.
        note: what else must be known; of a figure that is not there, why.
    """

    key: str
    unit: Unit
    of: str
    period: str
    evidence: Evidence
    value: float | None = None
    low: float | None = None
    high: float | None = None
    text: str = formatting.MISSING
    limits: str = ""
    sure: str = ""
    what: str = ""
    status: Status = "no_evidence"
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return self.status == "ok" and self.value is not None

    @property
    def side(self) -> int:
        """1 when the whole interval lies above 0, −1 when below, 0 when it holds 0 or is not known."""
        if not self.known or self.low is None or self.high is None:
            return 0
        return 1 if self.low > 0 else -1 if self.high < 0 else 0

    @property
    def definition(self) -> catalogue.Figure:
        """What it means."""
        return catalogue.figure(self.key)


class Check(NamedTuple):
    """One check of a gate.

    Attributes:
        check: its id in the policy.
        figure: what it looks at.
        name: of that, for people.
        severity: `blocking`, `warning` or `legal`.
        observed: what it saw, as written; empty where that is not known.
        asked: what it asks for, such as "at least 70.0 % asked"; empty in an earlier quarter.
        sentence: what it saw and what it asks.
    """

    check: str
    figure: str
    name: str
    severity: str
    result: Result
    observed: str
    asked: str
    sentence: str


@dataclass(frozen=True)
class Gate:
    """Whether a journey may roll out further.

    Attributes:
        mark: its status as word and shape.
        step: the largest rollout that it allows, in per cent; None when not open or not known.
        reason: why, in one sentence.
        failing, unknown: how many checks fail, and for how many evidence is missing; None: not evaluated.
    """

    status: GateStatus
    mark: Mark
    reason: str
    evidence: Evidence
    step: int | None = None
    failing: int | None = None
    unknown: int | None = None
    checks: tuple[Check, ...] = ()

    @property
    def standing(self) -> int | None:
        """Checks that fail or lack evidence; None while the gate has not been evaluated."""
        return None if self.failing is None or self.unknown is None else self.failing + self.unknown


@dataclass(frozen=True)
class Row:
    """One journey, growth and risk side by side.

    Attributes:
        journey: its id.
        name: for people.
        experiment: the id of the one that speaks for it; None where none has started.
        marks: verdicts of the variants shown, in words.
        reading: what the lift amounts to, in a word.
        lift: of the primary metric; in its own unit where a lift has no limits.
        net_value: margin added less inference, over the measured units' window.
        churn: difference in risk at the horizon.
        consent: share of events covered by joint consent.
        leakage: events personalised without consent.
        requests: answered in time; of the company, the same in every row.
        minimisation: score; its note holds the excess load.
        excess_load: weight of the fields that fail a test.
        vendors: under contract and with every protection.
        vendors_live: of how many.
        cost: of a thousand recommendations.
        gate: whether it may roll out further.
    """

    journey: str
    name: str
    experiment: str | None
    marks: tuple[Mark, ...]
    reading: Mark
    lift: Figure
    net_value: Figure
    churn: Figure
    consent: Figure
    leakage: Figure
    requests: Figure
    minimisation: Figure
    excess_load: Figure
    vendors: Figure
    vendors_live: Figure
    cost: Figure
    gate: Gate

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, in the order of the table."""
        return (
            self.lift, self.net_value, self.churn, self.consent, self.leakage, self.requests,
            self.minimisation, self.excess_load, self.vendors, self.vendors_live, self.cost,
        )  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """One figure for the whole company.

    Attributes:
        name: what it is about: `lift`, `net_value`, `consent`, `requests`, `minimisation` or `vendors`.
        title: for people.
        under: what stands beneath it: limits, denominator, what is behind it.
        moved: against the quarter before, such as "+1.4 pp"; empty where that is not known.
    """

    name: str
    title: str
    figure: Figure
    under: str
    moved: str = ""


class Point(NamedTuple):
    """A journey on the growth-risk map.

    Attributes:
        figure: where it lies from left to right, with its interval.
        standing: checks failing or unknown: where it lies from top to bottom; None: not evaluated.
    """

    journey: str
    name: str
    figure: Figure
    standing: int | None
    gate: Gate


@dataclass(frozen=True)
class GrowthRisk:
    """Growth against risk: what each journey brings, and how many checks stand against it.

    Attributes:
        measure: catalogue key of what goes from left to right: `net_value`, or `relative` where fewer
            journeys have a net value than a lift.
        points: journeys that have it.
        without: names of the journeys that do not.
    """

    measure: str
    points: tuple[Point, ...]
    without: tuple[str, ...]


class Change(NamedTuple):
    """What is other than it was a quarter ago.

    Attributes:
        about: a journey's name, or "All journeys".
        sentence: what changed, from what to what, and why where that is known.
        tone: whether that is for the better or the worse.
    """

    about: str
    sentence: str
    tone: Literal["good", "bad", "neutral"]
    evidence: Evidence


@dataclass(frozen=True)
class Changes:
    """What changed since the quarter before.

    Attributes:
        period: the quarter compared with, such as "2026Q2".
        run_id: its last complete run; None where there is none.
        changes: gates first, then figures that moved beyond their uncertainty.
        remark: what must be known to read them, and why there are none.
    """

    period: str
    run_id: int | None
    changes: tuple[Change, ...] = ()
    remark: str = ""


class Headline(NamedTuple):
    """Two sentences, true for the figures below them.

    Attributes:
        growth: what personalisation earns, and what may roll out.
        risk: what stands against it.
    """

    growth: str
    risk: str


@dataclass(frozen=True)
class Board:
    """A quarter on one page.

    Attributes:
        period: such as "2026Q3".
        headline: two sentences.
        tiles: programme lift, net value, consent coverage, requests on time, minimisation, vendors.
        rows: one per journey, those that ask for an act first.
        map: growth against risk.
        changes: since the quarter before.
        run: facts of the run for the small print: run_id, as_of, policy_version, definitions_version.
    """

    period: str
    headline: Headline
    tiles: tuple[Tile, ...]
    rows: tuple[Row, ...]
    map: GrowthRisk
    changes: Changes
    run: Mapping[str, Any] = field(default_factory=dict)

    def tile(self, name: str) -> Tile:
        """The tile of that name.

        Raises:
            KeyError: there is none.
        """
        return {tile.name: tile for tile in self.tiles}[name]
