"""What is said of consent is true for it: leaks first, coverage with its limit, jumps, and what is hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.wording import privacy_consent as wording
from reports.wording.privacy_consent import Coverage
from tests.ui.privacy_tables import frame, joint, purpose, week

NONE = frame("consent_alerts", [])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def made(
    name: str = "Homepage", leaked: int | None = 0, share: float | None = 0.55, **other: object
) -> Coverage:
    row = joint(leaks=leaked or 0, share=share or 0.0, **other)
    if leaked is None:
        row |= {"leakage_events": None, "coverage": None, "coverage_low": None}
    return wording.coverage({"note": None, **row}, name)


def missing(name: str, status: str, note: str) -> Coverage:
    return made(name, None, None, status=status, note=note)


@pytest.mark.parametrize(
    ("found", "word", "sentence"),
    [
        (
            [made(leaked=56)],
            "personalised without consent",
            "Homepage reaches 55.0 % of its events with consent (at least 54.0 %); 56 events were "
            "personalised without it.",
        ),
        (
            [made(leaked=1)],
            "personalised without consent",
            "Homepage reaches 55.0 % of its events with consent (at least 54.0 %); 1 event was personalised "
            "without it.",
        ),
        (
            [made()],
            "no leaks",
            "Homepage reaches 55.0 % of its events with consent (at least 54.0 %); none was personalised "
            "without it.",
        ),
        ([made(), made("Cart")], "no leaks", "None of 2 journeys personalised without consent."),
        (
            [made(leaked=9), made("Cart")],
            "personalised without consent",
            "1 of 2 journeys personalised without consent: Homepage (9 events).",
        ),
        (
            [missing("Homepage", "no_evidence", "no consent events")],
            "no evidence",
            "Nobody can say how far consent reaches: no consent events.",
        ),
        (
            [missing("Homepage", "suppressed", "fewer than 50 people")],
            "too few people",
            "Nobody can say how far consent reaches: fewer than 50 people.",
        ),
        (
            [missing("Homepage", "not_testable", "the lawful basis is contract")],
            "consent not needed",
            "No journey here rests on consent.",
        ),
    ],
)
def test_consent_in_one_sentence(found: list[Coverage], word: str, sentence: str) -> None:
    told = wording.lead(found, NONE)
    assert (told.mark.word if told.mark else "", plain(told.lead)) == (word, sentence)


leaks = st.one_of(st.none(), st.integers(0, 500))


@given(st.lists(leaks, min_size=1, max_size=6))
def test_good_is_said_only_when_every_journey_is_known_not_to_leak(found: list[int | None]) -> None:
    rows = wording.worst_first([made(f"J{i}", leaked) for i, leaked in enumerate(found)])
    told = wording.lead(rows, NONE)
    assert told.mark is not None
    assert (told.mark.tone == "good") == all(leaked == 0 for leaked in found)
    assert (told.mark.tone == "bad") == any(found)


def test_a_journey_without_a_figure_is_named_beside_the_others() -> None:
    told = wording.lead([made(), missing("Cart", "no_evidence", "no event")], NONE)
    assert "There is no figure for Cart." in told.more
    assert told.mark is not None
    assert told.mark.tone == "none"
    assert wording.next_step([made(), missing("Cart", "no_evidence", "")], NONE) == (
        "Bring in what is missing for Cart."
    )


def test_a_journey_on_another_basis_withholds_nothing_from_the_others() -> None:
    needless = missing("Cart", "not_testable", "the lawful basis is contract: consent is not needed")
    told = wording.lead([made(), needless], NONE)
    assert told.mark is not None
    assert (told.mark.word, told.more) == ("no leaks", "Cart rests on another basis than consent.")
    assert "Homepage reaches 55.0 %" in plain(told.lead)
    both = wording.lead([made(), needless, missing("Mail", "no_evidence", "no event")], NONE)
    assert both.mark is not None
    assert both.mark.tone == "none"
    assert "There is no figure for Mail. Cart rests on another basis" in both.more


def test_jumps_are_told_and_ask_for_a_look() -> None:
    alerts = frame("consent_alerts", [week(14), week(21, "drop", 0.34, baseline=0.78)])
    assert plain(wording.drops(alerts)) == (
        "The consent rate dropped to 34 % from 78 % in IE (personalize), in the week of 21 Sep 2026."
    )
    assert "banner" in wording.next_step([made()], alerts)
    assert (
        wording.watched(alerts) == "1 week jumped, as said above. 2 weeks of a place and purpose were judged."
    )


def test_weeks_that_fell_alike_are_one_drop() -> None:
    weeks = [
        week(7, "drop", 0.5, baseline=0.78),
        week(14, "drop", None),
        week(21, "drop", 0.55, baseline=0.78),
    ]
    alerts = frame("consent_alerts", weeks)

    assert plain(wording.drops(alerts)) == (
        "The consent rate dropped to 55 % from 78 % in IE (personalize), since the week of "
        "7 Sep 2026 (3 weeks)."
    )
    assert wording.watched(alerts).startswith("3 weeks jumped")


def test_another_page_tells_where_and_since_when() -> None:
    weeks = [week(7), week(14, "drop", 0.5, baseline=0.78), week(21, "drop", None)]

    assert plain(wording.alarm(frame("consent_alerts", weeks))) == (
        "the consent rate dropped in IE in the week of 14 Sep 2026: look at what changed on the banner."
    )
    assert wording.alarm(frame("consent_alerts", [week(7)])) == wording.alarm(NONE) == ""


def test_weeks_that_could_not_be_judged_are_counted_apart() -> None:
    alerts = frame(
        "consent_alerts",
        [
            week(7, "unknown", status="not_testable"),
            week(14, None, None, status="suppressed"),
            week(21),
        ],
    )
    assert wording.watched(alerts) == (
        "No jump. 1 week of a place and purpose was judged, 1 had too few people to show and 1 had too "
        "little before them to compare with."
    )
    assert wording.watched(NONE) == "No week could be watched: there are no first answers in this quarter."
    unread = wording.watched(frame("consent_alerts", [week(7, "unknown", status="not_testable")]))
    assert "No jump" not in unread


@pytest.mark.parametrize(
    ("row", "name", "expected"),
    [
        (purpose(), "consent_rate", ("75.0 %", "of 800")),
        (purpose(), "opt_in_rate", ("60.0 %", "of 1,000")),
        (purpose(), "decided_share", ("80.0 %", "of 1,000")),
        (
            purpose(consent_rate=None, withdrawn=None, refused=None),
            "consent_rate",
            ("◌ hidden", "too few people"),
        ),
        (purpose(withdrawn=None), "consent_rate", ("75.0 %", "")),
        (
            purpose(consent_rate=None, granted=0, refused=0, withdrawn=0, undecided=1_000),
            "consent_rate",
            ("nobody chose", ""),
        ),
        (purpose(status="suppressed", consent_rate=None), "consent_rate", ("–", "")),
    ],
)
def test_every_rate_names_what_it_is_a_share_of(
    row: dict[str, object], name: str, expected: tuple[str, str]
) -> None:
    value, of = wording.rate(row, name)
    assert (plain(value), of) == expected


def test_findings_of_signals_have_words_even_when_new() -> None:
    assert wording.finding("tcf", "undecodable").endswith("grants nothing")
    assert wording.finding("tcf", "new_kind") == "tcf: new kind"
