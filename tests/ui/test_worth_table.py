from dataclasses import replace

import pytest

from reports.assembly import experiments
from tests.reports.wording.test_worth import MARGIN
from tests.ui.retailer import Made, row, snapshot
from ui.growth.worth_table import worth_table


@pytest.mark.parametrize("basis", ["personalised", "measured"])
def test_the_quarter_has_a_column_only_where_its_customers_are_on_record(basis: str) -> None:
    experiment = next(iter(experiments(snapshot(Made(rows=[row()]))).values()))
    drawn = worth_table([replace(MARGIN, quarter_basis=basis)], experiment, "2026Q3", "EUR")
    known = basis == "personalised"
    assert ("all personalised" in drawn) is known
    cells = drawn.count('role="columnheader"'), drawn.count('role="cell"') + drawn.count('role="rowheader"')
    assert cells == (7 + known, 7 + known)
