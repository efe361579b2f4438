import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.releases import Edition, release

K = 10
Sizes = Mapping[str, int]


def large(sizes: Sizes) -> frozenset[str]:
    """What one run alone may show: no small part, and hidden ones at least two with K people."""
    small = [part for part, people in sizes.items() if people < K]
    ordered = sorted(sizes, key=lambda part: (part not in small, sizes[part], part))
    for count in range(max(len(small), 2), len(ordered)):
        if small and sum(sizes[part] for part in ordered[:count]) >= K:
            return frozenset(ordered[count:])
    return frozenset() if small else frozenset(sizes)


def publish(runs: Sequence[Sizes], marks: Sequence[str] = ()) -> list[Edition]:
    """What a series of runs shows anew."""
    past: list[Edition] = []
    for number, sizes in enumerate(runs):
        present = {part: people for part, people in sizes.items() if people}
        mark = marks[number] if marks else ""
        known = {part: {"m|arm": people} for part, people in present.items()}
        new = Edition(number, known, large(present), mark)
        past.append(Edition(number, known, release(new, past, K).shown, mark))
    return past


def shown(runs: Sequence[Sizes], marks: Sequence[str] = ()) -> list[list[str]]:
    return [sorted(edition.shown) for edition in publish(runs, marks)]


# The attacker


def derived(joined: Sequence[Sizes], editions: Sequence[Edition]) -> list[dict[tuple[str, int], int]]:
    """Every group of 1 … K−1 people whose number follows, by linear algebra, from all that was published.

    The smallest groups are those who joined one part between two runs. The attacker knows every total, every
    figure, and for each part whether anybody joined between two editions. The totals are always given, so
    groups that follow from them alone do not count.
    """
    groups = joining_groups(joined, editions)
    people = np.array([joined[run][part] for part, run in groups])
    totals, figures = [], []
    for edition in editions:
        until = [run <= edition.run for _, run in groups]
        if people @ until >= K:
            totals.append([float(known) for known in until])
        figures += [
            [float(known and part == name) for known, (part, _) in zip(until, groups, strict=True)]
            for name in edition.shown
        ]
    if not totals or len(groups) > 14:
        return []
    guesses = np.array(list(itertools.product([0.0, 1.0], repeat=len(groups))))
    guesses = guesses[(guesses @ people > 0) & (guesses @ people < K)]
    follows = within(guesses, totals + figures) & ~within(guesses, totals)
    return [
        {group: int(size) for group, size, chosen in zip(groups, people, guess, strict=True) if chosen}
        for guess in guesses[follows]
    ]


def joining_groups(joined: Sequence[Sizes], editions: Sequence[Edition]) -> list[tuple[str, int]]:
    ends = [edition.run for edition in editions if edition.shown]
    spans = [*itertools.pairwise([-1, *ends]), (ends[-1] if ends else -1, len(joined) - 1)]
    return [
        (part, run)
        for first, last in spans
        for part in joined[0]
        for run in range(first + 1, last + 1)
        if any(joined[other][part] for other in range(first + 1, last + 1))
    ]


def within(vectors: np.ndarray, span: list[list[float]]) -> np.ndarray:
    _, strength, directions = np.linalg.svd(np.array(span), full_matrices=False)
    basis = directions[strength > 1e-9]
    left = vectors - vectors @ basis.T @ basis
    result: np.ndarray = np.abs(left).max(axis=1, initial=0) < 1e-7
    return result


def grown(joined: Sequence[Sizes]) -> list[dict[str, int]]:
    return [{part: sum(run[part] for run in joined[: end + 1]) for part in joined[0]}
            for end in range(len(joined))]  # fmt: skip


NEWCOMERS = st.sampled_from([0, 0, 0, 1, 3, 5, 9, 10, 12, 27, 60])


@st.composite
def populations(draw: st.DrawFn) -> list[dict[str, int]]:
    parts = "abcd"[: draw(st.integers(2, 4))]
    runs = draw(st.integers(2, {2: 6, 3: 4, 4: 3}[len(parts)]))
    return [{part: draw(NEWCOMERS) for part in parts} for _ in range(runs)]


@given(populations())
@settings(max_examples=1500, deadline=None)
def test_no_few_people_follow_from_all_runs_together(joined: list[dict[str, int]]) -> None:
    assert derived(joined, publish(grown(joined))) == []


def test_the_attacker_finds_what_an_unguarded_release_gives_away() -> None:
    joined = [{"a": 5, "b": 27, "c": 500}, {"a": 60, "b": 0, "c": 0}]
    unguarded = [Edition(0, {}, frozenset("c")), Edition(1, {}, frozenset("abc"))]
    assert {("a", 0): 5} in derived(joined, unguarded)
    joined = [{"a": 100, "b": 200}, {"a": 3, "b": 60}]
    unguarded = [Edition(0, {}, frozenset("ab")), Edition(1, {}, frozenset("b"))]
    assert {("a", 1): 3} in derived(joined, unguarded)


# Cases worked by hand


def test_parts_hidden_together_stay_hidden_until_each_has_moved_by_enough() -> None:
    first = {"a": 5, "b": 27, "c": 500}
    assert shown([first, {"a": 65, "b": 27, "c": 500}]) == [["c"], ["c"]]
    assert shown([first, {"a": 65, "b": 29, "c": 500}]) == [["c"], ["c"]]
    assert shown([first, {"a": 65, "b": 37, "c": 500}]) == [["c"], ["a", "b", "c"]]


def test_all_parts_wait_for_the_one_that_moved_by_a_few() -> None:
    """One alone that stays behind is what the total less the others gives."""
    assert shown([{"a": 100, "b": 200}, {"a": 103, "b": 260}]) == [["a", "b"], []]
    assert shown([{"a": 100, "b": 200}, {"a": 103, "b": 260}, {"a": 110, "b": 260}])[2] == ["a", "b"]


def test_what_did_not_change_is_shown_again() -> None:
    sizes = {"a": 5, "b": 27, "c": 500}
    assert shown([sizes, sizes]) == [["c"], ["c"]]


def test_a_new_small_part_takes_no_unchanged_one_with_it() -> None:
    """Yesterday's figure of the other, less what is hidden today, would give the new one."""
    assert shown([{"a": 300, "b": 27}, {"a": 300, "b": 27, "c": 5}]) == [["a", "b"], []]


def test_waiting_parts_are_remembered_too() -> None:
    """All is hidden at first: the total then, less what did not move, would give the five."""
    assert shown([{"a": 5, "b": 105}, {"a": 65, "b": 105}]) == [[], []]
    assert shown([{"a": 5, "b": 105}, {"a": 65, "b": 165}]) == [[], ["a", "b"]]


def test_an_erasure_takes_effect_at_once_but_reveals_no_hidden_part() -> None:
    runs = [{"a": 100, "b": 200}, {"a": 99, "b": 200}]
    assert shown(runs, ["", "one"]) == [["a", "b"], ["a", "b"]]
    runs = [{"a": 5, "b": 27, "c": 500}, {"a": 65, "b": 27, "c": 499}]
    assert shown(runs, ["", "one"]) == [["c"], ["c"]]


def edition(run: int, sizes: Sizes, names: str = "", **more: Any) -> Edition:
    return Edition(run, {p: {"m|arm": n} for p, n in sizes.items()}, frozenset(names), **more)


def test_the_last_edition_is_kept_unless_somebody_of_it_was_erased() -> None:
    past = [edition(1, {"a": 100, "b": 200}, "ab"), edition(2, {"a": 101, "b": 201})]
    assert release(edition(3, {"a": 102, "b": 202}, "ab"), past, K).kept == past[0]
    unsafe = [edition(1, {"a": 5, "b": 27, "c": 500}, "c"), edition(2, {"a": 5, "b": 90, "c": 500}, "c")]
    gone = edition(3, {"a": 99, "c": 500}, "ac", mark="one")
    assert release(gone, unsafe, K).kept is None


@pytest.mark.parametrize("where", ["then", "now"])
def test_what_is_not_remembered_may_have_been_anything(where: str) -> None:
    past = [edition(1, {"a": 100, "b": 200}, "ab", lost=where == "then")]
    new = edition(2, {"a": 100, "b": 200}, "ab", lost=where == "now")
    assert release(new, past, K) == (frozenset(), None)


def test_a_renamed_metric_is_compared_with_those_before() -> None:
    past = [Edition(1, {"a": {"old|x": 100}, "b": {"old|x": 200}}, frozenset("ab"))]
    new = Edition(2, {"a": {"new|x": 103}, "b": {"new|x": 260}}, frozenset("ab"))
    assert release(new, past, K) == (frozenset(), past[0])


def test_where_moves_are_told_only_hidden_parts_are_guarded() -> None:
    past = [edition(1, {"a": 5, "b": 27, "c": 500}, "c")]
    moved = edition(2, {"a": 5, "b": 27, "c": 503}, "c")
    assert release(moved, past, K).shown == frozenset()
    assert release(moved, past, K, moves=False).shown == frozenset("c")
    grown = edition(2, {"a": 65, "b": 27, "c": 503}, "abc")
    assert release(grown, past, K, moves=False).shown == frozenset("c")
