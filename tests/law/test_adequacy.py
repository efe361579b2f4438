from datetime import date

import pytest

from law.adequacy import adequacy

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("country", "on", "expected"),
    [
        ("IE", TODAY, "inside"),
        ("NO", TODAY, "inside"),
        ("DE-BY", TODAY, "inside"),
        ("GB", TODAY, "adequate"),
        ("GB-SCT", TODAY, "adequate"),
        ("GB", date(2032, 1, 1), "none"),
        ("BR", date(2026, 1, 25), "none"),
        ("BR", date(2026, 1, 26), "adequate"),
        ("ch", TODAY, "adequate"),
        ("US", TODAY, "certified_only"),
        ("US-CA", TODAY, "certified_only"),
        ("US", date(2023, 7, 9), "none"),
        ("IN", TODAY, "none"),
        ("XX", TODAY, "none"),
        ("", TODAY, "none"),
    ],
)
def test_what_carries_a_transfer(country: str, on: date, expected: str) -> None:
    assert adequacy(country, on) == expected
