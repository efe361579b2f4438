"""Every page of the app in a real browser: at a desk and on a phone, by day and by night."""

from typing import NamedTuple

import pytest

from tests.e2e.conftest import SIZES, Enter
from ui.site import BY_PATH


class Stop(NamedTuple):
    """A page in one of its states.

    Attributes:
        path: its address in `ui.site`.
        heading: its main heading.
        said: words that stand on it once it is whole.
        query: what follows the address.
        chart: whether it shows a chart.
        newcomer: whether the browser is new, so that the tour of the first visit stands on it.
    """

    path: str
    heading: str
    said: str
    query: str = ""
    chart: bool = False
    newcomer: bool = False


GAIN, BOTH = "experiment=cart-recovery-2026q3", "experiment=homepage-2026q3&variant=compact"
STOPS = {
    "board": Stop("", "Board · Q3 2026", "cleared for a further rollout", chart=True),
    "board-table": Stop("", "Board · Q3 2026", "cleared for a further rollout", "map=Table"),
    "tour": Stop("", "Board · Q3 2026", "May a journey roll out further?", chart=True, newcomer=True),
    "journeys": Stop("journeys", "Journeys", "1 of 5 journeys shows a clear gain: Cart recovery (+4.2"),
    "gates": Stop("gates", "Rollout gates", "journeys may roll out further"),
    "experiments": Stop("experiments", "Experiments", "Cart recovery, third quarter"),
    "experiment": Stop("experiment", "Cart recovery, third quarter", "It works: revenue", GAIN, chart=True),
    "experiment-table": Stop("experiment", "Cart recovery, third quarter", "It works", f"{GAIN}&view=Table"),
    "variants": Stop("experiment", "Homepage 2026q3", "compact", BOTH),
    "withheld": Stop("experiment", "Post purchase 2026q3", "The arms", "experiment=post-purchase-2026q3"),
    "sku-lift": Stop("sku-lift", "SKU lift", "1 of 29 tested SKUs sells more and 1 sells less", chart=True),
    "churn": Stop("churn", "Churn", "stay until day 90", chart=True),
    "consent": Stop("consent", "Consent", "personalised without consent", chart=True),
    "consent-table": Stop("consent", "Consent", "steady", "view=Table"),
    "requests": Stop("requests", "Requests", "1 request is overdue and 1 is due", "show=All+requests"),
    "data-use": Stop("data-use", "Data use", "2 of 3 fields hold the score at 0.71", "show=All+fields"),
    "inference-cost": Stop("inference-cost", "Inference cost", "costs €0.40 per thousand", chart=True),
    "inference-table": Stop(
        "inference-cost", "Inference cost", "120 ms", "journey=Homepage+personalisation&view=Table"
    ),
    "audit": Stop("audit", "Audit", "none altered, removed or moved"),
    "annotations": Stop("annotations", "Annotations", "Nothing has been noted yet."),
    "exports": Stop("exports", "Exports", "can still change: it is not frozen."),
    "status": Stop("status", "Data status", "1,204"),
    "methods": Stop("methods", "Methods", "Lift"),
}  # fmt: skip


NAMES = """[...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
    .map(chart => chart.ariaLabel ?? "")"""
"""What each chart of a page is called."""


def test_no_page_is_left_out() -> None:
    assert {stop.path for stop in STOPS.values()} == set(BY_PATH), "a page of ui/site.py needs a stop here"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STOPS)
def test_a_page_is_whole_legible_and_asks_nobody_else(name: str, size: str, enter: Enter) -> None:
    stop = STOPS[name]
    with enter(name, size, newcomer=stop.newcomer) as visit:
        visit.open(f"/{stop.path}?{stop.query}", stop.heading)
        visit.page.get_by_text(stop.said).first.wait_for()
        if stop.chart:
            visit.page.locator(".js-plotly-plot .main-svg").first.wait_for()
            named = visit.page.evaluate(NAMES)
            assert named, "no chart"
            assert all(named), "a chart has no name for a screen reader"
            assert visit.page.get_by_role("radio", name="Table", exact=True).count()
        visit.check("page")
