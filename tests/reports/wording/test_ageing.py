from dataclasses import replace

import pytest

from reports.assembly import experiments
from reports.growth.ageing import Trend
from reports.results import Experiment
from reports.wording.ageing import advice, alone, fading
from tests.ui.retailer import Made, row, snapshot

FADES = Trend(
    metric="revenue", early_days=14, late_days=14, early=0.26, early_low=0.16, early_high=0.36, late=0.02,
    late_low=-0.07, late_high=0.11, change=-0.24, change_low=-0.37, change_high=-0.11, smallest_change=0.18,
    reading="fades", status="ok", note=None,
)  # fmt: skip


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return next(iter(experiments(snapshot(Made(rows=[row()]))).values()))


def said(found: Trend | None, experiment: Experiment) -> str:
    told = fading(found, experiment.metric("revenue"), experiment, "EUR")
    return f"{told.lead} {told.more}".replace("\u00a0", " ")


def test_a_fading_effect_is_told_half_by_half_with_its_change(experiment: Experiment) -> None:
    assert said(FADES, experiment) == (
        "The effect on revenue per customer fades: +€0.260 a day (+€0.160 to +€0.360) in the first 14 days, "
        "then +€0.020 (−€0.070 to +€0.110) in days 15 to 28. Change −€0.240 a day (−€0.370 to −€0.110). "
        "Count on the later level, not on the average of the window, for what lasts."
    )
    assert "count on the later level" in advice(FADES)


HARM = {"early": -0.26, "early_low": -0.36, "early_high": -0.16, "late": -0.5}


@pytest.mark.parametrize(
    ("reading", "cells", "tone"),
    [
        ("fades", {}, "warn"),
        ("fades", HARM, "neutral"),
        ("grows", {}, "good"),
        ("grows", HARM, "bad"),
        ("holds", {}, "good"),
        ("holds", HARM, "bad"),
        ("unclear", HARM, "neutral"),
    ],
)
def test_a_course_is_good_only_where_the_effect_is(
    reading: str, cells: dict[str, float], tone: str, experiment: Experiment
) -> None:
    found, metric = replace(FADES, reading=reading, **cells), experiment.metric("revenue")
    assert found.mark(metric, experiment).tone == tone
    lower = metric._replace(lower_is_better=True)
    turned = {"good": "bad", "bad": "good", "warn": "neutral", "neutral": "warn"}
    assert found.mark(lower, experiment).tone == (tone if reading == "unclear" else turned[tone])
    cost = replace(experiment, definition={**experiment.definition, "cost": "revenue"})
    assert found.mark(metric, cost).tone == "neutral"
    assert ("It goes the wrong way" in said(found, experiment)) is (reading == "grows" and bool(cells))


@pytest.mark.parametrize("reading", ["grows", "holds", "unclear"])
def test_only_what_fades_changes_the_next_step(reading: str, experiment: Experiment) -> None:
    found = replace(FADES, reading=reading)
    assert advice(found) == advice(None) == ""
    assert "Count on the later level" not in said(found, experiment)


def test_what_cannot_be_told_says_how_large_a_change_would_be_seen(experiment: Experiment) -> None:
    told = said(replace(FADES, reading="unclear", change_low=-0.37, change_high=0.05), experiment)
    assert told.startswith(
        "Whether the effect on revenue per customer fades cannot be told: between the halves"
    )
    assert "anything from −€0.37 to +€0.05 a day" in told
    assert "Only a change of €0.18 a day or more would mostly be seen" in told
    assert " fades:" not in told


def test_missing_figures_are_missing_and_say_why(experiment: Experiment) -> None:
    empty = dict.fromkeys(("early", "late", "change", "reading", "smallest_change"))
    hidden = replace(FADES, **empty, status="suppressed", note="fewer than 50 people in an arm")
    assert said(hidden, experiment).endswith("is not told. Fewer than 50 people in an arm.")
    assert "needs order lines" in said(None, experiment)


def test_several_metrics_warn_of_luck(experiment: Experiment) -> None:
    assert alone(1, experiment) == ""
    assert "Each of the 6 metrics is read on its own at 95" in alone(6, experiment)
