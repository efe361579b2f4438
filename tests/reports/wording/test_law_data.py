"""What is said of a law rests on the law files, and says how surely they were read."""

import pytest

from law.loader import load
from reports.wording import law_data
from tests.reports.wording.test_privacy_consent import plain


def test_every_rule_is_told_with_its_source_and_how_surely_it_was_read() -> None:
    files = ("children.yaml", "opt_out_signals.yaml", "adequacy.yaml")
    for topic, name in zip(law_data.topics(), files, strict=True):
        rules = load(name).rules
        assert [line.place for line in topic.lines] == list(rules)
        for line, rule in zip(topic.lines, rules.values(), strict=True):
            assert line.source == rule.source
            assert line.checked == rule.reviewed
            assert line.read == law_data.READ[rule.confidence]
    ages, signals, countries = ({line.place: line for line in topic.lines} for topic in law_data.topics())
    assert plain(ages["FR"].says) == "15 years"
    assert plain(signals["US-CA"].says) == "since 14 Aug 2020"
    assert plain(countries["GB"].says) == "since 28 Jun 2021 until 27 Dec 2031"
    assert countries["US"].says.endswith("certified recipients only")


def test_a_rule_that_was_read_raises_no_doubt() -> None:
    assert plain(law_data.ages_used(["US-CA", "GB"])) == "Legal age of consent: GB 13 and US-CA 16."


def test_one_that_was_not_read_in_the_law_is_named_with_its_day() -> None:
    told = plain(law_data.ages_used(["US-CA", "IE", "FR"]))
    assert told.startswith(
        "Legal age of consent: FR 15, IE 16 and US-CA 16. The ages of FR and IE were not read"
    )
    checked = min(load("children.yaml").rules[place].reviewed for place in ("FR", "IE"))
    assert f"{checked.day} {checked:%b %Y}" in told


def test_an_unknown_country_is_in_doubt() -> None:
    highest = max(rule.values["age"] for rule in load("children.yaml").rules.values())
    told = plain(law_data.ages_used(["XX"]))
    assert (
        told
        == f"Legal age of consent: XX {highest}. The age of XX was not read in the law itself: see Methods."
    )


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (["IE", "US-CA"], "Opt-out signals bind in US-CA since 14 Aug 2020."),
        (["IE"], "Opt-out signals bind in none of the places here: they are taken as recorded."),
        ([], "Opt-out signals bind in none of the places here: they are taken as recorded."),
    ],
)
def test_since_when_signals_bind(places: list[str], said: str) -> None:
    assert plain(law_data.signals_used(places)) == said


def test_the_decision_behind_a_transfer() -> None:
    assert "2021/1772" in law_data.footing("GB-SCT")
    assert "secondary source read" in law_data.footing("GB")
    assert law_data.footing("IN") == law_data.footing("") == ""
