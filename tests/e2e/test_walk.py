"""A person walks from the journeys to a segment's CSV, on a desk and on a phone, by day and by night."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import Visit

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_from_journeys_to_the_csv_of_a_segment(
    size: str, theme: Literal["light", "dark"], browser: Browser, server: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    visit = Visit(context.new_page(), server, f"{size}-{theme}")
    page = visit.page

    visit.open("/journeys", "Journeys")
    page.get_by_text("1 of 5 journeys shows a clear gain: Cart recovery (+4.2").wait_for()
    visit.check("journeys")
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
    visit.check("experiment")

    page.get_by_role("radio", name="Table").click()
    page.get_by_role("table", name="Revenue by day").wait_for()
    visit.check("experiment-table")

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
    assert visit.troubles == []
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_other_page_and_state(theme: Literal["light", "dark"], browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    visit = Visit(context.new_page(), server, f"desk-{theme}")
    for path, heading, moment in (
        ("/experiments", "Experiments", "experiments"),
        ("/status", "Data status", "status"),
        ("/methods", "Methods", "methods"),
        ("/experiment?experiment=homepage-2026q3&variant=compact", "Homepage 2026q3", "several-variants"),
        ("/experiment?experiment=post-purchase-2026q3", "Post purchase 2026q3", "withheld"),
    ):
        visit.open(path, heading)
        visit.check(moment)
    assert visit.troubles == []
    context.close()


def test_a_link_shows_another_person_what_its_sender_saw(browser: Browser, server: str) -> None:
    context = browser.new_context()
    visit = Visit(context.new_page(), server, "shared")
    visit.open("/journeys?journey=Win-back+e-mail&scale=Absolute", "Journeys")
    visit.page.get_by_text("It does harm").wait_for()
    assert visit.page.get_by_role("link", name="Cart recovery").count() == 0
    assert visit.page.get_by_role("radio", name="Absolute").get_attribute("aria-checked") == "true"
    visit.page.get_by_role("link", name="Experiments").click()
    visit.wait("Experiments")
    assert "journey=Win-back+e-mail" in visit.page.url
    assert visit.page.get_by_role("radio", name="Absolute").get_attribute("aria-checked") == "true"
    assert visit.troubles == []
    context.close()


def test_junk_in_the_address_falls_back_to_what_there_is(browser: Browser, server: str) -> None:
    context = browser.new_context()
    visit = Visit(context.new_page(), server, "junk")
    visit.open("/journeys?journey=%3Cscript%3E&scale=ZZ", "Journeys")
    visit.page.get_by_text("1 of 5 journeys").wait_for()
    assert visit.troubles == []
    context.close()
