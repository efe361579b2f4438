import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.tcf import TCString, consented_purposes, decode, purpose_data_uses, validity
from metrics.tcf_bits import ALPHABET, TCStringError
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data

# Published: TCF v2.3 specification; IAB Tech Lab iabtcf-java (Apache-2.0); audienceproject/tcf-parser-java.
SPECIFICATION = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA"
ALL_SEGMENTS = (
    "COrEAV4OrXx94ACABBENAHCIAD-AAAAAAACAAxAAAAgAIAwgAgAAAAEAgQAAAAAEAYQAQAAAACAAAABAAA"
    ".IBAgAAAgAIAwgAgAAAAEAAAACA.QAagAQAgAIAwgA"
)
CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
RESTRICTED = "COwBOpCOwBOpCLqAAAENAPCAAAAAAAAAAAAAFfwAQFfgUbABAUaAAA"
PUBLISHED = [SPECIFICATION, ALL_SEGMENTS, CORE, RESTRICTED]

FIELDS = {
    "version": (2, 6),
    "created": (17500000000, 36),
    "updated": (17500000000, 36),
    "cmp_id": (880, 12),
    "cmp_version": (1, 12),
    "screen": (1, 6),
    "language_1": (4, 6),
    "language_2": (13, 6),
    "vendor_list": (48, 12),
    "policy": (5, 6),
    "service_specific": (1, 1),
    "stacks": (0, 1),
    "features": (0, 12),
    "consent": (0, 24),
    "interest": (0, 24),
    "one": (0, 1),
    "country_1": (8, 6),
    "country_2": (4, 6),
}
NO_VENDORS = "0" * 17
NO_RESTRICTIONS = "0" * 12


def bits(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def letters(content: str) -> str:
    padded = content + "0" * (-len(content) % 24)
    return "".join(ALPHABET[int(padded[i : i + 6], 2)] for i in range(0, len(padded), 6))


def core(
    consents: str = NO_VENDORS,
    interests: str = NO_VENDORS,
    restrictions: str = NO_RESTRICTIONS,
    **values: int,
) -> str:
    fields = "".join(bits(values.get(name, value), width) for name, (value, width) in FIELDS.items())
    return letters(fields + consents + interests + restrictions)


def range_section(*ranges: tuple[int, int]) -> str:
    entries = (
        "0" + bits(first, 16) if first == last else "1" + bits(first, 16) + bits(last, 16)
        for first, last in ranges
    )
    return bits(len(ranges), 12) + "".join(entries)


def vendor_ranges(largest: int, *ranges: tuple[int, int]) -> str:
    return bits(largest, 16) + "1" + range_section(*ranges)


def vendor_bits(ids: set[int]) -> str:
    largest = max(ids, default=0)
    return bits(largest, 16) + "0" + "".join("1" if place in ids else "0" for place in range(1, largest + 1))


def test_the_sample_of_the_specification() -> None:
    tc = decode(SPECIFICATION)
    assert (tc.version, tc.created, tc.cmp_id) == (2, datetime(2025, 6, 3, tzinfo=UTC), 880)
    assert (tc.consent_language, tc.vendor_list_version, tc.publisher_cc) == ("EN", 48, "DE")
    assert tc.is_service_specific
    assert tc.purposes_consent == tc.purposes_li == frozenset()
    assert tc.vendor_consents == {1, 2, 3, 4}
    assert tc.disclosed_vendors == {1, 2, 3, 4, 5, 100, 404}
    assert tc.allowed_vendors is None
    assert tc.publisher_consent == frozenset()


def test_an_older_sample() -> None:
    tc = decode(CORE)
    assert tc.created == datetime(2020, 2, 20, 23, 57, 39, 300_000, tzinfo=UTC)
    assert tc.cmp_id == 27
    assert tc.purposes_consent == {1, 2, 3}
    assert tc.vendor_consents == {2, 6, 8}
    assert tc.vendor_li == {2, 6, 8}
    assert tc.disclosed_vendors is None
    assert tc.publisher_consent is None


def test_a_sample_with_ranges_and_vendor_segments() -> None:
    tc = decode(ALL_SEGMENTS)
    assert tc.vendor_consents == {23, 37, 47, 48, 53, 65, 98}
    assert tc.disclosed_vendors == {23, 37, 47, 48, 53, 65, 98, 129}
    assert tc.allowed_vendors == {12, 23, 37, 47, 48, 53}


@needs_acceptance_data
def test_all_published_vectors() -> None:
    names = {
        "lastUpdated": "last_updated",
        "cmpId": "cmp_id",
        "cmpVersion": "cmp_version",
        "consentScreen": "consent_screen",
        "vendorListVersion": "vendor_list_version",
        "tcfPolicyVersion": "policy_version",
        "consentLanguage": "consent_language",
        "publisherCC": "publisher_cc",
        "isServiceSpecific": "is_service_specific",
        "purposeOneTreatment": "purpose_one_treatment",
        "useNonStandardStacks": "use_non_standard_stacks",
        "specialFeatureOptIns": "special_feature_opt_ins",
        "purposesConsent": "purposes_consent",
        "purposesLITransparency": "purposes_li",
        "vendorConsent": "vendor_consents",
        "vendorLegitimateInterest": "vendor_li",
        "allowedVendors": "allowed_vendors",
        "disclosedVendors": "disclosed_vendors",
    }
    path = ACCEPTANCE / "consent" / "tcf_v2_vectors_iabtcf-java.json"
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
        tc = decode(vector["string"])
        for name, expected in vector["expect"].items():
            assert comparable(getattr(tc, names.get(name, name))) == expected


def comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return sorted(value) if isinstance(value, frozenset) else value


@pytest.mark.parametrize("text", PUBLISHED)
def test_every_truncation_raises_unless_whole_segments_are_left(text: str) -> None:
    """A shorter form is legal where only whole segments, or padding zeros of the last one, are missing."""
    whole = decode(text)
    for length in range(len(text)):
        kept, lost = text[:length], text[length:].split(".", maxsplit=1)[0]
        if lost.strip("A"):
            with pytest.raises(TCStringError):
                decode(kept)
            continue
        try:
            shorter = decode(kept)
        except TCStringError:
            continue
        missing = vars(shorter).items() - vars(whole).items()
        assert all(value is None for _, value in missing)
        assert text[length] == "." or len(kept.split(".")[-1]) % 4 != 1


@pytest.mark.parametrize("length", range(47))
def test_no_prefix_of_a_core_grants_a_purpose(length: int) -> None:
    with pytest.raises(TCStringError):
        decode(CORE[:length])


DAY = 864_000
BAD = {
    "empty": ("", 0, "cut off"),
    "version 1": (core(version=1), 0, "version 1"),
    "GPP string": ("DBABMA~" + CORE, 6, "base64url"),
    "padding sign": (CORE + "=", 47, "base64url"),
    "blank": (" " + CORE, 0, "base64url"),
    "not ASCII": ("é" + CORE, 0, "base64url"),
    "empty segment": (CORE + ".", 48, "cut off"),
    "data behind the end": (CORE + "AAAB", 50, "data follow"),
    "before 2018": (core(created=15_147_647_999), 6, "2017-12-31"),
    "far future": (core(updated=2**36 - 1), 12, "2187"),
    "updated before created": (core(updated=17_500_000_000 - DAY), None, "earlier than Created"),
    "language": (core(language_2=26), None, "ConsentLanguage"),
    "country": (core(country_1=63), None, "PublisherCC"),
    "range backwards": (core(consents=vendor_ranges(9, (7, 3))), None, "7 to 3"),
    "vendor 0": (core(consents=vendor_ranges(9, (0, 3))), None, "0 to 3"),
    "single vendor 0": (core(interests=vendor_ranges(9, (0, 0))), None, "0 to 0"),
    "vendor above the largest": (core(consents=vendor_ranges(9, (3, 10))), None, "3 to 10 of 9"),
    "vendor twice": (core(consents=vendor_ranges(9, (1, 9), (4, 4))), None, "twice"),
    "restriction on purpose 0": (
        core(restrictions=bits(1, 12) + bits(0, 8) + range_section()),
        None,
        "purpose 0",
    ),
    "restriction type 3": (
        core(restrictions=bits(1, 12) + bits(7, 8) + range_section()),
        None,
        "RestrictionType 3",
    ),
    "restriction on vendor 0": (
        core(restrictions=bits(1, 12) + bits(4, 8) + range_section((0, 5))),
        None,
        "0 to 5",
    ),
    "segment type 0": (f"{CORE}.{letters(bits(0, 3) + NO_VENDORS)}", 48, "SegmentType 0"),
    "segment type 5": (f"{CORE}.{letters(bits(5, 3) + NO_VENDORS)}", 48, "SegmentType 5"),
    "segment twice": (".".join([CORE, *2 * [letters(bits(1, 3) + NO_VENDORS)]]), None, "a second time"),
    "custom purposes missing": (
        f"{CORE}.{letters(bits(3, 3) + bits(0, 48) + bits(63, 6))}",
        None,
        "custom purposes",
    ),
}


@pytest.mark.parametrize(("text", "position", "what"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_a_tc_string_raises(text: str, position: int | None, what: str) -> None:
    with pytest.raises(TCStringError) as caught:
        decode(text)
    assert what in caught.value.what
    assert caught.value.remedy
    if position is not None:
        assert caught.value.position == position


def test_the_message_never_repeats_the_string() -> None:
    with pytest.raises(TCStringError) as caught:
        decode(CORE[:-3])
    assert CORE[:8] not in str(caught.value)


def test_a_field_of_a_million_letters_is_refused_or_read_quickly() -> None:
    assert decode(CORE + "A" * 1_000_000).purposes_consent == {1, 2, 3}
    with pytest.raises(TCStringError):
        decode("C" * 1_000_000)


vendor_sets = st.sets(st.integers(1, 300), max_size=40)


@given(
    consents=vendor_sets,
    interests=vendor_sets,
    disclosed=st.none() | vendor_sets,
    allowed=st.none() | vendor_sets,
    publisher=st.none() | st.integers(0, 2**24 - 1),
    consent=st.integers(0, 2**24 - 1),
    as_ranges=st.booleans(),
)
def test_what_was_encoded_is_decoded(
    *,
    consents: set[int],
    interests: set[int],
    disclosed: set[int] | None,
    allowed: set[int] | None,
    publisher: int | None,
    consent: int,
    as_ranges: bool,
) -> None:
    ranges = vendor_ranges(max(consents, default=0), *[(one, one) for one in sorted(consents)])
    pieces = [core(ranges if as_ranges else vendor_bits(consents), vendor_bits(interests), consent=consent)]
    pieces += [
        letters(bits(kind, 3) + vendor_bits(ids))
        for kind, ids in ((2, allowed), (1, disclosed))
        if ids is not None
    ]
    if publisher is not None:
        pieces.append(letters(bits(3, 3) + bits(publisher, 24) + bits(0, 24) + bits(2, 6) + "1001"))
    tc = decode(".".join(pieces))
    assert tc.vendor_consents == consents
    assert tc.vendor_li == interests
    assert tc.disclosed_vendors == disclosed
    assert tc.allowed_vendors == allowed
    assert tc.purposes_consent == {place for place in range(1, 25) if consent >> (24 - place) & 1}
    assert (tc.publisher_consent is None) == (publisher is None)


def decodes_or_raises(text: str) -> TCString | None:
    try:
        return decode(text)
    except TCStringError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017
        return None


@given(st.binary(max_size=120))
def test_random_bytes_are_a_value_or_an_error(content: bytes) -> None:
    decodes_or_raises(content.decode("latin-1"))


@given(st.text(ALPHABET + ".", max_size=160))
def test_random_letters_are_a_value_or_an_error(text: str) -> None:
    decodes_or_raises(text)
    decodes_or_raises("C" + text)
    decodes_or_raises(f"{CORE}.{text}")


@given(st.sampled_from(PUBLISHED), st.data())
def test_a_flipped_bit_is_a_value_or_an_error(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    if text[place] == ".":
        return
    flipped = ALPHABET[ALPHABET.index(text[place]) ^ 1 << data.draw(st.integers(0, 5))]
    decodes_or_raises(text[:place] + flipped + text[place + 1 :])


AT = datetime(2026, 11, 23, tzinfo=UTC)
DISCLOSED = "." + letters(bits(1, 3) + vendor_bits({1}))


@pytest.mark.parametrize(
    ("text", "at", "reasons"),
    [
        (core(), AT, []),
        (core(policy=2), AT, ["Policy version 2"]),
        (core(policy=2), datetime(2023, 9, 29, tzinfo=UTC), ["created after the time"]),
        (core(service_specific=0), AT, ["not service-specific"]),
        (core(consent=1), AT, ["does not define"]),
        (core(created=17_722_367_990, updated=17_722_367_990), AT, []),
        (core(created=17_723_232_000, updated=17_723_232_000), AT, ["Disclosed Vendors"]),
        (core(created=17_723_232_000, updated=17_723_232_000) + DISCLOSED, AT, []),
        (core() + DISCLOSED, datetime(2025, 1, 1, tzinfo=UTC), ["created after the time"]),
        (CORE, AT, ["Policy version 2", "not service-specific"]),
    ],
)
def test_validity_is_judged_apart_from_decoding(text: str, at: datetime, reasons: list[str]) -> None:
    found = validity(decode(text), at)
    assert len(found) == len(reasons)
    assert all(reason in text for reason, text in zip(reasons, found, strict=True))


def test_the_disclosed_vendors_day_is_the_first_of_march() -> None:
    last = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert last == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=100 * 17_723_231_990)


def test_every_defined_purpose_has_a_data_use() -> None:
    uses = purpose_data_uses()
    assert set(uses) == set(range(1, 12))
    assert uses[5] == ("personalize.content.profiling",)
    assert uses[6] == ("personalize.content.profiled",)
    assert uses[8] == ("analytics.reporting.content_performance",)


def test_consent_by_name_needs_every_number_of_the_name() -> None:
    tc = decode(CORE)  # consent to 1, 2 and 3
    states = consented_purposes(tc)
    assert states["functional.storage"] is True
    assert states["personalize.content.profiled"] is False
    mapping = {1: ("ads", "storage"), 3: ("ads",), 4: ("ads", "profiles")}
    assert consented_purposes(tc, mapping) == {"ads": False, "storage": True, "profiles": False}
