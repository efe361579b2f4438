"""Somebody reads which journeys may go on, follows a check to its evidence, tries a threshold and decides."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import SIZES, Visit
from tests.e2e.server import serving
from tests.ui.gating import Case, write
from tests.ui.retailer import row


@pytest.fixture(scope="module")
def gate_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on an open gate, one that a small loss closes, one that is held, and a leak."""
    long = "Post-purchase recommendations for customers who came back within a month"
    cases = [
        Case(),
        Case("home", "Homepage", effects=[row(lift=-0.05)], stored="blocked"),
        Case("after", long, configured={"sign_off": None}, stored="held"),
        Case("app", "بدء التطبيق", figures={"leakage_events": 54}, stored="blocked"),
    ]
    with serving(write(tmp_path_factory.mktemp("gates"), cases)) as address:
        yield address


@pytest.mark.parametrize("size", list(SIZES))
def test_from_the_answer_to_the_evidence_and_to_a_decision(
    size: str, browser: Browser, gate_server: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    visit = Visit(context.new_page(), gate_server, f"gates-{size}")
    page = visit.page

    visit.open("/gates", "Rollout gates")
    page.get_by_text("1 of 4 journeys may roll out further: Cart recovery, to 50").wait_for()
    page.get_by_role("table", name="Asked by law").wait_for()
    visit.check("checks")

    blocks = page.get_by_role("table", name="Blocks a rollout")
    blocks.get_by_role("link", name="fail").click()
    visit.wait("Lift")
    page.get_by_text("It passes once 7.0").wait_for()
    assert "check=lift" in page.url
    visit.check("evidence")
    permalink = page.url

    page.locator(".lg-meta a", has_text="Gates").click()
    visit.wait("Rollout gates")
    page.get_by_role("radio", name="What if").click()
    page.get_by_text("This is what the policy asks today.").wait_for()
    box = page.get_by_role("spinbutton", name="At least, %")
    box.fill("-8")
    box.press("Enter")
    page.get_by_text("Homepage would open.").wait_for()
    visit.check("what-if")

    page.get_by_role("radio", name="Decide").click()
    page.get_by_text("You are alone here").wait_for()
    visit.choose("About", "Homepage")
    visit.choose("What to decide", "Ask for a waiver")
    page.get_by_role("textbox", name="Why it may be waived").fill(f"The season ends ({size}).")
    page.get_by_role("button", name="Ask for the waiver").click()
    page.get_by_text("Recorded.").wait_for()
    page.get_by_text("somebody else with the role admin or privacy must approve it").first.wait_for()
    visit.check("decide")

    page.get_by_role("radio", name="History").click()
    page.get_by_role("table", name="What people decided").wait_for()
    visit.check("history")

    page.goto(permalink)
    visit.wait("Lift")
    assert visit.troubles == []
    context.close()
