import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.children import ages_table, digital_consent_age, raise_ages
from law.loader import LawError

AGES = ages_table()

ARTICLE_8 = {
    13: "BE EE FI LV MT PT SE GB",
    14: "AT BG CY ES IT LT",
    15: "CZ DK FR GR",
    16: "DE HR HU IE LU NL PL RO SI SK",
}


@pytest.mark.parametrize(("age", "countries"), ARTICLE_8.items())
def test_ages_under_article_8(age: int, countries: str) -> None:
    assert {country: digital_consent_age(country) for country in countries.split()} == dict.fromkeys(
        countries.split(), age
    )


def test_every_member_of_the_eea_has_its_own_line() -> None:
    eea = [*" ".join(ARTICLE_8.values()).replace(" GB", "").split(), "IS", "LI", "NO"]
    assert len(set(eea)) == 30
    assert set(eea) <= AGES.keys()


@pytest.mark.parametrize(
    ("jurisdiction", "age"),
    [
        ("US", 13),
        ("US-CA", 16),
        ("US-TX", 13),
        ("us-ca", 16),
        (" FR ", 15),
        ("DE-BY", 16),
        ("GB-SCT", 13),
        ("CA", 13),
        ("CA-QC", 14),
        ("CA-ON", 13),
        ("XX", AGES["default"]),
        ("", AGES["default"]),
        (None, AGES["default"]),
    ],
)
def test_fallback_goes_from_subdivision_to_country_to_the_strictest(
    jurisdiction: str | None, age: int
) -> None:
    assert digital_consent_age(jurisdiction) == age


def test_default_is_the_strictest_age_of_the_file() -> None:
    assert AGES["default"] == max(age for key, age in AGES.items() if key != "default")


def test_the_table_is_a_copy() -> None:
    ages_table()["FR"] = 1
    assert digital_consent_age("FR") == 15


@pytest.mark.parametrize(
    ("overrides", "where"),
    [
        ({"FR": 14}, "children.age.FR"),
        ({"default": 13}, "children.age.default"),
        ({"XX": 13}, "children.age.XX"),
        ({"FR": True}, "not an age"),
        ({"FR": 99}, "not an age"),
    ],
)
def test_a_policy_cannot_lower_an_age(overrides: dict[str, int], where: str) -> None:
    with pytest.raises(LawError) as caught:
        raise_ages(overrides)
    assert where in str(caught.value)


def test_raising_a_country_raises_its_subdivisions_and_the_default() -> None:
    table = raise_ages({"US": 17, "de-by": 18, "FR": 20})
    assert digital_consent_age("US-TX", table) == 17
    assert digital_consent_age("US-CA", table) == 17
    assert digital_consent_age("US-MD", table) == 18
    assert digital_consent_age("DE-BY", table) == 18
    assert digital_consent_age("DE", table) == 16
    assert digital_consent_age("XX", table) == 20


@given(st.dictionaries(st.sampled_from([*AGES, "JP", "US-TX"]), st.integers(0, 21), max_size=4))
def test_raising_never_lowers_any_age(overrides: dict[str, int]) -> None:
    try:
        table = raise_ages(overrides)
    except LawError:
        return
    for key in [*AGES, "JP", "US-TX", "US-ZZ"]:
        assert digital_consent_age(key, table) >= digital_consent_age(key)
    assert table["default"] == max(table.values())
