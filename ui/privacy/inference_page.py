"""Inference: cost and latency against the journeys' targets, by model, by day, and what is left."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from reports import assembly
from reports.readings import NO_EVIDENCE
from reports.wording import privacy_cost as wording
from reports.wording import privacy_worth
from reports.wording.privacy_words import Told
from ui import frame
from ui.data import Loaded
from ui.parts import downloads
from ui.parts.markup import text
from ui.privacy import inference_days, privacy_frame
from ui.privacy.inference_tables import consent_table, journeys_table, models_table, net_table

TABLES = ("inference_log",)


def show(loaded: Loaded) -> None:
    """Say whether recommending costs what it should, then by journey, model and day."""
    snapshot = loaded.snapshot
    models = snapshot.table("inference")
    if models.is_empty():
        what = "what recommending costs or how long it takes"
        privacy_frame.without_evidence(loaded, "Inference cost", TABLES, what)
        return
    names = loaded.journey_names
    journey = frame.choices().journey
    models = _of(models.filter(pl.col("period") == snapshot.run.period), journey)
    with frame.header("Inference cost", loaded):
        downloads.button(models, "inference", "inference")
    if models.is_empty():
        privacy_frame.lead(Told(NO_EVIDENCE, "No evidence: the log has nothing here for this quarter."))
        return
    found = wording.spends(snapshot, models, names)
    privacy_frame.lead(wording.lead(found, loaded.currency))
    st.html(
        frame.answers(
            [
                ("What to do next", text(wording.next_step(found, models, loaded.currency))),
                ("What it cost", text(wording.total(found, loaded.currency, snapshot.run.period))),
                ("Kept from servers", text(wording.avoided(models))),
            ]
        )
    )
    st.html(frame.heading("Against each journey's targets", "Targets as set in journeys.yaml."))
    st.html(journeys_table(found, loaded.currency))
    privacy_frame.aside(loaded, "inference_log")
    _models(loaded, models, names)
    days = _of(snapshot.table("inference_by_day"), journey)
    if days.height:
        inference_days.show(loaded, days, found, names)
    _net(
        loaded,
        _of(snapshot.table("net_value").filter(pl.col("period") == snapshot.run.period), journey),
        names,
    )


def _of(rows: pl.DataFrame, journey: str | None) -> pl.DataFrame:
    return rows if journey is None else rows.filter(pl.col("journey") == journey)


def _models(loaded: Loaded, models: pl.DataFrame, names: Mapping[str, str]) -> None:
    st.html(
        frame.heading(
            "By model and way of serving",
            "Dot: median latency; tick: 95th percentile; end of the line: 99th; dashed: the target.",
        )
    )
    targets = {
        item["id"]: item.get("latency_target_ms")
        for item in loaded.snapshot.run.workspace.get("journeys", [])
    }
    st.html(models_table(models, targets, names, loaded.currency))


def _net(loaded: Loaded, rows: pl.DataFrame, names: Mapping[str, str]) -> None:
    if rows.is_empty():
        return
    st.html(
        frame.heading(
            "What is left of the gain",
            "Net value = (margin added per customer − its inference cost over the same window) × customers "
            "treated. The cost is spread over the days of the quarter's personalised customers.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        own = rows.filter(pl.col("journey") != privacy_worth.PROGRAMME)
        st.html(frame.finding(privacy_worth.net_lead(own, names, loaded.currency)))
        downloads.button(rows, "net_value", "net-value")
    shown = {**names, privacy_worth.PROGRAMME: privacy_worth.TOGETHER}
    st.html(net_table(rows, shown, assembly.experiment_names(loaded.snapshot), loaded.currency))
    if own.height < rows.height:
        st.html(frame.note(privacy_worth.TOGETHER_HOW))
    known = rows.filter(pl.col("value_of_consent").is_not_null())
    st.html(
        frame.heading("The value of consent", "What the measured effect would be worth on those not covered.")
    )
    if known.is_empty():
        st.html(frame.note("Nobody can say: there is no net value, or nobody knows how many lack consent."))
        return
    st.html(frame.finding("", "", privacy_worth.EXTRAPOLATION))
    st.html(consent_table(known, names, loaded.currency))
