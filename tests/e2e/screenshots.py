"""Makes the pictures in docs/img: `python -m tests.e2e.screenshots WORKSPACE [EXPERIMENT]`."""

import io
import sys
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from jobs.export import open_store
from reports.quarters import quarter as quarters
from tests.e2e.browser import install
from tests.e2e.server import ROOT, serving
from ui.tour import COOKIE, ENDED

IMAGES = ROOT / "docs" / "img"
SIZE = {"width": 1440, "height": 900}
PICTURES = (
    ("board", "/", "light"),
    ("experiment", "/experiment?experiment={}", "light"),
    ("gates", "/gates", "light"),
    ("consent", "/consent", "dark"),
)
PAPER = (("pack", 0), ("pack-journey", 2))
"""Pages of the quarterly pack, by number from 0."""
COLOURS, PAPER_DPI = 256, 110


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
    _paper(workspace)


def _paper(workspace: Path) -> None:
    """Pages of the visible run's pack, beside the quarter before."""
    with open_store(workspace) as store:
        pdf = pypdfium2.PdfDocument(quarters.pack_of(store, quarters.quarter(store, None)))
        for name, number in PAPER:
            picture = pdf[number].render(scale=PAPER_DPI / 72).to_pil()
            _keep(picture, IMAGES / f"{name}.png")


def _keep(picture: Image.Image, file: Path) -> None:
    """Write a picture with few colours, so that it is small."""
    few = picture.convert("RGB").quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    few.save(file, optimize=True)
    sys.stdout.write(f"{file.relative_to(ROOT)}\n")


def _photograph(browser: Browser, address: str, theme: str, file: Path) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme="dark" if theme == "dark" else "light")
    context.add_cookies([{"name": COOKIE, "value": ENDED, "url": address}])
    page = context.new_page()
    page.goto(address)
    page.locator(".lg-lead").wait_for()
    page.wait_for_timeout(1_500)
    _keep(Image.open(io.BytesIO(page.screenshot())), file)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
