"""An address is the whole view: whoever opens it in a new browser sees what its sender saw, on every page."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Error, Locator, ViewportSize, expect

from storage.store import Store
from tests.e2e.conftest import SIZES, Enter, Visit
from tests.e2e.server import serving
from ui.site import BY_PATH, SCREENS


class View(NamedTuple):
    """A page of which every control is changed.

    Attributes:
        path: its address in `ui.site`.
        heading: its main heading.
        changed: labels of the controls that are changed, in the order of the page.
        query: the part of the page that is looked at.
    """

    path: str
    heading: str
    changed: tuple[str, ...] = ()
    query: str = ""


ACROSS = ("Quarter", "Journey")
TRIED = ("Check", "At most, EUR", "Severity")
SEARCH = ("Action", "By", "From", "To", "Run", "Containing")
VIEWS = {
    "board": View("", "Board", ("Quarter", "Shown as")),
    "journeys": View("journeys", "Journeys", (*ACROSS, "Effects as")),
    "experiments": View("experiments", "Experiments", (*ACROSS, "Effects as")),
    "variants": View(
        "experiment", "Homepage 2026q3", ("Quarter", "Effects as", "Variant", "Shown as"),
        "experiment=homepage-2026q3",
    ),
    "segments": View(
        "experiment", "Cart recovery", ("Quarter", "Effects as", "Metric", "Shown as", "By"),
        "experiment=cart-recovery-2026q3",
    ),
    "sku-lift": View("sku-lift", "SKU lift", ("Quarter", "Find a SKU or category", "Rank by", "Shown as")),
    "churn": View("churn", "Churn", ("Quarter", "Metric", "Shown as")),
    "consent": View("consent", "Consent", (*ACROSS, "Shown as")),
    "requests": View("requests", "Requests", ("Quarter", "Law", "Right", "Show", "Shown as")),
    "data-use": View("data-use", "Data use", (*ACROSS, "Show", "By")),
    "inference-cost": View("inference-cost", "Inference cost", (*ACROSS, "Figure", "Shown as")),
    "gates": View("gates", "Rollout gates", ("Journey", "Part of the page")),
    "what-if": View("gates", "Rollout gates", TRIED, "part=What+if&journey=Homepage+personalisation"),
    "decide": View("gates", "Rollout gates", ("About", "What to decide"), "part=Decide"),
    "check": View("gates", "Lift", ("Journey",), "check=lift"),
    "audit": View("audit", "Audit", SEARCH, "entry=3"),
    "annotations": View("annotations", "Annotations", ("About",)),
    "exports": View("exports", "Exports", ("Quarter", "For", "File")),
    "status": View("status", "Data status"),
    "methods": View("methods", "Methods", ("Find a figure or check",)),
}  # fmt: skip
TYPED = {
    "Find a SKU or category": "S1", "Find a figure or check": "consent", "Containing": "csv",
    "From": "20260101", "To": "20351231",
}  # fmt: skip
"""What is typed in, by label."""
SPOILT = {"segments", "sku-lift", "consent", "what-if", "audit"}
"""Views whose address is spoilt: between them they have every kind of control."""
STEADY = 80
"""Milliseconds between two looks at a page; three alike, and it no longer changes."""
SOUGHT = {"find", "words"}
"""Names in the address of what is typed in to be looked for: any words will do."""
PREFERRED = {
    "Journey": "Homepage personalisation",
    "Law": "EU and EEA (GDPR)",
    "Right": "Access",
    "Action": "Export",
}
"""What is chosen, by label, where not the last that can be: not every journey has evidence on every page."""
TESTIDS = ("stSelectbox", "stButtonGroup", "stTextInput", "stNumberInput", "stDateInput")
KINDS = ", ".join(f'[data-testid="{name}"]' for name in TESTIDS)
CONTROLS = f'[data-testid="stMain"] :is({KINDS}):not([data-testid="stForm"] *):visible'
"""What is in a form is not said until its button is pressed, and stands in no address."""
READ = """parts => parts.map(part => [
    (part.querySelector('label, [aria-label]').textContent
        || part.querySelector('[aria-label]').ariaLabel).trim(),
    part.querySelector('[aria-checked="true"]')?.textContent ?? part.querySelector('input').value,
])"""
"""Label and value of each control."""


@pytest.fixture(scope="module")
def address(retailer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on the retailer, with acts in its log."""
    folder = Path(shutil.copytree(retailer, tmp_path_factory.mktemp("permalinks") / "retailer"))
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        for number in range(60):
            store.audit("ana", "export", {"files": {f"effects-{number}.csv": "0" * 64}, "via": "page"})
        store.audit("till", "export", {"files": {"arms.csv": "0" * 64}, "run_id": 1, "via": "page"})
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def windows(browser: Browser, address: str) -> Iterator[tuple[Visit, Visit]]:
    """The window of a sender and that of a receiver, each in a browser of its own."""
    width, height = SIZES["desk"]
    size: ViewportSize = {"width": width, "height": height}
    with browser.new_context(viewport=size) as one, browser.new_context(viewport=size) as other:
        yield Visit(one.new_page(), address, "sender"), Visit(other.new_page(), address, "receiver")


def test_no_page_is_left_out() -> None:
    assert {view.path for view in VIEWS.values()} == set(BY_PATH), "a page of ui/site.py needs a view here"


@pytest.mark.parametrize("name", VIEWS)
def test_an_address_shows_in_another_browser_what_its_sender_saw(
    name: str, windows: tuple[Visit, Visit], address: str
) -> None:
    view = VIEWS[name]
    sender, receiver = windows
    start = f"/{view.path}?{view.query}"
    sender.open(start, view.heading)
    first = seen(sender, view)
    changed = change_all(sender, view)
    assert changed == list(view.changed), "a control is new or gone: say so in VIEWS"
    sent, shown = sender.page.url, seen(sender, view)
    kept = parse_qs(view.query)
    bound = asked(sent).keys() - kept
    assert len(bound) == len(view.changed)
    if changed:
        receiver.open(sent.removeprefix(address), view.heading)
        assert seen(receiver, view, shown) == shown
    if name in SPOILT:
        junk = urlencode(dict.fromkeys(bound - SOUGHT, "<script>"))
        receiver.open(f"{start}&{junk}", view.heading)
        assert seen(receiver, view, first) == first
    assert sender.troubles == receiver.troubles == []


def test_what_is_opened_is_open_in_another_browser(windows: tuple[Visit, Visit], address: str) -> None:
    sender, receiver = windows
    sender.open("/sku-lift", "SKU lift")
    sender.page.get_by_text("Every remainder").click()
    table = "table[aria-label='Remainders']"
    sender.page.locator(table).wait_for()
    expect(sender.page).to_have_url(re.compile("remainders=true"))
    receiver.open(sender.page.url.removeprefix(address), "SKU lift")
    expect(receiver.page.locator(table)).to_be_visible()
    sender.page.get_by_text("Every remainder").click()
    expect(sender.page).not_to_have_url(re.compile("remainders"))
    assert sender.troubles == receiver.troubles == []


def test_quarter_and_journey_stay_on_the_way_through_the_menu(enter: Enter, address: str) -> None:
    chosen = {"quarter": ["Q2 2026"], "journey": ["Homepage personalisation"]}
    with enter("menu", at=address) as visit:
        visit.open("/journeys", "Journeys")
        visit.choose("Quarter", "Q2 2026")
        visit.wait("Journeys · Q2 2026")
        visit.choose("Journey", "Homepage personalisation")
        menu = visit.page.get_by_role("navigation", name="Pages")
        expect(menu.get_by_role("link", name="Board")).to_have_attribute("href", re.compile("journey="))
        listed = [screen for screen in SCREENS if screen.section]
        for screen in [*listed, BY_PATH["journeys"]]:
            menu.get_by_role("link", name=screen.title, exact=True).click()
            expect(visit.page).to_have_url(re.compile(rf"/{screen.path}\?"))
            visit.page.locator(".lg-menu [aria-current]", has_text=screen.title).wait_for()
            visit.wait("")
            assert asked(visit.page.url) == chosen, screen
            here = dict(controls(visit))
            for label, name in (("Quarter", "quarter"), ("Journey", "journey")):
                assert here.get(label) == (chosen[name][0] if name in screen.filters else None), screen


def asked(url: str) -> dict[str, list[str]]:
    """What an address asks for."""
    return parse_qs(urlsplit(url).query)


def controls(visit: Visit) -> list[tuple[str, str]]:
    """Label and value of every control that shows; a label that comes again gets a number."""
    seen: Counter[str] = Counter()
    found = []
    for label, value in visit.page.locator(CONTROLS).evaluate_all(READ):
        seen[label] += 1
        found.append((label if seen[label] == 1 else f"{label} ({seen[label]})", value))
    return found


class Seen(NamedTuple):
    """What a window shows: its controls, what its address asks for, and its words."""

    controls: list[tuple[str, str]]
    asked: dict[str, list[str]]
    words: str


def seen(visit: Visit, view: View, wanted: Seen | None = None) -> Seen:
    """What the window shows once it no longer changes; what is `wanted` is given time to come."""
    for _ in range(20):
        words = settled(visit, view)
        found = Seen(controls(visit), asked(visit.page.url), words)
        if wanted in (None, found):
            break
    return found


def settled(visit: Visit, view: View) -> str:
    """The page's words once they no longer change, without how long ago things were."""
    said: list[str] = []
    while len(said) < 3 or len(set(said[-3:])) > 1:
        visit.wait(view.heading)
        said.append(visit.page.get_by_test_id("stMain").inner_text())
        visit.page.wait_for_timeout(STEADY)
    return re.sub(r"\d+ \w+ ago|just now", "ago", said[-1])


def change_all(visit: Visit, view: View) -> list[str]:
    """Change every control once, also those that come when others are changed; those with a choice."""
    done, changed = {"Part of the page", "Journey"} if "part=" in view.query else set(), []
    while left := [one for one in controls(visit) if one[0] not in done]:
        label, value = left[0]
        done.add(label)
        if changes(visit, view, label, value):
            changed.append(label)
            settled(visit, view)
    return changed


def changes(visit: Visit, view: View, label: str, value: str) -> bool:
    """Change a control until the address says so: a page that is being drawn may miss it."""
    before = visit.page.url
    for attempt in range(3):
        if attempt:
            visit.page.goto(before)
            settled(visit, view)
        place = [name for name, _ in controls(visit)].index(label)
        if not change(visit, visit.page.locator(CONTROLS).nth(place), label, value):
            return False
        try:
            expect(visit.page).not_to_have_url(before)
        except AssertionError:
            continue
        return True
    pytest.fail(f"the address does not follow {label}")


def change(visit: Visit, control: Locator, label: str, value: str) -> bool:
    """Change a control; False where there is nothing else to choose."""
    match control.get_attribute("data-testid"):
        case "stButtonGroup":
            control.get_by_role("radio").last.click()
        case "stSelectbox":
            options = opened(visit, control)
            others = [name for name in options.all_inner_texts() if name != value]
            if not others:
                visit.page.keyboard.press("Escape")
                return False
            options.get_by_text(PREFERRED.get(label, others[-1]), exact=True).click()
        case "stDateInput":
            control.get_by_role("spinbutton").first.press_sequentially(TYPED[label])
            visit.page.keyboard.press("Escape")
        case "stNumberInput":
            control.get_by_role("spinbutton").fill(str(float(value or 0) + 1).removesuffix(".0"))
            visit.page.keyboard.press("Enter")
        case _:
            control.locator("input").fill(TYPED[label])
            visit.page.keyboard.press("Enter")
            control.locator("input").blur()
    return True


def opened(visit: Visit, control: Locator) -> Locator:
    """The options of a list, once it stays open: a page that is drawn once more closes it."""
    options = visit.page.get_by_role("option")
    for _ in range(5):
        control.get_by_role("combobox").press("ArrowDown")
        try:
            options.first.wait_for(timeout=3_000)
        except Error:
            continue
        return options
    pytest.fail("the list does not open")
