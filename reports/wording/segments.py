"""For whom it works: what the segments of one dimension say together."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from reports.readings import BETTER, HIDDEN, WORSE, deciding, segment_reading, side
from reports.results import Effect, Experiment, Metric, humanised
from reports.wording.figures import listed
from reports.wording.variants import overlaps


class SegmentsSaid(NamedTuple):
    """The segments of a dimension in words.

    Attributes:
        lead: where the effect stands out.
        more: what that does and does not mean.
        warning: what could mislead a reader into a wrong act; empty when nothing does.
    """

    lead: str
    more: str
    warning: str


def segments(rows: Sequence[Effect], metric: Metric, experiment: Experiment) -> SegmentsSaid:
    """What one dimension's rows of one metric and variant say."""
    marks = {row.segment or "": segment_reading(row, metric, experiment) for row in rows}
    shown = [row for row in rows if marks[row.segment or ""] != HIDDEN]
    better = [name for name, mark in marks.items() if mark == BETTER]
    worse = [name for name, mark in marks.items() if mark == WORSE]
    lead = _lead(len(shown), better, worse)
    hidden = len(rows) - len(shown)
    if hidden:
        word = "has" if hidden == 1 else "have"
        lead = f"{lead} {hidden} of {len(rows)} {word} too few people to show."
    warning = _warning(shown, better, worse, experiment)
    more = "" if warning else _remark(shown, better or worse, experiment)
    return SegmentsSaid(lead.strip(), more, warning)


def briefly(experiment: Experiment, variant: str) -> str:
    """All dimensions of the primary metric in one sentence; empty without segments."""
    metric = experiment.metric(experiment.primary)
    rows = [r for d in experiment.dimensions for r in experiment.by_segment(metric.metric, variant, d)]
    marks = [segment_reading(row, metric, experiment) for row in rows]
    shown = [mark for mark in marks if mark != HIDDEN]
    better, worse = shown.count(BETTER), shown.count(WORSE)
    if not shown:
        return "" if not rows else "Every segment has too few people to show."
    if better and worse:
        return f"Better in {better} and worse in {worse} of {len(shown)} segments."
    if not better and not worse:
        return "No segment stands out." if len(shown) > 1 else "The one segment shown has no clear effect."
    word, many = ("Better", better) if better else ("Worse", worse)
    if many == len(shown):
        return f"{word} in {f'all {many} segments' if many > 1 else 'the one segment shown'}."
    return f"{word} in {many} of {len(shown)} segments; no clear effect in the others."


def _lead(shown: int, better: Sequence[str], worse: Sequence[str]) -> str:
    if not shown:
        return ""
    if better and worse:
        return f"Better for {listed(better)}; worse for {listed(worse)}."
    if better or worse:
        word, names = ("Better", better) if better else ("Worse", worse)
        if len(names) == shown > 1:
            return f"{word} in {'both' if shown == 2 else f'all {shown}'} segments."
        if len(names) == shown:
            return f"{word} for {names[0]}."
        return f"{word} for {listed(names)}; no clear effect elsewhere."
    return "No segment stands out." if shown > 1 else "No clear effect."


def _warning(
    shown: Sequence[Effect], better: Sequence[str], worse: Sequence[str], experiment: Experiment
) -> str:
    if better and worse:
        return (
            "The effect goes both ways: do not act on the average alone. Decide per segment, and confirm it "
            "in a test planned for that."
        )
    tested = [row for row in shown if row.difference_low is not None]
    apart = [pair for pair in combinations(tested, 2) if not overlaps(*pair, experiment)]
    if apart:
        low, high = sorted(apart[0], key=lambda row: row.difference or 0)
        return (
            f"The effect seems to differ: the intervals of {high.segment} and {low.segment} do not overlap. "
            "Confirm it in a test planned for that before treating them differently."
        )
    return ""


def _remark(shown: Sequence[Effect], found: Sequence[str], experiment: Experiment) -> str:
    if not found and any(side(deciding(row, experiment)) for row in shown):
        return (
            "Some intervals do not hold 0, but among so many looks that happens by chance: p allows for it."
        )
    if not found or len(found) == len(shown) or len(shown) < 2:
        return ""
    return (
        "All intervals overlap: that some segments stand out and others do not is no sign that the effect "
        "differs between them."
    )


def dimension_label(dimension: str) -> str:
    """A dimension's name for people.

    >>> dimension_label("loyalty_tier")
    'Loyalty tier'
    """
    return humanised(dimension)
