"""A privacy officer follows a gap in consent to a law's requests and takes their file along."""

from pathlib import Path

from tests.e2e.conftest import Enter


def test_from_the_journeys_to_a_law_s_requests_and_their_file(enter: Enter) -> None:
    with enter("privacy") as visit:
        page = visit.page
        visit.open("/journeys", "Journeys")
        page.get_by_role("link", name="55.0").click()
        visit.wait("Consent")
        page.get_by_text("Homepage personalisation reaches 55.0").wait_for()
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
