"""What the board is made from: one run, its experiments and journeys, and how its figures are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from metrics import formatting
from reports import assembly, journeys
from reports.board.parts import WORDS, Evidence, Figure, Status, Unit
from reports.journeys import Journey
from reports.results import Experiment
from reports.snapshot import Snapshot


@dataclass(frozen=True)
class Source:
    """A run, opened once.

    Attributes:
        experiments: by id.
        journeys: those that ask for an act first.
    """

    snapshot: Snapshot
    experiments: Mapping[str, Experiment]
    journeys: tuple[Journey, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Source":
        """Open a run."""
        found = assembly.experiments(snapshot)
        return cls(snapshot, found, tuple(journeys.journeys(snapshot, found)))

    @property
    def period(self) -> str:
        """Such as "2026Q3"."""
        return self.snapshot.run.period

    @property
    def quarter(self) -> str:
        """Such as "Q3 2026"."""
        return formatting.quarter(self.period)

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return self.snapshot.currency

    @cached_property
    def programme(self) -> Experiment | None:
        """The universal holdout that speaks for the quarter."""
        return journeys.programme(self.experiments.values(), self.period)

    def evidence(self, page: str, journey: Journey | None = None) -> Evidence:
        """A page, with the journey chosen as the page names it."""
        if journey is None:
            return Evidence(page)
        same = [item for item in self.journeys if item.name == journey.name]
        name = journey.name if len(same) == 1 else f"{journey.name} ({journey.journey})"
        return Evidence(page, {"journey": name})

    def figure(
        self,
        key: str,
        unit: Unit,
        evidence: Evidence,
        of: str,
        value: float | None,
        low: float | None = None,
        high: float | None = None,
        *,
        period: str = "",
        sure: str = "",
        what: str = "",
        note: str = "",
    ) -> Figure:
        """A figure that is known; without a value it is `no_evidence`."""
        about: dict[str, Any] = {
            "key": key, "unit": unit, "of": of, "period": period or self.quarter, "evidence": evidence,
            "what": what,
        }  # fmt: skip
        if formatting.missing(value):
            return Figure(**about, text=WORDS["no_evidence"], note=note)
        text, limits = self.written(unit, value, low, high)
        return Figure(
            **about, value=value, low=low, high=high, text=text, limits=limits,
            sure=sure if limits else "", status="ok", note=note,
        )  # fmt: skip

    def absent(
        self, key: str, unit: Unit, evidence: Evidence, status: Status, note: str, *, period: str = ""
    ) -> Figure:
        """A figure that is not there, and why."""
        return Figure(
            key=key, unit=unit, of="", period=period or self.quarter, evidence=evidence, text=WORDS[status],
            status=status, note=note,
        )  # fmt: skip

    def written(
        self, unit: Unit, value: float | None, low: float | None, high: float | None
    ) -> tuple[str, str]:
        """Value and limits as text; a lower limit alone as "at least"."""
        if unit in ("lift", "points", "difference", "number") and low is not None and high is not None:
            kind = {"lift": "lift", "points": "points", "difference": "money", "number": "number"}[unit]
            told = formatting.effect(value, low, high, kind, currency=self.currency)  # type: ignore[arg-type]
            return told.estimate, told.interval
        if unit == "money":
            total = formatting.total(value, low, high, self.currency)
            return total.estimate, total.interval if low is not None and high is not None else ""
        text = plain(unit, value, self.currency)
        return text, f"at least {plain(unit, low, self.currency)}" if low is not None else ""


def plain(unit: Unit, value: float | None, currency: str, *, sign: bool = False) -> str:
    """One number in its unit, without limits.

    >>> plain("share", 0.812, "EUR"), plain("price", 0.312, "EUR"), plain("weight", 26, "EUR")
    ('81.2\\xa0%', '€0.31', '26')
    """
    if unit in ("lift", "share"):
        return formatting.percent(value, sign=sign or unit == "lift")
    if unit == "points":
        return formatting.points(value)
    if unit == "price":
        return formatting.price(value, currency)
    if unit in ("money", "difference"):
        return formatting.money(value, currency, sign=sign, short=True)
    if unit in ("weight", "count"):
        return formatting.number(value, 0, sign=sign)
    return formatting.number(value, 2, sign=sign)
