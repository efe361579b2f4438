"""Methods: what every figure means, from the catalogue, and the metrics of this workspace as configured."""

from collections.abc import Iterable

import streamlit as st

from metrics import formatting
from metrics.catalogue import DEFINITIONS_VERSION, FIGURES, Figure
from reports import assembly
from reports.results import Metric
from reports.wording import law_data
from reports.wording.figures import capitalised
from storage.records import Run
from ui import filters, frame, tour
from ui.data import Loaded
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, text
from ui.parts.method_card import definition_text

BETTER = {
    "higher": "higher is better",
    "lower": "lower is better",
    "metric": "as the metric says",
    "none": "",
}


def show(loaded: Loaded) -> None:
    """Define every metric, figure and check."""
    frame.header("Methods", loaded, tour.again())
    run = loaded.snapshot.run
    lead = "An effect compares what chance assigned; every figure says what it counts, and of how many."
    st.html(frame.lead(None, lead, _versions(run)))
    metrics = assembly.metrics(loaded.snapshot)
    if metrics:
        st.html(frame.heading("This retailer's metrics", "As configured in metrics.yaml."))
        st.html(_metrics(metrics))
    st.html(
        frame.heading(
            "The law behind the figures",
            "Not legal advice. What was not read in the law itself should be, before anybody relies on it. "
            "The clocks of requests stand on the page Requests.",
        )
    )
    for topic in law_data.topics():
        with st.expander(topic.heading):
            st.html(frame.note(topic.under))
            st.html(_law(topic))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(frame.heading("Figures"))
        wanted = filters.search("Find a figure or check", "find")
    found = [figure for figure in FIGURES.values() if _holds(figure, wanted)]
    if not found:
        st.html(frame.note(f"No figure or check holds {wanted!r}."))
    checks = [figure for figure in found if figure.key.startswith("check.")]
    others = [figure for figure in found if figure not in checks]
    if others:
        st.html(_figures(others, "Figures"))
    if checks:
        under = "Read before any number: below 0.01 a check warns, below 0.001 it fails."
        st.html(frame.heading("Health checks", under))
        st.html(_figures(checks, "Health checks"))


def _holds(figure: Figure, wanted: str) -> bool:
    """Whether a figure's name, key or definition holds each of the words."""
    held = f"{figure.label} {figure.key} {figure.definition}".casefold()
    return all(word in held for word in wanted.casefold().split())


def _law(topic: law_data.Topic) -> Html:
    columns = [Column("Place", width="9%"), Column("Rule", width="20%"), Column("Source"),
               Column("Read", width="24%")]  # fmt: skip
    body = [
        Row(
            [
                text(line.place),
                text(line.says),
                Html(f"{text(line.source)}{small(line.note) if line.note else ''}"),
                Html(f"{mark(line.read)}{small(f'checked {formatting.day(line.checked)}')}"),
            ]
        )
        for line in topic.lines
    ]
    return table(columns, body, label=topic.heading, kind="lg-plain")


def _versions(run: Run) -> str:
    if run.definitions_version == DEFINITIONS_VERSION:
        return f"Definitions {DEFINITIONS_VERSION}, as in run {run.run_id}."
    return f"Definitions {DEFINITIONS_VERSION}; run {run.run_id} was computed with {run.definitions_version}."


def _metrics(metrics: Iterable[Metric]) -> Html:
    columns = [Column("Metric"), Column("Definition"), Column("Better when")]
    body = [
        Row(
            [
                Html(f"{strong(metric.label)}{small(metric.metric)}"),
                text(f"{capitalised(definition_text(metric))}."),
                text("lower" if metric.lower_is_better else "higher"),
            ]
        )
        for metric in metrics
    ]
    return table(columns, body, label="Metrics", kind="lg-plain")


def _figures(figures: Iterable[Figure], label: str) -> Html:
    columns = [Column("Figure", width="20%"), Column("What it says"), Column("Of how many", width="18%"),
               Column("After", width="22%")]  # fmt: skip
    body = [
        Row(
            [
                Html(f"{strong(figure.label)}{small(figure.key.removeprefix('check.'))}"),
                Html(f"{text(figure.definition)}{_better(figure)}"),
                text(figure.denominator or "–"),
                Html(f"{small(figure.source or 'a plain count')}"),
            ]
        )
        for figure in figures
    ]
    return table(columns, body, label=label, kind="lg-plain")


def _better(figure: Figure) -> Html:
    return small(BETTER[figure.direction]) if BETTER[figure.direction] else Html("")
