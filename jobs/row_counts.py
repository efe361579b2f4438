"""How many rows of a table about people were admitted to a use, and how many refused, by reason."""

from typing import Any, NamedTuple

import narwhals as nw

from jobs.engine import PolarsEngine
from jobs.population import REASONS
from metrics.outcomes import usable_rows

Frame = nw.LazyFrame[Any]
col = nw.col

UNATTRIBUTED, NOT_ASSIGNED, ENDED = "no_customer", "not_assigned", "after_withdrawal"


class RowCounts(NamedTuple):
    """Rows of one table in one use.

    Attributes:
        admitted: rows that might enter a figure.
        refused: reason → rows that did not; with `admitted` they add up to the table.
    """

    admitted: int
    refused: dict[str, int]


def per_customer(rows: Frame) -> Frame:
    """A row per customer: customer, rows."""
    return rows.group_by("customer").agg(rows=nw.len().cast(nw.Int64))


def of_members(
    rows: Frame, sizes: Frame, members: Frame, spans: Frame, time: str | None, engine: PolarsEngine
) -> RowCounts:
    """Count an experiment's rows by the standing of the member to whom they belong.

    `sizes`: `per_customer` of `rows`. `time`: column of the event's instant; None = the rows have none.
    """
    standing = sizes.join(members.select("customer", "reason"), on="customer", how="left")
    found = _by_reason(standing, engine)
    if time is not None and (ended := _ended(rows, spans, time, engine)):
        return RowCounts(found.admitted - ended, {**found.refused, ENDED: ended})
    return found


def of_units(rows: Frame, standing: Frame, engine: PolarsEngine) -> RowCounts:
    """Count an experiment's rows by the standing of the unit to which they belong."""
    sizes = rows.group_by("unit").agg(rows=nw.len().cast(nw.Int64)).with_columns(customer=col("unit"))
    return _by_reason(sizes.join(standing.select("unit", "reason"), on="unit", how="left"), engine)


def of_processing(rows: Frame, kept: Frame, engine: PolarsEngine) -> RowCounts:
    """Count the rows of which only those of the erased were refused."""
    whole, admitted = (int(engine.collect(frame.select(nw.len())).item()) for frame in (rows, kept))
    return RowCounts(admitted, {"erased": whole - admitted} if whole > admitted else {})


def _by_reason(standing: Frame, engine: PolarsEngine) -> RowCounts:
    nobody = nw.when(col("customer").is_null()).then(nw.lit(-2)).otherwise(nw.lit(-1))
    reason = nw.when(col("reason").is_null()).then(nobody).otherwise(col("reason"))
    sums = engine.collect(standing.select("rows", rank=reason).group_by("rank").agg(col("rows").sum())).sort(
        "rank"
    )
    names = {-2: UNATTRIBUTED, -1: NOT_ASSIGNED, **dict(enumerate(REASONS, 1))}
    counts = dict(sums.select("rank", "rows").iter_rows())
    return RowCounts(counts.pop(0, 0), {names[rank]: rows for rank, rows in counts.items()})


def _ended(rows: Frame, spans: Frame, time: str, engine: PolarsEngine) -> int:
    """Rows of members who count, that lie outside the spans in which they may be used."""
    limited = spans.filter(~col("since").is_null() | ~col("until").is_null())
    customers = limited.select("customer").unique()
    theirs = rows.select("customer", at=col(time)).join(customers, on="customer", how="inner")
    whole = engine.collect(theirs.select(nw.len())).item()
    usable = engine.collect(usable_rows(limited, theirs).select(nw.len())).item()
    return int(whole - usable)
