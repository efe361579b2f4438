"""A privacy officer checks the log, finds an entry, hands the log out, and meets a broken one."""

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from storage.audit import Search, entries
from storage.store import Store
from tests.e2e.conftest import SIZES, Visit
from tests.e2e.server import serving

POLICY = {
    "run_id": 1, "old_version": 3, "new_version": 4, "old_hash": "0" * 64, "new_hash": "1" * 64,
    "changes": [{"rule": "checks.cost.threshold", "old": 0.5, "new": 0.45}],
}  # fmt: skip


@pytest.fixture(scope="module")
def audited(retailer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The retailer with a few acts in its log."""
    folder = Path(shutil.copytree(retailer, tmp_path_factory.mktemp("audited") / "retailer"))
    with _store(folder) as store:
        store.audit("till@shop (process 7)", "policy change", POLICY)
        for number in range(60):
            store.audit("ana", "export", {"files": {f"effects-{number}.csv": "0" * 64}, "via": "page"})
    return folder


def _store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'liftgate.db'}")


@pytest.mark.parametrize("size", list(SIZES))
def test_from_the_state_to_an_entry_and_the_whole_log(size: str, browser: Browser, audited: Path) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    with serving(audited) as address:
        visit = Visit(context.new_page(), address, f"{size}")
        page = visit.page
        visit.open("/audit", "Audit")
        page.get_by_text("none altered, removed or moved").wait_for()
        page.evaluate("window.sameSession = true")
        page.get_by_role("link", name="Older", exact=True).click()
        page.get_by_text("51 to").wait_for()
        visit.choose("Action", "Policy changed")
        page.get_by_text("1 to 1 of 1 entry").wait_for()
        assert "action=Policy" in page.url
        assert "sheet" not in page.url
        page.locator(".lg-log a").first.click()
        page.get_by_role("rowheader", name="checks.cost.threshold").wait_for()
        assert "entry=" in page.url
        assert page.evaluate("window.sameSession"), "the link loaded the page anew"
        visit.wait("Audit")
        visit.check("audit-entry")
        with page.expect_download() as download:
            page.locator(".st-key-audit-jsonl button:visible").click()
        content = Path(download.value.path()).read_bytes()
        page.get_by_role("button", name="Verify now").click()
        visit.wait("Audit")
        assert visit.troubles == []
    with _store(audited) as store:
        newest, *_ = entries(store, Search(action="export"))
    assert json.loads(newest.detail)["files"] == {"audit.jsonl": hashlib.sha256(content).hexdigest()}
    assert newest.seq == content.count(b"\n") + 1
    context.close()


def test_a_broken_log_is_shown_as_such(browser: Browser, audited: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(audited, tmp_path / "broken"))
    with sqlite3.connect(folder / "liftgate.db") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET actor = 'eve' WHERE seq = 20")
    connection.close()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    with serving(folder) as address:
        visit = Visit(context.new_page(), address, "desk-light")
        visit.open("/audit?sheet=2", "Audit")
        visit.page.get_by_text("The log is broken at entry 20: Entry 20 was altered.").wait_for()
        visit.check("audit-broken")
        assert visit.troubles == []
    context.close()
