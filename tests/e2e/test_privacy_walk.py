"""A privacy officer reads what is due, what leaks and what to mend, at a desk and on a phone by night."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import Visit
from tests.e2e.server import serving
from tests.ui.privacy_tables import (
    answered,
    field,
    joint,
    model,
    net,
    purpose,
    request,
    score,
    service,
    vendor,
    week,
    write,
)

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
DAYS = [
    {
        "journey": journey, "model": "ranker", "serving": "central", "day": dt.date(2026, 9, day),
        "requests": 10, "recommendations": 100, "cost": 0.03, "cost_per_1k": 0.3, "latency_p95": 90.0 + day,
        "status": "ok",
    }
    for journey in ("homepage", "cart")
    for day in range(1, 31)
]  # fmt: skip


@pytest.fixture(scope="module")
def privacy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on a retailer whose privacy tables have good and bad to say."""
    tables = {
        "dsr_requests": [
            request(1, "overdue", -26),
            request(2, "due_soon", 4, jurisdiction="BR", regime="LGPD", rule="lgpd-19"),
            request(3, "unknown", None, jurisdiction="CA", regime="PIPEDA", kind="delete", rule="unknown"),
            request(4, "open", 30, jurisdiction="US-CA", regime="CCPA", rule="ccpa-7021"),
            answered(5), answered(6, "late", received_at=dt.datetime(2026, 5, 5, tzinfo=dt.UTC)),
        ],
        "dsr_sla": [
            service(overdue=1, sla_rate=0.89, sla_low=0.6),
            service("CCPA", "opt_out"),
            service(period="2026Q2"),
        ],
        "dsr_7102": [
            {"year": 2025, "right": "know", "received": 5, "complied": 4, "complied_in_part": 0, "denied": 1,
             "median_days": 12.0, "mean_days": 14.5, "status": "ok"}
        ],
        "minimization_fields": [
            field("pregnancy", 8), field("ip", retention_overdue_days=49, retention_ok=False),
            field("email", passes=True),
        ],
        "minimization": [score(), score(system="shop")],
        "vendors": [vendor(), vendor("Old Tide", contract_status="expired", transfer_ok=False)],
        "inference": [model(cost=0.4, cost_per_1k=0.4), model("next", "cart", serving="edge")],
        "inference_by_day": DAYS,
        "net_value": [net(), net("cart", -500)],
        "consent": [
            joint(leaks=56), joint("cart"), joint(place="IE", leaks=56), joint("cart", "IE"), purpose(),
        ],
        "consent_alerts": [week(day) for day in (7, 14, 21)],
        "consent_signals": [
            {"signal": "tcf", "finding": "granted", "reason": "", "rows": 90, "status": "ok"}
        ],
        "journeys": [
            {"journey": "homepage", "period": "2026Q3", "status": "ok", "consent_coverage": 0.55,
             "consent_coverage_low": 0.54, "leakage_events": 56, "minimization_score": 0.71,
             "excess_load": 8.0, "cost_per_1k": 0.4, "latency_p95": 143.0}
        ],
    }  # fmt: skip
    with serving(write(tmp_path_factory.mktemp("privacy"), tables)) as address:
        yield address


@pytest.mark.parametrize(("size", "theme"), [("desk", "light"), ("phone", "dark")])
def test_every_page_on_privacy(
    size: str, theme: Literal["light", "dark"], browser: Browser, privacy_server: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    visit = Visit(context.new_page(), privacy_server, f"{size}-{theme}")
    for path, heading, said, moment in (
        (
            "/journeys",
            "Journeys",
            "56 events of Homepage were personalised without consent",
            "privacy-journeys",
        ),
        ("/consent", "Consent", "1 of 2 journeys personalised without consent", "consent"),
        ("/consent?view=Table", "Consent", "steady", "consent-table"),
        ("/requests?show=All+requests", "Requests", "1 request is overdue and 1 is due within", "requests"),
        ("/data-use?show=All+fields", "Data use", "2 of 3 fields hold the score at 0.71", "data-use"),
        ("/inference-cost", "Inference cost", "Homepage costs €0.40 per 1,000", "inference"),
        ("/inference-cost?journey=Homepage&view=Table", "Inference cost", "120 ms", "inference-table"),
    ):
        visit.open(path, heading)
        visit.page.get_by_text(said).first.wait_for()
        visit.check(moment)
    assert visit.troubles == []
    context.close()


def test_from_the_journeys_to_a_law_s_requests_and_their_file(browser: Browser, privacy_server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context.new_page(), privacy_server, "privacy")
    page = visit.page
    visit.open("/journeys", "Journeys")
    page.get_by_role("link", name="55.0").click()
    visit.wait("Consent")
    page.get_by_text("Homepage reaches 55.0").wait_for()
    assert "journey=Homepage" in page.url
    page.get_by_role("link", name="Requests", exact=True).click()
    visit.wait("Requests")
    visit.choose("Law", "Brazil (LGPD)")
    page.get_by_text("No request is overdue; 1 is due within 7 days.").wait_for()
    assert "law=Brazil" in page.url
    with page.expect_download() as download:
        page.locator(".st-key-csv-requests button").first.click()
    written = Path(download.value.path()).read_text(encoding="utf-8")
    assert written.startswith("request_id,kind,jurisdiction,regime,")
    assert written.count("\n") == 2
    assert ",LGPD," in written
    assert visit.troubles == []
    context.close()
