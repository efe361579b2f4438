"""One row per journey on the board: what it brings and what it risks, side by side, and its gate."""

from collections.abc import Sequence

from metrics import formatting
from reports.board.parts import Evidence, Figure, Gate, Row
from reports.wording.gates import others
from reports.wording.privacy_words import counted
from ui import access
from ui.parts.intervals import Axis, Bar, draw, shared_axis
from ui.parts.markup import NOTHING, Column, Html, address, around, mark, small, table, tag, text
from ui.parts.markup import Row as TableRow

JOURNEYS = "journeys"


def board_table(rows: Sequence[Row]) -> Html:
    """Every journey; lifts on one axis."""
    bars = {row.journey: _bar(row) for row in rows}
    shared = [bars[row.journey] for row in rows if row.lift.unit == "lift"]
    axis = shared_axis(shared) if any(bar.low is not None for bar in shared) else None
    return table(
        _columns(rows, axis),
        [_row(row, bars[row.journey], axis) for row in rows],
        label="Growth and risk, journey by journey",
        kind="lg-board",
    )


def _columns(rows: Sequence[Row], axis: Axis | None) -> list[Column]:
    ends = ""
    if axis is not None:
        ends = formatting.effect(None, axis.low, axis.high, "lift").interval
    return [
        Column("Journey", width="15%"),
        Column("Lift", "relative"),
        Column("Interval", "relative_low", width="12%", under=ends, hint=_sure(rows)),
        Column("Net value", "journeys.net_value"),
        Column("Churn", "journeys.churn_risk_difference"),
        Column("Consent", "journeys.consent_coverage"),
        Column("Requests on time", "journeys.dsr_sla_rate"),
        Column("Minimal data", "journeys.minimization_score"),
        Column("Vendors protected", "journeys.vendors_with_protections"),
        Column("Cost / 1k", "journeys.cost_per_1k"),
        Column("Gate", "board.standing", width="17%"),
    ]


def _sure(rows: Sequence[Row]) -> str:
    found = {row.lift.sure for row in rows if row.lift.sure}
    return f"{'; '.join(sorted(found))}." if found else ""


def _row(row: Row, bar: Bar, axis: Axis | None) -> TableRow:
    return TableRow(
        [
            _name(row),
            _cell(row, row.lift, row.lift.limits, heavy=True),
            draw(bar, axis if row.lift.unit == "lift" else None),
            _cell(row, row.net_value, row.net_value.limits, heavy=True),
            _cell(row, row.churn, row.churn.limits),
            Html(f"{_cell(row, row.consent, row.consent.limits)}{_leaks(row)}"),
            _cell(row, row.requests),
            _cell(row, row.minimisation, f"excess load {row.excess_load.text}"),
            _vendors(row),
            _cell(row, row.cost),
            _gate(row),
        ]
    )


def _bar(row: Row) -> Bar:
    found = row.lift
    said = f"{row.name}: {found.text}, {found.limits}"
    return Bar(found.value, found.low, found.high, row.reading.tone, said)


def _name(row: Row) -> Html:
    name = link_to(row.name, row.lift.evidence, _chosen(row)) if row.experiment else text(row.name)
    marks = dict.fromkeys(row.marks)
    told = [mark(found) for found in marks] or [small("no experiment")]
    return Html(f"{name}{tag('span', Html(' '.join(told)), class_='lg-small')}")


def link_to(label: object, evidence: Evidence, journey: str = "") -> Html:
    """A link to where a figure can be looked into.

    Whoever may not open that page is led to the journeys, or to the one named, where the figure stands too.
    """
    return lead_to(text(label), evidence, journey)


def lead_to(content: Html, evidence: Evidence, journey: str = "") -> Html:
    """The same around what is HTML already."""
    page, chosen = _open_to_reader(evidence, journey)
    return around(content, page, **chosen)


def address_of(evidence: Evidence, journey: str) -> str:
    """Where the same link leads."""
    page, chosen = _open_to_reader(evidence, journey)
    return address(page, **chosen)


def _open_to_reader(evidence: Evidence, journey: str) -> Evidence:
    if access.may_open(evidence.page):
        return evidence
    return Evidence(JOURNEYS, {"journey": journey} if journey else {})


def _cell(row: Row, figure: Figure, under: str = "", *, heavy: bool = False) -> Html:
    if not figure.known:
        sign = "–" if figure.status == "not_needed" else "◌"
        return tag("span", text(f"{sign} {figure.text}"), class_="lg-dead", title=figure.note)
    told = link_to(figure.text, figure.evidence, _chosen(row))
    shown = tag("strong", told) if heavy else told
    return Html(f"{tag('span', shown, title=_about(figure))}{small(under) if under else ''}")


def _about(figure: Figure) -> str:
    of = f"Of: {figure.of}" if figure.of else ""
    return ". ".join(filter(None, [of, figure.period, figure.sure, figure.note]))


def _leaks(row: Row) -> Html:
    leaks = row.leakage.value
    if not leaks:
        return NOTHING
    told = link_to(f"{row.leakage.text} without", row.leakage.evidence, _chosen(row))
    return tag("span", Html(f"■ {told}"), class_="lg-small lg-alarm lg-bad")


def _vendors(row: Row) -> Html:
    if not (row.vendors.known and row.vendors_live.known):
        return _cell(row, row.vendors)
    told = f"{row.vendors.text} of {row.vendors_live.text}"
    return tag("span", link_to(told, row.vendors.evidence, _chosen(row)), title=_about(row.vendors))


def _gate(row: Row) -> Html:
    shown = lead_to(mark(row.gate.mark, pill=True), row.gate.evidence, _chosen(row))
    if row.gate.status == "not_evaluated":
        return shown
    against = row.gate.standing
    beside = tag("span", text(counted(against, "check")), class_="lg-beside") if against else NOTHING
    first = row.gate.reason.removesuffix(others((against or 0) - 1))
    why = tag("span", text(first), class_="lg-small lg-why", title=row.gate.reason)
    return Html(f"{shown}{beside}{why}")


def _chosen(row: Row) -> str:
    return chosen(row.gate)


def chosen(gate: Gate) -> str:
    """The journey of a gate as the pages' choice of one names it."""
    return gate.evidence.parameters.get("journey", "")
