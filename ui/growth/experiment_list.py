"""Every experiment with its result, those that ask for an act first."""

from datetime import date

import streamlit as st

from metrics import catalogue, formatting
from reports.journeys import urgency
from reports.readings import Mark, verdict_mark
from reports.results import Experiment, arm_name
from reports.wording.figures import listed, subject
from reports.wording.health import summary
from reports.wording.overview import period_of, stage
from ui import frame
from ui.data import Loaded
from ui.filters import Scale
from ui.parts import downloads
from ui.parts.effects import EffectCells, ends_text, interval_heading, primary_cells, scale_figure
from ui.parts.intervals import Axis, shared_axis
from ui.parts.markup import Column, Html, Row, link, mark, small, table, tag, text


def show(loaded: Loaded) -> None:
    """List the experiments of all journeys or of one."""
    chosen, scale = frame.choices()
    shown = [e for e in loaded.experiments.values() if chosen in (None, e.journey)]
    with frame.header("Experiments", loaded):
        downloads.primary_effects(loaded, shown)
    shown.sort(key=lambda e: (urgency(verdict_mark(e, v) for v in e.variants), -_start(e)))
    st.html(frame.lead(None, _count(shown), _urgent(shown)))
    if shown:
        st.html(experiments_table(loaded, shown, scale))


def experiments_table(loaded: Loaded, experiments: list[Experiment], scale: Scale) -> Html:
    """A row per variant; the experiment's name leads to its page."""
    cells = {
        (e.experiment, variant): primary_cells(e, variant, scale, loaded.currency)
        for e in experiments
        for variant in e.variants
    }
    axis = shared_axis(cell.bar for cell in cells.values() if cell.shared) if scale == "relative" else None
    figure = catalogue.figure(scale_figure(scale))
    columns = [
        Column("Experiment"),
        Column("Period"),
        Column(figure.label, figure.key),
        Column(interval_heading(experiments), f"{figure.key}_low", width="22%", under=ends_text(axis)),
        Column("People", "page.units"),
        Column("Verdict"),
        Column("Health", hint="The worst of the experiment's health checks."),
    ]
    as_of = loaded.snapshot.as_of_date
    body = [
        _row(e, variant, cells[e.experiment, variant], axis, as_of if position == 0 else None)
        for e in experiments
        for position, variant in enumerate(e.variants)
    ]
    return table(columns, body, label="Experiments")


def _row(
    experiment: Experiment, variant: str, cells: EffectCells, axis: Axis | None, as_of: date | None
) -> Row:
    """A variant's row; the first of an experiment also says what it is and how far it has come."""
    row = experiment.headline(experiment.primary, variant)
    metric = subject(experiment.metric(experiment.primary), experiment)
    named = f"{arm_name(variant)}: {metric}" if len(experiment.variants) > 1 else metric
    name = link(experiment.name, "experiment", experiment=experiment.experiment)
    status, said = summary(experiment.checks)
    return Row(
        [
            Html(f"{name}{small(f'{experiment.journey_name} · {named}')}") if as_of else small(named),
            Html(f"{text(period_of(experiment))}{small(stage(experiment, as_of))}") if as_of else Html(""),
            cells.estimate(),
            cells.drawn(axis),
            text(formatting.count(row.units if row else None)),
            mark(verdict_mark(experiment, variant)),
            tag("span", mark(status), title=said),
        ]
    )


def _start(experiment: Experiment) -> int:
    return experiment.starts.toordinal() if experiment.starts else 0


def _urgent(experiments: list[Experiment]) -> str:
    """Which experiments found harm or fail a check, the most urgent first."""
    bad = {
        experiment.name: found.word
        for experiment in experiments
        for found in (*_failed(experiment), *(verdict_mark(experiment, v) for v in experiment.variants))
        if found.tone == "bad"
    }
    return f"Look first at {listed([f'{name} ({word})' for name, word in bad.items()])}." if bad else ""


def _failed(experiment: Experiment) -> list[Mark]:
    status, _ = summary(experiment.checks)
    return [status._replace(word="a health check failed")] if status.tone == "bad" else []


def _count(experiments: list[Experiment]) -> str:
    if not experiments:
        return "There are no experiments here yet. Add one to experiments.yaml, then refresh."
    running = sum(not experiment.ended for experiment in experiments)
    many = f"{len(experiments)} experiments" if len(experiments) > 1 else "One experiment"
    return (
        f"{many}, {running if running else 'none'} still running."
        if len(experiments) > 1
        else (f"{many}, {'still running' if running else 'at its planned end'}.")
    )
