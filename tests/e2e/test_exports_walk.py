"""A board secretary fetches a quarter's pack and files, on a desk and on a phone, by day and by night."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import SIZES, Visit


@pytest.mark.parametrize("size", list(SIZES))
def test_from_the_quarter_to_its_files_and_what_they_say(size: str, browser: Browser, server: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    visit = Visit(context.new_page(), server, f"{size}")
    page = visit.page

    visit.open("/exports", "Exports")
    page.get_by_text("can still change: it is not frozen.").wait_for()
    visit.check("exports")
    with page.expect_download() as download:
        page.locator(".st-key-export-pdf button:visible").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    visit.choose("For", "Privacy and law")
    page.get_by_role("link", name="dsr_requests.csv").wait_for()
    page.get_by_text("it is no file for privacy and law").wait_for()
    assert "audience=Privacy" in page.url
    with page.expect_download() as download:
        page.locator(".st-key-export-zip button:visible").click()
    held = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())).namelist()
    assert {"README.md", "data_dictionary.csv", "dsr_requests.csv", "manifest.json"} <= set(held)
    assert "effects.csv" not in held

    page.get_by_role("link", name="consent.csv", exact=True).click()
    page.get_by_role("table", name="Columns of consent.csv").wait_for()
    assert "audience=Privacy" in page.url
    visit.wait("Exports")
    visit.check("exports-privacy")
    assert visit.troubles == []
    context.close()
