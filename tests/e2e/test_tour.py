"""A newcomer is shown around once, by keyboard, and may ask for it again."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import SIZES, Enter, Visit

TALL = "document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
TOUR = "Tour for the first visit"


@pytest.mark.parametrize("size", SIZES)
def test_three_steps_by_keyboard_then_never_again_until_asked_for(size: str, enter: Enter) -> None:
    with enter("tour", size, newcomer=True) as visit:
        page = visit.page
        visit.open("/", "Board · Q3 2026")
        tour, held = page.get_by_role("region", name=TOUR), page.get_by_role("button", name="Next")
        expect(tour).to_contain_text("1 of 3")
        tall = page.evaluate(TALL)
        held.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="How to read a figure")).to_be_visible()
        expect(held).to_be_focused()
        visit.check("step-2")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="What this page answers")).to_be_visible()
        page.keyboard.press("Enter")

        tour.get_by_role("link", name="Methods").click()
        visit.wait("Methods")
        expect(page.get_by_role("heading", name="How to read a figure")).to_be_visible()
        held.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Done")).to_be_focused()
        visit.check("step-3")
        page.keyboard.press("Enter")
        expect(tour).to_be_hidden()
        expect(page.locator("h1.lg-title")).to_be_focused()

        visit.open("/", "Board · Q3 2026")
        expect(tour).to_have_count(0)
        assert page.evaluate(TALL) < tall
        another = Visit(page.context.new_page(), visit.address, "", newcomer=True)
        another.open("/gates", "Rollout gates")
        expect(another.page.get_by_role("region", name=TOUR)).to_have_count(0)
        another.open("/methods", "Methods")
        another.page.get_by_role("link", name="Show the tour again").click()
        another.wait("Board · Q3 2026")
        expect(another.page.get_by_role("region", name=TOUR)).to_contain_text("1 of 3")
        assert another.troubles == []


def test_skipping_leaves_the_page_as_tall_as_it_is_later_and_says_nothing_about_anybody(
    browser: Browser, server: str
) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        visit = Visit(context.new_page(), server, "skipped", newcomer=True)
        visit.open("/journeys", "Journeys")
        visit.page.get_by_role("button", name="Skip the tour").click()
        visit.page.get_by_role("radio", name="Absolute").click()
        visit.wait("Journeys")
        expect(visit.page.get_by_role("region", name=TOUR)).to_be_hidden()
        left = visit.page.evaluate(TALL)
        kept = next(cookie for cookie in context.cookies() if cookie["name"] == "liftgate_tour")
        assert (kept["value"], kept["sameSite"]) == ("ended", "Lax")
        visit.open("/journeys?scale=Absolute", "Journeys")
        expect(visit.page.get_by_role("region", name=TOUR)).to_have_count(0)
        assert visit.page.evaluate(TALL) == left
        assert visit.troubles == []
