"""A merchandiser walks from an experiment to its basket and to who stays, and back, by day and by night."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import SIZES, Visit
from tests.e2e.server import serving
from tests.ui.growing import category, curve, followed, rest, sku, write
from tests.ui.retailer import Made, row
from tests.ui.test_ageing import day, trend
from tests.ui.test_halves import MONEY

NAME = "Cart recovery 2026q3"


@pytest.fixture(scope="module")
def growth_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on an experiment whose SKUs, categories and curves are all known."""
    folder = tmp_path_factory.mktemp("growth")
    made = Made(
        rows=[row(), row("orders", 0.03)],
        days=40,
        definition={
            "metrics": ["revenue", "orders", "churn"],
            "guardrails": {"withdrawal": {"harm_if": "higher", "margin": 0.002}},
        },
    )
    parts = [("all", 0.5), ("recommended", 0.8), ("neighbours", -0.3)]
    write(
        folder, made,
        sku_lift=[sku("S1", 0.5, 0.01), sku("S2", -0.3, 0.02), *(sku(f"S{n}") for n in range(3, 30)), rest()],
        category_lift=[category("tea", size, part) for part, size in parts] + [category("*all*", 0.5)],
        survival_effects=[followed(), followed("withdrawal", 0.03, guardrail_state="worse", margin=0.002)],
        survival=[
            line
            for metric in ("churn", "withdrawal")
            for line in (*curve(metric), *curve(metric, "personalised", 0.003))
        ],
        money=[MONEY],
        effects_by_age=[day("revenue", n, 0.3 if n < 10 else 0.01) for n in range(1, 29)],
        effect_trends=[trend("revenue", "fades")],
    )  # fmt: skip
    with serving(folder) as address:
        yield address


@pytest.mark.parametrize("size", list(SIZES))
def test_from_an_experiment_to_its_basket_and_to_who_stays_and_back(
    size: str, browser: Browser, growth_server: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    visit = Visit(context.new_page(), growth_server, f"growth-{size}")
    page = visit.page

    visit.open("/journeys", "Journeys")
    page.get_by_role("table", name="Money, basket and who stays").wait_for()
    visit.open("/experiment?experiment=cart-recovery-2026q3", NAME)
    page.get_by_text("It earns revenue").wait_for()
    page.get_by_text("The effect on revenue per customer fades").wait_for()
    visit.check("experiment")
    page.get_by_role("radio", name="Table").last.click()
    page.get_by_role("table", name="Revenue by days since assignment").wait_for()
    visit.check("experiment-by-age")

    page.get_by_role("link", name="More on SKU lift").click()
    visit.wait("SKU lift")
    page.get_by_text("1 of 29 tested SKUs sells more and 1 sells less").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("link", name=NAME).first.click()
    visit.wait(NAME)

    page.get_by_role("link", name="More on Churn").last.click()
    visit.wait("Churn")
    page.get_by_text("withdraw consent by day 90").first.wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    visit.choose("Metric", "Churn")
    page.get_by_text("stay until day 90").first.wait_for()
    page.get_by_role("radio", name="Table").first.click()
    visit.check("churn-table")
    page.get_by_role("link", name=NAME).first.click()
    visit.wait(NAME)
    assert visit.troubles == []
    context.close()
