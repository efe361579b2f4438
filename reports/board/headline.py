"""The board in two sentences, each true for the figures below it: what is earned, and what stands against it.

An interval that holds 0 never reads as a gain or a loss, a gate that is not open never as a permission, and
what nobody measured never as good.
"""

from collections.abc import Sequence

from metrics import formatting
from reports.board.parts import Figure, Headline, Row, Tile
from reports.wording.figures import capitalised, listed
from reports.wording.privacy_words import counted, verb

MOST = 4
"""Points that the second sentence names; the rest stand below it."""

SIGNS = f"+±{formatting.MINUS}"
UNKNOWN = {
    "consent": "consent coverage",
    "requests": "requests",
    "minimisation": "minimisation",
    "vendors": "vendors",
}


def headline(
    rows: Sequence[Row], tiles: Sequence[Tile], *, overdue: int | None, stale: str = "", past: bool = False
) -> Headline:
    """Both sentences.

    Args:
        rows: the journeys.
        tiles: the company's figures.
        overdue: requests past their last day; None: nobody can say that none is.
        stale: what is old about the figures, such as "the data end 9 days ago"; empty when nothing is.
        past: whether the quarter is looked back on.
    """
    if not rows:
        return Headline(
            "There is nothing to judge yet: no journey is configured.",
            "Name the journeys in journeys.yaml, then refresh.",
        )
    named = {tile.name: tile for tile in tiles}
    growth = (
        f"{_growth(rows, named['lift'].figure, named['net_value'].figure)}, and {_rollout(rows, past=past)}."
    )
    return Headline(capitalised(growth), _risk(rows, tiles, overdue, stale))


def _growth(rows: Sequence[Row], lift: Figure, net: Figure) -> str:
    """What personalisation as a whole brings; without a universal holdout, how many journeys gain."""
    if "withheld" in (lift.status, net.status):
        return "what personalisation earns cannot be told, as a health check failed"
    if net.known:
        return _net(net)
    if lift.known:
        return _lift(lift)
    if lift.status == "suppressed":
        return "what personalisation earns cannot be shown, as too few people are held out"
    return _by_journey(rows)


def _net(net: Figure) -> str:
    limits = f"({net.sure}: {net.limits}; {net.of})"
    if not net.side:
        return f"whether personalisation earns or loses money is not clear {limits}"
    way = "earned" if net.side > 0 else "lost"
    return f"personalisation {way} {net.text.lstrip(SIGNS)} net of inference {limits}"


def _lift(lift: Figure) -> str:
    limits = f"({lift.sure}: {lift.limits})"
    if not lift.side:
        return f"whether personalisation changes {lift.what} is not clear {limits}"
    way = "higher" if lift.side > 0 else "lower"
    return f"with personalisation, {lift.what} is {lift.text.lstrip(SIGNS)} {way} {limits}"


def _by_journey(rows: Sequence[Row]) -> str:
    tried = [row for row in rows if row.experiment]
    if not tried:
        return "nobody knows what personalisation earns: no experiment has started"
    gains, losses = ([row for row in tried if _has(row, word)] for word in ("better", "worse"))
    if not gains and not losses:
        return f"{'no journey' if len(rows) > 1 else rows[0].name} shows {_NEITHER[len(rows) > 1]}"
    gained = f"{_of(gains, rows)} a clear gain" if gains else ""
    return " and ".join(filter(None, [gained, f"{_of(losses, rows)} a clear loss" if losses else ""]))


_NEITHER = {True: "a clear gain or loss", False: "no clear gain or loss"}


def _of(some: Sequence[Row], rows: Sequence[Row]) -> str:
    if len(rows) == 1:
        return f"{rows[0].name} shows"
    return f"{len(some)} of {len(rows)} journeys {verb(len(some), 'shows', 'show')}"


def _rollout(rows: Sequence[Row], *, past: bool) -> str:
    """How many gates are open; of a quarter looked back on, how many were."""
    total, opened = len(rows), sum(row.gate.status == "open" for row in rows)
    if all(row.gate.status == "not_evaluated" for row in rows):
        return "no rollout gate has been evaluated"
    if not opened:
        return f"no journey {'was' if past else 'is'} cleared for a further rollout"
    one = {1: "it", 2: "both journeys"}.get(total, f"all {total} journeys")
    which = one if opened == total else f"{opened} of {total} journeys"
    if not past:
        return f"{which} may roll out further"
    return (
        f"{which} {verb(total if opened == total else opened, 'was', 'were')} cleared for a further rollout"
    )


def _risk(rows: Sequence[Row], tiles: Sequence[Tile], overdue: int | None, stale: str) -> str:
    found = list(
        filter(None, [stale, *_of_journeys(rows), *_of_company(rows, tiles, overdue), *_without(rows)])
    )
    if not found:
        return _all_well(rows)
    more = "; and more below" if len(found) > MOST else ""
    return f"{capitalised('; '.join(found[:MOST]))}{more}."


def _of_journeys(rows: Sequence[Row]) -> list[str]:
    told = []
    for word, one, several in (
        ("withheld", "the figures of {} must not be read, as a health check failed", ""),
        ("worse", "{} does harm", "{} do harm"),
        ("harms a guardrail", "{} gains but harms a guardrail", "{} gain but harm a guardrail"),
    ):
        names = [row.name for row in rows if _has(row, word)]
        if names:
            told.append((several if several and len(names) > 1 else one).format(listed(names)))
    gates = []
    for status in ("blocked", "held"):
        names = [row.name for row in rows if row.gate.status == status]
        if names:
            gates.append(f"{listed(names)} {verb(len(names))} {status}")
    return [*told, " and ".join(gates)]


def _without(rows: Sequence[Row]) -> list[str]:
    """Journeys of which nothing can be said."""
    hidden = [row.name for row in rows if _has(row, "too few people")]
    empty = [row.name for row in rows if row.experiment and _has(row, "no evidence")]
    untried = [row.name for row in rows if row.experiment is None]
    return [
        f"too few people were measured to show {listed(hidden)}" if hidden else "",
        f"there is no result for {listed(empty)}" if empty else "",
        f"no experiment has started on {listed(untried)}" if 0 < len(untried) < len(rows) else "",
    ]


def _of_company(rows: Sequence[Row], tiles: Sequence[Tile], overdue: int | None) -> list[str]:
    leaks = int(sum(row.leakage.value or 0 for row in rows))
    unknown = [UNKNOWN[t.name] for t in tiles if t.name in UNKNOWN and t.figure.status == "no_evidence"]
    lacking = sum(row.gate.unknown or 0 for row in rows)
    idle = sum(row.gate.status == "not_evaluated" for row in rows)
    leaked = f"{counted(leaks, 'event')} {verb(leaks, 'was', 'were')} personalised without consent"
    told = {
        leaked: leaks > 0,
        f"{counted(overdue or 0, 'request')} {verb(overdue or 0)} overdue": bool(overdue),
        "whether a request is overdue is not known": overdue is None and UNKNOWN["requests"] not in unknown,
        f"nothing is known of {listed(unknown, len(UNKNOWN))}": bool(unknown),
        f"{counted(lacking, 'check')} {verb(lacking, 'lacks', 'lack')} evidence": lacking > 0,
        f"{idle} of {len(rows)} gates {verb(idle, 'has', 'have')} not been evaluated": 0 < idle < len(rows),
    }
    return [point for point, applies in told.items() if applies]


def _all_well(rows: Sequence[Row]) -> str:
    """What is known to be in order; said only of what was measured."""
    leaks = [row.leakage for row in rows if row.consent.status != "not_needed"]
    told = [
        _opened(rows) if all(row.gate.status == "open" for row in rows) else "",
        "no request is overdue",
        "no event was personalised without consent" if leaks and all(leak.known for leak in leaks) else "",
    ]
    return f"{capitalised(listed(list(filter(None, told))))}."


def _opened(rows: Sequence[Row]) -> str:
    return "every gate is open" if len(rows) > 1 else "its gate is open"


def _has(row: Row, word: str) -> bool:
    return any(mark.word == word for mark in row.marks)
