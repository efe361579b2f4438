"""The scorecard of an experiment: every metric of one variant, and the variants beside each other."""

from collections import Counter

from metrics import catalogue, formatting
from reports.readings import reading
from reports.results import Effect, Experiment, Metric, arm_name
from reports.wording.figures import capitalised, difference_unit, subject
from ui.filters import Scale
from ui.parts.effects import EffectCells, effect_cells, ends_text, interval_heading, scale_figure
from ui.parts.intervals import Axis, draw, shared_axis
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, text
from ui.parts.palette import arm_colours

Sizes = tuple[int | None, int | None]
"""Units of control and variant."""


def metrics_table(experiment: Experiment, variant: str, scale: Scale, currency: str) -> Html:
    """Every metric of one variant against control, primary first."""
    rows = [(metric, experiment.headline(metric.metric, variant)) for metric in experiment.metrics]
    cells = {
        metric.metric: effect_cells(
            row, metric, experiment, reading(row, metric, experiment), scale, currency
        )
        for metric, row in rows
    }
    axis = shared_axis(cell.bar for cell in cells.values() if cell.shared) if scale == "relative" else None
    sizes = Counter((row.n_control, row.n_variant) for _, row in rows if row and row.n_control is not None)
    usual = sizes.most_common(1)[0][0] if sizes else (None, None)
    body = [
        Row(_metric_cells(experiment, metric, row, cells[metric.metric], axis, currency, usual))
        for metric, row in rows
    ]
    label = f"Metrics of {arm_name(variant)} against {arm_name(experiment.control)}"
    drawn = any(cell.bar.low is not None for cell in cells.values())
    ends = ends_text(axis) if drawn else "No interval"
    return table(_columns(experiment, variant, scale, ends, usual), body, label=label, kind="lg-score")


def arms_table(experiment: Experiment, metric: Metric, scale: Scale, currency: str) -> Html:
    """Every variant against the same control, on one metric."""
    rows = [(variant, experiment.headline(metric.metric, variant)) for variant in experiment.variants]
    marks = {variant: reading(row, metric, experiment) for variant, row in rows}
    cells = {v: effect_cells(row, metric, experiment, marks[v], scale, currency) for v, row in rows}
    axis = shared_axis(cell.bar for cell in cells.values() if cell.shared)
    unit = "lift" if scale == "relative" else difference_unit(metric)
    colours = arm_colours(experiment.control, experiment.variants)
    columns = [
        Column("Variant"),
        Column(capitalised(experiment.noun), "effects.n_variant"),
        Column(capitalised(subject(metric, experiment)), "effects.mean_variant"),
        Column("Lift" if scale == "relative" else "Difference", scale_figure(scale)),
        Column(
            interval_heading([experiment]),
            f"{scale_figure(scale)}_low",
            width="30%",
            under=ends_text(axis, unit, currency),
        ),
        Column("Reading"),
    ]
    body = [_control_row(experiment, metric, [row for _, row in rows if row], colours, currency)]
    for variant, row in rows:
        _, mean = formatting.means(None, row.mean_variant if row else None, metric.unit, currency)
        body.append(
            Row(
                [
                    _arm(variant, colours[variant]),
                    text(formatting.count(row.n_variant if row else None)),
                    text(mean),
                    cells[variant].estimate(),
                    cells[variant].drawn(axis),
                    mark(marks[variant]),
                ]
            )
        )
    return table(columns, body, label=f"Variants by {metric.label}")


def _columns(
    experiment: Experiment,
    variant: str,
    scale: Scale,
    ends: str,
    usual: Sizes,
) -> list[Column]:
    figure = catalogue.figure(scale_figure(scale))
    counts = ["" if n is None else f"n {formatting.count(n)}" for n in usual]
    return [
        Column("Metric"),
        Column(
            capitalised(arm_name(experiment.control)),
            "effects.mean_control",
            under=counts[0],
        ),
        Column(
            capitalised(arm_name(variant)),
            "effects.mean_variant",
            under=counts[1],
        ),
        Column(figure.label, figure.key),
        Column(interval_heading([experiment]), f"{figure.key}_low", hint=_limits_hint(experiment)),
        Column(ends, width="24%", hint="What the ends of the bars stand for."),
        Column("p", "effects.p_adjusted"),
        Column(
            "Reading", hint="What the interval says: it must lie wholly on one side of 0 to say anything."
        ),
    ]


def _limits_hint(experiment: Experiment) -> str:
    return catalogue.figure("difference_low" if experiment.ended else "sequential_low").definition


def _metric_cells(
    experiment: Experiment,
    metric: Metric,
    row: Effect | None,
    cells: EffectCells,
    axis: Axis | None,
    currency: str,
    usual: Sizes,
) -> list[Html]:
    control, variant = formatting.means(
        row.mean_control if row else None, row.mean_variant if row else None, metric.unit, currency
    )
    sizes = (row.n_control, row.n_variant) if row else usual
    counts = (None, None) if sizes == usual else sizes
    role = _role(experiment, metric, currency, own_scale=axis is not None and not cells.shared)
    return [
        Html(f"{strong(capitalised(subject(metric, experiment)))}{role}"),
        _mean(control, counts[0]),
        _mean(variant, counts[1]),
        strong(cells.texts.estimate),
        cells.limits(),
        draw(cells.bar, axis if cells.shared else None),
        _p_value(experiment, row),
        mark(reading(row, metric, experiment)),
    ]


def _mean(written: str, count: int | None) -> Html:
    return Html(f"{text(written)}{small(f'n {formatting.count(count)}') if count is not None else ''}")


def _role(experiment: Experiment, metric: Metric, currency: str, *, own_scale: bool) -> Html:
    roles = []
    if metric.metric == experiment.primary:
        roles.append("primary")
    rail = experiment.guardrails.get(metric.metric)
    if rail:
        roles.append(f"guardrail{_tolerance(rail.get('margin'), rail.get('harm_if'), metric, currency)}")
    if own_scale:
        roles.append("on its own scale")
    return small(", ".join(roles)) if roles else Html("")


def _tolerance(margin: float | None, harm_if: str | None, metric: Metric, currency: str) -> str:
    if margin is None:
        return f": harm if {harm_if}"
    signed = -margin if harm_if == "lower" else margin
    written = formatting.effect(signed, None, None, difference_unit(metric), currency=currency).estimate
    return f": harm {'below' if harm_if == 'lower' else 'above'} {written}"


def _p_value(experiment: Experiment, row: Effect | None) -> Html:
    if row is None or row.p_value is None or not experiment.ended:
        return text(formatting.MISSING)
    if row.p_adjusted is None:
        return text(formatting.p_value(row.p_value))
    return Html(f"{text(formatting.p_value(row.p_adjusted))}{small('Holm')}")


def _control_row(
    experiment: Experiment, metric: Metric, rows: list[Effect], colours: dict[str, str], currency: str
) -> Row:
    first = rows[0] if rows else None
    mean, _ = formatting.means(first.mean_control if first else None, None, metric.unit, currency)
    count = formatting.count(first.n_control if first else None)
    name = Html(f"{_arm(experiment.control, colours[experiment.control])}{small('compared with')}")
    return Row([name, text(count), text(mean), Html(""), Html(""), Html("")])


def _arm(name: str, colour: str) -> Html:
    key = f'<span class="lg-key" style="background:{colour}" aria-hidden="true"></span>'
    return Html(f"{key}{text(capitalised(arm_name(name)))}")
