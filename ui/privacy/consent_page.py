"""Consent: leaks and joint coverage per journey, then rates per purpose and place, jumps and signals."""

from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from metrics.formatting import count
from reports.assembly import journey_names
from reports.wording import law_data
from reports.wording import privacy_consent as wording
from reports.wording.privacy_consent import EVERYWHERE, JOINT
from ui import filters, frame
from ui.data import Loaded
from ui.parts import downloads
from ui.parts.markup import Html, text
from ui.parts.measures import keys
from ui.privacy import consent_weeks, privacy_frame
from ui.privacy.consent_tables import (
    PARTS,
    journeys_table,
    places_matrix,
    places_table,
    rates_table,
    signals_table,
)

MOST_COLUMNS = 5
"""Journeys that fit beside each other."""
FIRST = 30
"""Rows by place that are shown at once; the others are behind a click."""
TABLES = ("consent_events", "journey_events")


def show(loaded: Loaded) -> None:
    """Say whether anybody was personalised without consent, then how far consent reaches."""
    snapshot = loaded.snapshot
    consent = snapshot.table("consent").filter(pl.col("period") == snapshot.run.period)
    if consent.is_empty():
        what = "who consented or who was personalised without consent"
        privacy_frame.without_evidence(loaded, "Consent", TABLES, what)
        return
    chosen, names = frame.choices().journey, journey_names(snapshot)
    rows = consent if chosen is None else consent.filter(pl.col("journey") == chosen)
    alerts = _alerts(loaded, chosen)
    with frame.header("Consent", loaded):
        downloads.button(rows, "consent", "consent")
    totals = rows.filter(pl.col("jurisdiction") == EVERYWHERE)
    found = wording.worst_first(
        [
            wording.coverage(row, names.get(row["journey"], row["journey"]))
            for row in totals.iter_rows(named=True)
        ]
    )
    privacy_frame.lead(wording.lead(found, alerts))
    st.html(
        frame.answers(
            [
                ("What to do next", text(wording.next_step(found, alerts))),
                ("Has it changed?", text(wording.watched(alerts))),
                ("What coverage means", text(MEANING)),
            ]
        )
    )
    st.html(
        frame.heading("Journey by journey", "All purposes of a journey together, at the time of each event.")
    )
    st.html(journeys_table(totals, found, _purposes(loaded), names))
    privacy_frame.aside(loaded, *(t for t in TABLES if t in snapshot.run.inputs))
    places = _known_places(rows)
    if places:
        st.html(frame.note(f"{law_data.ages_used(places)} A policy may raise an age, never lower it."))
    _places(rows, names)
    _rates(rows, names)
    consent_weeks.show(alerts)
    _signals(loaded, places)


MEANING = (
    "Events at which every purpose of the journey was granted, of all its events where consent is the "
    "basis. An unknown visitor is not covered."
)


def _purposes(loaded: Loaded) -> Mapping[str, list[str]]:
    return {
        item["id"]: item.get("purposes") or [] for item in loaded.snapshot.run.workspace.get("journeys", [])
    }


def _alerts(loaded: Loaded, journey: str | None) -> pl.DataFrame:
    """Weeks of first answers about the purposes of a journey, or of all."""
    rows = loaded.snapshot.table("consent_alerts").sort("week", "jurisdiction", "purpose")
    return (
        rows if journey is None else rows.filter(pl.col("purpose").is_in(_purposes(loaded).get(journey, [])))
    )


def _places(rows: pl.DataFrame, names: Mapping[str, str]) -> None:
    places = rows.filter(pl.col("purpose") == JOINT, pl.col("jurisdiction") != EVERYWHERE)
    if places.is_empty():
        return
    st.html(
        frame.heading("Place by place", "Joint coverage of events, and the one-sided 95 % lower limit of it.")
    )
    journeys = places["journey"].n_unique()
    if 1 < journeys <= MOST_COLUMNS:
        st.html(places_matrix(places, names))
    else:
        _rows(places, "places", lambda some: places_table(some, names, several=journeys > 1))


def _rates(rows: pl.DataFrame, names: Mapping[str, str]) -> None:
    rates = rows.filter(pl.col("purpose") != JOINT)
    if rates.is_empty():
        return
    st.html(
        frame.heading(
            "Purpose by purpose",
            "Customers with an event of the journey in the quarter, as they stood at their last one.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        purposes = {name: name for name in rates["purpose"].unique().sort()}
        purpose = filters.choice("Purpose", purposes, "purpose", 330)
        shown = rates.filter(pl.col("purpose") == purpose)
        downloads.button(shown, "consent", "consent-rates")
    st.html(keys(PARTS))
    _rows(shown, "rates", lambda some: rates_table(some, names))


def _rows(rows: pl.DataFrame, key: str, build: Callable[[pl.DataFrame], Html]) -> None:
    """Rows journey by journey, the places with most people first."""
    ordered = rows.sort("journey", "eligible", descending=[False, True], nulls_last=True)
    st.html(build(ordered.head(FIRST)))
    if (rest := ordered.height - FIRST) > 0:
        frame.folded(f"{count(rest)} more rows", key, lambda: build(ordered[FIRST:]))


def _known_places(rows: pl.DataFrame) -> list[str]:
    """Jurisdictions of the retailer's customers."""
    places = rows.filter(~pl.col("jurisdiction").is_in([EVERYWHERE, "(unknown)"]))["jurisdiction"]
    return list(places.unique().sort())


def _signals(loaded: Loaded, places: list[str]) -> None:
    signals = loaded.snapshot.table("consent_signals")
    if signals.is_empty():
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(
            frame.heading(
                "Strings and signals",
                "What came of TC strings and Global Privacy Control. What cannot be read grants nothing.",
            )
        )
        downloads.button(signals, "consent_signals", "consent-signals")
    st.html(signals_table(signals))
    st.html(frame.note(law_data.signals_used(places)))
