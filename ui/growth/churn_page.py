"""Churn: who stayed, for how much longer, how sure that is, and what it means beside the money."""

import polars as pl
import streamlit as st

from reports.growth.staying import Staying, curves, staying, survival_metrics
from reports.readings import reading, withheld
from reports.results import Effect, Experiment, Metric, humanised
from reports.wording import staying as wording
from reports.wording.figures import Figures, subject
from ui import filters, frame
from ui.data import Loaded
from ui.growth import choice, survival_chart
from ui.growth.staying_tables import changes_table, guardrail_table
from ui.parts import downloads
from ui.parts.checks import health_banner
from ui.parts.markup import Html, facts, link, prose, text
from ui.privacy import privacy_frame

TITLE = "Churn"


def show(loaded: Loaded) -> None:
    """Say how many more stay, then the figures, the curves, the guardrails and those out of sight."""
    every = choice.latest_first(list(loaded.experiments.values()))
    known = [e for e in every if survival_metrics(e)]
    if not known:
        frame.header(TITLE, loaded)
        privacy_frame.lead(wording.no_metric(len(every)))
        return
    with frame.header(TITLE, loaded):
        experiment = choice.experiment(known)
        variant = choice.variant(experiment.variants)
        metric = _metric(experiment)
        effects = loaded.snapshot.table("survival_effects").filter(experiment=experiment.experiment)
        downloads.button(effects, "survival_effects", f"{experiment.experiment}-staying")
    found = staying(loaded.snapshot, experiment, metric.metric, variant)
    st.html(Html(f'<p class="lg-meta">{choice.about(experiment, variant)}</p>'))
    if warning := health_banner(experiment):
        st.html(warning)
    _answer(loaded, experiment, metric, variant, found)
    if found is not None and found.status == "ok":
        if found.note:
            st.html(frame.note(f"{found.note[:1].upper()}{found.note[1:]}."))
        _changes(experiment, metric, found)
    _curves(loaded, experiment, metric, variant, found)
    _guardrails(loaded, experiment, variant)
    if found is not None and found.status == "ok" and metric.definition.get("table") != "unit_outcomes":
        told = wording.early(found, experiment, loaded.snapshot.minimum_people)
        st.html(frame.heading("Out of sight"))
        st.html(frame.finding(told.lead, told.more))
    _method(loaded, experiment, metric, found)
    if missing := wording.without_metric([e.name for e in every if e not in known]):
        st.html(frame.note(missing))


def _metric(experiment: Experiment) -> Metric:
    found = survival_metrics(experiment)
    if len(found) == 1:
        return found[0]
    return experiment.metric(
        filters.choice("Metric", {m.metric: humanised(m.metric) for m in found}, "metric", labelled=False)
    )


def _answer(
    loaded: Loaded, experiment: Experiment, metric: Metric, variant: str, found: Staying | None
) -> None:
    told = wording.lead(found, metric, experiment, experiment.headline(metric.metric, variant))
    privacy_frame.lead(told)
    if found is None or found.status != "ok" or withheld(experiment):
        return
    said = wording.words(metric)
    st.html(
        frame.answers(
            [
                ("How much longer?", prose(wording.longer(found, said, experiment))),
                ("How sure is it?", prose(wording.pace(found, said))),
                ("Beside the money", prose(_money(loaded, experiment, variant, found, said.event))),
            ]
        )
    )


def _money(loaded: Loaded, experiment: Experiment, variant: str, found: Staying, event: str) -> str:
    row = experiment.headline(experiment.primary, variant)
    parts = []
    if row is not None and row.difference is not None:
        told = Figures(experiment, row, loaded.currency).briefly()
        parts.append(f"{subject(experiment.metric(experiment.primary), experiment).capitalize()}: {told}.")
    if event == "churn":
        parts.append(wording.worth(found, experiment, _margin(experiment, variant), loaded.currency))
    return " ".join(filter(None, parts)) or "There is no figure of revenue or margin beside it."


def _margin(experiment: Experiment, variant: str) -> Effect | None:
    """The experiment's effect on margin, where it has such a metric."""
    names = [
        m.metric for m in experiment.metrics if m.definition.get("value") == "margin" and m.unit == "money"
    ]
    return experiment.headline(names[0], variant) if names else None


def _changes(experiment: Experiment, metric: Metric, found: Staying) -> None:
    st.html(frame.heading("What changed", f"{experiment.noun.capitalize()} followed from their assignment."))
    st.html(changes_table(found, experiment, wording.words(metric)))
    warning = wording.unsteady(found)
    if warning:
        st.html(frame.finding("One ratio does not describe the whole time.", "", warning))


def _curves(
    loaded: Loaded, experiment: Experiment, metric: Metric, variant: str, found: Staying | None
) -> None:
    rows = curves(loaded.snapshot, experiment, metric.metric, (experiment.control, variant))
    st.html(
        frame.heading(
            "Who is still there",
            "Share without the event, with pointwise limits. The vertical axis does not start at 0."
            f"{_late(metric, rows)}",
        )
    )
    if rows.is_empty():
        st.html(frame.note("There are no curves: nothing was measured, or too few people were followed."))
        return
    time, horizon = wording.words(metric).time, found.horizon_days if found else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = filters.view()
        downloads.button(rows, "survival", f"{experiment.experiment}-{metric.metric}-curves")
    if shown == "chart":
        survival_chart.chart(rows, experiment, metric, horizon, time)
    else:
        st.html(survival_chart.curves_table(rows, experiment, time))
    st.html(survival_chart.at_risk_table(rows, experiment, horizon, time))
    k = loaded.snapshot.minimum_people
    st.html(
        frame.note(
            f"Days are merged until at least {k} people leave between two of them, so a count may be up to "
            f"{k} too high; curves end where fewer are left."
        )
    )


def _late(metric: Metric, rows: pl.DataFrame) -> str:
    gap = metric.definition.get("inactive_days")
    if not gap or rows.is_empty() or not survival_chart.first_day(rows):
        return ""
    return f" Nobody can churn before day {gap:g}: the chart starts there, once the first have left."


def _guardrails(loaded: Loaded, experiment: Experiment, variant: str) -> None:
    rails = [
        (metric, staying(loaded.snapshot, experiment, metric.metric, variant))
        for metric in survival_metrics(experiment)
        if metric.metric in experiment.guardrails
    ]
    st.html(frame.heading("Guardrails", "What may not get worse while the experiment earns."))
    if not rails:
        st.html(
            frame.note(
                "No metric of staying is a guardrail here. To make consent withdrawal one, add "
                "withdrawal: {harm_if: higher, margin: 0.002} to the experiment's guardrails."
            )
        )
        return
    for metric, found in rails:
        state = reading(experiment.headline(metric.metric, variant), metric, experiment)
        st.html(frame.finding(wording.guardrail(found, metric, experiment, state)))
    st.html(guardrail_table(rails, experiment, variant))
    if not experiment.ended:
        st.html(
            frame.note(
                "The state rests on limits that hold at every look until the planned end; the interval drawn "
                "is that of one look."
            )
        )


def _method(loaded: Loaded, experiment: Experiment, metric: Metric, found: Staying | None) -> None:
    run = loaded.snapshot.run
    told = [(term, text(said)) for term, said in wording.method(found, metric, experiment)]
    version = text(f"{run.run_id}, definitions {run.definitions_version}. ")
    told.append(("Run", Html(f"{version}{link('What each figure means', 'methods')}")))
    st.html(frame.heading("How it was computed"))
    st.html(facts(told))
