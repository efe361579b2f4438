"""Requests of data subjects: the queue first, then the service level, then California's yearly table."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from metrics import formatting
from reports.wording import privacy_requests as wording
from reports.wording import privacy_yearly as yearly
from reports.wording.privacy_words import counted, regime_label, right_label, set_aside
from ui import filters, frame
from ui.data import Loaded
from ui.parts import downloads, plots
from ui.parts.markup import Column, Html, Row, table, text
from ui.parts.palette import CONTROL, OKABE_ITO
from ui.privacy import privacy_frame
from ui.privacy.request_tables import queue_table, rules_table, service_table, yearly_table

SHOWN = {"urgent": "Urgent", "open": "All open", "all": "All requests"}
MOST = 100
"""Rows of the queue on the page; the file has all."""

COLOURS = {
    "on_time": OKABE_ITO[2],
    "late": OKABE_ITO[1],
    "overdue": OKABE_ITO[5],
    "due_soon": OKABE_ITO[6],
    "open": OKABE_ITO[4],
    "unknown": OKABE_ITO[3],
    "excluded": CONTROL,
}
STACKED = ("on_time", "late", "overdue", "due_soon", "open", "unknown", "excluded")


def show(loaded: Loaded) -> None:
    """Say what is overdue and due, then show the queue, the service and the yearly table."""
    requests = loaded.snapshot.table("dsr_requests")
    if requests.is_empty():
        privacy_frame.without_evidence(
            loaded, "Requests", ("dsr_requests",), "what people asked for or what is due"
        )
        return
    place = frame.header("Requests", loaded)
    with place:
        law, right = _law_and_right(requests)
        chosen = {"regime": law, "kind": right}
        rows = _where(requests, chosen)
        downloads.button(rows, "dsr_requests", "requests")
    _answer(loaded, rows, chosen)
    _queue(loaded, rows)
    privacy_frame.aside(loaded, "dsr_requests")
    _service(loaded, rows, chosen)
    if law in (None, "CCPA"):
        _yearly(loaded)


def _law_and_right(requests: pl.DataFrame) -> tuple[str | None, str | None]:
    laws = {name: regime_label(name) for name in requests["regime"].unique().sort()}
    rights = {name: right_label(name) for name in requests["kind"].unique().sort()}
    law = right = None
    if len(laws) > 1:
        law = filters.choice("Law", {None: "All laws", **laws}, "law", labelled=False)
    if len(rights) > 1:
        right = filters.choice("Right", {None: "All rights", **rights}, "right", labelled=False)
    return law, right


def _where(rows: pl.DataFrame, chosen: Mapping[str, str | None]) -> pl.DataFrame:
    return rows.filter(*(pl.col(name) == value for name, value in chosen.items() if value is not None))


def _answer(loaded: Loaded, rows: pl.DataFrame, chosen: Mapping[str, str | None]) -> None:
    waiting = wording.waiting(rows)
    found = wording.queue(waiting, set_aside(loaded.snapshot, "dsr_requests"))
    privacy_frame.lead(wording.lead(found))
    period = loaded.snapshot.run.period
    told = wording.service(_states(loaded, rows, period), _low(loaded, chosen))
    st.html(
        frame.answers(
            [
                ("What to do next", text(wording.next_step(waiting))),
                (f"Answered in time, {formatting.quarter(period)}", text(told.lead)),
                ("What that does not count", text(told.more)),
            ]
        )
    )


def _states(loaded: Loaded, rows: pl.DataFrame, period: str) -> dict[str, int]:
    """Requests received in a quarter by state."""
    found = wording.by_quarter(rows, loaded.snapshot.zone).filter(pl.col("period") == period)
    return found.row(0, named=True) if found.height else dict.fromkeys(wording.STATES, 0)


def _low(loaded: Loaded, chosen: Mapping[str, str | None]) -> float | None:
    """The published lower limit of the service level; of a selection only where it is one published row."""
    if not any(chosen.values()):
        limits = loaded.snapshot.journeys()["dsr_sla_low"].drop_nulls()
        return limits[0] if len(limits) else None
    rows = loaded.snapshot.table("dsr_sla").filter(pl.col("period") == loaded.snapshot.run.period)
    found = _where(rows, chosen)
    return found["sla_low"][0] if found.height == 1 else None


def _queue(loaded: Loaded, rows: pl.DataFrame) -> None:
    st.html(
        frame.heading(
            "The queue",
            "By days left to the last day in force. The careful date knows no holidays and moves nothing; "
            "who answers by it is safe on either reading.",
        )
    )
    shown = filters.choice("Show", SHOWN, "show")
    waiting = wording.waiting(rows)
    if shown == "urgent":
        waiting = waiting.filter(pl.col("state") != "open")
    elif shown == "all":
        answered = rows.join(waiting, on="request_id", how="anti").sort("received_at", descending=True)
        waiting = pl.concat([waiting, answered])
    if waiting.is_empty():
        st.html(frame.note("No request to show here."))
        return
    st.html(queue_table(waiting.head(MOST), loaded.snapshot.zone))
    if waiting.height > MOST:
        st.html(
            frame.note(
                f"The first {MOST} of {counted(waiting.height, 'request')}; the CSV file has all of them."
            )
        )
    with st.expander("The rules behind these dates"):
        st.html(rules_table(rows))
    st.html(
        frame.note(
            "Requests stand under pseudonyms; only the workspace's own secret leads back to their numbers."
        )
    )


def _service(loaded: Loaded, rows: pl.DataFrame, chosen: Mapping[str, str | None]) -> None:
    st.html(
        frame.heading(
            "Service level",
            "Answered in time = on time ÷ (on time + late + overdue), by quarter of receipt. The tick is the "
            "one-sided 95 % lower limit (Wilson). Open requests that are not due yet stand beside.",
        )
    )
    table_rows = _where(loaded.snapshot.table("dsr_sla"), chosen)
    periods = table_rows["period"].unique().sort(descending=True).to_list()
    if not periods:
        st.html(frame.note("There is no service level for this choice."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = filters.choice("Received in", {p: formatting.quarter(p) for p in periods}, "period")
        of_period = table_rows.filter(pl.col("period") == period)
        downloads.button(of_period, "dsr_sla", f"service-{period}")
    st.html(service_table(of_period))
    quarters = wording.by_quarter(rows, loaded.snapshot.zone)
    if quarters.height > 1:
        _by_quarter(quarters)


def _by_quarter(quarters: pl.DataFrame) -> None:
    st.html(frame.heading("Quarter by quarter", "Requests by the quarter in which they were received."))
    if filters.view() == "chart":
        plots.stacked_bars(
            [formatting.quarter(period) for period in quarters["period"]],
            [
                plots.Series(wording.STATES[state].word, COLOURS[state], quarters[state].to_list())
                for state in STACKED
                if quarters[state].sum()
            ],
            key="requests-by-quarter",
            alt="Requests by quarter of receipt and state.",
        )
    else:
        st.html(_quarters_table(quarters))


def _quarters_table(quarters: pl.DataFrame) -> Html:
    columns = [
        Column("Received in"),
        *(Column(wording.STATES[state].word.capitalize(), _figure(state)) for state in STACKED),
        Column("Answered in time", "dsr_sla.sla_rate"),
    ]
    body = [
        Row(
            [
                text(formatting.quarter(row["period"])),
                *(text(formatting.count(row[state])) for state in STACKED),
                text(_rate(row)),
            ]
        )
        for row in quarters.reverse().iter_rows(named=True)
    ]
    return table(columns, body, label="Requests by quarter", kind="lg-plain")


def _figure(state: str) -> str:
    """The figure that counts requests in a state: the service level's where it has one of that name."""
    return f"dsr_sla.{state}" if state in ("on_time", "late", "overdue") else f"page.requests_{state}"


def _rate(row: dict[str, Any]) -> str:
    due = row["on_time"] + row["late"] + row["overdue"]
    return f"{formatting.percent(row['on_time'] / due)} of {formatting.count(due)}" if due else "none due"


def _yearly(loaded: Loaded) -> None:
    rows = loaded.snapshot.table("dsr_7102")
    st.html(frame.heading("California, year by year", yearly.APPLIES))
    if rows.is_empty():
        st.html(frame.note("No request of a resident of California is on record."))
        return
    today = loaded.snapshot.as_of_date
    years = sorted(rows["year"].unique().to_list(), key=lambda year: (year >= today.year, -year))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        year = filters.choice("Year", {year: str(year) for year in years}, "year")
        of_year = rows.filter(pl.col("year") == year)
        downloads.button(of_year, "dsr_7102", f"requests-7102-{year}")
    st.html(frame.finding(yearly.publication(year, today)))
    st.html(yearly_table(of_year))
    st.html(frame.heading("The log behind it (11 CCR 7101)"))
    st.html(privacy_frame.marked(yearly.log_check(of_year)))
