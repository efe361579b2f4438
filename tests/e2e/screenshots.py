"""Makes the pictures in docs/img: `python -m tests.e2e.screenshots WORKSPACE [EXPERIMENT]`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import install
from tests.e2e.server import ROOT, serving
from ui.tour import COOKIE, ENDED

IMAGES = ROOT / "docs" / "img"
SIZE = {"width": 1440, "height": 900}
PICTURES = (
    ("board", "/", "light"),
    ("experiment", "/experiment?experiment={}", "light"),
)


def main(workspace: Path, experiment: str = "cart-recovery-2026q3") -> None:
    """Photograph the app on a refreshed workspace."""
    path = install()
    if path is None:
        sys.exit("There is no Chromium here and none could be installed.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with serving(workspace.resolve()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, target, theme in PICTURES:
            _photograph(browser, f"{address}{target.format(experiment)}", theme, IMAGES / f"{name}.png")
        browser.close()


def _photograph(browser: Browser, address: str, theme: str, file: Path) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme="dark" if theme == "dark" else "light")
    context.add_cookies([{"name": COOKIE, "value": ENDED, "url": address}])
    page = context.new_page()
    page.goto(address)
    page.locator(".lg-lead").wait_for()
    page.wait_for_timeout(1_500)
    page.screenshot(path=file)
    context.close()
    sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
