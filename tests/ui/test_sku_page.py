"""SKU lift on screen: the answer, the tables, the search, and a state for everything that is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reports.growth.products import EVERYTHING
from tests.ui.conftest import ROOT, markup, words
from tests.ui.growing import NAME, category, rest, sku, write
from tests.ui.retailer import Made, check, row

Open = Callable[..., AppTest]
SKUS = [sku("TEA-1", 0.5, 0.01), sku("TEA-2", -0.3, 0.02), sku("MUG-9", category="cups"), rest()]
CELLS = [
    category(EVERYTHING, 1.0), category("tea", 0.3), category("tea", 0.5, "recommended"),
    category("tea", -0.2, "neighbours"), category("cups", 0.0), category("cups", None, "recommended"),
    category("cups", None, "neighbours"),
]  # fmt: skip


def shown(open_app: Open, workspace: Path, **parameters: str) -> AppTest:
    """The page of a workspace."""
    app = open_app(workspace)
    app.switch_page(str(ROOT / "pages" / "product_lift.py"))
    app.query_params.update(parameters)
    app.run()
    assert not app.exception, app.exception
    return app


def test_the_answer_stands_above_tables_that_add_up(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()]), sku_lift=SKUS, category_lift=CELLS)
    said = words(shown(open_app, tmp_path))
    assert "1 of 3 tested SKUs sells more and 1 sells less with personalised than with holdout." in said
    assert "Their neighbours pay for it in tea: tea as a whole still gains" in said
    assert said.index("1 of 3 tested") < said.index("TEA-1") < said.index("Category by category")
    assert "SKUs by name +€200.00, 1 remainder +€200.00: together +€400.00" in said
    assert "1 SKU of 3 (33 %) holds half of the lift." not in said
    assert "of 40,000 and 10,000" in said
    assert "hidden" in said
    assert "The sum of all 2" in said or "the sum of all 2" in said


def test_search_and_order_follow_the_reader(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()]), sku_lift=SKUS, category_lift=CELLS)
    app = shown(open_app, tmp_path)
    app.text_input(key="find").set_value("cups").run()
    assert "MUG-9" in markup(app)
    assert "TEA-1</div>" not in markup(app)
    app.text_input(key="find").set_value("nothing like it").run()
    assert "No SKU or category holds 'nothing like it'." in words(app)
    app.text_input(key="find").set_value("").run()
    app.selectbox(key="rank").set_value("Largest loss").run()
    said = words(app).split("SKU by SKU")[1]
    assert said.index("TEA-2") < said.index("TEA-1")


def test_the_chart_has_its_table(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()]), sku_lift=SKUS, category_lift=CELLS)
    app = shown(open_app, tmp_path)
    assert len(app.get("plotly_chart")) == 1
    app.segmented_control(key="view").set_value("Table").run()
    assert not app.get("plotly_chart")
    assert "p, corrected" in words(app)


def test_variants_and_experiments_are_chosen_in_the_address(tmp_path: Path, open_app: Open) -> None:
    other = "homepage-2026q3"
    rows = [*SKUS, *({**item, "variant": "compact"} for item in [sku("TEA-1"), sku("CUP-1")])]
    write(
        tmp_path,
        Made(rows=[row(), row(variant="compact")], variants=("personalised", "compact")),
        Made(experiment=other, journey="homepage", rows=[row()]),
        sku_lift=[*rows, sku("HOME-1", experiment=other)],
        category_lift=CELLS,
    )
    app = shown(open_app, tmp_path)
    assert app.selectbox(key="test").options == ["Cart recovery 2026q3", "Homepage 2026q3"]
    app.selectbox(key="variant").set_value("compact").run()
    assert "None of 2 tested SKUs sells clearly more or less with compact than with holdout." in words(app)
    app.selectbox(key="test").set_value("Homepage 2026q3").run()
    assert "HOME-1" in words(app)
    assert not app.exception


@pytest.mark.parametrize(
    ("made", "rows", "expected"),
    [
        ({"ended": False}, SKUS, "◔ too early to say So far 1 of 3 tested SKUs sells more"),
        ({"code": "withheld", "checks": [check("sample_ratio", "fail")]}, SKUS,
         "■ withheld No SKU can be read"),
        ({}, [rest()], "◌ too few people No SKU stands for itself: each has too few buyers."),
        ({}, [sku("A", q=None, status="not_testable", note="too few units")], "none can be tested"),
        ({}, [{"experiment": NAME, "variant": "personalised", "sku": "A", "category": "tea",
               "status": "suppressed"}], "each has too few buyers"),
    ],
)  # fmt: skip
def test_every_state_has_its_words(made, rows, expected, tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()], **made), sku_lift=rows, category_lift=[category(EVERYTHING, 0.1)])
    assert expected in words(shown(open_app, tmp_path))


def test_without_products_the_page_says_what_is_missing(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()]))
    said = words(shown(open_app, tmp_path))
    assert "◌ no evidence" in said
    assert "Without figures by SKU: Cart recovery 2026q3." in said


def test_a_products_name_is_text(tmp_path: Path, open_app: Open) -> None:
    bad = "<img src=x onerror=alert(1)>"
    write(tmp_path, Made(rows=[row()]), sku_lift=[sku(bad, 0.5, 0.01), sku("B")], category_lift=CELLS)
    app = shown(open_app, tmp_path)
    assert bad not in markup(app)
    assert "<img" not in str(app.get("plotly_chart")[0].proto)


def test_many_skus_are_shown_a_few_at_a_time(tmp_path: Path, open_app: Open) -> None:
    rows = [sku(f"S-{i:03}", i / 1000) for i in range(150)]
    write(tmp_path, Made(rows=[row()]), sku_lift=rows, category_lift=CELLS)
    app = shown(open_app, tmp_path)
    assert "The first 100 of 150 SKUs" in words(app)
    assert app.expander[0].label == "The next 80 SKUs"
    assert "S-050" not in words(app)
    assert "S-050" in words(shown(open_app, tmp_path, more="true"))
