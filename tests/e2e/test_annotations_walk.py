"""A marketer notes an outage, meets it on the chart and in its table, and takes it back."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from storage.store import Store
from tests.e2e.conftest import SIZES, Visit
from tests.e2e.server import serving

NAME = "Cart recovery, third quarter"


@pytest.mark.parametrize("size", list(SIZES))
def test_from_the_chart_to_the_note_and_back(
    size: str, browser: Browser, retailer: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(retailer, tmp_path / "retailer"))
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        for day, text in (
            (date(2026, 8, 14), "Summer <b>sale</b> & more"),
            (date(2026, 8, 17), "New banner"),
        ):
            store.annotate("Ada", "ada", {"day": day, "kind": "campaign", "text": text, "experiment": None})
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    with serving(folder) as address:
        visit = Visit(context.new_page(), address, f"{size}")
        page = visit.page
        visit.open("/experiment?experiment=cart-recovery-2026q3", NAME)
        page.locator(".js-plotly-plot .annotation-text", has_text="2 Campaign").wait_for()
        page.get_by_text("campaign: Summer <b>sale</b> & more").wait_for()
        visit.check("annotated")
        page.get_by_role("link", name="Note an event").click()
        visit.wait("Annotations")
        assert "concerns=Cart+recovery" in page.url
        page.get_by_role("textbox", name="In a few words").fill("Checkout down")
        page.get_by_role("button", name="Note it").click()
        page.get_by_text("The event stands on its charts.").wait_for()
        page.get_by_role("cell", name="Checkout down").wait_for()
        visit.wait("Annotations")
        visit.check("annotations-noted")
        page.get_by_role("button", name="Take it back").click()
        page.get_by_text("1 event taken back").wait_for()
        visit.wait("Annotations")
        page.get_by_text("1 event taken back").click()
        visit.check("annotations-history")
        visit.open("/experiment?experiment=cart-recovery-2026q3&view=Table", NAME)
        page.get_by_role("table", name="Noted events").wait_for()
        assert visit.troubles == []
    context.close()
