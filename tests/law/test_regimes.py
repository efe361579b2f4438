from datetime import date
from pathlib import Path

import pytest

from law import regimes
from law.loader import LawError, load
from law.regimes import UNKNOWN, clock_for, place_of, regime_of


@pytest.mark.parametrize(
    ("jurisdiction", "regime"),
    [
        ("IE", "GDPR"),
        ("DE-BY", "GDPR"),
        ("NO", "GDPR"),
        ("IS", "GDPR"),
        ("LI", "GDPR"),
        ("GB", "UK"),
        ("GB-SCT", "UK"),
        ("US-CA", "CCPA"),
        ("us-ca", "CCPA"),
        ("US-VA", "US-VA"),
        ("BR", "LGPD"),
        ("BR-SP", "LGPD"),
        ("CA", "PIPEDA"),
        ("CA-ON", "PIPEDA"),
        ("CA-QC", "CA-QC"),
        ("CA-BC", UNKNOWN),
        ("CA-AB", UNKNOWN),
        ("TW", "TW"),
        ("US", UNKNOWN),
        ("US-WA", UNKNOWN),
        ("CH", UNKNOWN),
        ("XX", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_the_regime_of_a_jurisdiction(jurisdiction: str | None, regime: str) -> None:
    assert regime_of(jurisdiction) == regime
    assert place_of(jurisdiction).regime == regime


STATES = "CA CO CT DE FL IA IN KY MD MN MT NE NH NJ OR RI TN TX UT VA"


def test_every_state_of_the_table_has_a_clock() -> None:
    for state in STATES.split():
        assert clock_for(regime_of(f"US-{state}"), "access", date(2026, 7, 1)) is not None


def test_every_place_has_a_zone_and_a_calendar_and_every_regime_a_clock() -> None:
    for rule in load("regimes.yaml").rules.values():
        for place in rule.values["places"]:
            assert place_of(place).zone.key == rule.values["places"][place]
        assert clock_for(rule.key, "access", date(2026, 11, 23)) is not None


@pytest.mark.parametrize(
    ("regime", "kind", "received", "rule"),
    [
        ("GDPR", "access", date(2018, 5, 24), None),
        ("GDPR", "access", date(2018, 5, 25), "gdpr-12-3"),
        ("GDPR", "opt_out", date(2026, 7, 1), None),
        ("UK", "delete", date(2026, 2, 4), "uk-12-3"),
        ("UK", "delete", date(2026, 2, 5), "uk-12a"),
        ("CCPA", "portability", date(2026, 7, 1), "ccpa-7021"),
        ("CCPA", "object", date(2026, 7, 1), None),
        ("US-IA", "correct", date(2026, 7, 1), None),
        ("US-UT", "correct", date(2026, 6, 30), None),
        ("US-UT", "correct", date(2026, 7, 1), "us-ut-correct"),
        ("US-KY", "access", date(2025, 12, 31), None),
        ("LGPD", "delete", date(2026, 7, 1), None),
        ("PIPEDA", "correct", date(2026, 7, 1), None),
        ("CA-QC", "correct", date(2026, 7, 1), "quebec-32"),
        (UNKNOWN, "access", date(2026, 7, 1), None),
        ("GDPR", "shout", date(2026, 7, 1), None),
    ],
)
def test_the_clock_of_a_right(regime: str, kind: str, received: date, rule: str | None) -> None:
    clock = clock_for(regime, kind, received)
    assert (clock.id if clock else None) == rule


def test_the_establishment_decides_the_eu_and_uk_calendar_and_no_other() -> None:
    assert place_of("FR", "IE").calendar.place == "IE"
    assert place_of("FR", "IE").zone.key == "Europe/Dublin"
    assert place_of("GB", "GB-SCT").calendar.place == "GB-SCT"
    assert place_of("GB", "IE").regime == "UK"
    assert place_of("GB", "IE").calendar.place == "IE"
    assert place_of("US-CA", "IE").calendar.place == "US-CA"
    assert place_of("XX", "IE").regime == UNKNOWN


@pytest.mark.parametrize("establishment", ["US-CA", "XX", "", "Ireland"])
def test_an_establishment_elsewhere_is_an_error(establishment: str) -> None:
    with pytest.raises(LawError, match="no country of the EU, the EEA or the UK"):
        place_of("FR", establishment)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("regime: GDPR, kinds: [access], since: 2018-05-25, respond: 1 year", "x.respond: '1 year' is not"),
        ("regime: GDPR, kinds: [access], since: 2018-05-25", "x.respond: the entry is missing"),
        ("regime: GDPR, kinds: access, since: 2018-05-25, respond: 1 month", "x.kinds"),
        ("regime: GDPR, kinds: [access], since: soon, respond: 1 month", "x.since"),
        ("regime: Atlantis, kinds: [access], since: 2018-05-25, respond: 1 month", "no regime 'Atlantis'"),
    ],
)
def test_a_damaged_deadline_names_file_and_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str, message: str
) -> None:
    (tmp_path / "deadlines").mkdir()
    text = f"version: 1\nrules:\n  x: {{{entries}, source: law, reviewed: 2026-11-23}}\n"
    (tmp_path / "deadlines" / "bad.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(regimes, "LAW_FOLDER", tmp_path)
    real = regimes.load
    monkeypatch.setattr(regimes, "load", lambda name: real(name, tmp_path) if "bad" in name else real(name))
    with pytest.raises(LawError, match=message) as caught:
        regimes._clocks.__wrapped__()
    assert "law/deadlines/bad.yaml" in caught.value.where
