"""The basket, who stays and the money beside the lift, and the way to the page of each."""

from collections.abc import Sequence

from metrics import formatting
from reports.growth import products
from reports.growth.staying import staying, survival_metrics
from reports.growth.worth import KINDS, Worth, of_kind, worth
from reports.growth.worth import mark as earning
from reports.journeys import Journey
from reports.readings import HIDDEN, NO_EVIDENCE, Mark, reading, withheld
from reports.results import Experiment, Metric, arm_name, humanised
from reports.wording import products as basket
from reports.wording import staying as stays
from reports.wording import worth as worth_wording
from ui.data import Loaded
from ui.growth import choice
from ui.parts.intervals import Bar, draw, shared_axis
from ui.parts.markup import Column, Html, Row, link, mark, small, strong, table, text

UNKNOWN = Html('<span class="lg-dead">◌ no evidence</span>')


def answers(loaded: Loaded, experiment: Experiment, variant: str) -> list[tuple[str, Html]]:
    """What an experiment did to the basket and to who stays, each with the page that says more."""
    found = [("In the basket", _basket(loaded, experiment, variant))]
    for metric in survival_metrics(experiment):
        row = staying(loaded.snapshot, experiment, metric.metric, variant)
        told = stays.lead(row, metric, experiment, experiment.headline(metric.metric, variant))
        shown = Html(f"{text(told.lead)} {_churn(loaded, experiment, variant, metric, 'More on Churn')}")
        found.append((metric.label, shown))
    return found


def _basket(loaded: Loaded, experiment: Experiment, variant: str) -> Html:
    if variant not in products.variants_with_products(loaded.snapshot, experiment):
        return text(basket.no_products([experiment]))
    number = loaded.snapshot.skus_called_different[experiment.experiment, variant]
    if number.tested:
        sentence = basket.called_different(number, experiment, variant)
    else:
        found = products.products(loaded.snapshot, experiment, variant)
        sentence = basket.lead(found, experiment, loaded.currency).lead
    return Html(f"{text(sentence)} {_skus(loaded, experiment, variant, 'More on SKU lift')}")


def _skus(loaded: Loaded, experiment: Experiment, variant: str, label: str) -> Html:
    test = choice.written(experiment, loaded.experiments.values())
    return link(label, "sku-lift", test=test, variant=arm_name(variant))


def _churn(loaded: Loaded, experiment: Experiment, variant: str, metric: Metric, label: str) -> Html:
    test = choice.written(experiment, loaded.experiments.values())
    return link(label, "churn", test=test, variant=arm_name(variant), metric=humanised(metric.metric))


def halves_table(loaded: Loaded, journeys: Sequence[Journey]) -> Html:
    """A row per journey and variant: money for the quarter, SKUs that differ, who leaves, who withdraws.

    Empty where none of it is measured for any journey.
    """
    rows = [
        (item, item.experiment, variant)
        for item in journeys
        if item.experiment and not withheld(item.experiment)
        for variant in item.variants
    ]
    earned = [_earned(loaded, experiment, variant) for _, experiment, variant in rows]
    if not any(earned) and not any(_measures(loaded, experiment) for _, experiment, _ in rows):
        return Html("")
    bars = [_bar(row, experiment) for row, (_, experiment, _) in zip(earned, rows, strict=True)]
    axis = shared_axis(bar for bar in bars if bar)
    ends = formatting.effect(None, axis.low, axis.high, "money", currency=loaded.currency).interval
    with_skus = "sku_lift" in loaded.snapshot.frames
    columns = [
        Column("Journey"),
        Column("Worth for the quarter", "money.quarter_total"),
        Column("Interval", "money.quarter_low", width="16%", under=ends),
        *([Column("SKUs that differ", "sku_lift.q_value", left=True)] if with_skus else []),
        Column("Churn", "survival_effects.risk_difference", left=True),
        Column("Consent withdrawal", "survival_effects.risk_difference", left=True),
    ]
    body = [
        Row(
            [
                _name(item, variant),
                _amount(row, experiment, loaded.currency),
                draw(bar, axis) if bar else Html(""),
                *([_differing(loaded, experiment, variant)] if with_skus else []),
                _leaving(loaded, experiment, variant, consent=False),
                _leaving(loaded, experiment, variant, consent=True),
            ]
        )
        for (item, experiment, variant), row, bar in zip(rows, earned, bars, strict=True)
    ]
    return table(columns, body, label="Money, basket and who stays")


def _measures(loaded: Loaded, experiment: Experiment) -> bool:
    """Whether anything is known of its basket or of who stays."""
    known = "sku_lift" in loaded.snapshot.frames
    sold = known and bool(products.variants_with_products(loaded.snapshot, experiment))
    return sold or bool(survival_metrics(experiment))


def _name(item: Journey, variant: str) -> Html:
    return Html(f"{text(item.name)}{small(arm_name(variant)) if len(item.variants) > 1 else ''}")


def _earned(loaded: Loaded, experiment: Experiment, variant: str) -> Worth | None:
    rows = worth(loaded.snapshot, experiment, variant)
    return next((row for kind in KINDS if (row := of_kind(rows, kind))), None)


def _bar(row: Worth | None, experiment: Experiment) -> Bar | None:
    if row is None:
        return None
    said = f"{formatting.number(row.quarter_low, 0)} to {formatting.number(row.quarter_high, 0)}"
    tone = earning(row, experiment).tone
    return Bar(row.quarter_total, row.quarter_low, row.quarter_high, tone, said)


def _amount(row: Worth | None, experiment: Experiment, currency: str) -> Html:
    if row is None:
        return UNKNOWN
    told = worth_wording.short(row, "quarter", currency, "quarter_total")
    return Html(f"{strong(told.estimate)}{small(f'{worth_wording.kind(row, experiment)}, {told.interval}')}")


def _differing(loaded: Loaded, experiment: Experiment, variant: str) -> Html:
    if variant not in products.variants_with_products(loaded.snapshot, experiment):
        return UNKNOWN
    number = loaded.snapshot.skus_called_different[experiment.experiment, variant]
    if not number.tested:
        return mark(HIDDEN)
    label = f"{number.different} of {formatting.count(number.tested)}"
    shown = _skus(loaded, experiment, variant, label)
    return Html(f"{shown}{small('' if experiment.ended else 'so far')}")


def _leaving(loaded: Loaded, experiment: Experiment, variant: str, *, consent: bool) -> Html:
    """The first metric of its kind: risk difference, limits and reading."""
    found = [
        metric
        for metric in survival_metrics(experiment)
        if (metric.definition.get("table") == "consent_events") is consent
    ]
    row = experiment.headline(found[0].metric, variant) if found else None
    if row is None:
        return UNKNOWN
    status: Mark = reading(row, found[0], experiment)
    if row.difference is None or status in (HIDDEN, NO_EVIDENCE):
        return mark(status)
    told = formatting.effect(row.difference, row.difference_low, row.difference_high, "points")
    shown = _churn(loaded, experiment, variant, found[0], told.estimate)
    limits = told.interval if told.interval != formatting.MISSING else "no limits"
    return Html(f"{shown} {mark(status)}{small(limits)}")
