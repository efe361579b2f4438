"""What a metric adds up must be a number that the table has: as `check` says it, and as a refresh does."""

from pathlib import Path

import pytest

from jobs.check import check
from jobs.problems import WorkspaceError
from jobs.refresh import silent
from tests.jobs.figures.test_net_value import METRICS, measured, tables


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("ordered_at", "'ordered_at' holds no number, so it cannot be added up."),
        ("sku", "'sku' holds no number"),
        ("customer_id", "'customer_id' holds no number"),
        ("customer", "'customer' holds no number"),
        ("revenu", "The value 'revenu' is not a column of the table 'order_lines'."),
    ],
)
def test_only_numbers_are_added_up(tmp_path: Path, column: str, says: str) -> None:
    definitions = METRICS.replace("value: revenue", f"value: {column}")

    with pytest.raises(WorkspaceError, match=says):
        measured(tmp_path, tables(), definitions=definitions)
    found = [problem for problem in check(tmp_path, silent).problems if says in problem.what]
    assert [problem.where for problem in found] == ["metrics.yaml, line 4"]
