"""When the parts of a published total are shown anew: never so that two runs, subtracted, single out a few.

Parts (segments, jurisdictions) are renewed together or not at all: the total is always that of the run, so a
part that stayed behind alone would be what the others leave. Hidden parts are remembered with their people,
because a later figure of one of them can be taken from the sum of those that were hidden then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Edition:
    """What one run knew of the parts of a total, and which it showed anew.

    Attributes:
        run: its number.
        people: part → measure (such as metric and arm) → distinct people, hidden parts included.
        shown: parts whose figures are of this run.
        mark: changes whenever somebody more is erased from the parts.
        lost: what was known before this run is not known any more.
    """

    run: int
    people: Mapping[str, Mapping[str, int]]
    shown: frozenset[str]
    mark: str = ""
    lost: bool = False


class Release(NamedTuple):
    """What a run shows of the parts.

    Attributes:
        shown: parts with the run's own figures; empty: none is shown anew.
        kept: the edition whose figures stay instead.
    """

    shown: frozenset[str]
    kept: Edition | None = None


def release(new: Edition, past: Sequence[Edition], minimum_people: int, *, moves: bool = True) -> Release:
    """Decide what is shown, given which parts are large enough (`new.shown`) and all that went before.

    The first of these that reveals nobody: all large parts; those of them that the last edition showed too;
    the last edition as it stands. An erasure takes effect at once: it may show a change of a few people, but
    no part that was hidden, and where that cannot be had, nothing is shown. Without `moves`, changes of a few
    people may be shown anyway, and only hidden parts are guarded.
    """
    if new.lost or any(edition.lost for edition in past):
        return Release(frozenset())
    last = next((edition for edition in reversed(past) if edition.shown), None)
    erased = last is not None and last.mark != new.mark
    choices = [new.shown]
    if last is not None:
        choices.append(new.shown - (last.people.keys() - last.shown))
    for strict in [True] * moves + [False] * (erased or not moves):
        for shown in choices:
            chosen = Edition(new.run, new.people, shown)
            if not any(reveals(old, chosen, minimum_people, moves=strict) for old in past):
                return Release(shown)
    return Release(frozenset(), None if erased else last)


def reveals(old: Edition, new: Edition, minimum_people: int, *, moves: bool = True) -> bool:
    """Whether two editions together tell 1 … k−1 people of a part from the rest.

    Each edition gives the people of every shown part and, by the total, of the hidden ones together. So a few
    are singled out by (`moves`) a part, or a set of parts, that both give and that moved by a few; and by
    parts hidden in one that the other shows hardly changed: they can be taken from the sum.
    """
    parts = sorted(old.people.keys() | new.people.keys())
    then, now = _tables(old, new, parts)
    was = np.array([part in old.shown or part not in old.people for part in parts], dtype=bool)
    is_ = np.array([part in new.shown or part not in new.people for part in parts], dtype=bool)
    if moves and _moved_by_few(then, now, was, is_, minimum_people):
        return True
    if old.shown and _parted(then, now, ~was, ~is_, minimum_people):
        return True
    return _subtracts(then, now, ~was, ~is_, minimum_people) or _subtracts(
        now, then, ~is_, ~was, minimum_people
    )


def _tables(old: Edition, new: Edition, parts: Sequence[str]) -> tuple[Counts, Counts]:
    """People per part and measure that can be compared: the same in both, else (renamed) of the same arm."""
    known = sorted({name for counts in old.people.values() for name in counts})
    asked = sorted({name for counts in new.people.values() for name in counts})
    common = [(name, name) for name in asked if name in known]
    pairs = common or [(a, b) for a in known for b in asked if a.split("|")[-1] == b.split("|")[-1]]
    then = [[old.people.get(part, {}).get(name, 0) for name, _ in pairs] for part in parts]
    now = [[new.people.get(part, {}).get(name, 0) for _, name in pairs] for part in parts]
    shape = (len(parts), len(pairs))
    return np.array(then, np.int64).reshape(shape), np.array(now, np.int64).reshape(shape)


def _moved_by_few(then: Counts, now: Counts, was: Flags, is_: Flags, minimum_people: int) -> bool:
    step = now - then
    if _few(step[was & is_], minimum_people):
        return True
    hidden = ~was, ~is_
    blocks = [hidden[0] | hidden[1]] if (hidden[0] & hidden[1]).any() else list(hidden)
    return any(
        _few(step[block].sum(axis=0), minimum_people)
        for block in blocks
        if (then[~block].sum() + now[~block].sum()) > 0
    )


def _parted(then: Counts, now: Counts, hidden: Flags, still_hidden: Flags, minimum_people: int) -> bool:
    """Whether parts that were hidden together are shown in part, or before each has moved by enough."""
    if not (hidden & ~still_hidden).any():
        return False
    stuck = (np.abs(now - then) < minimum_people) & (then > 0)
    return bool((hidden & still_hidden).any() or stuck[hidden].any())


def _few(step: Counts, minimum_people: int) -> bool:
    return bool(np.any((step != 0) & (np.abs(step) < minimum_people)))


def _subtracts(
    then: Counts, now: Counts, hidden: Flags, hidden_in_the_other: Flags, minimum_people: int
) -> bool:
    """Whether the sum of the parts hidden `then`, less those hardly changed since, leaves a few people."""
    alone, together = hidden & ~hidden_in_the_other, hidden & hidden_in_the_other
    sizes = np.vstack([then[alone], then[together].sum(axis=0)])
    known = np.abs(np.vstack([now[alone], now[together].sum(axis=0)]) - sizes) < minimum_people
    known &= sizes > 0
    rest = np.where(known, 0, sizes).sum(axis=0)
    least = np.where(known, sizes, np.iinfo(np.int64).max).min(axis=0)
    left = np.where(rest > 0, rest, np.where(known.sum(axis=0) > 1, least, 0))
    return bool(np.any(known.any(axis=0) & (left > 0) & (left < minimum_people)))
