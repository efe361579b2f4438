"""What personalisation as a whole brings, from the universal holdout: never from a sum of winners.

Journeys share customers, so what one adds another may take away, and a sum of estimates that were picked
for being large is too large. Whoever is held out of everything counts every customer once.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from metrics.programme import PROGRAMME
from reports.board.effects import effect_figure, sure, unreadable
from reports.board.parts import Evidence, Figure, Status
from reports.board.source import Source
from reports.readings import withheld
from reports.results import Experiment
from reports.wording.figures import capitalised
from reports.wording.overview import period_of

LIFT, NET = "board.programme_lift", "board.programme_net_value"
NO_HOLDOUT = (
    "No universal holdout has started. Hold some customers out of all journeys (programme: true in "
    "experiments.yaml): journeys' gains do not add up, since they share customers."
)

NOT_STORED = "the run of this quarter did not work it out"


def lift(source: Source) -> Figure:
    """The universal holdout's effect on its primary metric."""
    found = source.programme
    if found is None:
        return source.absent(LIFT, "lift", Evidence("experiments"), "no_evidence", NO_HOLDOUT)
    evidence = _evidence(found)
    if len(found.variants) != 1:
        return source.absent(LIFT, "lift", evidence, "no_evidence", "It has several variants.")
    return effect_figure(source, found, found.primary, found.variants[0], LIFT, evidence)


def net(source: Source) -> Figure:
    """Margin that the universal holdout shows to be added, less what all journeys' inference costs.

    Its row of net_value.csv.
    """
    found, evidence = source.programme, source.evidence("inference-cost")
    if found is None:
        return source.absent(NET, "money", Evidence("experiments"), "no_evidence", NO_HOLDOUT)
    period = period_of(found)
    if withheld(found):
        why, note = unreadable(found, None)
        return source.absent(NET, "money", evidence, why or "withheld", note, period=period)
    rows = source.snapshot.table("net_value").filter(
        pl.col("journey") == PROGRAMME, pl.col("period") == source.period
    )
    row: Mapping[str, Any] = rows.row(0, named=True) if rows.height else {"note": NOT_STORED}
    note = f"{capitalised(row['note'] or '')}."
    if row.get("net_value") is None:
        status = row.get("status")
        kept: Status = status if status in ("suppressed", "not_testable") else "no_evidence"
        return source.absent(NET, "money", evidence, kept, note, period=period)
    units, window = formatting.count(row["treated_units"]), row["window_days"]
    return source.figure(
        NET, "money", evidence, f"{units} {found.noun}, {window:g} days each",
        row["net_value"], row["net_low"], row["net_high"],
        period=period, sure=sure(found), note=note,
    )  # fmt: skip


def _evidence(found: Experiment) -> Evidence:
    return Evidence("experiment", {"experiment": found.experiment})
