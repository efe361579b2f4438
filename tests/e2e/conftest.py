"""A live server on an invented retailer, and a real browser in front of it: one of each per worker."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import found
from tests.e2e.house import write
from tests.e2e.server import ROOT, serving
from ui.tour import COOKIE, ENDED

ARTIFACTS = ROOT / "test-artifacts"
IDLE = "new Promise(done => requestIdleCallback(done, {timeout: 2000}))"
"""Until the browser has nothing left to do: a control that is just drawn is not yet known to the app."""
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
"""Width and height in pixels."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TOO_WIDE = """Math.max(...[document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .filter(part => part).map(part => part.scrollWidth - part.clientWidth))"""
STANDARD = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped and say so."""
    path = found()
    if path is None:
        pytest.skip("no Chromium here: python -m tests.e2e.browser installs one where it can")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        yield playwright.chromium.launch(executable_path=path, args=flags)


@pytest.fixture(scope="session")
def retailer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with something to say on every page."""
    return write(tmp_path_factory.mktemp("retailer"))


@pytest.fixture(scope="session")
def server(retailer: Path) -> Iterator[str]:
    """The address of the app on that retailer."""
    with serving(retailer) as address:
        yield address


@dataclass
class Visit:
    """One browser window on the app, and everything that went wrong in it.

    Attributes:
        newcomer: whether the tour of the first visit is still to come.
        troubles: errors of the console and of scripts, and requests to anywhere else.
    """

    page: Page
    address: str
    name: str
    newcomer: bool = False
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from the first moment."""
        if not self.newcomer:
            self.page.context.add_cookies([{"name": COOKIE, "value": ENDED, "url": self.address}])
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda m: self._note(m.type == "error", f"console: {m.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("request", lambda r: self._note(not self._ours(r.url), f"request to {r.url}"))

    def open(self, path: str, heading: str) -> None:
        """Go to an address and wait for its page."""
        self.page.goto(f"{self.address}{path}")
        self.wait(heading)

    def wait(self, heading: str) -> None:
        """Wait until a page stands whole under its heading."""
        self.page.locator("h1.lg-title", has_text=heading).wait_for(timeout=20_000)
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(
            timeout=20_000
        )
        expect(self.page.locator('[data-stale="true"]')).to_have_count(0, timeout=20_000)
        self.page.evaluate(IDLE)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by typing, as one does with a keyboard."""
        box = self.page.get_by_role("combobox", name=label, exact=True)
        box.scroll_into_view_if_needed()
        box.click()
        box.press("Control+a")
        box.press_sequentially(option[:6])
        self.page.get_by_role("option", name=option, exact=True).wait_for()
        self.page.keyboard.press("Enter")

    def check(self, moment: str) -> None:
        """Keep a picture by day and one by night; no overflow and no violation of WCAG 2.2 A and AA."""
        ARTIFACTS.mkdir(exist_ok=True)
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme)
            if self.page.get_by_test_id("stApp").count():
                expect(self.page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
            self.page.screenshot(path=ARTIFACTS / f"{self.name}-{moment}-{theme}.png")
            wide = self.page.evaluate(TOO_WIDE)
            assert wide <= 1, f"{moment}, {theme}, is {wide} px too wide"
            told = self._violations()
            assert not told, f"{moment}, {theme}:\n" + "\n".join(told)

    def _violations(self) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found: dict[str, Any] = self.page.evaluate("options => axe.run(options)", STANDARD)
        return [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def _ours(self, url: str) -> bool:
        here = self.address.split("//", 1)[1]
        return url.startswith((f"http://{here}/", f"ws://{here}/", "data:", "blob:"))

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.troubles.append(what)


class Enter(Protocol):
    """Opens a window on the app, and demands at its end that nothing went wrong in it."""

    def __call__(
        self, name: str, size: str = "desk", *, at: str = "", newcomer: bool = False
    ) -> AbstractContextManager[Visit]: ...


@pytest.fixture
def enter(browser: Browser, request: pytest.FixtureRequest) -> Enter:
    """Enter the app under a name for pictures, at a desk or on a phone; `at` another address."""

    @contextmanager
    def entered(name: str, size: str = "desk", *, at: str = "", newcomer: bool = False) -> Iterator[Visit]:
        width, height = SIZES[size]
        address = at or request.getfixturevalue("server")
        with browser.new_context(viewport={"width": width, "height": height}) as context:
            visit = Visit(context.new_page(), address, f"{name}-{size}", newcomer)
            yield visit
            assert visit.troubles == []

    return entered
