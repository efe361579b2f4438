"""For whom it works, and who does not count: tables of segments and of those left out."""

from collections.abc import Sequence

from metrics import formatting
from reports.readings import HIDDEN, segment_reading
from reports.results import Effect, Experiment, Metric, arm_name
from reports.wording.figures import capitalised, difference_unit
from reports.wording.people import REASONS, Arm
from reports.wording.segments import dimension_label
from ui.filters import Scale
from ui.parts.effects import effect_cells, ends_text, interval_heading, scale_figure
from ui.parts.intervals import shared_axis
from ui.parts.markup import Column, Html, Row, mark, small, table, text


def segments_table(
    rows: Sequence[Effect], metric: Metric, experiment: Experiment, scale: Scale, currency: str, run_id: int
) -> Html:
    """One dimension's segments on a shared axis; those with too few people stand together at the end."""
    marks = [segment_reading(row, metric, experiment) for row in rows]
    shown = [(row, status) for row, status in zip(rows, marks, strict=True) if status != HIDDEN]
    hidden = [row.segment or "" for row, status in zip(rows, marks, strict=True) if status == HIDDEN]
    cells = [effect_cells(row, metric, experiment, status, scale, currency) for row, status in shown]
    axis = shared_axis(cell.bar for cell in cells if cell.shared)
    unit: formatting.EffectUnit = "lift" if scale == "relative" else difference_unit(metric)
    columns = [
        Column(dimension_label(rows[0].segment_dimension or "")),
        Column(capitalised(experiment.noun), "page.units"),
        Column("Lift" if scale == "relative" else "Difference", scale_figure(scale)),
        Column(
            interval_heading([experiment]),
            f"{scale_figure(scale)}_low",
            width="34%",
            under=ends_text(axis, unit, currency),
        ),
        Column("p", "effects.p_adjusted"),
        Column("Reading", hint="Stands out only if it does so among all segments looked at."),
    ]
    body = [
        Row(
            [
                _name(row, run_id),
                text(formatting.count(row.units)),
                cell.estimate(),
                cell.drawn(axis),
                text(formatting.p_value(row.p_adjusted if experiment.ended else None)),
                mark(status),
            ]
        )
        for (row, status), cell in zip(shown, cells, strict=True)
    ]
    if hidden:
        body.append(_hidden(hidden))
    return table(columns, body, label=f"{metric.label} by {dimension_label(rows[0].segment_dimension or '')}")


def exclusions_table(arms: Sequence[Arm]) -> Html:
    """Why units do not count, per arm."""
    columns = [
        Column("Reason"),
        *(Column(capitalised(arm_name(arm.variant)), "exclusions.units") for arm in arms),
    ]
    counting = Row([text("Counted"), *(text(formatting.count(arm.counted)) for arm in arms)])
    reasons = list(arms[0].left_out)
    shown = [reason for reason in reasons if any(arm.left_out[reason] is not None for arm in arms)]
    hidden = [REASONS[reason] for reason in reasons if reason not in shown]
    rows = [
        Row([text(capitalised(REASONS[reason])), *(_units(arm.left_out[reason]) for arm in arms)])
        for reason in shown
    ]
    if hidden:
        name = Html(f"{text('Other reasons')}{small('; '.join(hidden))}")
        rows.append(Row([name, *(_units(None) for _ in arms)], dim=True))
    return table(columns, [counting, *rows], label="Who counts and who does not", kind="lg-plain")


def _units(units: int | None) -> Html:
    return text(formatting.count(units)) if units is not None else Html('<span class="lg-dead">hidden</span>')


def _name(row: Effect, run_id: int) -> Html:
    if row.as_of_run in (None, run_id):
        return text(row.segment)
    return Html(f"{text(row.segment)}{small(f'as in run {row.as_of_run}: few have changed since')}")


def _hidden(names: Sequence[str]) -> Row:
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    dash, nothing = text(formatting.MISSING), Html("")
    name = Html(f"{text(f'{len(names)} more')}{small(listed)}")
    return Row([name, dash, dash, nothing, dash, mark(HIDDEN)], dim=True)
