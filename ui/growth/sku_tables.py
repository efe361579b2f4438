"""Tables of products: SKUs in order, categories with what displaced what, remainders, half of the lift."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.growth.products import Category, Half, Products, Span, sku_mark, span_mark, span_of
from reports.readings import HIDDEN, Mark
from reports.results import Experiment, arm_name
from reports.wording.figures import capitalised
from reports.wording.products import PER, amount, category_name, each, shrunk
from ui.parts.effects import ends_text
from ui.parts.intervals import Axis, Bar, draw
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, text
from ui.parts.measures import meter

DEAD = Html('<span class="lg-dead">hidden</span>')


def sku_table(rows: pl.DataFrame, found: Products, experiment: Experiment, currency: str) -> Html:
    """SKUs with their shrunk effect on a shared axis, and the interval of those called different."""
    shown = [(row, sku_mark(row, experiment)) for row in rows.iter_rows(named=True)]
    bars = [_bar(shrunk(row), status, row["sku"], currency) for row, status in shown]
    axis = _whole(bars)
    columns = [
        Column("SKU"),
        _buyers(found, experiment),
        Column(
            "Revenue, shrunk",
            "sku_lift.shrunk_difference",
            hint=f"{catalogue.figure('shrunk_difference').definition} Here {each(experiment)}.",
            under=each(experiment),
        ),
        Column(
            _level(experiment), "sku_lift.shrunk_low", width="22%", hint=_SHRUNK, under=_ends(axis, currency)
        ),
        Column("If selected", "sku_lift.fcr_low", hint=_SELECTED, under="unshrunk"),
        Column("q", "sku_lift.q_value"),
        Column(
            "Reading", hint=f"At q ≤ 0.05, among the {formatting.count(found.tested.height)} SKUs tested."
        ),
    ]
    body = [
        Row(
            [
                Html(f"{text(row['sku'])}{small(_about(row))}"),
                _bought(row),
                _amount(shrunk(row), currency),
                draw(bar, axis),
                _amount(Span(row["difference"], row["fcr_low"], row["fcr_high"]), currency)
                if row["fcr_low"] is not None
                else text(formatting.MISSING),
                text(formatting.p_value(row["q_value"])),
                mark(status),
            ],
            dim=status == HIDDEN,
        )
        for (row, status), bar in zip(shown, bars, strict=True)
    ]
    return table(columns, body, label="SKUs by effect")


def _about(row: Mapping[str, Any]) -> str:
    """A SKU's category, and whether it was sold for a part of the time only."""
    partly = row["note"] if row["status"] == "ok" and row["note"] else ""
    return " · ".join(filter(None, [category_name(row["category"]), partly]))


def category_table(
    rows: Sequence[Category], found: Products, experiment: Experiment, currency: str, *, total: bool = True
) -> Html:
    """Categories: what recommended SKUs gained, what their neighbours lost, and the net of both."""
    marks = [span_mark(item.status, item.net, experiment) for item in rows]
    bars = [
        _bar(item.net, status, category_name(item.category), currency)
        for item, status in zip(rows, marks, strict=True)
    ]
    axis = _whole(bars)
    split = any(item.recommended.difference is not None for item in rows)
    parts = (
        Column("Recommended SKUs", "category_lift.difference", hint=_RECOMMENDED, under=each(experiment)),
        Column("Their neighbours", "category_lift.difference", hint=_NEIGHBOURS, under=each(experiment)),
    )
    columns = [
        Column("Category"),
        _buyers(found, experiment),
        *(parts if split else ()),
        Column("Net", "category_lift.difference", hint=_NET, under=each(experiment)),
        Column(_level(experiment), "category_lift.difference_low", width="20%", under=_ends(axis, currency)),
        Column(
            "Reading of the net", hint="Each interval on its own, uncorrected for the number of categories."
        ),
    ]
    body = [
        Row(
            [
                text(capitalised(category_name(item.category))),
                _bought({**item._asdict(), "n_variant": found.n_variant, "n_control": found.n_control}),
                *(
                    _amount(part, currency, hidden=True)
                    for part in ((item.recommended, item.neighbours) if split else ())
                ),
                _amount(item.net, currency, hidden=status == HIDDEN),
                draw(bar, axis),
                mark(status),
            ]
        )
        for item, status, bar in zip(rows, marks, bars, strict=True)
    ]
    if total:
        body.append(_total(found, experiment, currency, len(parts) if split else 0))
    return table(columns, body, label="Categories")


def remainder_table(found: Products, experiment: Experiment, currency: str) -> Html:
    """The rare SKUs of each category, pooled; unshrunk, each interval on its own."""
    rows = found.remainders.sort("difference", descending=True, nulls_last=True)
    shown = [(row, span_mark(row["status"], span_of(row), experiment)) for row in rows.iter_rows(named=True)]
    bars = [_bar(span_of(row), status, row["category"] or "", currency) for row, status in shown]
    axis = _whole(bars)
    columns = [
        Column("Rare SKUs of"),
        _buyers(found, experiment),
        Column("Revenue", "sku_lift.difference", hint=_UNSHRUNK, under=each(experiment)),
        Column(_level(experiment), "sku_lift.difference_low", width="34%", under=_ends(axis, currency)),
        Column("Reading", hint="Each interval on its own, uncorrected for the number of remainders."),
    ]
    body = [
        Row(
            [
                text(capitalised(category_name(row["category"]))),
                _bought(row),
                _amount(span_of(row), currency, hidden=status == HIDDEN),
                draw(bar, axis),
                mark(status),
            ]
        )
        for (row, status), bar in zip(shown, bars, strict=True)
    ]
    return table(columns, body, label="Remainders", kind="lg-plain")


def half_table(half: Half, experiment: Experiment, currency: str, most: int) -> Html:
    """The SKUs behind half of the lift, and how far each takes it."""
    columns = [
        Column("SKU"),
        Column("Revenue, shrunk", "sku_lift.shrunk_difference", under=each(experiment)),
        Column("Of the total, added up", "page.share_of_total"),
        Column("", "page.share_of_total", width="34%", under="dashed: half"),
    ]  # fmt: skip
    body = []
    for row in half.skus.head(most).iter_rows(named=True):
        share = row["share"]
        said = f"{formatting.percent(share, 0)} of the total with {row['sku']}"
        body.append(
            Row(
                [
                    Html(f"{text(row['sku'])}{small(category_name(row['category']))}"),
                    text(amount(Span(row["shrunk_difference"], None, None), currency).estimate),
                    text(formatting.percent(share, 0)),
                    meter(share, "good" if row["shrunk_difference"] > 0 else "bad", said, goal=0.5),
                ]
            )
        )
    return table(columns, body, label="SKUs behind half of the lift", kind="lg-plain")


_SHRUNK = "Holds the SKU's effect at the experiment's confidence, once luck is drawn back."
_SELECTED = "Unshrunk difference of a SKU called different; its interval is wider because it was selected."
_RECOMMENDED = "SKUs of the category that a recommendation led to at least once, in any arm."
_NET = "The category as a whole: recommended SKUs and their neighbours."
_NEIGHBOURS = "SKUs of the same category that no recommendation led to."
_UNSHRUNK = "Difference in mean revenue per unit, variant minus control, over all units of both arms."


def _whole(bars: Sequence[Bar]) -> Axis:
    """An axis that shows every interval whole: the largest effects are what these tables are about."""
    limits = [v for bar in bars for v in (bar.low, bar.high) if v is not None]
    low, high = min([0.0, *limits]), max([0.0, *limits])
    room = 0.04 * (high - low) or 1.0
    return Axis(low - room, high + room)


def _level(experiment: Experiment) -> str:
    return f"{formatting.percent(experiment.confidence, 0)} interval"


def _ends(axis: Axis, currency: str) -> str:
    return ends_text(Axis(PER * axis.low, PER * axis.high), "money", currency)


def _buyers(found: Products, experiment: Experiment) -> Column:
    n = f"of {formatting.count(found.n_variant)} and {formatting.count(found.n_control)}"
    arms = f"{arm_name(found.variant)} and {arm_name(experiment.control)}"
    return Column(
        "Buyers", "sku_lift.buyers_variant", hint=f"Units that bought inside the window: {arms}.", under=n
    )


def _bought(row: dict[str, Any]) -> Html:
    if row["buyers_variant"] is None or row["buyers_control"] is None:
        return DEAD
    counts = f"{formatting.count(row['buyers_variant'])} and {formatting.count(row['buyers_control'])}"
    if not row.get("n_variant") or not row.get("n_control"):
        return text(counts)
    shares = formatting.means(
        row["buyers_variant"] / row["n_variant"], row["buyers_control"] / row["n_control"], "share"
    )
    return Html(f"{text(' and '.join(shares))}{small(counts)}")


def _amount(span: Span, currency: str, *, hidden: bool = False) -> Html:
    if span.difference is None:
        return DEAD if hidden else text(formatting.MISSING)
    told = amount(span, currency)
    return Html(f"{strong(told.estimate)}{small(told.interval)}")


def _bar(span: Span, status: Mark, name: str, currency: str) -> Bar:
    told = amount(span, currency)
    return Bar(*span, status.tone, f"{name}: {told.estimate}, {told.interval}")


def _total(found: Products, experiment: Experiment, currency: str, parts: int) -> Row:
    status = span_mark("ok" if found.total.low is not None else "suppressed", found.total, experiment)
    nothing = Html("")
    whole = _amount(found.total, currency, hidden=True)
    many = len(found.categories)
    name = Html(f"{text('All categories')}{small(f'the sum of all {many}' if many > 1 else '')}")
    return Row([name, nothing, *[nothing] * parts, whole, nothing, mark(status)])
