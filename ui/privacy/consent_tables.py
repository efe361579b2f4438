"""Tables of consent: joint coverage by journey and place, rates by purpose, signals."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.readings import HIDDEN, Tone
from reports.wording.privacy_consent import (
    EVERYWHERE,
    LEAK,
    STATES,
    Coverage,
    coverage,
    finding,
    missing,
    rate,
    states,
)
from ui.parts.kept import kept
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, tag, text
from ui.parts.measures import Part, meter, stack
from ui.parts.palette import CONTROL, OKABE_ITO

PLACES = {EVERYWHERE: "All places", "(unknown)": "Unknown visitors"}
COLOURS = {
    "granted": OKABE_ITO[2],
    "refused": OKABE_ITO[5],
    "withdrawn": OKABE_ITO[1],
    "expired": OKABE_ITO[3],
    "undecided": CONTROL,
}
UNSEEN = "transparent"
PARTS = [Part(state, 0, COLOURS[state]) for state in STATES]


@kept
def journeys_table(
    totals: pl.DataFrame,
    found: Sequence[Coverage],
    purposes: Mapping[str, list[str]],
    names: Mapping[str, str],
) -> Html:
    """One row per journey: leaks, coverage with its lower limit, how events were collected, ages."""
    columns = [
        Column("Journey"),
        Column("Without consent", "consent.leakage_events", left=True),
        _figure("coverage"),
        Column("At least", "consent.coverage_low", width="17%", under="0 to 100 %"),
        _figure("server_share"),
        _figure("one_source_share"),
        _figure("children_excluded"),
        _figure("age_unknown"),
    ]
    rows = {names.get(row["journey"], row["journey"]): row for row in totals.iter_rows(named=True)}
    body = [_journey(one, rows[one.name], purposes) for one in found]
    return table(columns, body, label="Consent by journey")


def _journey(one: Coverage, row: dict[str, Any], purposes: Mapping[str, list[str]]) -> Row:
    needed = ", ".join(purposes.get(row["journey"], [])) or "no purposes named"
    return Row(
        [
            Html(f"{text(one.name)}{small(needed)}"),
            _leaks(one),
            _covered(one),
            _meter(one),
            *(_share(row, name) for name in ("server_share", "one_source_share")),
            *(_people(row, name) for name in ("children_excluded", "age_unknown")),
        ]
    )


@kept
def places_table(rows: pl.DataFrame, names: Mapping[str, str], *, several: bool) -> Html:
    """One row per journey and place; names the journey where the page has several."""
    columns = [
        Column("Place"),
        *([Column("Journey")] if several else []),
        Column("Without consent", "consent.leakage_events", left=True),
        _figure("coverage"),
        Column("At least", "consent.coverage_low", width="24%", under="0 to 100 %"),
        _figure("server_share"),
        _figure("one_source_share"),
    ]
    body = []
    for row in rows.iter_rows(named=True):
        one = coverage(row, names.get(row["journey"], row["journey"]))
        cells = [
            text(PLACES.get(row["jurisdiction"], row["jurisdiction"])),
            _leaks(one),
            _covered(one),
        ]
        shares = [_share(row, name) for name in ("server_share", "one_source_share")]
        journey = [text(one.name)] if several else []
        body.append(Row([cells[0], *journey, *cells[1:], _meter(one), *shares], dim=one.share is None))
    return table(columns, body, label="Consent by place", kind="lg-plain")


@kept
def places_matrix(rows: pl.DataFrame, names: Mapping[str, str]) -> Html:
    """A row per place and a column per journey, the places with most events first."""
    journeys = [name for name in names if name in set(rows["journey"])]
    journeys += [name for name in rows["journey"].unique().sort() if name not in names]
    cells = {
        (row["jurisdiction"], row["journey"]): coverage(row, row["journey"])
        for row in rows.iter_rows(named=True)
    }
    events = pl.col("eligible").sum()
    order = (
        rows.group_by("jurisdiction").agg(events).sort("eligible", "jurisdiction", descending=[True, False])
    )
    columns = [Column("Place"), *(Column(names.get(name, name), "consent.coverage") for name in journeys)]
    body = [
        Row(
            [
                text(PLACES.get(place, place)),
                *(_reach(cells[place, name]) if (place, name) in cells else text("–") for name in journeys),
            ]
        )
        for place in order["jurisdiction"]
    ]
    return table(columns, body, label="Joint coverage by place and journey", kind="lg-plain")


def _reach(one: Coverage) -> Html:
    if one.share is None:
        return mark(one.mark)
    of = f"at least {formatting.percent(one.low)} of {formatting.count(one.events)}"
    leaks = f"■ {formatting.count(one.leaked)} events without consent"
    leaked = tag("span", text(leaks), class_="lg-small lg-alarm lg-bad") if one.leaked else Html("")
    return Html(f"{strong(formatting.percent(one.share))}{small(of)}{leaked}")


def _leaks(one: Coverage) -> Html:
    if one.leaked is None:
        return Html(f"{mark(one.mark)}{small(one.note)}")
    if not one.leaked:
        return mark(one.mark)
    return mark(LEAK._replace(word=f"{formatting.count(one.leaked)} events"))


def _covered(one: Coverage) -> Html:
    if one.share is None:
        return text(formatting.MISSING)
    of = f"{formatting.count(one.covered)} of {formatting.count(one.events)}"
    return Html(f"{strong(formatting.percent(one.share))}{small(of)}")


def _meter(one: Coverage) -> Html:
    low = formatting.percent(one.low)
    tone: Tone = "bad" if one.leaked else "neutral"
    drawn = meter(one.share, tone, f"{formatting.percent(one.share)}, at least {low}", low=one.low)
    return Html(f"{drawn}{small(low)}") if one.share is not None else Html("")


def _share(row: dict[str, Any], name: str) -> Html:
    return text(formatting.percent(row[name]))


def _people(row: dict[str, Any], name: str) -> Html:
    if row[name] is None and row["status"] == "ok":
        return mark(HIDDEN)
    return text(formatting.count(row[name]))


@kept
def rates_table(rows: pl.DataFrame, names: Mapping[str, str]) -> Html:
    """One row per place and journey: how customers stand on a purpose, and rates with their denominators."""
    columns = [
        Column("Place and journey"),
        Column("Of all customers with an event", width="30%"),
        _rate("consent_rate", "of those who chose"),
        _rate("opt_in_rate", "of all"),
        _rate("decided_share", "of all"),
        Column("Withdrawn", "consent.withdrawn"),
        Column("Expired", "consent.expired"),
    ]
    body = [_standing(row, names) for row in rows.iter_rows(named=True)]
    return table(columns, body, label="Consent by purpose", kind="lg-plain")


def _rate(name: str, under: str) -> Column:
    label = catalogue.column("consent", name).label.split(",")[0]
    return Column(label, f"consent.{name}", under=under)


def _standing(row: dict[str, Any], names: Mapping[str, str]) -> Row:
    place = PLACES.get(row["jurisdiction"], row["jurisdiction"])
    where = Html(f"{text(place)}{small(names.get(row['journey'], row['journey']))}")
    if row["status"] != "ok":
        dash = text(formatting.MISSING)
        why = Html(f"{mark(missing(row['status']))}{small(row['note'] or '')}")
        return Row([where, why, dash, dash, dash, dash, dash], dim=True)
    rates = [_worded(row, name) for name in ("consent_rate", "opt_in_rate", "decided_share")]
    counts = [_people(row, name) for name in ("withdrawn", "expired")]
    return Row([where, stack(_parts(row)), *rates, *counts])


def _worded(row: dict[str, Any], name: str) -> Html:
    value, of = rate(row, name)
    return Html(f"{text(value)}{small(of)}")


def _parts(row: dict[str, Any]) -> list[Part]:
    """People by state; those of hidden states stand together, so that the whole stays whole."""
    known = {state: count for state, count in states(row).items() if count is not None}
    parts = [Part(state, count, COLOURS[state]) for state, count in known.items()]
    rest = (row["eligible"] or 0) - sum(known.values())
    return [*parts, Part("hidden", rest, UNSEEN)] if rest > 0 else parts


def signals_table(rows: pl.DataFrame) -> Html:
    """What came of strings and signals, the most frequent first."""
    columns = [
        Column("What was found", width="46%"),
        Column("Consent events", "consent_signals.rows"),
        Column("Why"),
    ]
    body = [
        Row(
            [
                text(finding(row["signal"], row["finding"])),
                text(formatting.count(row["rows"])) if row["rows"] is not None else mark(HIDDEN),
                small(row["reason"] or "–"),
            ]
        )
        for row in rows.sort("rows", descending=True, nulls_last=True).iter_rows(named=True)
    ]
    return table(columns, body, label="Strings and signals", kind="lg-plain")


def _figure(name: str) -> Column:
    entry = catalogue.column("consent", name)
    label, _, under = entry.label.partition(", ")
    return Column(label, f"consent.{name}", under=under)
