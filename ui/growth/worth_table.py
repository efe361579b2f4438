"""What an experiment earns: in all, for each, per cost, and for the quarter at half the interval."""

from collections.abc import Sequence

from metrics import formatting
from metrics.formatting import EffectText
from reports.growth.worth import Worth, mark
from reports.results import Experiment
from reports.wording import worth as wording
from reports.wording.figures import capitalised
from ui.parts.intervals import Axis, Bar, draw, shared_axis
from ui.parts.markup import Column, Html, Row, small, strong, table


def worth_table(rows: Sequence[Worth], experiment: Experiment, period: str, currency: str) -> Html:
    """One row per kind of money; the two intervals stand on one axis.

    The quarter has a column only where it is known whom the journey reached in it.
    """
    quarterly = any(wording.of_the_quarter(row) for row in rows)
    now = [_bar(row, experiment, row.quarter_low, row.quarter_high) for row in rows]
    half = [_bar(row, experiment, row.half_low, row.half_high) for row in rows]
    axis = shared_axis([*now, *half])
    ends = formatting.effect(None, axis.low, axis.high, "money", currency=currency).interval
    noun = experiment.noun[:-1]
    columns = [
        Column("Earned"),
        _column(f"Per {noun}", "per_unit"),
        _column("Per recommendation", "per_recommendation"),
        _column(f"Per {formatting.money(1, currency)} spent", "return_on_cost"),
        _column("In all", "incremental_total", under="among those measured"),
        *([_column(formatting.quarter(period), "quarter_total", under="all personalised")] * quarterly),
        Column("Its interval", "money.quarter_low", width="15%", under=ends),
        Column("At half the interval", "money.half_low", width="15%", under="same axis"),
    ]
    bars = zip(rows, now, half, strict=True)
    body = [_row(row, experiment, (wide, narrow), axis, currency, quarterly) for row, wide, narrow in bars]
    return table(columns, body, label="What it is worth")


def _row(
    row: Worth, experiment: Experiment, bars: tuple[Bar, Bar], axis: Axis, currency: str, quarterly: bool
) -> Row:
    half = formatting.effect(row.quarter_total, row.half_low, row.half_high, "money", currency=currency)
    return Row(
        [
            Html(f"{strong(capitalised(wording.kind(row, experiment)))}{_note(row)}"),
            _cell(wording.amount(row, "per_unit", currency)),
            _cell(wording.amount(row, "per_recommendation", currency)),
            _cell(wording.returned(row, currency)),
            _cell(wording.short(row, "incremental", currency, "incremental_total")),
            *([_cell(wording.short(row, "quarter", currency, "quarter_total"))] * quarterly),
            draw(bars[0], axis),
            Html(f"{draw(bars[1], axis)}{small(half.interval)}"),
        ]
    )


def _note(row: Worth) -> Html:
    capped = "large values capped" if "capped" in (row.note or "") else ""
    known = row.per_unit is not None
    return small(capped if known else row.note or "no evidence") if capped or not known else Html("")


def _cell(texts: EffectText) -> Html:
    if texts.estimate == formatting.MISSING:
        return small("not on record")
    limits = texts.interval if texts.interval != formatting.MISSING else "no limits"
    return Html(f"{strong(texts.estimate)}{small(limits)}")


def _bar(row: Worth, experiment: Experiment, low: float | None, high: float | None) -> Bar:
    said = f"{wording.kind(row, experiment)}: {formatting.number(low, 0)} to {formatting.number(high, 0)}"
    return Bar(row.quarter_total, low, high, mark(row, experiment).tone, said)


def _column(heading: str, name: str, under: str = "") -> Column:
    return Column(heading, f"money.{name}", under=under)
