"""Tables of inference: journeys against their targets, models, net value, the value of consent."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.readings import Mark, Tone
from reports.results import humanised
from reports.wording.privacy_cost import NO_TARGET, OVER, SERVING, Spend, against
from reports.wording.privacy_worth import worth
from ui.parts.intervals import Axis, Bar, draw, shared_axis
from ui.parts.kept import kept
from ui.parts.markup import Column, Html, Row, link, mark, small, strong, table, tag, text
from ui.parts.measures import spread

SERVED = "Where recommendations are made; of those on devices, the bytes that training moved."


@kept
def journeys_table(spends: Sequence[Spend], currency: str) -> Html:
    """One row per journey: cost and latency beside their targets."""
    columns = [
        Column("Journey"),
        _figure("cost_per_1k"),
        Column("Cost against target", "inference.cost_per_1k", left=True),
        _figure("latency_p95"),
        Column("Latency against target", "inference.latency_p95", left=True),
        _figure("share_over_latency_target"),
        _figure("recommendations"),
        _figure("cost"),
        _figure("cost_per_incremental_unit"),
    ]
    body = [
        Row(
            [
                text(spend.name),
                strong(formatting.price(spend.cost_per_1k, currency)),
                _target(spend.cost_mark, formatting.price(spend.cost_target, currency)),
                strong(formatting.milliseconds(spend.p95)),
                _target(spend.latency_mark, formatting.milliseconds(spend.latency_target)),
                text(formatting.percent(spend.over)),
                text(formatting.count(spend.recommendations)),
                text(formatting.price(spend.cost, currency)),
                text(formatting.price(spend.per_order, currency)),
            ]
        )
        for spend in spends
    ]
    return table(columns, body, label="Inference by journey")


def _target(status: Mark, target: str) -> Html:
    return Html(f"{mark(status)}{small(f'at most {target}' if status != NO_TARGET else '')}")


@kept
def models_table(
    models: pl.DataFrame, targets: Mapping[str, float | None], names: Mapping[str, str], currency: str
) -> Html:
    """One row per model and way of serving, the most expensive first."""
    end = _end(models, targets)
    total = float(models["cost"].sum() or 0)
    columns = [
        Column("Model"),
        Column("Served", "inference.training_bytes", hint=SERVED, left=True),
        _figure("cost_per_1k"),
        _figure("cost", under="share of all"),
        Column("Latency", "inference.latency_p50", under="p50, p95, p99"),
        Column("", "inference.latency_p95", width="22%", under=f"0 to {formatting.milliseconds(end)}"),
        _figure("share_over_latency_target"),
        _figure("server_requests_avoided"),
    ]
    ordered = models.sort("cost", descending=True)
    body = [_model(row, targets, names, currency, end, total) for row in ordered.iter_rows(named=True)]
    return table(columns, body, label="Models and ways of serving")


def _end(models: pl.DataFrame, targets: Mapping[str, float | None]) -> float:
    """Where the shared axis of latencies ends: all 95th percentiles and targets lie on it."""
    shown = [v for v in models["latency_p95"] if v is not None]
    goals = [targets.get(journey) or 0.0 for journey in models["journey"]]
    return 1.15 * (max([*shown, *goals], default=0.0) or 1.0)


def _model(
    row: dict[str, Any],
    targets: Mapping[str, float | None],
    names: Mapping[str, str],
    currency: str,
    end: float,
    total: float,
) -> Row:
    share = formatting.percent(row["cost"] / total) if total else formatting.MISSING
    return Row(
        [
            Html(f"{text(row['model'])}{small(names.get(row['journey'], row['journey']))}"),
            Html(f"{text(SERVING.get(row['serving'], row['serving']))}{_training(row['training_bytes'])}"),
            strong(formatting.price(row["cost_per_1k"], currency)),
            Html(f"{text(formatting.price(row['cost'], currency))}{small(share)}"),
            _latencies(row),
            _spread(row, targets.get(row["journey"]), end),
            text(formatting.percent(row["share_over_latency_target"])),
            text(formatting.count(row["server_requests_avoided"])),
        ]
    )


def _training(size: float | None) -> Html:
    return small(f"{formatting.size(size)} of training" if size is not None else "")


def _latencies(row: dict[str, Any]) -> Html:
    if row["latency_p50"] is None:
        return small("◌ not recorded")
    rest = " · ".join(formatting.milliseconds(row[name]) for name in ("latency_p95", "latency_p99"))
    return Html(f"{text(formatting.milliseconds(row['latency_p50']))}{small(rest)}")


def _spread(row: dict[str, Any], target: float | None, end: float) -> Html:
    middle, high, most = (row[f"latency_p{part}"] for part in (50, 95, 99))
    if None in (middle, high, most):
        return Html("")
    tone: Tone = {OVER: "warn", NO_TARGET: "neutral"}.get(against(high, target), "good")  # type: ignore[assignment]
    said = (
        f"median {formatting.milliseconds(middle)}, 95 % {formatting.milliseconds(high)}, 99 % {most:.0f} ms"
    )
    return spread(middle, high, most, end, tone, said, target)


@kept
def net_table(
    rows: pl.DataFrame, names: Mapping[str, str], experiments: Mapping[str, str], currency: str
) -> Html:
    """One row per journey: net value with its interval, its parts, and the price that breaks even.

    Args:
        rows: of the table net_value.
        names: of journeys, by id.
        experiments: their names, by id.
        currency: ISO 4217 code.
    """
    bars = {
        row["journey"]: _bar(row, "net_value", "net_low", "net_high") for row in rows.iter_rows(named=True)
    }
    axis = shared_axis(bars.values())
    columns = [
        Column("Journey"),
        Column("Net value", "net_value.net_value"),
        Column("Interval", "net_value.net_low", width="18%", under=_ends(axis, currency)),
        Column("Reading", hint="Clear only when the whole interval lies on one side of 0."),
        Column("Margin added", "net_value.margin_per_unit", under="each"),
        Column("Inference", "net_value.cost_per_unit", under="each"),
        Column("Measured on", "net_value.treated_units"),
        Column(
            "Breaks even at",
            "net_value.break_even_cost_per_recommendation",
            under="per recommendation",
        ),
    ]
    body = [
        _net(row, _measured(row, names, experiments), bars[row["journey"]], axis, currency)
        for row in rows.iter_rows(named=True)
    ]
    return table(columns, body, label="Net value by journey")


def _net(row: dict[str, Any], name: Html, bar: Bar, axis: Axis, currency: str) -> Row:
    status = worth(row)
    known = row["net_value"] is not None
    return Row(
        [
            name,
            _amounts(row, "net_value", "net_low", "net_high", currency),
            draw(bar, axis),
            Html(f"{mark(status)}{small(_looks(row) if known else row['note'] or '')}"),
            _amounts(row, "margin_per_unit", "margin_low", "margin_high", currency),
            text(formatting.price(row["cost_per_unit"], currency)),
            text(formatting.count(row["treated_units"])),
            _break_even(row["break_even_cost_per_recommendation"], currency),
        ]
    )


def _measured(row: dict[str, Any], names: Mapping[str, str], experiments: Mapping[str, str]) -> Html:
    """A journey, and the experiment that its net value comes from."""
    journey, experiment = text(names.get(row["journey"], row["journey"])), row["experiment"]
    if experiment is None:
        return journey
    source = link(experiments.get(experiment, humanised(experiment)), "experiment", experiment=experiment)
    return Html(f"{journey}{tag('span', source, class_='lg-small')}")


def _looks(row: dict[str, Any]) -> str:
    return "limits hold at any look" if row["interval"] == "any_look" else ""


def _break_even(price: float | None, currency: str) -> Html:
    if price is not None and price <= 0:
        return small("at no price")
    return text(formatting.price(price, currency))


@kept
def consent_table(rows: pl.DataFrame, names: Mapping[str, str], currency: str) -> Html:
    """One row per journey: whom the effect is known for, who is not covered, what it would be worth."""
    keys = ("value_of_consent", "value_of_consent_low", "value_of_consent_high")
    bars = {row["journey"]: _bar(row, *keys) for row in rows.iter_rows(named=True)}
    axis = shared_axis(bars.values())
    columns = [
        Column("Journey"),
        Column("Known for", "net_value.treated_units", under="with consent"),
        Column("Not covered", "net_value.uncovered_units", under="without consent"),
        Column("Would be worth", "net_value.value_of_consent"),
        Column(
            "If they responded alike",
            "net_value.value_of_consent_low",
            width="32%",
            under=_ends(axis, currency),
        ),
    ]
    body = [
        Row(
            [
                text(names.get(row["journey"], row["journey"])),
                text(formatting.count(row["treated_units"])),
                text(formatting.count(row["uncovered_units"])),
                _amounts(row, *keys, currency),
                draw(bars[row["journey"]], axis),
            ]
        )
        for row in rows.iter_rows(named=True)
    ]
    return table(columns, body, label="Value of consent by journey")


def _bar(row: dict[str, Any], middle: str, low: str, high: str) -> Bar:
    tone = worth(row).tone if middle == "net_value" else "neutral"
    return Bar(row[middle], row[low], row[high], tone, f"{row['journey']}: {row[low]} to {row[high]}")


def _amounts(row: dict[str, Any], middle: str, low: str, high: str, currency: str) -> Html:
    if row[middle] is None:
        return text(formatting.MISSING)
    written = formatting.effect(row[middle], row[low], row[high], "money", currency=currency)
    return Html(f"{strong(written.estimate)}{small(written.interval)}")


def _ends(axis: Axis, currency: str) -> str:
    return formatting.effect(None, axis.low, axis.high, "money", currency=currency).interval


def _figure(name: str, under: str = "") -> Column:
    entry = catalogue.column("inference", name)
    return Column(entry.label, f"inference.{name}", under=under)
