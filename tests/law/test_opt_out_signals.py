from datetime import date

import pytest

from law.loader import load
from law.opt_out_signals import binding_since, refused_by_signal

STATES = {"CA", "CO", "CT", "DE", "MD", "MN", "MT", "NE", "NH", "NJ", "OR", "TX"}


@pytest.mark.parametrize(
    ("jurisdiction", "expected"),
    [
        ("US-CA", date(2020, 8, 14)),
        ("us-ca", date(2020, 8, 14)),
        ("US-CO", date(2024, 7, 1)),
        ("US-OR", date(2026, 1, 1)),
        ("US-VA", None),
        ("US-UT", None),
        ("IE", None),
        ("GB", None),
        ("US", date(2020, 8, 14)),
        (None, date(2020, 8, 14)),
        ("", date(2020, 8, 14)),
    ],
)
def test_since_when_a_signal_binds(jurisdiction: str | None, expected: date | None) -> None:
    assert binding_since(jurisdiction) == expected


def test_the_states_of_the_law_data() -> None:
    assert set(load("opt_out_signals.yaml").rules) == {f"US-{state}" for state in STATES}


@pytest.mark.parametrize(
    ("purpose", "refused"),
    [
        ("marketing.advertising.third_party.targeted", True),
        ("marketing.advertising.first_party.contextual", True),
        ("marketing.advertising.profiling", True),
        ("third_party_sharing", True),
        ("sales", True),
        ("Sale of data", True),
        ("email-retargeting", True),
        ("personalize.content.profiled", False),
        ("analytics.reporting.content_performance", False),
        ("marketing.communications.email", False),
        ("wholesale.orders", False),
        ("essential.service", False),
    ],
)
def test_what_a_signal_refuses(purpose: str, refused: bool) -> None:
    assert refused_by_signal([purpose]) == (frozenset({purpose}) if refused else frozenset())
