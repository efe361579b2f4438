"""The shape of a definition: what a figure is, in whose unit, which way is better, per what."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "metric", "share", "probability", "statistic", "units", "rows", "days", "run", "requests", "fields",
    "weight", "vendors", "events", "flag", "money", "milliseconds", "seconds", "bytes", "recommendations",
    "people",
]  # fmt: skip
Direction = Literal["higher", "lower", "metric", "none"]


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        key: its name in files and policies.
        label: its name for people.
        unit: `metric` = the metric's own unit (money, orders, share …); `share` = a fraction of 1;
            `weight` = sensitivity, added up; `flag` = yes, no or a word.
        direction: which way is better; `metric` = as the metric says; `none` = neither.
        definition: what it is, in one or two sentences.
        denominator: per what, or of how many.
        source: the paper or rule it follows; empty for plain counts.
        version: raised when the same data give another figure.
    """

    key: str
    label: str
    unit: Unit
    direction: Direction
    definition: str
    denominator: str
    source: str = ""
    version: int = 1
