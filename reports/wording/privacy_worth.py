"""Net value and the value of consent in sentences: clear only where the interval says so."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from metrics.programme import PROGRAMME as PROGRAMME  # noqa: PLC0414  (pages know this module alone)
from reports.readings import BETTER, HIDDEN, NO_CLEAR_EFFECT, NO_EVIDENCE, NOT_TESTABLE, WORSE, Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import verb

Row = Mapping[str, Any]

TOGETHER = "All journeys together"
TOGETHER_HOW = (
    "All journeys together: the margin that the universal holdout shows, less what all journeys' inference "
    "costs over as many days; never a sum of the journeys, which share customers."
)

GAIN = Mark("pays", BETTER.shape, "good")
LOSS = Mark("does not pay", WORSE.shape, "bad")
UNCLEAR = Mark("not clear", NO_CLEAR_EFFECT.shape, "neutral")


def worth(row: Row) -> Mark:
    """What a journey's net value amounts to: clear only when its whole interval lies on one side of 0."""
    if row["status"] == "suppressed":
        return HIDDEN
    if row["status"] == "not_testable":
        return NOT_TESTABLE
    if row["status"] != "ok" or row["net_low"] is None or row["net_high"] is None:
        return NO_EVIDENCE
    return GAIN if row["net_low"] > 0 else LOSS if row["net_high"] < 0 else UNCLEAR


def net_lead(rows: pl.DataFrame, names: Mapping[str, str], currency: str) -> str:
    """Which journeys are worth more than their inference costs."""
    by_mark: dict[Mark, list[str]] = {GAIN: [], LOSS: [], UNCLEAR: []}
    without = []
    for row in rows.iter_rows(named=True):
        name, found = names.get(row["journey"], row["journey"]), worth(row)
        if found in by_mark:
            limits = (row["net_value"], row["net_low"], row["net_high"])
            written = formatting.effect(*limits, "money", currency=currency)
            by_mark[found].append(f"{name} ({written.estimate})")
        else:
            without.append(name)
    parts = [
        f"{listed(by_mark[GAIN])} {verb(len(by_mark[GAIN]), 'earns', 'earn')} more than inference costs.",
        f"{listed(by_mark[LOSS])} {verb(len(by_mark[LOSS]), 'earns', 'earn')} less than inference costs.",
        f"For {listed(by_mark[UNCLEAR])} that is not clear: the interval holds 0.",
        f"There is no net value for {listed(without)}.",
    ]
    groups = (by_mark[GAIN], by_mark[LOSS], by_mark[UNCLEAR], without)
    return " ".join(part for part, names_ in zip(parts, groups, strict=True) if names_)


EXTRAPOLATION = (
    "An extrapolation, not a measurement: the effect is known for people who consented, and others may "
    "respond otherwise."
)
