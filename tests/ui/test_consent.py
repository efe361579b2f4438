"""The page on consent: leaks and coverage with their limit, rates with their denominators, what is hidden."""

import json
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.ui.conftest import markup, words
from tests.ui.privacy_tables import joint, purpose, week, write

Open = Callable[..., AppTest]
CONSENT = [
    joint(leaks=56),
    joint("cart", share=0.66),
    joint(place="IE", leaks=50, share=0.72),
    joint(place="(unknown)", share=0.0, leaks=6, one_source_share=None),
    joint("cart", "IE", share=0.7),
    joint("cart", "MT", status="suppressed", note="fewer than 50 people", coverage=None, coverage_low=None,
          eligible=None, granted=None, leakage_events=None),
    purpose(),
    purpose(place="MT", status="suppressed", note="fewer than 50 people", granted=None, eligible=None),
    purpose("measure", withdrawn=None, expired=None, consent_rate=None),
]  # fmt: skip
WEEKS = [
    week(7),
    week(14, None, None, status="suppressed", decided=None, baseline=None),
    week(21, "drop", 0.34),
]
SIGNALS = [
    {
        "signal": "tcf",
        "finding": "undecodable",
        "reason": "a segment is cut off.",
        "rows": 52,
        "status": "ok",
    },
    {"signal": "gpc", "finding": "binding", "reason": "", "rows": None, "status": "suppressed"},
]
TABLES = {"consent": CONSENT, "consent_alerts": WEEKS, "consent_signals": SIGNALS}
INPUTS = {"consent_events": 8, "journey_events": 0}


def test_leaks_lead_and_coverage_has_its_limit(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES, inputs=INPUTS), "consent"))
    assert (
        "■ personalised without consent 1 of 2 journeys personalised without consent: Homepage (56 events). "
        "Consent covers, of all events: Homepage 55.0 % and Cart recovery 66.0 %. The consent rate "
        "dropped to 34 % from 80 % in IE"
    ) in said
    assert (
        "Homepage personalize, measure ■ 56 events 55.0 % 5,500 of 10,000 54.0 % 90.0 % 100.0 % 120 300"
        in said
    )
    assert "Cart recovery personalize ● none 66.0 %" in said
    assert "8 rows of consent_events broke a rule" in said


def test_one_journey_reads_as_one(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "consent", journey="Homepage"))
    assert "Homepage reaches 55.0 % of its events with consent (at least 54.0 %); 56 events were" in said
    assert "Unknown visitors ■ 6 events 0.0 % 0 of 10,000" in said
    assert "Cart recovery" not in said


def test_places_stand_beside_journeys(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "consent"))
    assert "IE 72.0 % at least 71.0 % of 10,000 ■ 50 events without consent 70.0 % at least 69.0 %" in said
    assert "MT – ◌ too few people" in said


def test_the_places_with_fewer_people_wait_behind_a_click(tmp_path: Path, open_app: Open) -> None:
    names = [f"P{number:02}" for number in range(40)]
    rows = [joint(), *(joint(place=name, eligible=2_000 - 10 * n) for n, name in enumerate(names))]
    rates = [purpose(place=name, eligible=1_000 + n) for n, name in enumerate(names)]
    write(tmp_path, {**TABLES, "consent": [*rows, *rates]})
    folded = open_app(tmp_path, "consent")
    assert [more.label for more in folded.expander] == ["10 more rows", "10 more rows"]
    places, rates_shown = words(folded).split("Purpose by purpose")
    assert "P29" in places
    assert "P30" not in places
    assert "P10" in rates_shown
    assert "P09" not in rates_shown
    every = words(open_app(tmp_path, "consent", places="true", rates="true"))
    both = every.split("Place by place")[1].split("Purpose by purpose")
    assert all(f"{name} " in half for half in both for name in names)


def test_rates_name_their_denominators_and_hide_what_is_hidden(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES), "consent", purpose="personalize")
    said = words(app)
    assert "Consent rate of those who chose Opt-in rate of all Decided of all" in said
    assert "IE Homepage 75.0 % of 800 60.0 % of 1,000 80.0 % of 1,000 50 80" in said
    assert "MT Homepage ◌ too few people fewer than 50 people – – – – –" in said
    assert "granted 60.00%, refused 15.00%, withdrawn 5.00%" in markup(app)
    other = open_app(tmp_path, "consent", purpose="measure")
    assert "IE Homepage ◌ hidden too few people 60.0 % of 1,000 80.0 % of 1,000 ◌ too few people" in words(
        other
    )
    assert "hidden 13.00%" in markup(other)


def test_weeks_as_chart_and_as_table(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES), "consent")
    assert len(app.get("plotly_chart")) == 1
    said = words(open_app(tmp_path, "consent", view="Table"))
    assert "21 Sep 2026 ▼ dropped 34 %, usually 80 %, of 500 14 Sep 2026 ◌ too few people" in said
    hidden = TABLES | {"consent_alerts": [week(21, rate=None, baseline=None)]}
    quiet = open_app(write(tmp_path / "hidden", hidden), "consent")
    assert not quiet.get("plotly_chart")
    assert "No rate can be shown" in words(quiet)
    assert "No jump. 1 week" in words(quiet)


def test_a_jump_is_named_once_beside_the_usual_rate(tmp_path: Path, open_app: Open) -> None:
    fallen = [week(day, "drop", 0.5) for day in (7, 14, 21)]
    calm = [week(day, purpose="a purpose without a jump") for day in (7, 14, 21)]
    app = open_app(write(tmp_path, TABLES | {"consent_alerts": [*fallen, *calm]}), "consent")
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["annotations"]

    assert [note["text"].replace("\u00a0", " ") for note in drawn] == ["usual in IE: 80 %", "IE dropped"]
    assert drawn[1]["x"].startswith("2026-09-07")
    two = [week(21, "drop", 0.5), week(21, "rise", 0.9, jurisdiction="DE")]
    both = open_app(write(tmp_path / "two", TABLES | {"consent_alerts": two}), "consent")
    named = json.loads(both.get("plotly_chart")[0].proto.spec)["layout"]["annotations"]
    assert {note["text"] for note in named} == {"IE dropped", "DE rose"}


def test_an_alarm_reaches_the_list_of_journeys(tmp_path: Path, open_app: Open) -> None:
    rows = TABLES | {"consent_alerts": [week(21, "drop", 0.5)]}

    assert "Consent : the consent rate dropped in IE in the week of 21 Sep 2026" in words(
        open_app(write(tmp_path, rows), "journeys")
    )


def test_strings_that_cannot_be_read_grant_nothing(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "consent"))
    assert "TC string that cannot be decoded: grants nothing 52 a segment is cut off." in said
    assert "sale, sharing and targeting refused ◌ too few people" in said


def test_no_consent_events_is_no_evidence_not_zero(tmp_path: Path, open_app: Open) -> None:
    empty = dict.fromkeys(
        (
            "eligible",
            "granted",
            "coverage",
            "coverage_low",
            "leakage_events",
            "server_share",
            "one_source_share",
        )
    )
    row = joint(status="no_evidence", note="no consent events: nobody is known to have consented", **empty)
    app = open_app(write(tmp_path, {"consent": [row]}, inputs={"journey_events": 0}), "consent")
    said = words(app)
    assert "◌ no evidence Nobody can say how far consent reaches: no consent events" in said
    assert "0.0 %" not in said
    assert "lg-good" not in markup(app)


def test_a_journey_on_another_basis_needs_no_consent(tmp_path: Path, open_app: Open) -> None:
    empty = dict.fromkeys(("eligible", "granted", "coverage", "coverage_low", "leakage_events"))
    row = joint(status="not_testable", note="the lawful basis is contract: consent is not needed", **empty)
    said = words(open_app(write(tmp_path, {"consent": [row]}), "consent"))
    assert "– consent not needed No journey here rests on consent." in said


def test_without_both_tables_nothing_is_claimed(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, {}), "consent")
    assert "No evidence: this workspace lacks the tables consent_events and journey_events." in words(app)
    assert "lg-good" not in markup(app)


def test_long_and_hostile_names_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    nasty = "<svg onload=alert(1)>" + "w" * 300
    tables = {
        "consent": [joint(), joint(place=nasty), purpose(nasty, nasty)],
        "consent_alerts": [week(21, jurisdiction=nasty, purpose=nasty)],
        "consent_signals": [{"signal": nasty, "finding": nasty, "reason": nasty, "rows": 80, "status": "ok"}],
    }
    page = markup(open_app(write(tmp_path, tables), "consent", view="Table"))
    assert "<svg" not in page
    assert "&lt;svg onload" in page


def test_the_files_are_the_rows_on_the_page(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(write(tmp_path, TABLES), "consent", journey="Homepage", purpose="measure")
    assert b"cart" not in made_files["consent.csv"]
    assert made_files["consent-rates.csv"].decode().count("\n") == 2
    assert b",suppressed," in made_files["consent.csv"]
    assert made_files["consent-weeks.csv"].decode().splitlines()[0].startswith("jurisdiction,purpose,week")
