"""Tables of vendors: next action first, where the data go, how many serve each journey protected."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.readings import Mark
from reports.wording.figures import listed
from reports.wording.law_data import footing
from reports.wording.privacy_vendors import (
    AGREEMENTS,
    CONTRACTS,
    REVIEWS,
    ROOMS,
    TRANSFERS,
    may_receive,
    mechanism,
    next_action,
    obstacles,
    serves,
    timing,
)
from ui.parts.markup import Column, Html, Row, mark, small, table, tag, text

NOT_KNOWN = Mark("not known", "◌", "none")


def vendors_table(rows: pl.DataFrame, names: Mapping[str, str], today: dt.date) -> Html:
    """One row per vendor: what to do and by when, then the state of contract, agreement, room and review."""
    columns = [
        Column("Vendor", width="19%"),
        Column("Due"),
        Column("Next action", width="25%"),
        Column("Contract", "vendors.contract_status", left=True),
        Column("Agreement", "vendors.dpa_ok", left=True),
        Column("Clean room", "vendors.clean_room", width="15%"),
        Column("Review", "vendors.review_status", left=True),
    ]
    body = [_vendor(row, names, today) for row in rows.iter_rows(named=True)]
    return table(columns, body, label="Vendors")


def _vendor(row: dict[str, Any], names: Mapping[str, str], today: dt.date) -> Row:
    services = ", ".join((row["services"] or "").split(";"))
    role = " · ".join(filter(None, [(row["role"] or "").replace("_", " ").replace(";", ", "), services]))
    return Row(
        [
            Html(f"{text(row['vendor'])}{small(role)}{small(serves([row], names))}"),
            Html(f"{mark(timing(row['due'], today))}{_day(formatting.day(row['due']))}"),
            Html(f"{text(next_action(row))}{small(row['note'] or '')}{_barred(row)}"),
            Html(f"{mark(CONTRACTS.get(row['contract_status'], NOT_KNOWN))}{_until(row['contract_end'])}"),
            mark(AGREEMENTS[row["dpa_ok"]]),
            Html(f"{mark(ROOMS[row['clean_room']])}{_lacking(row['protections_missing'])}"),
            Html(f"{mark(REVIEWS.get(row['review_status'], NOT_KNOWN))}{_by(row['review_due'])}"),
        ]
    )


def _barred(row: dict[str, Any]) -> Html:
    if may_receive(row):
        return Html("")
    return tag(
        "span", text(f"■ Send no data: {', '.join(obstacles(row))}."), class_="lg-small lg-alarm lg-bad"
    )


def _until(end: dt.date | None) -> Html:
    return _day(f"to {formatting.day(end)}" if end else "end not recorded")


def _by(due: dt.date | None) -> Html:
    return _day(f"due {formatting.day(due)}" if due else "")


def _day(words: str) -> Html:
    return tag("span", text(words), class_="lg-small lg-nowrap")


def _lacking(protections: str | None) -> Html:
    missing = [name.replace("_", " ") for name in (protections or "").split(";") if name]
    return small(f"lacks {listed(missing, 5)}" if missing else "")


def transfers_table(rows: pl.DataFrame, names: Mapping[str, str]) -> Html:
    """One row per country: who has data there, on what footing, and whether that carries them."""
    columns = [
        Column("Country", hint="ISO 3166 code of where the vendor has the data."),
        Column("Transfer", "vendors.transfer_ok", left=True),
        Column("On what footing"),
        Column("Vendors", width="30%"),
        Column("Journeys", width="26%"),
    ]
    ordered = rows.with_columns(
        worst=pl.col("transfer_ok").cast(pl.Int8).replace_strict({0: 0, 1: 2}, default=1)
    ).sort("worst", "transfer_country", "transfer_mechanism", "vendor", nulls_last=True)
    groups = ordered.group_by("worst", "transfer_country", "transfer_mechanism", maintain_order=True)
    body = [_transfer(group, names) for _, group in groups]
    return table(columns, body, label="Transfers", kind="lg-plain")


def _transfer(group: pl.DataFrame, names: Mapping[str, str]) -> Row:
    first = group.row(0, named=True)
    return Row(
        [
            text(first["transfer_country"] or "not recorded"),
            mark(TRANSFERS[first["transfer_ok"]]),
            Html(f"{text(mechanism(first))}{_decision(first)}"),
            text(", ".join(group["vendor"])),
            text(serves(group.iter_rows(named=True), names)),
        ]
    )


def _decision(row: dict[str, Any]) -> Html:
    """The adequacy decision that carries a transfer, where one does, and how surely it was read."""
    named = str(row["transfer_mechanism"] or "")
    if "adequacy" not in named and "dpf" not in named:
        return Html("")
    said = " ".join(filter(None, map(footing, str(row["transfer_country"] or "").split(";"))))
    return small(said) if said else Html("")


def counts_table(journeys: pl.DataFrame, names: Mapping[str, str]) -> Html:
    """One row per journey: vendors under contract, protected and barred, and events exposed to the barred."""
    shown = (
        "vendors_live",
        "vendors_with_protections",
        "vendors_unprotected",
        "events_to_unprotected_recipients",
    )
    columns = [Column("Journey"), *(_figure(name) for name in shown)]
    body = [
        Row([text(names.get(row["journey"], row["journey"])), *(_count(row[name]) for name in shown)])
        for row in journeys.iter_rows(named=True)
    ]
    return table(columns, body, label="Vendors by journey", kind="lg-plain")


def _figure(name: str) -> Column:
    entry = catalogue.column("journeys", name)
    return Column(entry.label, f"journeys.{name}")


def _count(value: int | None) -> Html:
    return text(formatting.count(value)) if value is not None else mark(NOT_KNOWN)
