"""The pages on privacy: consent, requests with California's yearly table, data use, vendors."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.paper.blocks import (
    Answers,
    Block,
    Cell,
    Column,
    Heading,
    Item,
    Lead,
    Meter,
    Note,
    Section,
    Table,
)
from reports.paper.material import Material
from reports.readings import HIDDEN, Mark, Tone
from reports.snapshot import Snapshot
from reports.wording import privacy_consent as consent
from reports.wording import privacy_requests as requests
from reports.wording import privacy_yearly as yearly
from reports.wording.privacy_consent import EVERYWHERE, JOINT, Coverage
from reports.wording.privacy_words import (
    Told,
    no_evidence,
    regime_label,
    right_label,
    set_aside,
    set_aside_note,
)

Row = Mapping[str, Any]

MOST_PLACES, MOST_RATES, MOST_SERVICES = 14, 8, 11
"""Rows that fit a page; the CSV files have all."""
MOST_BESIDE = 4
"""Journeys that fit beside each other."""
SURE = 0.8
"""Lower limit from which a share without a late answer reads as good."""
PLACES = {"(unknown)": "Unknown visitors"}


def lead(told: Told) -> Lead:
    """An answer on top of a page."""
    return Lead(told.lead, told.more, told.mark)


def answer(label: str, told: Told) -> Item:
    """An answer among others."""
    return Item(label, f"{told.lead} {told.more}".strip(), mark=told.mark)


def asides(snapshot: Snapshot, *tables: str) -> list[Block]:
    """Notes on rows of the input that count nowhere."""
    notes = [note for table in tables if (note := set_aside_note(snapshot, table))]
    return [Note(" ".join(notes))] if notes else []


def of_column(table: str, name: str, *, width: float = 0) -> Column:
    """A column of figures under its label from the catalogue."""
    label, _, under = catalogue.column(table, name).label.partition(", ")
    return Column(label, right=True, under=under, width=width)


def consent_section(material: Material) -> Section:
    """Who was personalised without consent, how far consent reaches, where it jumped."""
    snapshot, title = material.snapshot, "Consent"
    rows = snapshot.table("consent").filter(pl.col("period") == snapshot.run.period)
    if rows.is_empty():
        tables = ("consent_events", "journey_events")
        told = no_evidence(snapshot, tables, "who consented or who was personalised without consent")
        return Section(title, [lead(told)], brief=True)
    totals = rows.filter(pl.col("jurisdiction") == EVERYWHERE)
    found = consent.worst_first([_coverage(material, row) for row in totals.iter_rows(named=True)])
    alerts = snapshot.table("consent_alerts").sort("week", "jurisdiction", "purpose")
    blocks: list[Block] = [
        lead(consent.lead(found, alerts)),
        Answers(
            [
                Item("What to do next", consent.next_step(found, alerts)),
                Item("Has it changed?", consent.watched(alerts)),
            ]
        ),
        Heading("Journey by journey", "All purposes of a journey together, at the time of each event."),
        _reach(found),
        *asides(snapshot, *(t for t in ("consent_events", "journey_events") if t in snapshot.run.inputs)),
        *_places(material, rows),
        *_rates(material, rows),
    ]
    return Section(title, blocks)


def _coverage(material: Material, row: Row) -> Coverage:
    return consent.coverage(row, material.name_of(row["journey"]))


def _reach(found: list[Coverage]) -> Table:
    columns = [
        Column("Journey", width=1.4), Column("Without consent"), of_column("consent", "coverage"),
        Column("At least", width=1, under="0 to 100 %"), Column("Of events", right=True),
    ]  # fmt: skip
    return Table(
        "Consent by journey", columns, [[Cell(one.name, strong=True), *_reached(one)] for one in found]
    )


def _reached(one: Coverage) -> list[Cell]:
    if one.share is None:
        return [
            Cell(mark=one.mark, small=one.note),
            Cell(formatting.MISSING),
            Cell(),
            Cell(formatting.MISSING),
        ]
    leaks = consent.LEAK._replace(word=f"{formatting.count(one.leaked)} events") if one.leaked else one.mark
    tone: Tone = "bad" if one.leaked else "neutral"
    return [
        Cell(mark=leaks),
        Cell(formatting.percent(one.share), strong=True),
        Cell(drawn=Meter(one.share, one.low, tone), small=formatting.percent(one.low)),
        Cell(formatting.count(one.events)),
    ]


def _places(material: Material, rows: pl.DataFrame) -> list[Block]:
    places = rows.filter(pl.col("purpose") == JOINT, pl.col("jurisdiction") != EVERYWHERE)
    if places.is_empty():
        return []
    if places["journey"].n_unique() <= MOST_BESIDE:
        return _matrix(material, places)
    ordered = places.sort(
        "leakage_events", "eligible", "jurisdiction", "journey",
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    columns = [
        Column("Place", width=0.8), Column("Journey", width=1.3), Column("Without consent"),
        of_column("consent", "coverage"), Column("At least", width=1, under="0 to 100 %"),
        Column("Of events", right=True),
    ]  # fmt: skip
    body = [
        [Cell(_place(row["jurisdiction"])), Cell(one.name), *_reached(one)]
        for row in ordered.head(MOST_PLACES).iter_rows(named=True)
        if (one := _coverage(material, row))
    ]
    title = "Place by place"
    return [
        _heading(
            title,
            "Places with events without consent first, then those with the most events.",
            (MOST_PLACES, ordered.height, "consent.csv"),
        ),
        Table(title, columns, body),
    ]


def _matrix(material: Material, places: pl.DataFrame) -> list[Block]:
    """A row per place and a column per journey, the places with most events first."""
    journeys = [name for name in material.names if name in set(places["journey"])]
    journeys += [name for name in places["journey"].unique().sort() if name not in journeys]
    cells = {
        (row["jurisdiction"], row["journey"]): _coverage(material, row)
        for row in places.iter_rows(named=True)
    }
    events = places.group_by("jurisdiction").agg(pl.col("eligible").sum())
    ordered = events.sort("eligible", "jurisdiction", descending=[True, False])["jurisdiction"]
    columns = [
        Column("Place", width=0.8),
        *(Column(material.name_of(name), width=1, right=True) for name in journeys),
    ]
    body = [
        [Cell(_place(place)), *(_placed(cells.get((place, name))) for name in journeys)]
        for place in ordered.head(MOST_PLACES)
    ]
    title = "Place by place"
    return [
        _heading(
            title,
            "Joint coverage of events with its lower limit, the places with most events first.",
            (MOST_PLACES, len(ordered), "consent.csv"),
        ),
        Table(title, columns, body, dense=True),
    ]


def _placed(one: Coverage | None) -> Cell:
    if one is None:
        return Cell(formatting.MISSING)
    if one.share is None:
        return Cell(mark=one.mark)
    least = f"at least {formatting.percent(one.low)} of {formatting.count(one.events)}"
    leaks = f"{formatting.count(one.leaked)} without consent" if one.leaked else ""
    return Cell(formatting.percent(one.share), least, alarm=leaks, strong=True)


def _place(jurisdiction: str) -> str:
    return PLACES.get(jurisdiction, jurisdiction)


def _rates(material: Material, rows: pl.DataFrame) -> list[Block]:
    """Rates per purpose, all places of a journey together where that is published."""
    rates = rows.filter(pl.col("purpose") != JOINT).sort("eligible", descending=True, nulls_last=True)
    if rates.is_empty():
        return []
    columns = [
        Column("Purpose", width=2.3), Column("Place"), Column("Journey", width=1.4),
        *(of_column("consent", name) for name in ("consent_rate", "opt_in_rate", "withdrawn", "expired")),
        Column("Customers", right=True),
    ]  # fmt: skip
    body = [_standing(material, row) for row in rates.head(MOST_RATES).iter_rows(named=True)]
    title = "Purpose by purpose"
    note = "Customers with an event of the journey in the quarter, as they stood at their last one."
    return [
        _heading(title, note, (MOST_RATES, rates.height, "consent.csv")),
        Table(title, columns, body, dense=True),
    ]


def _standing(material: Material, row: Row) -> list[Cell]:
    where = [
        Cell(row["purpose"]),
        Cell(_place(row["jurisdiction"])),
        Cell(material.name_of(row["journey"])),
    ]
    if row["status"] != "ok":
        return [*where, Cell(mark=consent.missing(row["status"])), *[Cell(formatting.MISSING)] * 4]
    counts = [
        Cell(mark=HIDDEN) if row[name] is None else Cell(formatting.count(row[name]))
        for name in ("withdrawn", "expired")
    ]
    rates = [Cell(consent.rate(row, name)[0]) for name in ("consent_rate", "opt_in_rate")]
    return [*where, *rates, *counts, Cell(formatting.count(row["eligible"]))]


def _heading(title: str, note: str, cut: tuple[int, int, str]) -> Heading:
    """A table's heading; says so where only the first of its rows are shown, and what has all."""
    shown, whole, file = cut
    if whole <= shown:
        return Heading(title, note)
    return Heading(title, f"{note} The first {shown} of {formatting.count(whole)}; {file} has all.")


def requests_section(material: Material) -> Section:
    """What is overdue and due, the service level, California's yearly table."""
    snapshot, title = material.snapshot, "Requests of data subjects"
    rows = snapshot.table("dsr_requests")
    if rows.is_empty():
        told = no_evidence(snapshot, ("dsr_requests",), "what people asked for or what is due")
        return Section(title, [lead(told)], brief=True)
    waiting, period = requests.waiting(rows), snapshot.run.period
    told = requests.service(_states(snapshot, rows), _least(snapshot))
    blocks: list[Block] = [
        lead(requests.lead(requests.queue(waiting, set_aside(snapshot, "dsr_requests")))),
        Answers(
            [
                Item("What to do next", requests.next_step(waiting)),
                Item(f"Answered in time, {formatting.quarter(period)}", f"{told.lead} {told.more}".strip()),
            ]
        ),
        *_service(snapshot),
        *asides(snapshot, "dsr_requests"),
        *_yearly(snapshot),
    ]
    return Section(title, blocks)


def _states(snapshot: Snapshot, rows: pl.DataFrame) -> dict[str, int]:
    found = requests.by_quarter(rows, snapshot.zone).filter(pl.col("period") == snapshot.run.period)
    return found.row(0, named=True) if found.height else dict.fromkeys(requests.STATES, 0)


def _least(snapshot: Snapshot) -> float | None:
    limits = snapshot.journeys()["dsr_sla_low"].drop_nulls()
    return limits[0] if len(limits) else None


def _service(snapshot: Snapshot) -> list[Block]:
    rows = snapshot.table("dsr_sla").filter(
        pl.col("period") == snapshot.run.period, pl.col("sla_rate").is_not_null()
    )
    if rows.is_empty():
        return []
    ordered = rows.sort(
        "overdue", "late", "received", "regime", "kind", descending=[True, True, True, False, False]
    )
    columns = [
        Column("Right", width=1), Column("Law", width=1.1), of_column("dsr_sla", "sla_rate"),
        Column("At least", width=0.9, under="0 to 100 %"),
        *(of_column("dsr_sla", name) for name in ("late", "overdue", "open", "received")),
        Column("Days to answer", right=True, under="median"),
    ]  # fmt: skip
    body = [_served(row) for row in ordered.head(MOST_SERVICES).iter_rows(named=True)]
    title = "Service level by right and law"
    note = "On time ÷ (on time + late + overdue). The tick is the one-sided 95 % lower limit (Wilson)."
    return [
        _heading(title, note, (MOST_SERVICES, ordered.height, "dsr_sla.csv")),
        Table(title, columns, body),
    ]


def _served(row: Row) -> list[Cell]:
    tone: Tone = "bad" if row["overdue"] else "warn" if row["late"] else "good"
    if tone == "good" and (row["sla_low"] or 0) < SURE:
        tone = "neutral"
    late, overdue = (
        Cell(mark=Mark(formatting.count(row[name]), shape, "bad")) if row[name] else Cell("0")
        for name, shape in (("late", "▼"), ("overdue", "■"))
    )
    due = row["on_time"] + row["late"] + row["overdue"]
    of = f"{formatting.count(row['on_time'])} of {formatting.count(due)}"
    return [
        Cell(right_label(row["kind"]), strong=True),
        Cell(regime_label(row["regime"])),
        Cell(formatting.percent(row["sla_rate"]), of, strong=True),
        Cell(drawn=Meter(row["sla_rate"], row["sla_low"], tone), small=formatting.percent(row["sla_low"])),
        late,
        overdue,
        Cell(formatting.count(row["open"])),
        Cell(formatting.count(row["received"])),
        Cell(formatting.number(row["median_days"], 0)),
    ]


def _yearly(snapshot: Snapshot) -> list[Block]:
    """The newest complete year's table, else the running one's."""
    rows = snapshot.table("dsr_7102")
    if rows.is_empty():
        return []
    today = snapshot.as_of_date
    year = min(rows["year"].unique().to_list(), key=lambda year: (year >= today.year, -year))
    of_year = rows.filter(pl.col("year") == year)
    columns = [
        Column("Request to", width=1.3), Column("Received", right=True),
        Column("Complied with", right=True, under="in whole or in part"), Column("Denied", right=True),
        Column("Median days", right=True), Column("Mean days", right=True), Column("Beside", width=1.2),
    ]  # fmt: skip
    body = [
        [
            Cell(right_label(row["right"]), strong=True),
            Cell(formatting.count(row["received"])),
            Cell(
                formatting.count(row["complied"] + row["complied_in_part"]),
                f"{formatting.count(row['complied_in_part'])} in part" if row["complied_in_part"] else "",
            ),
            Cell(formatting.count(row["denied"])),
            Cell(formatting.number(row["median_days"], 1)),
            Cell(formatting.number(row["mean_days"], 1)),
            Cell(small=yearly.remarks(row["note"])),
        ]
        for row in of_year.iter_rows(named=True)
    ]
    log = yearly.log_check(of_year)
    title = f"California, {year} (11 CCR 7102)"
    return [
        Heading(title, yearly.APPLIES),
        Table(title, columns, body),
        Note(f"{yearly.publication(year, today)} The log behind it (11 CCR 7101): {log.lead}"),
    ]
