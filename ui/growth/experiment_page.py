"""One experiment: what happened, how sure it is, for whom, what to do next; then why, then how."""

from datetime import date

import polars as pl
import streamlit as st

from reports.annotations import Annotation, concerning
from reports.growth import worth
from reports.growth.ageing import trends
from reports.readings import withheld
from reports.results import Experiment, arm_name, humanised
from reports.wording import ageing as ageing_wording
from reports.wording import people, segments
from reports.wording import worth as worth_wording
from reports.wording.assurance import assurance
from reports.wording.figures import subject
from reports.wording.overview import period_of, stage
from reports.wording.verdicts import Said
from ui import filters, frame
from ui.data import Loaded
from ui.filters import Scale
from ui.governance import gate_lead
from ui.governance.gate_data import Judged
from ui.growth import ageing, halves
from ui.growth.breakdowns import exclusions_table, segments_table
from ui.growth.scorecard import arms_table, metrics_table
from ui.growth.worth_table import worth_table
from ui.parts import charts, downloads, events
from ui.parts.checks import checks_list, health_banner
from ui.parts.markup import Html, link, shape, text
from ui.parts.method_card import method_card
from ui.records import annotation_data


def show(loaded: Loaded) -> None:
    """Show the experiment that the address names."""
    experiment = _chosen(loaded)
    if experiment is None:
        return
    scale = frame.choices().scale
    with frame.header(experiment.name, loaded, _about(experiment, loaded.snapshot.as_of_date)):
        variant = _variant(experiment)
        downloads.experiment(loaded, experiment, variant)
    gates = gate_lead.judged()
    gate_lead.of_journey(gates, experiment.journey)
    _answer(loaded, experiment, variant, gates)
    if len(experiment.variants) > 1:
        st.html(frame.heading("The variants side by side"))
        st.html(arms_table(experiment, experiment.metric(experiment.primary), scale, loaded.currency))
    _scorecard(loaded, experiment, variant, scale)
    _worth(loaded, experiment, variant)
    if not withheld(experiment):
        st.html(frame.heading("The basket, and who stays"))
        st.html(frame.answers(halves.answers(loaded, experiment, variant)))
    steps = _steps(loaded, experiment, variant)
    if steps.height:
        over_time, trusted = st.columns([2, 1], gap="large")
        with over_time:
            _course(loaded, experiment, variant, scale, steps)
        with trusted:
            st.html(frame.heading("Can it be trusted?"))
            st.html(checks_list(experiment.checks))
    else:
        st.html(frame.heading("Can it be trusted?"))
        st.html(checks_list(experiment.checks, wide=True))
        st.html(
            frame.note(
                "There is no chart over time: the data have no times, or each step has too few people."
            )
        )
    if not withheld(experiment):
        ageing.section(loaded, experiment, variant)
    _segments(loaded, experiment, variant, scale)
    _left_out(experiment)
    st.html(frame.heading("How it was computed"))
    st.html(method_card(loaded, experiment, variant))


def _chosen(loaded: Loaded) -> Experiment | None:
    wanted = st.query_params.get("experiment", "")
    found = loaded.experiments.get(wanted)
    if found is None:
        frame.header("Experiment", loaded)
        lead = f"There is no experiment {wanted!r} in this run." if wanted else "No experiment was named."
        st.html(frame.lead(None, lead, ""))
        st.html(link("All experiments", "experiments"))
    return found


def _about(experiment: Experiment, as_of: date) -> Html:
    back = link("Experiments", "experiments")
    told = (experiment.journey_name, period_of(experiment), stage(experiment, as_of))
    return Html(f"{back} › {text(' · '.join(told))}")


def _variant(experiment: Experiment) -> str:
    if len(experiment.variants) == 1:
        return experiment.variants[0]
    return filters.choice("Variant", {v: arm_name(v) for v in experiment.variants}, "variant", labelled=False)


def _answer(loaded: Loaded, experiment: Experiment, variant: str, gates: Judged | None) -> None:
    said = loaded.said(experiment)
    if withheld(experiment):
        st.html(frame.alert(said.mark, said.lead, said.more))
    else:
        if warning := health_banner(experiment):
            st.html(warning)
        told = said.lead.lower().startswith(said.mark.word)
        st.html(frame.lead(None if told else said.mark, said.lead, said.more))
    status, sure = assurance(experiment)
    whom = [people.population(experiment), people.basis(experiment)]
    if not withheld(experiment):
        whom.append(segments.briefly(experiment, variant))
    st.html(
        frame.answers(
            [
                ("What to do next", text(_advice(loaded, experiment, variant, said, gates))),
                ("How sure is it?", Html(f"{shape(status)}{text(sure)}")),
                ("For whom?", text(" ".join(filter(None, whom)))),
            ]
        )
    )


def _advice(loaded: Loaded, experiment: Experiment, variant: str, said: Said, gates: Judged | None) -> str:
    advice = gate_lead.advice(gates, experiment.journey, said.mark, said.advice)
    return f"{advice}{_fading(loaded, experiment, variant)}"


def _fading(loaded: Loaded, experiment: Experiment, variant: str) -> str:
    found = trends(loaded.snapshot, experiment, variant).get(experiment.primary)
    return "" if withheld(experiment) else ageing_wording.advice(found)


def _scorecard(loaded: Loaded, experiment: Experiment, variant: str, scale: Scale) -> None:
    against = f"{arm_name(variant)} against {arm_name(experiment.control)}"
    st.html(frame.heading("Every metric", against if len(experiment.variants) > 1 else ""))
    st.html(metrics_table(experiment, variant, scale, loaded.currency))
    st.html(
        frame.note(
            "The primary metric decides. The others are leads: each is read on its own, so the more there "
            "are, the likelier one looks like an effect by chance. p is unadjusted but where Holm's is named."
        )
    )


def _worth(loaded: Loaded, experiment: Experiment, variant: str) -> None:
    rows = worth.worth(loaded.snapshot, experiment, variant)
    if not rows or withheld(experiment):
        return
    period, currency = loaded.snapshot.run.period, loaded.currency
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(frame.heading("What it is worth"))
        money = loaded.snapshot.table("money").filter(experiment=experiment.experiment, variant=variant)
        downloads.button(money, "money", f"{experiment.experiment}-{variant}-money")
    said = worth_wording.worth(rows, experiment, currency)
    st.html(frame.finding(said.lead, said.more))
    known = [row for row in rows if row.per_unit is not None]
    if known:
        st.html(worth_table(known, experiment, period, currency))
        quarter = worth_wording.quarter(known[0], experiment, period, currency)
        st.html(frame.finding(quarter.lead, quarter.more))


def _steps(loaded: Loaded, experiment: Experiment, variant: str) -> pl.DataFrame:
    steps = loaded.snapshot.by_day(experiment.experiment)
    if steps.is_empty():
        return steps
    known = steps.filter(pl.col("variant") == variant, pl.col("difference").is_not_null())
    last = loaded.snapshot.as_of_date
    return known.with_columns(date=pl.min_horizontal("date", pl.lit(last)))


def _course(loaded: Loaded, experiment: Experiment, variant: str, scale: Scale, steps: pl.DataFrame) -> None:
    names = [m.metric for m in experiment.metrics if m.metric in set(steps["metric"])]
    metric = experiment.metric(names[0])
    st.html(
        frame.heading(
            f"Over time: {subject(metric, experiment)}",
            f"All {experiment.noun} up to each day. Dark: one planned look. Light: valid at every look.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(names) > 1:
            chosen = filters.choice("Metric", {n: experiment.metric(n).label for n in names}, "metric")
            metric = experiment.metric(chosen)
        shown = filters.view()
        rows = steps.filter(pl.col("metric") == metric.metric)
        downloads.button(rows, "effects_by_day", f"{experiment.experiment}-by-day")
    if rows.height < charts.FEWEST:
        st.html(frame.note("There are too few steps for a chart yet."))
    noted = _noted(experiment, rows)
    if shown == "chart" and rows.height >= charts.FEWEST:
        charts.course(rows, experiment, metric, variant, scale, noted)
        events.numbered(noted)
    else:
        st.html(charts.course_table(rows, experiment, metric, scale, loaded.currency))
        events.listed(noted)
    st.html(link("Note an event", "annotations", concerns=experiment.name))


def _noted(experiment: Experiment, rows: pl.DataFrame) -> list[Annotation]:
    """The events since the experiment began, about everything or it; none where days have no date."""
    if rows.is_empty() or rows["date"].null_count():
        return []
    days = rows["date"].to_list()
    known = annotation_data.standing()
    return concerning(known, [experiment.experiment], experiment.starts or min(days), max(days))


def _segments(loaded: Loaded, experiment: Experiment, variant: str, scale: Scale) -> None:
    if not experiment.dimensions:
        return
    st.html(frame.heading("For whom does it work?"))
    names = [
        m.metric
        for m in experiment.metrics
        if experiment.by_segment(m.metric, variant, experiment.dimensions[0])
    ]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dimension = filters.choice("By", {d: humanised(d) for d in experiment.dimensions}, "by")
        name = filters.choice("Effect on", {n: experiment.metric(n).label for n in names}, "on")
        rows = loaded.snapshot.segments(experiment.experiment, name, variant, dimension=dimension)
        downloads.button(rows, "effects", f"{experiment.experiment}-by-{dimension}")
    metric = experiment.metric(name)
    found = experiment.by_segment(name, variant, dimension)
    if not found:
        return
    said = segments.segments(found, metric, experiment)
    st.html(frame.finding(said.lead, said.more, said.warning))
    st.html(segments_table(found, metric, experiment, scale, loaded.currency, loaded.snapshot.run.run_id))


def _left_out(experiment: Experiment) -> None:
    st.html(frame.heading("Who was left out, and why"))
    st.html(frame.finding(people.exclusions(experiment)))
    arms = people.arms(experiment)
    if arms[0].left_out:
        st.html(exclusions_table(arms))
