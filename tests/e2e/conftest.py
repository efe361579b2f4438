"""A live server on an invented retailer, and a real browser in front of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import found
from tests.e2e.server import ROOT, serving
from tests.ui.retailer import Made, check, hidden, row, segment, write

ARTIFACTS = ROOT / "test-artifacts"
STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


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
    """Five journeys: a gain, two variants, harm, a failed check, and nothing yet."""
    rails = {"returns": {"harm_if": "higher", "margin": 0.002}}
    countries = [segment("country", name, lift) for name, lift in (("DE", 0.06), ("FR", 0.01), ("IE", 0.05))]
    gain = Made(
        rows=[
            row(half_width=0.023),
            row(method="unadjusted", headline=False, half_width=0.03),
            row("orders", 0.031),
            row("conversion", 0.021, 0.018),
            row("returns", 0.001, 0.02, guardrail_state="not_worse", margin=0.002),
            *countries,
            hidden(segment_dimension="country", segment="MT"),
            segment("loyalty_tier", "gold", 0.1),
            segment("loyalty_tier", "basic", -0.08),
        ],
        days=90,
        definition={"guardrails": rails, "name": "Cart recovery, third quarter"},
        exclusions={"consent": (4_000, 16_000), "not_mature": (900, 3_700), "child": (None, None)},
        checks=[
            *(check(name) for name in ("sample_ratio", "pre_period_balance", "consent", "erasure_balance")),
            check("quarantine_share", "warn", "1,204 of 130,000 rows were quarantined (0.93 %)."),
        ],
    )
    two = Made(
        experiment="homepage-2026q3", journey="homepage", variants=("ranked", "compact"), ended=False,
        code="too_early", needed_more=41_000, days=45,
        rows=[row(lift=0.006, half_width=0.02, variant="ranked"), row(lift=-0.01, variant="compact")],
    )  # fmt: skip
    harm = Made(experiment="win-back-2026q3", journey="win_back", code="worse", rows=[row(lift=-0.05)])
    failed = Made(
        experiment="post-purchase-2026q3", journey="post_purchase", code="withheld", rows=[row()],
        checks=[check("sample_ratio", "fail", "The arms are not split as intended: 23,716 (20,000 due).")],
    )  # fmt: skip
    names = {
        "cart_recovery": "Cart recovery", "homepage": "Homepage personalisation", "app": "App start",
        "win_back": "Win-back e-mail", "post_purchase": "Post-purchase recommendations",
    }  # fmt: skip
    aside = {"table": "order_lines", "rule": "sku_known", "rows": 1_204, "example": "orders.csv, row 12, sku"}
    folder = tmp_path_factory.mktemp("retailer")
    return write(folder, [gain, two, harm, failed], journeys=names, quarantine=[aside])


@pytest.fixture(scope="session")
def server(retailer: Path) -> Iterator[str]:
    """The address of the app on that retailer."""
    with serving(retailer) as address:
        yield address


@dataclass
class Visit:
    """One browser window on the app, and everything that went wrong in it.

    Attributes:
        troubles: errors of the console and of scripts, and requests to anywhere else.
    """

    page: Page
    address: str
    name: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from the first moment."""
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
        """Keep a picture, and require no overflow and no violation of WCAG 2.2 A and AA."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{self.name}-{moment}.png")
        wide = self.page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=\"stMain\"]')]"
            ".filter(part => part).map(part => part.scrollWidth - part.clientWidth)"
        )
        assert max(wide) <= 1, f"{moment} is {max(wide)} px too wide"
        found: dict[str, Any] = Axe().run(self.page, options=STANDARD).response
        told = [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert not told, f"{moment}:\n" + "\n".join(told)

    def _ours(self, url: str) -> bool:
        here = self.address.split("//", 1)[1]
        return url.startswith((f"http://{here}/", f"ws://{here}/", "data:", "blob:"))

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.troubles.append(what)
