"""The board's page says what the board holds, for the quarter chosen, and leads to its evidence."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from policy.roles import EXECUTIVE
from reports.board.content import board
from tests.ui.boards import FOUR, POLICY, Kept, quarter, write
from tests.ui.conftest import markup, words
from ui import access
from ui.access import Reader

Open = Callable[..., AppTest]
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
BEFORE = [replace(item, lift=0.01, coverage=0.74) for item in FOUR]


@pytest.fixture
def two_quarters(tmp_path: Path) -> Path:
    return write(tmp_path, quarter(BEFORE, "2026Q2"), quarter(FOUR, as_of=NOW))


def test_the_page_shows_sentences_figures_and_every_journey(two_quarters: Path, open_app: Open) -> None:
    app = open_app(two_quarters)
    said, made = words(app), board(quarter(FOUR, as_of=NOW), quarter(BEFORE, "2026Q2"))

    for sentence in made.headline:
        assert sentence.replace("\u00a0", " ") in said
    for tile in made.tiles:
        assert tile.figure.text.replace("\u00a0", " ") in said
    for row in made.rows:
        for figure in (row.lift, row.net_value, row.consent, row.cost):
            assert figure.text.replace("\u00a0", " ") in said
            assert figure.limits.replace("\u00a0", " ") in said
    for change in made.changes.changes:
        assert change.sentence.removeprefix(change.about).replace("\u00a0", " ") in said


def test_figures_lead_to_their_evidence_and_take_the_quarter_along(
    two_quarters: Path, open_app: Open
) -> None:
    sent = markup(open_app(two_quarters, quarter="Q2 2026"))

    assert 'href="./experiment?quarter=Q2+2026&amp;experiment=cart-test"' in sent
    assert 'href="./consent?quarter=Q2+2026&amp;journey=Homepage"' in sent
    assert 'href="./requests?quarter=Q2+2026"' in sent


def test_a_gate_leads_to_its_checks_and_one_of_the_past_to_its_quarter(
    two_quarters: Path, open_app: Open
) -> None:
    now, then = markup(open_app(two_quarters)), markup(open_app(two_quarters, quarter="Q2 2026"))

    assert re.search(r'href="./gates\?journey=Homepage"[^>]*><span class="lg-mark', now)
    assert re.search(
        r'href="./journeys\?quarter=Q2\+2026&amp;journey=Homepage"[^>]*><span class="lg-mark', then
    )


def test_whoever_may_not_open_the_evidence_is_led_to_the_journey(
    two_quarters: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "reader", lambda: Reader("Ada", "ada", frozenset({EXECUTIVE}), ""))
    sent = markup(open_app(two_quarters))

    assert 'href="./journeys?journey=Homepage"' in sent
    assert 'href="./gates?journey=Homepage"' in sent
    for page in ("experiment", "consent", "requests", "data-use", "churn", "inference-cost"):
        assert f'href="./{page}' not in sent


def test_a_past_quarter_is_shown_as_it_was(two_quarters: Path, open_app: Open) -> None:
    said = words(open_app(two_quarters, quarter="Q2 2026"))

    assert said.startswith(
        " Board · Q2 2026 Northlight Retail · data as of 30 Jun 2026 · run 1, the last of Q2 2026"
    )
    assert "data end" not in said
    assert "74.0 %" in said


@pytest.mark.parametrize("page", ["journeys", "experiments", "consent", "requests", "data-use", "churn"])
def test_the_quarter_holds_on_every_page_that_shows_figures(
    page: str, two_quarters: Path, open_app: Open
) -> None:
    assert "run 1, the last of Q2 2026" in words(open_app(two_quarters, page, quarter="Q2 2026"))
    assert "run 2, refreshed" in words(open_app(two_quarters, page))


def test_a_page_on_the_data_shows_the_newest_run_whatever_the_quarter(
    two_quarters: Path, open_app: Open
) -> None:
    assert "run 2, refreshed" in words(open_app(two_quarters, "status", quarter="Q2 2026"))


def test_junk_in_the_address_is_the_newest_quarter(two_quarters: Path, open_app: Open) -> None:
    assert "Board · Q3 2026" in words(open_app(two_quarters, quarter="<script>"))


def test_one_quarter_needs_no_choice(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, quarter(FOUR, as_of=NOW)))

    assert [box.label for box in app.selectbox] == ["Journey"]
    assert "no earlier quarter" in words(app)


def test_old_figures_are_said_to_be_old(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, quarter(FOUR, as_of=datetime(2026, 9, 30, tzinfo=UTC)))))

    assert re.search(r"The data end \d+ days ago", said)


def test_data_older_than_a_check_allows_open_nothing(tmp_path: Path, open_app: Open) -> None:
    made = quarter(FOUR, as_of=NOW - timedelta(days=30))
    strict = [{**one, "max_age_days": 7} for one in POLICY["checks"]]
    run = replace(made.run, workspace={**made.run.workspace, "policy": {**POLICY, "checks": strict}})
    said = words(open_app(write(tmp_path, replace(made, run=run))))

    assert "no journey is cleared for a further rollout" in said
    assert "may roll out further" not in said


def test_the_map_is_a_chart_and_a_table_of_the_same_figures(two_quarters: Path, open_app: Open) -> None:
    chart, shown = open_app(two_quarters), words(open_app(two_quarters, map="Table"))

    assert len(chart.get("plotly_chart")) == 1
    assert "Checks against" in shown
    assert "€355k to €871k" in shown


def test_the_points_of_the_map_lead_where_its_table_does(two_quarters: Path, open_app: Open) -> None:
    drawn = json.loads(open_app(two_quarters, quarter="Q2 2026").get("plotly_chart")[0].proto.spec)
    listed = markup(open_app(two_quarters, quarter="Q2 2026", map="Table"))
    addresses = [address for trace in drawn["data"] for address in trace["meta"]]

    assert len(addresses) == len(FOUR)
    for address in addresses:
        assert "quarter=Q2+2026" in address
        assert f'href="{escape(address)}"' in listed.split("Growth against risk")[2]


def test_the_list_of_experiments_says_which_ask_for_an_act(two_quarters: Path, open_app: Open) -> None:
    said = words(open_app(two_quarters, "experiments"))

    assert "5 experiments, none still running. Look first at Win test (harms a guardrail)." in said


def test_nothing_measured_has_a_page_of_its_own(tmp_path: Path, open_app: Open) -> None:
    bare = Kept("home", "Homepage", lift=None, coverage=None, leaks=None, score=None, cost=None)
    app = open_app(write(tmp_path, quarter([bare], whole=None, measured=False, as_of=NOW)))
    said = words(app)

    assert "Nobody knows what personalisation earns" in said
    assert "No journey can be placed" in said
    assert not app.get("plotly_chart")


def test_forty_journeys_with_names_from_anywhere(tmp_path: Path, open_app: Open) -> None:
    evil = '<img src=x onerror="alert(1)">'
    names = ["توصيات ما بعد الشراء", evil, *(f"Journey {number}" for number in range(38))]
    many = [replace(FOUR[n % 4], journey=f"j{n}", name=name) for n, name in enumerate(names)]
    app = open_app(write(tmp_path, quarter(many, as_of=NOW)))

    assert evil not in markup(app)
    assert evil in words(app) or "onerror" in words(app)
    assert "Journey 37" in words(app)
    assert "of 40 journeys may roll out further" in words(app)
    assert "<bdi>توصيات ما بعد الشراء</bdi>" in markup(app) or "توصيات" in words(app)


def test_the_file_holds_the_quarter_that_is_shown(
    two_quarters: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(two_quarters, quarter="Q2 2026")

    assert b",2026Q2," in made_files["journeys-2026Q2.csv"]
