"""Transparency and Consent strings (IAB TCF 2.3), as a consent banner stores them."""

import base64
import datetime as dt

CMP, CMP_VERSION, SCREEN = 300, 4, 1
VENDOR_LIST, POLICY = 118, 5
VENDORS = (2, 7, 11)


def encode(day: dt.date, purposes: tuple[int, ...]) -> str:
    """A service-specific string created on `day` (UTC) that grants exactly these purposes.

    Core segment and the disclosed-vendors segment that strings created after 28 February 2026 must have
    (IAB Tech Lab, Transparency and Consent Framework, consent string format v2).
    """
    created = round(dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC).timestamp() * 10)
    allowed = VENDORS if purposes else ()
    fields = [
        (2, 6), (created, 36), (created, 36), (CMP, 12), (CMP_VERSION, 12), (SCREEN, 6),
        *((ord(letter) - 65, 6) for letter in "EN"),
        (VENDOR_LIST, 12), (POLICY, 6), (1, 1), (0, 1), (0, 12),
        *((int(number in purposes), 1) for number in range(1, 25)),
        (0, 24), (0, 1),
        *((ord(letter) - 65, 6) for letter in "IE"),
        *_vendors(allowed), *_vendors(()), (0, 12),
    ]  # fmt: skip
    return f"{_text(fields)}.{_text([(1, 3), *_vendors(VENDORS)])}"


def _vendors(allowed: tuple[int, ...]) -> list[tuple[int, int]]:
    """Highest vendor number, bit field instead of ranges, one bit per vendor."""
    highest = max(allowed, default=0)
    return [(highest, 16), (0, 1), *((int(number in allowed), 1) for number in range(1, highest + 1))]


def _text(fields: list[tuple[int, int]]) -> str:
    bits = "".join(f"{value:0{width}b}" for value, width in fields)
    bits += "0" * (-len(bits) % 8)
    octets = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
