"""An executive reads the quarter on one screen, looks into a figure, and goes back a quarter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import Visit
from tests.e2e.server import serving
from tests.ui.boards import FOUR, quarter, write

SENTENCE = "and 1 of 4 journeys may roll out further."


@pytest.fixture(scope="module")
def board_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on a retailer with two quarters."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = [replace(FOUR[0], lift=0.01, code="no_clear_effect"), replace(FOUR[1], coverage=0.74), *FOUR[2:]]
    made = (quarter(before, "2026Q2"), quarter(FOUR, as_of=today))
    with serving(write(tmp_path_factory.mktemp("board"), *made)) as address:
        yield address


def test_four_journeys_fit_on_one_screen(browser: Browser, board_server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context.new_page(), board_server, "four")
    page = visit.page
    visit.open("/", "Board · Q3 2026")
    page.get_by_text(SENTENCE).wait_for()
    page.locator(".js-plotly-plot").wait_for()
    tall = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    assert tall <= 900
    page.get_by_role("radio", name="Table").click()
    page.get_by_role("table", name="Growth against risk").wait_for()
    assert "map=Table" in page.url
    assert visit.troubles == []
    context.close()


def test_from_a_point_of_the_map_to_its_evidence_and_back(browser: Browser, board_server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context.new_page(), board_server, "point")
    page = visit.page
    visit.open("/?quarter=Q2+2026", "Board · Q2 2026")
    point = page.locator(".js-plotly-plot .points path").first
    point.wait_for()
    page.get_by_text("Cart recovery").first.wait_for()
    box = point.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.locator(".hoverlayer .hovertext").wait_for()
    page.mouse.down()
    page.mouse.up()
    visit.wait("Inference cost")
    assert "quarter=Q2+2026" in page.url
    assert "journey=" in page.url
    page.go_back()
    visit.wait("Board · Q2 2026")
    assert visit.troubles == []
    context.close()


def test_from_a_figure_to_its_evidence_in_the_quarter_chosen(browser: Browser, board_server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context.new_page(), board_server, "quarter")
    page = visit.page
    visit.open("/", "Board · Q3 2026")
    visit.choose("Quarter", "Q2 2026")
    visit.wait("Board · Q2 2026")
    page.get_by_text("cleared for a further rollout.").wait_for()
    assert "quarter=Q2+2026" in page.url

    page.get_by_role("link", name="74.0").click()
    visit.wait("Consent")
    page.get_by_text("the last of Q2 2026").wait_for()
    assert "journey=Homepage" in page.url
    page.get_by_role("link", name="Journeys", exact=True).click()
    visit.wait("Journeys · Q2 2026")
    page.get_by_role("link", name="Status", exact=True).click()
    visit.wait("Data status")
    page.get_by_role("link", name="Board", exact=True).click()
    visit.wait("Board · Q2 2026")

    fresh = browser.new_context()
    other = Visit(fresh.new_page(), board_server, "shared")
    other.open("/?quarter=Q2+2026&map=Table", "Board · Q2 2026")
    other.page.get_by_role("table", name="Growth against risk").wait_for()
    assert visit.troubles == other.troubles == []
    fresh.close()
    context.close()
