"""TC strings of the IAB Europe Transparency and Consent Framework: strict decoding, validity, purposes.

A string that cannot be decoded to the last bit grants nothing. Decoding and validity are separate: strings
published years ago decode, and `validity` says why they do not count today.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from fideslang.gvl import MAPPED_PURPOSES

from metrics.tcf_bits import Segment, TCStringError

FORMAT_VERSION = 2
MIN_POLICY_VERSION = 4
MIN_POLICY_SINCE = datetime(2023, 9, 30, tzinfo=UTC)
DISCLOSED_VENDORS_SINCE = datetime(2026, 3, 1, tzinfo=UTC)
DEFINED_PURPOSES = frozenset(range(1, 12))
LARGEST_VENDOR_ID = 0xFFFF
UNDEFINED_RESTRICTION = 3
DISCLOSED_VENDORS, ALLOWED_VENDORS, PUBLISHER_TC = 1, 2, 3


@dataclass(frozen=True)
class TCString:
    """A decoded TC string.

    Attributes:
        created: when the string was first made, UTC.
        last_updated: when it was last changed, UTC.
        consent_language: language of the banner, two letters A–Z (ISO 639-1).
        publisher_cc: country of the publisher, two letters A–Z (ISO 3166-1).
        special_feature_opt_ins: numbers of the special features opted in to.
        purposes_consent: numbers of the purposes with consent.
        purposes_li: numbers of the purposes with legitimate interest established.
        vendor_consents: ids of the vendors with consent.
        vendor_li: ids of the vendors with legitimate interest established.
        disclosed_vendors: ids of the vendors shown to the person; None without that segment.
        allowed_vendors: ids of the vendors allowed by the publisher; None without that segment.
        publisher_consent: purposes with consent for the publisher itself; None without that segment.
        publisher_li: the same for legitimate interest.
    """

    version: int
    created: datetime
    last_updated: datetime
    cmp_id: int
    cmp_version: int
    consent_screen: int
    consent_language: str
    vendor_list_version: int
    policy_version: int
    is_service_specific: bool
    use_non_standard_stacks: bool
    special_feature_opt_ins: frozenset[int]
    purposes_consent: frozenset[int]
    purposes_li: frozenset[int]
    purpose_one_treatment: bool
    publisher_cc: str
    vendor_consents: frozenset[int]
    vendor_li: frozenset[int]
    disclosed_vendors: frozenset[int] | None = None
    allowed_vendors: frozenset[int] | None = None
    publisher_consent: frozenset[int] | None = None
    publisher_li: frozenset[int] | None = None


def decode(text: str) -> TCString:
    """Decode a TC string (IAB Europe TCF, "Consent string and vendor list formats v2").

    Raises:
        TCStringError: the text is cut off, has a foreign letter, another version or an impossible value.
    """
    core, *rest = text.split(".")
    tc = _core(Segment(core, 0))
    start = len(core) + 1
    kinds: set[int] = set()
    for piece in rest:
        segment = Segment(piece, start)
        kind = segment.number(3, "SegmentType")
        if kind in kinds:
            raise segment.impossible(what=f"SegmentType {kind} stands a second time.")
        tc = _with_segment(tc, segment, kind)
        kinds.add(kind)
        start += len(piece) + 1
    return tc


def validity(tc: TCString, at: datetime) -> list[str]:
    """Why a decoded string does not count at a time; an empty list means that it counts.

    Sources: TCF Policies (policy version 4 from 30 September 2023); TCF v2.3 (Disclosed Vendors segment in
    every string created after 28 February 2026); TCF v2.2 (only service-specific strings).
    """
    reasons = {
        "The string was created after the time at which it is used.": tc.created > at,
        f"Policy version {tc.policy_version} is no longer valid; {MIN_POLICY_VERSION} or later is needed.": (
            tc.policy_version < MIN_POLICY_VERSION and at >= MIN_POLICY_SINCE
        ),
        "The Disclosed Vendors segment is missing; strings created after 28 February 2026 need it.": (
            tc.disclosed_vendors is None and tc.created >= DISCLOSED_VENDORS_SINCE
        ),
        "The string is not service-specific; global consent is no longer valid.": not tc.is_service_specific,
        "The string names purposes that the framework does not define.": not (
            tc.purposes_consent | tc.purposes_li <= DEFINED_PURPOSES
        ),
    }
    return [reason for reason, applies in reasons.items() if applies]


@cache
def purpose_data_uses() -> Mapping[int, tuple[str, ...]]:
    """The Fideslang data uses of each TCF purpose, from `fideslang.gvl`."""
    return {number: tuple(purpose.data_uses) for number, purpose in MAPPED_PURPOSES.items()}


def consented_purposes(
    tc: TCString, purposes: Mapping[int, tuple[str, ...]] | None = None
) -> dict[str, bool]:
    """For every purpose that a string speaks about: whether consent was given.

    `purposes` maps TCF purpose numbers to names (default: `purpose_data_uses`). A name that several numbers
    carry is granted only when all of them are. Legitimate interest is no consent.
    """
    mapping = purpose_data_uses() if purposes is None else purposes
    states: dict[str, bool] = {}
    for number, names in mapping.items():
        for name in names:
            states[name] = states.get(name, True) and number in tc.purposes_consent
    return states


def _core(segment: Segment) -> TCString:
    version = segment.number(6, "Version")
    if version != FORMAT_VERSION:
        remedy = f"Only version {FORMAT_VERSION} is read (first letter C; D is a GPP string)."
        raise TCStringError(position=0, what=f"this is version {version}.", remedy=remedy)
    tc = TCString(
        version=version,
        created=segment.moment("Created"),
        last_updated=segment.moment("LastUpdated"),
        cmp_id=segment.number(12, "CmpId"),
        cmp_version=segment.number(12, "CmpVersion"),
        consent_screen=segment.number(6, "ConsentScreen"),
        consent_language=segment.letters("ConsentLanguage"),
        vendor_list_version=segment.number(12, "VendorListVersion"),
        policy_version=segment.number(6, "TcfPolicyVersion"),
        is_service_specific=segment.flag("IsServiceSpecific"),
        use_non_standard_stacks=segment.flag("UseNonStandardStacks"),
        special_feature_opt_ins=segment.ids(12, "SpecialFeatureOptIns"),
        purposes_consent=segment.ids(24, "PurposesConsent"),
        purposes_li=segment.ids(24, "PurposesLITransparency"),
        purpose_one_treatment=segment.flag("PurposeOneTreatment"),
        publisher_cc=segment.letters("PublisherCC"),
        vendor_consents=segment.vendors("Vendor Consent"),
        vendor_li=segment.vendors("Vendor Legitimate Interest"),
    )
    _publisher_restrictions(segment)
    segment.close()
    if tc.last_updated < tc.created:
        raise segment.impossible(what="LastUpdated is earlier than Created.")
    return tc


def _publisher_restrictions(segment: Segment) -> None:
    for _ in range(segment.number(12, "NumPubRestrictions")):
        if segment.number(6, "PurposeId of a publisher restriction") == 0:
            raise segment.impossible(what="a publisher restriction is on purpose 0.")
        if segment.number(2, "RestrictionType") == UNDEFINED_RESTRICTION:
            raise segment.impossible(what="RestrictionType 3 is not defined.")
        segment.ranges("a publisher restriction", LARGEST_VENDOR_ID)


def _with_segment(tc: TCString, segment: Segment, kind: int) -> TCString:
    if kind == DISCLOSED_VENDORS:
        tc = replace(tc, disclosed_vendors=segment.vendors("Disclosed Vendors"))
    elif kind == ALLOWED_VENDORS:
        tc = replace(tc, allowed_vendors=segment.vendors("Allowed Vendors"))
    elif kind == PUBLISHER_TC:
        consent = segment.ids(24, "PubPurposesConsent")
        interest = segment.ids(24, "PubPurposesLITransparency")
        segment.raw(2 * segment.number(6, "NumCustomPurposes"), "the custom purposes")
        tc = replace(tc, publisher_consent=consent, publisher_li=interest)
    else:
        raise segment.impossible(what=f"SegmentType {kind} is not defined.")
    segment.close()
    return tc
