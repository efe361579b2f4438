from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.disclosure import Cells, publish
from policy.small_groups import Split, follows, hidden_groups

GROUPS = ("granted", "refused", "withdrawn", "expired", "undecided")
DECIDED, OPEN = frozenset({"refused", "withdrawn"}), frozenset({"expired", "undecided"})
GRANTED = frozenset({"granted"})
SPLIT = Split(
    GROUPS, (DECIDED, OPEN), {"rate": (GRANTED, DECIDED), "share": (GRANTED,), "decided_share": (OPEN,)}
)
K = 50


def hidden(*people: int) -> set[str]:
    return set(hidden_groups(dict(zip(GROUPS, people, strict=True)), SPLIT.kin, K))


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((500, 60, 70, 80, 90), set()),
        ((500, 0, 0, 80, 90), set()),
        ((500, 400, 7, 80, 90), {"withdrawn", "refused"}),
        ((500, 400, 70, 80, 49), {"undecided", "expired"}),
        ((500, 0, 7, 80, 90), {"withdrawn", "refused", "expired"}),
        ((500, 30, 30, 80, 90), {"refused", "withdrawn"}),
        ((20, 300, 200, 80, 90), {"granted", "expired"}),
        ((500, 30, 60, 30, 90), {"refused", "expired"}),
        ((1, 0, 0, 0, 0), set(GROUPS)),
    ],
)
def test_what_is_hidden(people: tuple[int, ...], expected: set[str]) -> None:
    assert hidden(*people) == expected


@pytest.mark.parametrize(
    ("sums", "found", "expected"),
    [
        ((GRANTED, DECIDED), frozenset(), True),
        ((GRANTED, DECIDED), DECIDED, True),
        ((GRANTED, DECIDED), OPEN, True),
        ((GRANTED, DECIDED), DECIDED | OPEN, False),
        ((GRANTED,), frozenset({"granted", "refused"}), False),
        ((OPEN,), frozenset({"withdrawn", "expired"}), False),
    ],
)
def test_what_follows_from_the_groups_shown(
    sums: tuple[frozenset[str], ...], found: frozenset[str], expected: bool
) -> None:
    assert follows(sums, found) is expected


def row(**values: int | float | str | None) -> pl.DataFrame:
    return pl.DataFrame({name: [value] for name, value in values.items()}).with_columns(
        pl.lit("ok").alias("status"), pl.lit(None, pl.String).alias("note")
    )


def test_the_door_empties_small_groups_and_what_reveals_them() -> None:
    frame = row(people=670, granted=500, refused=60, withdrawn=70, expired=0, undecided=40, rate=0.79,
                share=0.75, decided_share=0.94)  # fmt: skip
    cells = Cells(people=("people",), figures=("share",), split=SPLIT)
    shown = publish("consent", frame, cells, K).frame.row(0, named=True)

    assert [shown[name] for name in GROUPS] == [500, None, 70, None, None]
    assert (shown["rate"], shown["share"], shown["decided_share"]) == (None, 0.75, None)
    assert shown["status"] == "ok"
    assert "groups of fewer than 50 people" in shown["note"]


def test_a_row_without_groups_is_left_alone() -> None:
    frame = row(people=670, granted=3, refused=None, withdrawn=None, expired=None, undecided=None, rate=0.1,
                share=0.2, decided_share=0.3)  # fmt: skip
    cells = Cells(people=("people",), figures=(), split=SPLIT)

    assert publish("consent", frame, cells, K).frame.row(0, named=True)["granted"] == 3


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (1, None), (49, None), (50, 50), (150, 150), (151, None), (199, None), (200, 200)],
)
def test_some_of_a_row_s_people(count: int, shown: int | None) -> None:
    cells = Cells(people=("people",), figures=(), within=("children",))

    assert publish("consent", row(people=200, children=count), cells, K).frame["children"].item() == shown


counts = st.lists(st.integers(0, 120), min_size=5, max_size=5).filter(lambda found: sum(found) >= K)


@given(counts)
def test_no_small_group_is_shown_or_follows(people: list[int]) -> None:
    found = hidden(*people)
    of = dict(zip(GROUPS, people, strict=True))

    assert all(not 0 < of[name] < K for name in set(GROUPS) - found)
    assert not found or sum(of[name] for name in found) >= K
    assert len(found) != 1
    for size in (1, 2, 3):
        for group in combinations(sorted(found), size):
            if len(group) < len(found):
                assert not follows([frozenset(group)], frozenset(found))


@given(counts)
def test_a_larger_k_never_shows_more(people: list[int]) -> None:
    of = dict(zip(GROUPS, people, strict=True))
    small = {name for name, count in of.items() if 0 < count < 10}

    assert small <= hidden_groups(of, (), 10)
    assert {name for name, count in of.items() if 0 < count < K} <= hidden_groups(of, (), K)
