"""One row per journey: what it earns, how sure that is, whether to act, and what it risks."""

from collections.abc import Sequence

from metrics import catalogue, formatting
from reports.journeys import Journey
from reports.readings import HIDDEN, Mark
from reports.results import Experiment, arm_name
from reports.wording.figures import subject
from reports.wording.health import summary
from reports.wording.overview import act
from ui.filters import Scale
from ui.governance import gate_lead
from ui.governance.gate_data import Judged
from ui.parts.effects import EffectCells, ends_text, interval_heading, primary_cells, scale_figure
from ui.parts.intervals import Axis, shared_axis
from ui.parts.markup import Column, Html, Row, link, mark, small, table, tag, text

NO_EVIDENCE = Html('<span class="lg-dead">◌ no evidence</span>')


def journey_table(
    journeys: Sequence[Journey],
    whole: Experiment | None,
    scale: Scale,
    currency: str,
    gates: Judged | None,
) -> Html:
    """Every journey, above them the universal holdout where there is one; a row per variant shown."""
    items = [*_whole(whole), *journeys]
    cells = {
        (item.journey, variant): primary_cells(item.experiment, variant, scale, currency)
        for item in items
        if item.experiment
        for variant in item.variants
    }
    axis = shared_axis(cell.bar for cell in cells.values() if cell.shared) if scale == "relative" else None
    body: list[Row] = []
    for item in items:
        body += _rows(item, cells, axis, currency, gates)
    experiments = [item.experiment for item in items if item.experiment]
    return table(_columns(scale, axis, experiments), body, label="Journeys")


def _whole(programme: Experiment | None) -> list[Journey]:
    return [Journey("", "All journeys together", programme, programme.variants, {})] if programme else []


def _columns(scale: Scale, axis: Axis | None, experiments: Sequence[Experiment]) -> list[Column]:
    shown = catalogue.figure(scale_figure(scale))
    return [
        Column("Journey"),
        Column("Gate", "journeys.gate_step", width="17%"),
        Column(shown.label, shown.key),
        Column(interval_heading(experiments), f"{shown.key}_low", width="17%", under=ends_text(axis)),
        Column("People", "page.units"),
        Column("Verdict and next step"),
        Column("Health", hint="The worst of the experiment's health checks."),
        Column("Consent", "journeys.consent_coverage"),
        Column("Minimal data", "journeys.minimization_score"),
        Column("Cost / 1k", "journeys.cost_per_1k"),
    ]


def _rows(
    item: Journey,
    cells: dict[tuple[str, str], EffectCells],
    axis: Axis | None,
    currency: str,
    gates: Judged | None,
) -> list[Row]:
    figures, gate = _figures(item, currency), gate_lead.cell(gates, item)
    if item.experiment is None:
        name = Html(f"{text(item.name)}{small('no experiment has started')}")
        return [
            Row([name, gate, text("–"), Html(""), text("–"), small(act(item, "")), NO_EVIDENCE, *figures])
        ]
    return [
        Row(
            [
                _name(item, item.experiment, variant, first=position == 0),
                gate if position == 0 else Html(""),
                cells[item.journey, variant].estimate(),
                cells[item.journey, variant].drawn(axis),
                text(formatting.count(_people(item.experiment, variant))),
                Html(f"{mark(status)}{_act(gates, item, variant, status)}"),
                _health(item.experiment),
                *(figures if position == 0 else [Html("")] * len(figures)),
            ]
        )
        for position, (variant, status) in enumerate(zip(item.variants, item.marks, strict=True))
    ]


def _act(gates: Judged | None, item: Journey, variant: str, status: Mark) -> Html:
    return small(gate_lead.advice(gates, item.journey, status, act(item, variant)))


def _name(item: Journey, experiment: Experiment, variant: str, *, first: bool) -> Html:
    metric = subject(experiment.metric(experiment.primary), experiment)
    named = f"{arm_name(variant)}: {metric}" if len(item.variants) > 1 else metric
    if not first:
        return Html(f"{small(named)}")
    return Html(f"{link(item.name, 'experiment', experiment=experiment.experiment)}{small(named)}")


def _people(experiment: Experiment, variant: str) -> int | None:
    row = experiment.headline(experiment.primary, variant)
    return row.units if row else None


def _health(experiment: Experiment) -> Html:
    status, said = summary(experiment.checks)
    return tag("span", mark(status), title=said)


def _figures(item: Journey, currency: str) -> list[Html]:
    """Privacy and cost, each leading to its page; missing evidence says so."""
    if item.journey == "":
        return [Html("")] * 3
    known = item.figures
    score, load = known.get("minimization_score"), known.get("excess_load")
    cost, latency = known.get("cost_per_1k"), known.get("latency_p95")
    slow = f"95 % in {formatting.milliseconds(latency)}" if latency is not None else ""
    return [
        _consent(item),
        _cell(item, "data-use", formatting.number(score), f"excess load {formatting.number(load, 0)}")
        if score is not None
        else NO_EVIDENCE,
        _cell(item, "inference-cost", formatting.price(cost, currency), slow)
        if cost is not None
        else NO_EVIDENCE,
    ]


def _consent(item: Journey) -> Html:
    share, low, leaks = (
        item.figures.get(name) for name in ("consent_coverage", "consent_coverage_low", "leakage_events")
    )
    if share is None:
        return {"not_testable": small("– not needed"), "suppressed": mark(HIDDEN)}.get(
            item.consent, NO_EVIDENCE
        )
    least = f"at least {formatting.percent(low)}" if low is not None else ""
    leaked = tag("span", text(f"■ {formatting.count(leaks)} without"), class_="lg-small lg-alarm lg-bad")
    return Html(f"{_cell(item, 'consent', formatting.percent(share), least)}{leaked if leaks else ''}")


def _cell(item: Journey, page: str, figure: str, under: str) -> Html:
    return Html(f"{link(figure, page, journey=item.name)}{small(under)}")
