"""Checks × journeys: what each check found in each journey, gravest checks first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from metrics import formatting
from policy.figures import GATE_FIGURES
from policy.gates import CheckResult, Gate
from policy.model import SEVERITIES, Severity
from reports.wording import rollouts
from reports.wording.gates import asked, mark
from ui import frame
from ui.governance.gate_data import Judged
from ui.parts.markup import NOTHING, Column, Html, Row, around, join, small, table, tag, text
from ui.parts.markup import mark as drawn

MOST_COLUMNS = 6
"""With more journeys, a row names those that a check stands against."""
MOST_NAMED = 6


class Line(NamedTuple):
    """One check in every journey shown; a journey may grade it differently, and then stands elsewhere."""

    check: str
    found: Mapping[str, CheckResult]


def matrix(judged: Judged, shown: Mapping[str, Gate]) -> None:
    """Show a table per severity."""
    for severity in SEVERITIES:
        lines = _lines(shown.values(), severity)
        if lines:
            name, meaning = rollouts.SEVERITIES[severity]
            st.html(frame.heading(name, meaning))
            st.html(
                _wide(judged, shown, lines, name)
                if len(shown) <= MOST_COLUMNS
                else _long(judged, lines, name)
            )


def _lines(gates: Iterable[Gate], severity: Severity) -> list[Line]:
    found: dict[str, dict[str, CheckResult]] = {}
    for gate in gates:
        for result in gate.checks:
            if result.check.severity == severity:
                found.setdefault(result.check.id, {})[gate.journey] = result
    lines = [Line(check, results) for check, results in found.items()]
    return sorted(lines, key=lambda line: (-_against(line), line.check))


def _against(line: Line) -> int:
    return sum(result.blocks or result.holds for result in line.found.values())


def _wide(judged: Judged, shown: Mapping[str, Gate], lines: Sequence[Line], name: str) -> Html:
    width = f"{max(11, 66 // len(shown))}%" if len(shown) > 1 else ""
    columns = [
        Column("Check", width="34%"),
        *(Column(judged.names[journey], "gates.observed", width=width, left=True) for journey in shown),
    ]
    body = [
        Row([_name(line, judged), *(_cell(line, judged, journey) for journey in shown)]) for line in lines
    ]
    return table(columns, body, label=name, kind="lg-plain lg-matrix")


def _long(judged: Judged, lines: Sequence[Line], name: str) -> Html:
    columns = [
        Column("Check", width="34%"),
        Column("Passes", "page.journeys_passing", left=True),
        Column("Against a rollout of", hint="Journeys in which it fails or is unknown, and is not waived."),
    ]
    body = [Row([_name(line, judged), _passing(line), _stopped(line, judged)]) for line in lines]
    return table(columns, body, label=name, kind="lg-plain")


def _name(line: Line, judged: Judged) -> Html:
    first = next(iter(line.found.values()))
    figure = GATE_FIGURES[first.check.figure]
    what = _asked(line, judged)
    said = what.pop() if len(what) == 1 else "not the same of every journey"
    hint = first.check.explanation or figure.explanation
    return Html(f"{tag('span', text(figure.name), title=hint)}{small(f'{said} · {line.check}')}")


def _asked(line: Line, judged: Judged) -> set[str]:
    return {asked(result, judged.currency) for result in line.found.values()}


def _cell(line: Line, judged: Judged, journey: str) -> Html:
    found = line.found.get(journey)
    if found is None:
        return small("not asked")
    seen = [] if found.observed is None else [rollouts.seen(found, judged.currency)]
    if len(_asked(line, judged)) > 1:
        seen.append(asked(found, judged.currency))
    linked = around(drawn(mark(found)), "gates", journey=judged.names[journey], check=found.check.id)
    return Html(f"{linked}{small(', '.join(seen)) if seen else NOTHING}")


def _passing(line: Line) -> Html:
    total, against = len(line.found), _against(line)
    return text(f"{formatting.count(total - against)} of {formatting.count(total)}")


def _stopped(line: Line, judged: Judged) -> Html:
    stopped = [(name, result) for name, result in line.found.items() if result.blocks or result.holds]
    if not stopped:
        return small("none")
    named = [
        Html(
            f"{drawn(mark(result))} "
            f"{around(text(judged.names[name]), 'gates', journey=judged.names[name], check=line.check)}"
        )
        for name, result in stopped[:MOST_NAMED]
    ]
    rest = len(stopped) - MOST_NAMED
    more = small(f"and {rest} more: choose the check") if rest > 0 else NOTHING
    return Html(f"{tag('div', join(named), class_='lg-tests')}{more}")
