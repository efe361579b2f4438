"""Gates: each state in words, each check down to its evidence, and never colour alone."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.ui.conftest import Open, markup, words
from tests.ui.figures_shown import tables
from tests.ui.gating import Case, policy, write
from tests.ui.retailer import hidden, row
from ui import filters

HOME = Case("home", "Homepage", effects=[row(lift=0.03, half_width=0.01)])
LEAK = {"leakage_events": 54}


def shown(page: str, label: str) -> list[list[str]]:
    """The rows of a table of the page."""
    return next(table.rows for table in tables(page) if table.label == label)


def test_journeys_that_pass_everything_may_all_go_on(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, [Case(), HOME]), "gates"))
    assert "2 of 2 journeys may roll out further: Cart recovery, to 50 % and Homepage, to 50 %." in said
    assert "● open to 50 % All 7 checks pass; it may go to 50 % of customers." in said
    assert "■" not in said
    assert "Run 1" not in said


@pytest.mark.parametrize(
    ("figures", "effects", "rules", "mark", "sentence"),
    [
        (LEAK, None, [], "■ fail", "Events personalised without consent: 54, none allowed."),
        ({}, [row(lift=-0.05)], [], "■ fail",
         "Lift: at least −7.0 % (estimate −5.0 %), at least 0.0 % asked."),
        ({}, [hidden()], [], "◌ unknown", "Lift: hidden, because it rests on too few people."),
        ({"consent_coverage": None}, None, [], "◌ unknown", "Consent coverage: no evidence."),
        ({"events_needing_consent": 400}, None, [], "◌ unknown",
         "Consent coverage: rests on 400 events; at least 1,000 asked."),
        ({"consent_coverage_low": None}, None, [], "◌ unknown",
         "Consent coverage: its lower limit cannot be told."),
        ({}, None, [{"id": "lift", "max_age_days": 7}], "◌ unknown",
         "Lift: the data end on 30 Sep 2026, more than 7 days ago."),
    ],
)  # fmt: skip
def test_what_blocks_a_gate_is_named(
    figures: dict[str, Any],
    effects: list[dict[str, Any]] | None,
    rules: list[dict[str, Any]],
    mark: str,
    sentence: str,
    tmp_path: Path,
    open_app: Open,
) -> None:
    case = Case(figures=figures, **({"effects": effects} if effects else {}))
    said = words(open_app(write(tmp_path, [case], rules=policy(*rules)), "gates"))
    assert "Cart recovery may not roll out further." in said
    assert f"■ blocked {sentence}" in said
    assert mark in said
    assert "Run 1 found it open." in said


def test_a_warning_holds_the_gate(tmp_path: Path, open_app: Open) -> None:
    page = open_app(write(tmp_path, [Case(configured={"sign_off": None}, stored="held"), HOME]), "gates")
    said = words(page)
    assert "1 of 2 journeys may roll out further: Homepage, to 50 %. Cart recovery is held." in said
    assert "◆ held The owner's sign-off: no, required (nobody has signed off)." in said
    assert shown(markup(page), "Warns")[0][0].startswith("The owner's sign-off")
    assert "◆warns" in shown(markup(page), "Warns")[0][1]


def test_a_run_that_judged_nothing_is_judged_now_and_says_so(tmp_path: Path, open_app: Open) -> None:
    assert "Run 1 did not judge it." in words(open_app(write(tmp_path, [Case(stored=None)]), "gates"))


def test_no_gate_is_open_under_a_policy_that_cannot_be_read(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, rules={"version": 7, "checks": "all of them"})
    for page in ("gates", "journeys"):
        said = words(open_app(tmp_path, page))
        assert "■ No gate is open. The policy of run 1 was written for another version of Liftgate" in said
        assert "open to" not in said


def test_a_workspace_without_journeys_says_so(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, []), "gates"))
    assert "There are no journeys yet. Name them in journeys.yaml, then refresh." in said


def test_the_matrix_has_a_word_a_shape_and_what_was_seen(tmp_path: Path, open_app: Open) -> None:
    rules = policy(journeys={"home": {"coverage": {"threshold": 0.75}}})
    page = markup(open_app(write(tmp_path, [Case(figures=LEAK), HOME], rules=rules), "gates"))
    by_check = {
        found[0]: found[1:] for found in [*shown(page, "Asked by law"), *shown(page, "Blocks a rollout")]
    }
    order = [heading for heading, _ in next(t.columns for t in tables(page) if t.label == "Asked by law")]
    leak = next(cells for name, cells in by_check.items() if name.startswith("Events personalised"))
    assert dict(zip(order[1:], leak, strict=True)) == {"Cart recovery": "■fail54", "Homepage": "●pass0"}
    name, cells = next((name, cells) for name, cells in by_check.items() if name.startswith("Consent cov"))
    assert name.endswith("not the same of every journey · coverage")
    assert "■failat least 69.0\u00a0%, at least 75.0\u00a0% asked" in cells
    assert next(iter(by_check)).startswith("Events personalised without consent")


def test_one_check_down_to_its_evidence(tmp_path: Path, open_app: Open) -> None:
    rules = policy({"id": "coverage", "threshold": 0.75, "legal_reference": "GDPR Art. 7", "max_age_days": 9})
    write(tmp_path, [Case(), HOME], rules=rules)
    said = words(open_app(tmp_path, "gates", journey="Homepage", check="coverage"))
    assert "Consent coverage Gates › Homepage" in said
    assert "■ fail Consent coverage: at least 69.0 % (estimate 70.0 %), at least 75.0 % asked." in said
    assert "What would change it It passes once 6.0 pp are made up." in said
    assert "What to do Ask more people." in said
    assert "Seen 70.0 % (at least 69.0 %); its lower limit is compared Asked at least 75.0 %" in said
    assert "Distance 6.0 pp short Rests on 10,000 events; at least 1,000 asked Period 2026Q3" in said
    assert "at most 9 days old asked" in said
    assert "Source of law GDPR Art. 7 Owner privacy Run 1, policy 7 What it is Joint coverage" in said
    assert "Shown on Consent" in said
    assert "The same check in every journey" in said


def test_a_check_that_passes_says_what_to_do_only_if_it_fails(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(), HOME], rules=policy({"id": "coverage", "threshold": 0.5}))
    said = words(open_app(tmp_path, "gates", journey="Homepage", check="coverage"))
    assert "● pass Consent coverage" in said
    assert "What to do if it fails" in said
    assert "What to do Ask" not in said
    assert 'href="./consent?journey=Homepage"' in markup(
        open_app(tmp_path, "gates", journey="Homepage", check="coverage")
    )


def test_a_check_of_all_journeys_and_one_that_is_not_there(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(), HOME])
    said = words(open_app(tmp_path, "gates", check="coverage"))
    assert "The same check in every journey" in said
    assert "What it is Joint coverage" in said
    said = words(open_app(tmp_path, "gates", check="<b>no</b>"))
    assert "The policy has no check '<b>no</b>'." in said


def test_hidden_evidence_shows_no_figure(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, [Case(effects=[hidden()])]), "gates", check="lift"))
    assert "Seen hidden: it rests on too few people" in said
    assert "Distance" not in said


def test_the_file_is_what_the_page_shows_now(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(write(tmp_path, [Case(figures=LEAK), HOME]), "gates", journey="Cart recovery")
    (file,) = [content for name, content in made_files.items() if name.startswith("gates-")]
    rows = pl.read_csv(file)
    assert set(rows["journey"]) == {"cart"}
    leak = rows.filter(pl.col("check") == "leakage").row(0, named=True)
    assert (leak["observed"], leak["result"], leak["policy_version"]) == (54.0, "fail", 7)


def test_forty_journeys_are_named_where_a_check_stands_against_them(tmp_path: Path, open_app: Open) -> None:
    cases = [
        Case(f"j{number:02}", f"Journey {number:02}", figures=LEAK if number < 9 else {})
        for number in range(40)
    ]
    page = open_app(write(tmp_path, cases), "gates")
    assert "31 of 40 journeys may roll out further" in words(page)
    leak = shown(markup(page), "Asked by law")[0]
    assert leak[1] == "31 of 40"
    assert leak[2].count("■fail") == 6
    assert leak[2].endswith("and 3 more: choose the check")
    assert len(shown(markup(page), "Gates of the journeys")) == 40


def test_long_hostile_and_right_to_left_names_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    evil = '<img src=x onerror="alert(1)"> & <b>'
    names = [evil, "استعادة سلة التسوق", "Personalised recommendations after purchase " * 8]
    cases = [Case(f"j{number}", name, figures=LEAK) for number, name in enumerate(names)]
    rules = policy({"id": "leakage", "owner": evil, "remedy": evil, "legal_reference": evil})
    write(tmp_path, cases, rules=rules)
    for part in ("Checks", "What if", "Decide", "History"):
        page = open_app(tmp_path, "gates", part=part)
        assert "<img src=x" not in markup(page)
        assert "استعادة سلة التسوق" in words(page)
    page = open_app(tmp_path, "gates", check="leakage", journey=evil)
    assert "<img src=x" not in markup(page)
    assert f"What to do {evil.split('>', maxsplit=1)[0]}" in words(page)


def test_journeys_and_experiment_lead_with_the_gate_in_the_same_words(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(figures=LEAK, stored="blocked"), HOME])
    reason = "Events personalised without consent: 54, none allowed."
    answer = "1 of 2 journeys may roll out further: Homepage, to 50 %. Cart recovery is blocked."
    overview = words(open_app(tmp_path, "journeys"))
    assert answer in words(open_app(tmp_path, "gates"))
    assert overview.index(answer) < overview.index("2 of 2 journeys show a clear gain")
    assert f"■ blocked {reason}" in overview
    assert "▲ better Not yet: its gate is blocked. Stop personalising for people without consent" in overview
    assert "▲ better Roll out further" in overview
    said = words(open_app(tmp_path, "experiment", experiment="cart-test"))
    assert said.index(f"■ blocked Cart recovery: {reason} Every check") < said.index("▲ better It works")
    assert "What to do next Not yet: its gate is blocked." in said
    said = words(open_app(tmp_path, "experiment", experiment="home-test"))
    assert "What to do next Roll personalised out further" in said or "What to do next Roll out" in said


def test_an_old_gate_closes_by_itself(tmp_path: Path, open_app: Open) -> None:
    rules = policy({"id": "coverage", "max_age_days": 7})
    write(tmp_path, [Case()], rules=rules, as_of=datetime(2026, 9, 30, 23, tzinfo=UTC))
    said = words(open_app(tmp_path, "gates"))
    assert "■ blocked Consent coverage: the data end on 30 Sep 2026, more than 7 days ago." in said
    assert "Run 1 found it open." in said


def test_evidence_of_a_gate_is_that_of_the_visible_run_whatever_quarter_is_kept(
    tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [Case(), HOME])
    monkeypatch.setattr(filters, "carried", lambda: {"quarter": "Q2 2026"})
    shown = markup(open_app(tmp_path, "gates", check="coverage", journey="Homepage"))
    assert 'href="./consent?journey=Homepage"' in shown
    assert 'href="./gates?quarter=Q2+2026&amp;journey=Homepage"' in shown


def test_what_no_page_knows_leaves_the_address(tmp_path: Path, open_app: Open) -> None:
    page = open_app(write(tmp_path, [Case(), HOME]), "gates", check="coverage", entry="3", foo="<script>")
    assert dict(page.query_params) == {"check": "coverage"}
