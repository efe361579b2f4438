"""Tables of who stayed: what the variant changed, figure by figure, and the guardrails."""

from metrics import catalogue, formatting
from reports.growth.staying import Staying, staying_mark
from reports.readings import Mark, reading
from reports.results import Experiment, Metric, arm_name
from reports.wording.figures import capitalised
from reports.wording.staying import Words, horizon, risk
from ui.parts.effects import effect_cells
from ui.parts.intervals import Bar, draw
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, tag, text


def changes_table(found: Staying, experiment: Experiment, said: Words) -> Html:
    """Risk, customers, time and pace: each with its interval on its own scale."""
    control, variant = (
        _arm(experiment.control, found.n_control),
        _arm(found.variant, found.n_variant),
    )
    columns = [
        Column("By the horizon"),
        control,
        variant,
        Column("Change", "page.change"),
        Column(
            f"{formatting.percent(experiment.confidence, 0)} interval",
            "page.change",
            width="26%",
            under="each on its own scale",
        ),
        Column("p", "survival_effects.p_value"),
        Column("Reading"),
    ]
    rows = [_risk(found, experiment, said), _kept(found, experiment, said), _time(found, experiment, said),
            _pace(found, experiment)]  # fmt: skip
    return table(columns, [row for row in rows if row], label="What changed")


def guardrail_table(rails: list[tuple[Metric, Staying | None]], experiment: Experiment, variant: str) -> Html:
    """Each guardrail of staying with the harm it tolerates."""
    columns = [
        Column("Guardrail"),
        Column(capitalised(arm_name(experiment.control)), "survival_effects.risk_control"),
        Column(capitalised(arm_name(variant)), "survival_effects.risk_variant"),
        Column("Difference", "survival_effects.risk_difference"),
        Column("Interval", "survival_effects.risk_low", width="26%", under="dashed: tolerated harm"),
        Column("p, not worse", "survival_effects.p_noninferiority"),
        Column("State"),
    ]
    body = []
    for metric, found in rails:
        effect = experiment.headline(metric.metric, variant)
        state = reading(effect, metric, experiment)
        cells = effect_cells(effect, metric, experiment, state, "absolute", "")
        low, high = formatting.means(
            found.risk_control if found else None, found.risk_variant if found else None, "share"
        )
        margin = formatting.points(found.margin, 2) if found and found.margin is not None else "none set"
        body.append(
            Row(
                [
                    Html(f"{strong(metric.label)}{small(f'tolerated: {margin}')}"),
                    text(low),
                    text(high),
                    cells.estimate(),
                    cells.drawn(None),
                    text(formatting.p_value(found.p_noninferiority if found else None)),
                    mark(state),
                ]
            )
        )
    return table(columns, body, label="Guardrails of staying")


def _risk(found: Staying, experiment: Experiment, said: Words) -> Row | None:
    if found.risk_difference is None:
        return None
    control, variant = formatting.means(found.risk_control, found.risk_variant, "share")
    state = staying_mark(experiment, found.risk_low, found.risk_high, harm=1)
    told = risk(found)
    bar = Bar(
        found.risk_difference,
        found.risk_low,
        found.risk_high,
        state.tone,
        f"{told.estimate}, {told.interval}",
    )
    label = f"{capitalised(said.event)} by {horizon(found, said)}"
    p = text(formatting.p_value(found.p_value))
    return _row(label, "risk_difference", (control, variant), told.estimate, told.interval, bar, p, state)


def _kept(found: Staying, experiment: Experiment, said: Words) -> Row | None:
    kept = found.retained()
    if kept is None:
        return None
    middle, low, high = kept
    state = staying_mark(experiment, low, high, harm=-1)
    texts = [formatting.number(value, 0, sign=True) for value in kept]
    interval = formatting.interval(texts[1], texts[2])
    bar = Bar(middle, low, high, state.tone, f"{texts[0]}, {interval}")
    label = f"{capitalised(experiment.noun)} who {said.stay}"
    return _row(
        label,
        "risk_difference",
        ("", ""),
        texts[0],
        interval,
        bar,
        text(""),
        state,
        per="the variant's size × the risk difference",
    )


def _time(found: Staying, experiment: Experiment, said: Words) -> Row | None:
    if found.rmst_difference is None:
        return None
    told = formatting.effect(found.rmst_difference, found.rmst_low, found.rmst_high, "number")
    state = staying_mark(experiment, found.rmst_low, found.rmst_high, harm=-1)
    bar = Bar(
        found.rmst_difference,
        found.rmst_low,
        found.rmst_high,
        state.tone,
        f"{told.estimate}, {told.interval}",
    )
    label = f"{capitalised(said.time)} before the event"
    per = f"per {experiment.noun[:-1]}, of {formatting.number(found.horizon_days, 0)}"
    return _row(
        label, "rmst_difference", ("", ""), told.estimate, told.interval, bar, text(""), state, per=per
    )


def _pace(found: Staying, experiment: Experiment) -> Row | None:
    if found.hazard_ratio is None:
        return None
    told = formatting.effect(found.hazard_ratio, found.hazard_low, found.hazard_high, "number", sign=False)
    middle, low, high = found.hazard_log()
    state = staying_mark(experiment, low, high, harm=1)
    bar = Bar(middle, low, high, state.tone, f"{told.estimate}, {told.interval}; 1 is the same pace")
    p = Html(f"{text(formatting.p_value(found.logrank_p))}{small('log-rank')}")
    return _row(
        "Hazard ratio",
        "hazard_ratio",
        ("", ""),
        told.estimate,
        told.interval,
        bar,
        p,
        state,
        per="line: 1, the same pace",
    )


def _row(
    label: str,
    key: str,
    means: tuple[str, str],
    estimate: str,
    interval: str,
    bar: Bar,
    p: Html,
    state: Mark,
    *,
    per: str = "",
) -> Row:
    name = tag("span", text(label), class_="lg-hint", title=catalogue.meaning(key))
    return Row(
        [
            Html(f"{name}{small(per) if per else ''}"),
            *(text(value) for value in means),
            Html(f"{strong(estimate)}{small(interval)}"),
            draw(bar),
            p,
            mark(state),
        ]
    )


def _arm(name: str, number: int | None) -> Column:
    return Column(capitalised(arm_name(name)), "page.outcome", under=f"n {formatting.count(number)}")
