import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.curves import CurveRelease, Days, release_at_risk, release_steps
from policy.releases import Edition

K = 10


def merged(joined: Sequence[int]) -> Days:
    """Cumulative people by day, in steps of at least K, as one run alone would show them."""
    found: dict[int, int] = {}
    before = 0
    for day, total in enumerate(itertools.accumulate(joined), 1):
        if total - before >= K:
            found[day], before = total, total
    if found and sum(joined) > before:
        del found[max(found)]
    if sum(joined) >= K:
        found[len(joined)] = sum(joined)
    return {day: {"arm": people} for day, people in found.items()}


def shown(runs: Sequence[Days]) -> list[dict[int, int]]:
    """What a series of runs shows: day → people."""
    past: list[Edition] = []
    found = []
    for number, days in enumerate(runs):
        release = release_steps(days, past, K)
        people = {str(day): days[day] for day in release.fresh}
        people |= {str(day): past[-1].people[str(day)] for day in release.kept}
        past.append(Edition(number, people, frozenset(people)))
        found.append(
            {int(day): counts["arm"] for day, counts in sorted(people.items(), key=lambda i: int(i[0]))}
        )
    return found


@given(st.lists(st.integers(0, 25), min_size=4, max_size=30), st.data())
@settings(max_examples=300, deadline=None)
def test_no_few_people_lie_between_any_two_rows_of_any_runs(joined: list[int], data: st.DataObject) -> None:
    """Rows are nested sets, so that differences are all that linear algebra gives; totals are always told."""
    ends = sorted(data.draw(st.sets(st.integers(1, len(joined)), min_size=2, max_size=8)))
    runs = [days for end in ends if (days := merged(joined[:end]))]
    totals = {max(days.values(), key=lambda people: people["arm"])["arm"] for days in runs}
    rows = {people for days in shown(runs) for people in days.values()}
    for a, b in itertools.combinations(sorted(rows), 2):
        assert b - a >= K or {a, b} <= totals


@given(st.lists(st.integers(10, 25), min_size=3, max_size=12), st.data())
@settings(max_examples=200, deadline=None)
def test_late_rows_move_no_shown_day_by_a_few(joined: list[int], data: st.DataObject) -> None:
    runs = [merged(joined)]
    for _ in range(3):
        joined = [people + data.draw(st.sampled_from([0, 0, 0, 1, 3, 12])) for people in joined] + [15]
        runs.append(merged(joined))
    for first, second in itertools.combinations(shown(runs), 2):
        inner = [day for day in first if day in second and day < max(first)]
        assert all(abs(second[day] - first[day]) >= K or second[day] == first[day] for day in inner)


def test_a_small_last_step_stays_in_the_total_that_told_it() -> None:
    """Day 3 of the second run alone would be twelve less than the total of the first."""
    assert shown([merged([30, 30, 18, 2]), merged([30, 30, 18, 2, 20, 20])]) == [
        {1: 30, 2: 60, 4: 80},
        {1: 30, 2: 60, 5: 100, 6: 120},
    ]


def test_a_curve_stays_as_it_was_while_a_day_has_moved_by_a_few() -> None:
    assert shown([merged([30, 30, 20]), merged([31, 30, 20, 40])]) == [
        {1: 30, 2: 60, 3: 80},
        {1: 30, 2: 60, 3: 80, 4: 121},
    ]


def risk(*people: int) -> Days:
    return {10 * number: {"arm": count} for number, count in enumerate(people)}


def edition(days: Days, **more: bool) -> Edition:
    return Edition(1, {str(day): people for day, people in days.items()}, frozenset(map(str, days)), **more)


def test_survival_waits_until_every_day_has_moved_by_enough() -> None:
    first = edition(risk(100, 80, 40))
    assert release_at_risk(risk(130, 95, 43), [first], K) == CurveRelease((), (0, 10, 20))
    assert release_at_risk(risk(130, 95, 50), [first], K) == CurveRelease((0, 10, 20))
    assert release_at_risk(risk(103, 80, 40), [first], K) == CurveRelease((0, 10, 20))


def test_without_memory_only_totals_are_shown() -> None:
    lost = [edition({}, lost=True)]
    assert release_at_risk(risk(130, 95, 43), lost, K) == CurveRelease((0,))
    assert release_steps(merged([30, 30, 30]), lost, K) == CurveRelease((3,))
