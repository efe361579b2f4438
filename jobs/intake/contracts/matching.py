"""Whether the columns of a table's files can be those of its contract."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches

import polars as pl

from jobs.intake.contracts.catalogue import Contract
from jobs.intake.parsing import fits
from jobs.intake.reading.stored import StoredFile
from jobs.problems import Problem, WorkspaceError

_ALMOST = 0.8
_WORDS = {
    pl.String: "text",
    pl.Float64: "a number",
    pl.Int64: "a whole number",
    pl.Boolean: "true or false",
    pl.Datetime: "a time: a timestamp or ISO 8601 text",
    pl.Date: "a day: a date or ISO 8601 text",
    pl.List: "a list of words",
}


def further_columns(
    files: Sequence[StoredFile], contract: Contract, named: Mapping[str, str]
) -> dict[str, str]:
    """The columns beyond the contract that YAML files name and a file has, each `text` or `number`.

    A column named as `any` is a number where every file that has it stores one.
    """
    own = contract.schema.columns()
    found = {}
    for name, kind in named.items():
        stored = [file.schema[name] for file in files if name in file.schema]
        if stored and name not in own:
            numeric = all(dtype.is_numeric() or dtype == pl.Boolean for dtype in stored)
            found[name] = ("number" if numeric else "text") if kind == "any" else kind
    return found


def require(files: Sequence[StoredFile], contract: Contract, wanted: Mapping[str, pl.DataType]) -> None:
    """Every file has the required columns, and every wanted column that it has could be of its type.

    Raises:
        WorkspaceError: with every column of every file that is missing or can never fit.
    """
    problems = [problem for file in files for problem in _faults(file, contract, wanted)]
    if problems:
        raise WorkspaceError(problems)


def near_misses(files: Sequence[StoredFile], wanted: Collection[str]) -> tuple[Problem, ...]:
    """Columns that are not read but look like a wanted one that their file lacks."""
    found: dict[str, Problem] = {}
    for file in files:
        unread = [column for column in file.schema if column not in wanted]
        for column in wanted:
            near = [] if column in file.schema else get_close_matches(column, unread, n=1, cutoff=_ALMOST)
            if near:
                what = f"The column '{near[0]}' is not read; '{column}' would be."
                remedy = f"Rename it to '{column}' if that is what it is."
                found.setdefault(column, Problem(file.name, what, remedy))
    return tuple(found.values())


def _faults(file: StoredFile, contract: Contract, wanted: Mapping[str, pl.DataType]) -> Iterator[Problem]:
    for column in contract.required:
        if column not in file.schema:
            yield Problem(file.name, f"The column '{column}' is missing.", _remedy(column, list(file.schema)))
    for column, dtype in wanted.items():
        stored = file.schema.get(column)
        if stored is not None and not fits(stored, dtype):
            what = f"The column '{column}' is stored as {stored}, which is never {_WORDS[dtype.base_type()]}."
            yield Problem(file.name, what, "Store it as that.")


def _remedy(column: str, present: Sequence[str]) -> str:
    separators = [mark for mark in (";", "\t", "|") if len(present) == 1 and mark in present[0]]
    if separators:
        return "The file is not separated by commas; export it with commas."
    near = get_close_matches(column, present, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'? Name it '{column}'." if near else f"Add it under the name '{column}'."
