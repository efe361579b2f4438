import base64
import datetime as dt

import pytest

from jobs.demo.people.tcf import encode


def bits(segment: str) -> str:
    octets = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    return "".join(f"{octet:08b}" for octet in octets)


def number(text: str, start: int, width: int) -> int:
    return int(text[start : start + width], 2)


@pytest.mark.parametrize("purposes", [(), (1, 5, 6), (1, 8), (1, 5, 6, 8)])
def test_core_segment_holds_version_day_policy_and_purposes(purposes: tuple[int, ...]) -> None:
    core = bits(encode(dt.date(2026, 3, 15), purposes).split(".")[0])

    created = dt.datetime.fromtimestamp(number(core, 6, 36) / 10, dt.UTC)
    assert number(core, 0, 6) == 2
    assert created == dt.datetime(2026, 3, 15, tzinfo=dt.UTC)
    assert number(core, 42, 36) == number(core, 6, 36)
    assert number(core, 132, 6) >= 4
    assert core[138] == "1"
    assert tuple(place + 1 for place in range(24) if core[152 + place] == "1") == purposes
    assert core.count("1", 176, 200) == 0


def test_disclosed_vendors_stand_in_a_segment_of_their_own() -> None:
    disclosed = bits(encode(dt.date(2026, 3, 15), (1, 8)).split(".")[1])

    highest = number(disclosed, 3, 16)
    assert number(disclosed, 0, 3) == 1
    assert disclosed[19] == "0"
    assert [place + 1 for place in range(highest) if disclosed[20 + place] == "1"] == [2, 7, 11]
