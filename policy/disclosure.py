"""The disclosure door: nothing about fewer than k people leaves the personal-data side.

Threshold on distinct people in every arm, complementary suppression so that totals minus visible rows reveal
nothing, and a guard against differences between one publication and the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from metrics.published import Published
from policy.small_groups import Split, hidden_per_row, without_groups

FLOOR = 10
EXEMPT = frozenset(
    {
        "health", "quarantine", "dsr_requests", "dsr_sla", "dsr_7102", "vendors",
        "minimization", "minimization_fields", "minimization_categories", "inference", "inference_by_day",
        "gates",
    }
)  # fmt: skip
"""Compliance records: they do not count what people did (exempt from k, restricted by role)."""


@dataclass(frozen=True)
class Cells:
    """How a table's rows relate to people.

    Attributes:
        people: columns that count distinct people, one per arm; they do not leave the door.
        figures: columns that a suppressed row loses.
        partition: columns that name a set of rows which add up to a published total; rows of one `part` of
            the partition are hidden together. Empty = no total is published.
        part: columns that tell the parts of a partition from each other.
        parts_only: boolean expression; rows outside it are totals and take no part.
        split: how a row's people fall into groups that are published beside each other.
        within: columns that count some of the first arm's people; 1 … k−1 of them, or all but so many, are
            hidden.
    """

    people: tuple[str, ...]
    figures: tuple[str, ...]
    partition: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    parts_only: pl.Expr | None = None
    split: Split | None = None
    within: tuple[str, ...] = ()


def suppressed(frame: pl.DataFrame, cells: Cells, minimum_people: int) -> pl.Series:
    """Which rows may not be shown: too few people in an arm, or needed to protect such a row.

    Raises:
        ValueError: `minimum_people` below the floor of 10.
    """
    if minimum_people < FLOOR:
        msg = f"minimum_people is {minimum_people}, must be at least {FLOOR}"
        raise ValueError(msg)
    small = pl.any_horizontal(
        pl.col(name).is_null() | ((pl.col(name) > 0) & (pl.col(name) < minimum_people))
        for name in cells.people
    )
    marked = frame.with_columns(__hidden=small)
    if cells.partition:
        marked = _complementary(marked, cells, minimum_people)
    return marked["__hidden"]


def publish(
    table: str,
    frame: pl.DataFrame,
    cells: Cells,
    minimum_people: int,
    hidden: pl.Series | None = None,
    groups: Sequence[frozenset[str]] | None = None,
) -> Published:
    """Let a table of figures through the door.

    Suppressed rows keep their keys, lose their figures and get status `suppressed`; small groups of a row are
    emptied; the columns that count people stay behind. A column `hidden_because` may say more of a row.

    Args:
        hidden: rows to suppress, as decided with regard to earlier runs; left out: what `suppressed` says.
        groups: likewise, the groups of each row's split to be hidden.

    Raises:
        ValueError: `minimum_people` below the floor of 10.
    """
    if hidden is None:
        hidden = suppressed(frame, cells, minimum_people)
    if cells.split is not None:
        found = hidden_per_row(frame, cells.split, minimum_people) if groups is None else groups
        frame = without_groups(frame, cells.split, found, minimum_people)
    frame = frame.with_columns(_large(name, cells.people[0], minimum_people) for name in cells.within)
    if "hidden_because" not in frame.columns:
        frame = frame.with_columns(hidden_because=pl.lit(None, dtype=pl.String))
    too_few = f"fewer than {minimum_people} people in an arm, or needed to protect such a row or run"
    return Published(
        table,
        frame.with_columns(
            *(pl.when(hidden).then(None).otherwise(pl.col(name)).alias(name) for name in cells.figures),
            status=pl.when(hidden).then(pl.lit("suppressed")).otherwise(pl.col("status")),
            note=pl.when(hidden).then(pl.col("hidden_because").fill_null(too_few)).otherwise("note"),
        ).drop(*cells.people, "hidden_because"),
    )


def _large(name: str, people: str, minimum_people: int) -> pl.Expr:
    rest = pl.col(people) - pl.col(name)
    small = [count.is_between(1, minimum_people - 1) for count in (pl.col(name), rest)]
    return pl.when(~pl.any_horizontal(small)).then(name).alias(name)


def exempt(table: str, frame: pl.DataFrame) -> Published:
    """Let a compliance record through unchanged.

    Raises:
        ValueError: the table counts people's behaviour or consent and must pass `publish`.
    """
    if table not in EXEMPT:
        msg = f"the table '{table}' is about people and must pass publish()"
        raise ValueError(msg)
    return Published(table, frame)


def assembled(table: str, frame: pl.DataFrame, parts: Sequence[Published]) -> Published:
    """A table put together from figures that have already passed the door.

    Raises:
        ValueError: it is made of nothing that has passed.
    """
    if not parts:
        msg = f"the table '{table}' is assembled from no published figures"
        raise ValueError(msg)
    return Published(table, frame)


def _complementary(marked: pl.DataFrame, cells: Cells, minimum_people: int) -> pl.DataFrame:
    """Hide the smallest further parts until every total protects at least two parts and k people per arm."""
    inside = pl.lit(value=True) if cells.parts_only is None else cells.parts_only
    keys = [*cells.partition, *cells.part]
    parts = (
        marked.filter(inside)
        .group_by(keys, maintain_order=True)
        .agg(pl.col("__hidden").any(), *(pl.col(name).min().alias(name) for name in cells.people))
    )
    hidden: list[dict[str, object]] = []
    for _, group in parts.group_by(cells.partition, maintain_order=True):
        hidden.extend(_hidden_parts(group, cells.people, minimum_people).select(keys).to_dicts())
    if not hidden:
        return marked
    schema = {name: marked.schema[name] for name in keys}
    extra = pl.DataFrame(hidden, schema=schema).with_columns(__extra=pl.lit(value=True))
    joined = marked.join(extra, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(
        __hidden=pl.col("__hidden") | (inside & pl.col("__extra").fill_null(value=False))
    ).drop("__extra")


def _hidden_parts(group: pl.DataFrame, people: Sequence[str], minimum_people: int) -> pl.DataFrame:
    """The parts of one total that must be hidden, small ones first; none if none is small."""
    if not group["__hidden"].any():
        return group.clear()
    size = pl.min_horizontal(*people)
    ordered = group.sort(~pl.col("__hidden"), size, *group.columns)
    small = int(group["__hidden"].sum())
    for count in range(max(small, 2), ordered.height):
        chosen = ordered.head(count)
        if all(chosen[name].sum() >= minimum_people for name in people):
            return chosen
    return ordered
