"""A marketer walks from the journeys to a file, by mouse and by keyboard alone, and shares what they see."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.e2e.conftest import SIZES, Enter

PATIENCE = 80
"""Most presses of the tab key until something must have been reached."""
SEEN = """part => [part, ...part.querySelectorAll("*"), part.parentElement].some(at => {
    const look = getComputedStyle(at);
    return look.outlineStyle !== "none" || look.boxShadow !== "none";
})"""


@pytest.mark.parametrize("size", SIZES)
def test_from_journeys_to_the_csv_of_a_segment(size: str, enter: Enter) -> None:
    with enter("marketer", size) as visit:
        page = visit.page
        visit.open("/journeys", "Journeys")
        page.get_by_text("1 of 5 journeys shows a clear gain: Cart recovery (+4.2").wait_for()
        page.evaluate("window.sameSession = true")

        page.get_by_role("radio", name="Absolute").click()
        page.get_by_text("+€1.73").first.wait_for()
        assert "scale=Absolute" in page.url

        page.get_by_role("link", name="Cart recovery", exact=True).click()
        visit.wait("Cart recovery, third quarter")
        assert page.evaluate("window.sameSession"), "the link loaded the page anew"
        page.get_by_text("It works: revenue per customer is").wait_for()
        page.locator(".js-plotly-plot").wait_for()
        assert "scale=Absolute" in page.url

        page.get_by_role("radio", name="Table").click()
        page.get_by_role("table", name="Revenue by day").wait_for()

        visit.choose("By", "Loyalty tier")
        page.get_by_text("The effect goes both ways").wait_for()
        with page.expect_download() as download:
            page.locator(".st-key-csv-cart-recovery-2026q3-by-loyalty_tier button:visible").click()
        written = Path(download.value.path()).read_text(encoding="utf-8")
        assert written.startswith("experiment,journey,metric,segment_dimension,segment,")
        assert ",loyalty_tier,gold," in written
        assert download.value.suggested_filename == "cart-recovery-2026q3-by-loyalty_tier.csv"

        page.locator(".lg-meta a", has_text="Experiments").click()
        visit.wait("Experiments")
        page.go_back()
        visit.wait("Cart recovery, third quarter")


def test_a_whole_analysis_without_a_mouse(enter: Enter) -> None:
    with enter("keyboard") as visit:
        page = visit.page
        visit.open("/journeys", "Journeys")
        follow(page, "Experiments")
        visit.wait("Experiments")
        follow(page, "Cart recovery, third quarter")
        visit.wait("Cart recovery, third quarter")

        reach(page, page.get_by_role("radio", name="Chart", exact=True).first)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        page.get_by_role("table", name="Revenue by day").wait_for()
        assert "view=Table" in page.url

        follow(page, "Methods")
        visit.wait("Methods")
        page.go_back()
        visit.wait("Cart recovery, third quarter")
        page.get_by_role("table", name="Revenue by day").wait_for()

        follow(page, "Exports")
        visit.wait("Exports")
        reach(page, page.locator(".st-key-export-pdf button:visible"))
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def follow(page: Page, link: str) -> None:
    """Go on to a link by the tab key and open it."""
    reach(page, page.get_by_role("link", name=link, exact=True).first)
    page.keyboard.press("Enter")


def reach(page: Page, target: Locator) -> None:
    """Press the tab key until the target has the focus, and demand that the focus can be seen."""
    target.wait_for()
    for _ in range(PATIENCE):
        page.keyboard.press("Tab")
        if target.evaluate("part => part.contains(document.activeElement)"):
            assert target.evaluate(SEEN), "the focus cannot be seen"
            return
    pytest.fail(f"{PATIENCE} presses of the tab key do not lead to {target}")


def test_a_link_shows_another_person_what_its_sender_saw(enter: Enter) -> None:
    with enter("shared") as visit:
        visit.open("/journeys?journey=Win-back+e-mail&scale=Absolute", "Journeys")
        visit.page.get_by_text("It does harm").wait_for()
        assert visit.page.get_by_role("link", name="Cart recovery").count() == 0
        assert visit.page.get_by_role("radio", name="Absolute").get_attribute("aria-checked") == "true"
        visit.page.get_by_role("link", name="Experiments").click()
        visit.wait("Experiments")
        assert "journey=Win-back+e-mail" in visit.page.url
        assert visit.page.get_by_role("radio", name="Absolute").get_attribute("aria-checked") == "true"


def test_junk_in_the_address_falls_back_to_what_there_is(enter: Enter) -> None:
    with enter("junk") as visit:
        visit.open("/journeys?journey=%3Cscript%3E&scale=ZZ", "Journeys")
        visit.page.get_by_text("1 of 5 journeys").wait_for()
