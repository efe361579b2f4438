"""Small groups inside a published row: hidden, with as many others as keep them from being computed.

A row that counts enough people may still split them into groups of fewer than k. Groups add up to the row's
people, so that a single hidden one would be what the others leave.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Split:
    """How a row's people fall into groups.

    Attributes:
        groups: columns that count them and add up to the row's people; a row with an empty one has no groups.
        kin: sets of groups that are best hidden together, because figures rest on their sum.
        figures: figure → the sums of groups that can be computed from it.
    """

    groups: tuple[str, ...]
    kin: tuple[frozenset[str], ...] = ()
    figures: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)


def hidden_groups(
    people: Mapping[str, int], kin: Sequence[frozenset[str]], minimum_people: int
) -> frozenset[str]:
    """The groups of a row that may not be shown: those of 1 … k−1 people and what protects them.

    At least two are hidden, with k people together; kin first, then the smallest.
    """
    hidden = {name for name, count in people.items() if 0 < count < minimum_people}
    while hidden and (len(hidden) < 2 or sum(people[name] for name in hidden) < minimum_people):
        rest = people.keys() - hidden
        if not rest:
            break
        close = frozenset().union(*(group for group in kin if group & hidden))
        hidden.add(min(rest, key=lambda name: (name not in close, people[name], name)))
    return frozenset(hidden)


def follows(sums: Collection[frozenset[str]], hidden: frozenset[str]) -> bool:
    """Whether every sum of groups follows from what is shown: it holds no hidden group, or all of them."""
    return all(not group & hidden or hidden <= group for group in sums)


def hidden_per_row(frame: pl.DataFrame, split: Split, minimum_people: int) -> list[frozenset[str]]:
    """The groups of each row that may not be shown, looked at alone."""
    return [
        frozenset() if None in row.values() else hidden_groups(row, split.kin, minimum_people)
        for row in frame.select(split.groups).rows(named=True)
    ]


def without_groups(
    frame: pl.DataFrame, split: Split, hidden: Sequence[frozenset[str]], minimum_people: int
) -> pl.DataFrame:
    """The frame with each row's `hidden` groups, and the figures that would reveal them, empty and noted."""
    shown = {name: [name not in found for found in hidden] for name in split.groups}
    shown |= {name: [follows(sums, found) for found in hidden] for name, sums in split.figures.items()}
    why = f"groups of fewer than {minimum_people} people, and what would reveal them, are not shown"
    note = pl.concat_str("note", pl.lit(why), separator="; ", ignore_nulls=True)
    noted = pl.Series([bool(found) for found in hidden], dtype=pl.Boolean)
    return frame.with_columns(
        *(pl.when(pl.Series(kept, dtype=pl.Boolean)).then(name).alias(name) for name, kept in shown.items()),
        note=pl.when(noted).then(note).otherwise("note"),
    )
