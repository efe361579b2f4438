"""What every run knew of the parts it published or hid: the memory behind the guard against differences.

It holds counts below k, so it lies in the workspace's `state/` folder, never in the store. It names nobody.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from policy.curves import CurveRelease, CurveRule, Days
from policy.disclosure import Cells
from policy.releases import Edition, release

FILE = "editions.json.gz"
LOST = (
    "the folder state/ does not say what earlier runs hid, so that differences between runs cannot be ruled"
    " out: restore it from a backup"
)
_SEPARATOR = "\x1f"
_ANSWERS = pl.Schema({"__group": pl.String, "__part": pl.String, "__run": pl.Int64, "__why": pl.String})


class Editions:
    """The editions of every table, oldest first; `decide` adds those of the run being made.

    Attributes:
        run_id: the run being made.
        minimum_people: k of the disclosure door.
        lost: the store shows a run that is not remembered.
    """

    def __init__(self, state: Path, run_id: int, minimum_people: int, visible: int | None) -> None:
        self._file = state / FILE
        self.run_id, self.minimum_people = run_id, minimum_people
        known: dict[str, Any] = {"runs": [], "groups": {}}
        damaged = False
        if self._file.exists():
            try:
                known = json.loads(gzip.decompress(self._file.read_bytes()))
            except (ValueError, EOFError, OSError):
                damaged = True
        self._runs: list[int] = known["runs"]
        self._groups = {
            name: [Edition(**{**entry, "shown": frozenset(entry["shown"])}) for entry in entries]
            for name, entries in known["groups"].items()
        }
        self.lost = damaged or (visible is not None and visible not in self._runs)

    def decide(
        self,
        table: str,
        rows: pl.DataFrame,
        cells: Cells,
        hidden: pl.Series,
        *,
        measures: Sequence[str] = (),
        mark: str = "",
        moves: bool = True,
    ) -> pl.DataFrame:
        """Add `as_of_run`, the run whose figures a row shows (null = none), and `hidden_because`.

        Args:
            table: name of the store's table.
            rows: its rows with the people behind them, totals included.
            cells: how they relate to people; the parts of one total are decided together.
            hidden: rows that this run, looked at alone, hides.
            measures: columns that tell several counts of one part from each other.
            mark: changes whenever somebody more is erased.
            moves: whether changes of a few people are guarded, beside hidden parts.
        """
        inside = pl.lit(value=True) if cells.parts_only is None else cells.parts_only
        marked = rows.with_columns(
            __hidden=hidden,
            __inside=inside,
            __group=_joined(cells.partition),
            __part=_joined(cells.part),
            __measure=_joined(measures),
        )
        answers = [pl.DataFrame(schema=_ANSWERS)]
        for (group,), own in marked.filter("__inside").group_by("__group", maintain_order=True):
            key = f"{table}{_SEPARATOR}{group}"
            answers.append(
                self._answers(key, own, cells.people, mark, moves).with_columns(__group=pl.lit(group))
            )
        columns = pl.concat(answers, how="diagonal")
        joined = marked.join(columns, on=["__group", "__part"], how="left", maintain_order="left")
        total = pl.when(~pl.col("__hidden")).then(pl.lit(self.run_id, dtype=pl.Int64))
        return joined.with_columns(
            as_of_run=pl.when("__inside").then("__run").otherwise(total),
            hidden_because=pl.when("__inside").then("__why"),
        ).drop(pl.selectors.starts_with("__"))

    def curve(self, table: str, group: Sequence[str], new: Days, rule: CurveRule, mark: str) -> CurveRelease:
        """Which days of a curve are shown, by its rule; after an erasure nothing before it is compared.

        Args:
            table: name of the store's table.
            group: what names the curve.
            new: day → arm → people of this run.
            rule: see `policy.curves`.
            mark: changes whenever somebody more is erased.
        """
        past = self._groups.setdefault(_SEPARATOR.join([table, *group]), [])
        same = [edition for edition in past if edition.mark == mark or edition.lost]
        if self.lost:
            same.append(Edition(self.run_id, {}, frozenset(), mark, lost=True))
        found = rule(new, same, self.minimum_people)
        people = {str(day): new[day] for day in found.fresh}
        people |= {str(day): same[-1].people[str(day)] for day in found.kept}
        made = Edition(self.run_id, people, frozenset(people), mark, self.lost)
        if past:
            past[-1] = _without_repeated(past[-1], made)
        past[:] = [edition for edition in past if edition.people or edition.lost]
        past.append(made)
        return found

    def save(self) -> None:
        """Write the memory down, whole or not at all; before the run is shown."""
        runs = [*self._runs, self.run_id]
        groups = {name: [_plain(edition) for edition in past] for name, past in self._groups.items()}
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(gzip.compress(json.dumps({"runs": runs, "groups": groups}).encode(), mtime=0))
        draft.replace(self._file)

    def _answers(
        self, key: str, rows: pl.DataFrame, people: Sequence[str], mark: str, moves: bool
    ) -> pl.DataFrame:
        counts: dict[str, dict[str, int]] = {}
        for row in rows.iter_rows(named=True):
            own = counts.setdefault(row["__part"], {})
            own |= {f"{row['__measure']}|{column}": int(row[column] or 0) for column in people}
        large = frozenset(counts.keys() - set(rows.filter("__hidden")["__part"]))
        past = self._groups.setdefault(key, [])
        new = Edition(self.run_id, counts, large, mark, self.lost)
        shown, kept = release(new, past, self.minimum_people, moves=moves)
        lost = new.lost or any(edition.lost for edition in past)
        made = Edition(self.run_id, counts, shown, mark, self.lost)
        if past and _plain(past[-1]) | {"run": self.run_id} == _plain(made):
            past.pop()
        past.append(made)
        runs = dict.fromkeys(kept.shown, kept.run) if kept else {}
        runs |= dict.fromkeys(shown, self.run_id)
        return pl.DataFrame(
            {
                "__part": list(counts),
                "__run": [runs.get(part) for part in counts],
                "__why": [LOST if lost else None for _ in counts],
            },
            schema={name: _ANSWERS[name] for name in ("__part", "__run", "__why")},
        )


def _without_repeated(earlier: Edition, later: Edition) -> Edition:
    """An edition of a curve without the days that a later one shows alike: each count is kept once."""
    if earlier.mark != later.mark:
        return earlier
    people = {day: counts for day, counts in earlier.people.items() if later.people.get(day) != counts}
    return replace(earlier, people=people, shown=frozenset(people))


def _plain(edition: Edition) -> dict[str, Any]:
    return {**asdict(edition), "shown": sorted(edition.shown)}


def _joined(names: Sequence[str]) -> pl.Expr:
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in names]
    return pl.concat_str(texts, separator=_SEPARATOR) if texts else pl.lit("")


def with_kept_figures(
    rows: pl.DataFrame,
    published: pl.DataFrame,
    keys: Sequence[str],
    figures: Sequence[str],
    run_id: int,
) -> pl.DataFrame:
    """Rows that show an earlier run's figures, as `Editions.decide` says, with those figures and a note.

    A row whose earlier figures the store no longer has shows none: its `as_of_run` becomes null.

    Args:
        rows: from `Editions.decide`.
        published: the newest published row of each key (`Store.last_published`).
        keys: columns that name a row.
        figures: columns to be kept.
        run_id: the run being made.
    """
    before = published.select(
        *(pl.col(name).fill_null("") if published.schema[name] == pl.String else name for name in keys),
        *(pl.col(name).alias(f"__{name}") for name in figures),
        pl.col("as_of_run" if "as_of_run" in published.columns else "run_id").alias("__run"),
    )
    joined = rows.join(before, on=list(keys), how="left", maintain_order="left")
    early = (pl.col("as_of_run") != run_id).fill_null(value=False)
    found = early & (pl.col("__run") >= pl.col("as_of_run")).fill_null(value=False)
    why = pl.format("figures of run {}: renewed once enough people have changed", "as_of_run")
    return joined.with_columns(
        *(pl.when(found).then(pl.col(f"__{name}")).otherwise(pl.col(name)).alias(name) for name in figures),
        note=pl.when(found).then(why).otherwise("note"),
        as_of_run=pl.when(~early | found).then("as_of_run"),
    ).select(rows.columns)
