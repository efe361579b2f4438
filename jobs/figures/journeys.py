"""One row per journey: growth and risk side by side, from every family's figures."""

from collections.abc import Sequence

import polars as pl

from jobs.figures.run import Family, RunInputs
from metrics.published import Published
from policy.disclosure import assembled
from storage.frames import dtypes, figure_table


def journeys(run: RunInputs, families: Sequence[Family]) -> Published:
    """Rows of journeys.csv for the quarter of the measurement date; what no family knows stays empty."""
    columns = dtypes(figure_table("journeys"))
    rows = []
    for journey in run.workspace.journeys:
        row: dict[str, object] = {"journey": journey, "period": run.period, "status": "no_evidence"}
        for family in families:
            row |= family.journeys.get(journey, {})
        rows.append(row)
    parts = [part for family in families for part in family.published]
    return assembled("journeys", pl.DataFrame(rows, schema=columns), parts)
