"""Read one segment of a TC string bit by bit, refusing everything that is not there."""

from datetime import UTC, datetime, timedelta

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SIX_BITS = {ord(letter): f"{value:06b}" for value, letter in enumerate(ALPHABET)}
FIRST_DAY = datetime(2018, 1, 1, tzinfo=UTC)
LAST_DAY = datetime(2100, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TCStringError(ValueError):
    """The text is no TC string; it grants nothing.

    The text itself is never repeated: a TC string can be personal data (CJEU C-604/22).

    Attributes:
        position: character at which reading stopped, counted from 0.
        what: what is wrong there.
        remedy: what to do.
    """

    def __init__(self, *, position: int, what: str, remedy: str) -> None:
        self.position, self.what, self.remedy = position, what, remedy
        super().__init__(f"character {position}: {what} {remedy}")


class Segment:
    """The bits of one dot-separated segment, read from left to right.

    A segment is whole bytes in base64url without padding (IAB Europe TCF, "Consent string and vendor list
    formats v2"). Reading past the last byte, or a bit set behind the last field, raises TCStringError.
    """

    def __init__(self, text: str, start: int) -> None:
        self.start = start
        self.offset = 0
        for index, letter in enumerate(text):
            if ord(letter) not in SIX_BITS:
                raise self._unreadable(index, f"{letter!r} is not a base64url letter.")
        self.bits = text.translate(SIX_BITS)
        self.whole_bytes = len(self.bits) // 8 * 8
        if not text or len(text) % 4 == 1:
            raise self._unreadable(len(text), "a segment is cut off.")

    def _unreadable(self, index: int, what: str) -> TCStringError:
        remedy = "Store the whole string exactly as the CMP gave it."
        return TCStringError(position=self.start + index, what=what, remedy=remedy)

    def impossible(self, what: str) -> TCStringError:
        """The error for a value that cannot stand where it was just read."""
        remedy = "The string is damaged or was not made by a CMP; ask for consent again."
        return TCStringError(position=self.start + max(self.offset - 1, 0) // 6, what=what, remedy=remedy)

    def raw(self, width: int, field: str) -> str:
        """The next `width` bits as text of 0 and 1."""
        end = self.offset + width
        if end > self.whole_bytes:
            raise self._unreadable(len(self.bits) // 6, f"the string ends inside {field}.")
        self.offset, piece = end, self.bits[self.offset : end]
        return piece

    def number(self, width: int, field: str) -> int:
        """The next `width` bits as a number."""
        return int(self.raw(width, field), 2)

    def flag(self, field: str) -> bool:
        """The next bit."""
        return self.number(1, field) == 1

    def ids(self, width: int, field: str) -> frozenset[int]:
        """The 1-based places of the set bits among the next `width`."""
        return frozenset(place for place, bit in enumerate(self.raw(width, field), start=1) if bit == "1")

    def letters(self, field: str) -> str:
        """Two letters A–Z of six bits each."""
        codes = [self.number(6, field), self.number(6, field)]
        if max(codes) > 25:
            raise self.impossible(what=f"{field} is not two letters A–Z.")
        return "".join(ALPHABET[code] for code in codes)

    def moment(self, field: str) -> datetime:
        """A time in UTC, from deciseconds since 1970."""
        deciseconds = self.number(36, field)
        moment = EPOCH + timedelta(milliseconds=100 * deciseconds)
        if not FIRST_DAY <= moment < LAST_DAY:
            raise self.impossible(
                what=f"{field} is {moment:%Y-%m-%d}, not from {FIRST_DAY:%Y} to {LAST_DAY:%Y}."
            )
        return moment

    def ranges(self, field: str, largest: int) -> list[range]:
        """A range section: vendor ids and stretches of them, none above `largest`, none listed twice."""
        found = []
        for _ in range(self.number(12, f"NumEntries of {field}")):
            stretch = self.flag(f"IsARange of {field}")
            first = self.number(16, f"a vendor id of {field}")
            last = self.number(16, f"a vendor id of {field}") if stretch else first
            if first == 0 or last < first or last > largest:
                raise self.impossible(what=f"{field} lists vendors {first} to {last} of {largest}.")
            found.append(range(first, last + 1))
        if sum(map(len, found)) > largest:
            raise self.impossible(what=f"{field} lists a vendor twice.")
        return found

    def vendors(self, field: str) -> frozenset[int]:
        """A vendor section: largest id, then a bit per vendor or a range section."""
        largest = self.number(16, f"MaxVendorId of {field}")
        if not self.flag(f"IsRangeEncoding of {field}"):
            return self.ids(largest, field)
        return frozenset[int]().union(*self.ranges(field, largest))

    def close(self) -> None:
        """Check that only zeros follow the last field."""
        if "1" in self.bits[self.offset :]:
            place = self.bits.index("1", self.offset) // 6
            raise self._unreadable(place, "data follow the last field.")
