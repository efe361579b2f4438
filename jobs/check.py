"""Validate a workspace without computing anything or leaving anything behind."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.config.load import load
from jobs.intake import id_match
from jobs.intake.ingest import IngestedTable, ingest
from jobs.intake.needs import ingest_context, missing_columns
from jobs.intake.quarantine import RuleCount
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import Report, table_facts
from metrics import formatting
from metrics.locales import DEFAULT, written_in


@dataclass(frozen=True)
class Findings:
    """What a check found.

    Attributes:
        problems: everything a person has to mend, worst first.
        tables: per table rows read, accepted and quarantined by rule.
        locale: how the workspace writes numbers.
    """

    problems: tuple[Problem, ...]
    tables: dict[str, dict[str, Any]]
    locale: str = DEFAULT


def check(folder: Path, report: Report) -> Findings:
    """Read configuration and tables; bad rows are problems here, as is every notice.

    Raises:
        WorkspaceError: the configuration cannot be read at all.
    """
    workspace = load(folder)
    context = ingest_context(workspace)
    problems: list[Problem] = []
    tables: dict[str, IngestedTable] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for position, (name, source) in enumerate(workspace.sources.items()):
            report(position / len(workspace.sources), f"checking {name}")
            try:
                tables[name] = ingest(source, context, Path(scratch) / name, Path(scratch) / "quarantine")
            except WorkspaceError as error:
                problems.extend(error.problems)
        with written_in(workspace.settings.locale):
            tables = id_match.compared(tables, workspace)
            for name, table in tables.items():
                problems += [*table.notices, *(_broken(name, count) for count in table.quarantined)]
    columns = {name: frozenset(table.columns) for name, table in tables.items()}
    problems = [*missing_columns(workspace, columns), *problems]
    facts = {name: table_facts(table) for name, table in tables.items()}
    return Findings(tuple(problems), facts, workspace.settings.locale)


def _broken(table: str, count: RuleCount) -> Problem:
    rows = "row breaks" if count.rows == 1 else "rows break"
    return Problem(
        f"table {table}",
        f"{formatting.count(count.rows)} {rows} the rule '{count.rule}'; the first: {count.example}.",
        "Correct the source, or accept that refresh sets these rows aside.",
    )
