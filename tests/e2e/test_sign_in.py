"""A person signs in from a link, works, meets what is not theirs, and signs out in one window of two."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import SIZES, Visit
from tests.e2e.provider import provider, signing_in


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider."""
    with provider() as address:
        yield address


@pytest.fixture(scope="module")
def app(retailer: Path, issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, where people sign in."""
    with signing_in(retailer, issuer, tmp_path_factory.mktemp("secrets")) as address:
        yield address


def sign_in(page: Page, subject: str) -> None:
    """Press the one button, and be who one is at the provider."""
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name=subject, exact=True).click()


@pytest.mark.parametrize("size", list(SIZES))
def test_from_a_link_to_its_page_and_out_again(size: str, browser: Browser, app: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    visit = Visit(context.new_page(), app, f"{size}")
    page = visit.page
    page.goto(f"{app}/experiments?journey=Cart+recovery")
    page.get_by_role("heading", name="Sign in").wait_for()
    assert page.title() == "Sign in · Liftgate"
    visit.check("sign-in")

    sign_in(page, "ada")
    visit.wait("Experiments")
    assert page.url == f"{app}/experiments?journey=Cart+recovery"
    page.get_by_text("Cart recovery, third quarter").first.wait_for()

    visit.troubles.clear()
    page.goto(f"{app}/consent")
    visit.wait("Not for your role")
    assert page.title() == "No access · Liftgate"
    visit.check("no-access")
    assert visit.troubles == []

    other = context.new_page()
    other.goto(f"{app}/experiments")
    other.locator("h1.lg-title", has_text="Experiments").wait_for()
    if size == "phone":
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_text("Signed in as Ada Byrne (marketer).").wait_for()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button").first.click()
    page.get_by_role("heading", name="Sign in").wait_for()
    other.get_by_text("Sign in with your company's account").or_(
        other.get_by_text("Your session has ended")
    ).wait_for(timeout=30_000)
    context.close()


def test_a_file_is_for_the_window_that_asked_for_it(browser: Browser, app: str) -> None:
    context, stranger = browser.new_context(), browser.new_context()
    page = context.new_page()
    page.goto(f"{app}/experiments")
    sign_in(page, "ada")
    page.locator("h1.lg-title", has_text="Experiments").wait_for()
    with page.expect_request("**/media/*.csv") as asked, page.expect_download() as download:
        page.locator('[data-testid="stDownloadButton"] button').first.click()
    link = asked.value.url
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("experiment,")
    assert context.request.get(link).text().startswith("experiment,")
    assert httpx.get(link).status_code == 401
    other = stranger.new_page()
    other.goto(f"{app}/")
    sign_in(other, "priya")
    other.locator("h1.lg-title").first.wait_for()
    refused = stranger.request.get(link)
    assert refused.status == 403
    assert "experiment" not in refused.text()
    context.close()
    stranger.close()


def test_whoever_has_no_role_is_told_so_and_can_leave(browser: Browser, app: str) -> None:
    context = browser.new_context()
    visit = Visit(context.new_page(), app, "desk")
    page = visit.page
    page.goto(f"{app}/")
    sign_in(page, "nora")
    page.get_by_text("You are signed in as Nora Quinn, and your account has no role").wait_for()
    visit.check("no-role")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button").first.click()
    page.get_by_role("heading", name="Sign in").wait_for()
    context.close()


def test_a_window_left_open_gives_way_when_the_session_is_over(
    browser: Browser, retailer: Path, issuer: str, tmp_path: Path
) -> None:
    with signing_in(retailer, issuer, tmp_path, hours=12 / 3600) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/experiments")
        sign_in(page, "ada")
        page.locator("h1.lg-title", has_text="Experiments").wait_for()
        begun = time.monotonic()
        page.get_by_text("Your session has ended. Sign in again").wait_for(timeout=40_000)
        assert time.monotonic() - begun < 30
        assert "Cart recovery" not in page.content()
        context.close()
