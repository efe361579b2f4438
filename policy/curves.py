"""When the rows of a curve are shown anew: counts by day, which no part of a total adds up to.

A row counts the people up to a day (effects) or still at risk on it (survival). So a few are singled out by a
row that moved by a few since it was shown and, where days add up, by a day that lies close to another that an
earlier run showed, its total among them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from policy.releases import Edition

Days = Mapping[int, Mapping[str, int]]
"""Day → measure (an arm) → people."""


class CurveRelease(NamedTuple):
    """Which days a run shows.

    Attributes:
        fresh: days with the run's own figures.
        kept: days with the figures that the run before showed.
    """

    fresh: tuple[int, ...]
    kept: tuple[int, ...] = ()


CurveRule = Callable[[Days, Sequence[Edition], int], CurveRelease]
"""Decides from this run's days, what earlier runs showed (parts are days) and k."""


def release_at_risk(new: Days, past: Sequence[Edition], minimum_people: int) -> CurveRelease:
    """A curve of people at risk is renewed once every day shown earlier has moved by nobody or k.

    The first day counts everybody, which is a total: it is always known, and holds nothing back.
    """
    days = sorted(new)
    if any(edition.lost for edition in past):
        return CurveRelease(tuple(days[:1]))
    for old in map(shown_days, past):
        if any(_few(new[day], old[day], minimum_people) for day in days[1:] if day in old):
            return CurveRelease((), tuple(sorted(shown_days(past[-1]))))
    return CurveRelease(tuple(days))


def release_steps(new: Days, past: Sequence[Edition], minimum_people: int) -> CurveRelease:
    """A cumulative curve: its last day, the total, is always new; others as far as they reveal nobody.

    Where a day that the last run showed has moved by a few, that run's days stay, if the total is k away.
    """
    *inner, last = sorted(new)
    if any(edition.lost for edition in past):
        return CurveRelease((last,))
    before = shown_days(past[-1]) if past else {}
    if any(_few(new[day], before[day], minimum_people) for day in inner if day in before):
        stay = [day for day in before if day < last and not _few(new[last], before[day], minimum_people)]
        return CurveRelease((last,), tuple(sorted(stay)))
    shown = [people for edition in past for people in shown_days(edition).values()]
    return CurveRelease((*(day for day in inner if _is_clear(new[day], shown, minimum_people)), last))


def shown_days(edition: Edition) -> dict[int, Mapping[str, int]]:
    """What an edition showed, by day."""
    return {int(day): people for day, people in edition.people.items()}


def _is_clear(people: Mapping[str, int], shown: Sequence[Mapping[str, int]], minimum_people: int) -> bool:
    """Whether each count was shown already, or is k away from all that were."""
    for measure, count in people.items():
        known = {other[measure] for other in shown if measure in other}
        if count not in known and any(abs(count - other) < minimum_people for other in known):
            return False
    return True


def _few(new: Mapping[str, int], old: Mapping[str, int], minimum_people: int) -> bool:
    return any(0 < abs(count - old[name]) < minimum_people for name, count in new.items() if name in old)
