"""Curves by day from run to run: effects by day and survival, renewed where no few people follow."""

from collections.abc import Mapping, Sequence

import polars as pl

from jobs.figures.run import RunInputs
from metrics.published import Published
from policy.curves import CurveRule
from policy.disclosure import Cells, assembled, publish
from storage.store import Store

KEPT = "figures of an earlier run: renewed once enough people have changed"


def publish_curve(
    table: str,
    rows: pl.DataFrame,
    cells: Cells,
    group: Sequence[str],
    rule: CurveRule,
    marks: Mapping[str, str],
    run: RunInputs,
    store: Store,
) -> list[Published]:
    """The rows that the run shows of a table by day: its own, and those that stay of the run before.

    Args:
        table: name of the store's table.
        rows: its rows with the people behind them.
        cells: how rows relate to people.
        group: columns that tell the curves from each other, `experiment` first.
        rule: decides which days are shown.
        marks: experiment → what changes whenever somebody more of it is erased.
        run: the run's material.
        store: where the run before lies.
    """
    visible = store.visible_run()
    earlier = store.figures(table, visible.run_id) if visible else rows.clear()
    fresh, stay = [rows.clear()], [earlier.clear()]
    for key, own in rows.group_by(group, maintain_order=True):
        names = [str(name) for name in key]
        release = run.editions.curve(
            table, names, _people(own, cells, run.minimum_people), rule, marks[names[0]]
        )
        fresh.append(own.filter(pl.col("day").is_in(release.fresh)))
        same = [pl.col(column) == name for column, name in zip(group, names, strict=True)]
        stay.append(earlier.filter(*same, pl.col("day").is_in(release.kept)))
    made = publish(table, pl.concat(fresh), cells, run.minimum_people)
    note = pl.col("note").str.strip_suffix(KEPT).str.strip_suffix("; ").replace("", None)
    told = pl.concat_str(note, pl.lit(KEPT), separator="; ", ignore_nulls=True)
    kept = pl.concat(stay).with_columns(note=told)
    return [made, assembled(table, kept, [made])] if kept.height else [made]


def _people(rows: pl.DataFrame, cells: Cells, minimum_people: int) -> dict[int, dict[str, int]]:
    """Day → arm → people, those that are shown."""
    found: dict[int, dict[str, int]] = {}
    for row in rows.iter_rows(named=True):
        counts = {column: int(row[column] or 0) for column in cells.people}
        own = found.setdefault(row["day"], {})
        if all(count == 0 or count >= minimum_people for count in counts.values()):
            own |= {f"{row['variant']}|{column}": count for column, count in counts.items()}
    return found
