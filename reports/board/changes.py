"""What is other than it was a quarter ago, and why: gates first, then figures beyond their uncertainty.

Two estimates differ only where their intervals do not touch: a stricter rule than a test of their difference,
and one that also holds for two looks at the same customers. Counts and ledgers have no uncertainty; they
differ when they read differently.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from metrics import formatting
from reports.board.gates import MARKS, WORST_FIRST
from reports.board.parts import Change, Changes, Check, Figure, Gate, Row, Tile
from reports.board.source import Source, plain
from reports.wording.figures import listed

Tone = Literal["good", "bad", "neutral"]
COMPANY = "All journeys"
FIRST = "There is no earlier quarter in the store to compare with: what changed shows from the second on."
NOTHING = "No gate changed, and no figure moved beyond its uncertainty."
OTHER_DEFINITIONS = "Definitions changed in between, so figures may differ for that reason alone."
OTHER_POLICY = "The policy changed in between, so a gate may differ for that reason alone."


LABELS = {
    "relative": "lift",
    "net_value": "net value",
    "churn_risk_difference": "churn",
    "consent_coverage": "consent coverage",
    "leakage_events": "events personalised without consent",
    "minimization_score": "minimisation",
    "excess_load": "excess load",
    "vendors_with_protections": "vendors protected",
    "cost_per_1k": "cost of a thousand recommendations",
}
"""A journey's figures that are compared, by key; requests are the company's."""


def previous(period: str) -> str:
    """The quarter before.

    >>> previous("2026Q3"), previous("2026Q1")
    ('2026Q2', '2025Q4')
    """
    year, quarter = int(period[:4]), int(period[-1])
    return f"{year}Q{quarter - 1}" if quarter > 1 else f"{year - 1}Q4"


def changes(
    now: Source,
    before: Source | None,
    rows: Sequence[tuple[Row, Row | None]],
    tiles: Sequence[tuple[Tile, Tile]],
) -> Changes:
    """Everything that changed.

    Args:
        now: the quarter shown.
        before: the last complete run of the quarter before; None where there is none.
        rows: each journey with its row a quarter ago.
        tiles: the company's figures with those a quarter ago.
    """
    period = previous(now.period)
    if before is None:
        return Changes(period, None, remark=FIRST)
    found = [
        *(change for row, old in rows if (change := _gate(row, old))),
        *(change for tile, old in tiles if (change := _figure(COMPANY, tile.title, tile.figure, old.figure))),
        *(change for row, old in rows if old for change in _row(row, old)),
    ]
    gone = sorted({item.journey: item.name for item in before.journeys}.items() - _names(rows).items())
    remarks = [
        "" if found else NOTHING,
        f"No longer configured: {listed([name for _, name in gone])}." if gone else "",
        OTHER_DEFINITIONS if _other(now, before, "definitions_version") else "",
        OTHER_POLICY if _other(now, before, "policy_hash") else "",
    ]
    return Changes(period, before.snapshot.run.run_id, tuple(found), " ".join(filter(None, remarks)))


def moved(figure: Figure, old: Figure | None, currency: str) -> str:
    """By how much a figure moved; empty where it did not, or only within its uncertainty."""
    if old is None or not differs(figure, old):
        return ""
    delta = (figure.value or 0) - (old.value or 0)
    if not delta:
        return ""
    if figure.unit in ("lift", "share", "points"):
        return formatting.points(delta)
    return plain(figure.unit, delta, currency, sign=True)


def differs(figure: Figure, old: Figure) -> bool:
    """Whether a figure moved beyond its uncertainty, both quarters' limits allowed for.

    Effects on different metrics, such as revenue and spend, are not compared.
    """
    if not (figure.known and old.known) or (figure.unit, figure.what) != (old.unit, old.what):
        return False
    if figure.low is None and old.low is None:
        return figure.text != old.text
    return _high(figure) < _low(old) or _low(figure) > _high(old)


def _low(figure: Figure) -> float:
    return figure.low if figure.low is not None else (figure.value or 0)


def _high(figure: Figure) -> float:
    """The upper limit; a one-sided lower one is mirrored at the value."""
    if figure.high is not None:
        return figure.high
    value = figure.value or 0
    return 2 * value - figure.low if figure.low is not None else value


def _gate(row: Row, old: Row | None) -> Change | None:
    was, now = (old.gate if old else None), row.gate
    if was is None:
        sentence = f"{row.name} is new this quarter; its gate is {_status(now)}."
        return Change(row.name, sentence, "neutral", now.evidence)
    if (was.status, was.step) == (now.status, now.step):
        return None
    better = _rank(now) > _rank(was)
    causes = [_check(before, after) for before, after in _moved_checks(was, now)]
    why = f": {listed(causes)}" if causes else f": {now.reason.rstrip('.')}" if now.reason else ""
    sentence = f"{row.name} went from {_status(was)} to {_status(now)}{why}."
    return Change(row.name, sentence, "good" if better else "bad", now.evidence)


def _status(gate: Gate) -> str:
    """Such as "open (50 %)"."""
    word = MARKS[gate.status].word
    return word if gate.step is None else f"{word} ({gate.step}\u00a0%)"


def _rank(gate: Gate) -> tuple[int, int]:
    return WORST_FIRST.index(gate.status), gate.step or 0


def _moved_checks(was: Gate, now: Gate) -> list[tuple[Check, Check]]:
    """The checks whose result changed the same way as the gate: as they were and as they are."""
    if _rank(was) == _rank(now):
        return []
    better, before = _rank(now) > _rank(was), {check.check: check for check in was.checks}
    return [
        (old, check)
        for check in now.checks
        if (old := before.get(check.check)) is not None
        and old.result != check.result
        and (check.result == "pass") == better
    ]


def _check(old: Check, new: Check) -> str:
    """Such as "consent coverage from 74.0 % to 51.2 %, at least 70.0 % asked"."""
    name = f"{new.name[:1].lower()}{new.name[1:]}"
    if new.result == "unknown" or not (old.observed and new.observed) or old.observed == new.observed:
        return f"{name} ({_RESULTS[new.result]})"
    return f"{name} from {old.observed} to {new.observed}{f', {new.asked}' if new.asked else ''}"


_RESULTS = {"pass": "passes now", "fail": "fails now", "unknown": "not known now"}


def _row(row: Row, old: Row) -> Iterator[Change]:
    """Figures of a journey, but for those that have been told as what moved its gate."""
    told = {check.figure for check, _ in _moved_checks(old.gate, row.gate)}
    for figure, earlier in zip(row.figures, old.figures, strict=True):
        if figure.key in LABELS and figure.key not in told:
            change = _figure(row.name, LABELS[figure.key], figure, earlier)
            if change:
                yield change


def _figure(about: str, label: str, figure: Figure, old: Figure) -> Change | None:
    name = label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
    if old.known and figure.status in ("no_evidence", "suppressed", "withheld"):
        sentence = f"{about}: {name} was {old.text} and is {_GONE[figure.status]} now."
        return Change(about, sentence, "bad", figure.evidence)
    if not differs(figure, old):
        return None
    delta = (figure.value or 0) - (old.value or 0)
    way = "rose" if delta > 0 else "fell" if delta else "went"
    sentence = f"{about}: {name} {way} from {old.text} to {figure.text}."
    return Change(about, sentence, _tone(figure, delta), figure.evidence)


_GONE = {"no_evidence": "not known", "suppressed": "hidden, too few people", "withheld": "withheld"}


def _tone(figure: Figure, delta: float) -> Tone:
    direction = figure.definition.direction
    if direction not in ("higher", "lower") or not delta:
        return "neutral"
    return "good" if (delta > 0) == (direction == "higher") else "bad"


def _names(rows: Sequence[tuple[Row, Row | None]]) -> dict[str, str]:
    return {row.journey: row.name for row, _ in rows}


def _other(now: Source, before: Source, name: str) -> bool:
    return bool(getattr(now.snapshot.run, name) != getattr(before.snapshot.run, name))
