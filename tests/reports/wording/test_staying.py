"""Who stayed, in sentences, on good news, bad news and none."""

from typing import Any

import pytest

from reports.assembly import experiments
from reports.growth.staying import Staying, staying, survival_metrics
from reports.readings import reading
from reports.results import Experiment, Metric
from reports.wording import staying as wording
from tests.ui.growing import NAME, followed, run
from tests.ui.retailer import Made, check, row


def told(
    metric: str = "churn",
    *,
    rail: dict[str, Any] | None = None,
    made: dict[str, Any] | None = None,
    **cells: Any,
) -> tuple[Staying | None, Metric, Experiment]:
    rails = {metric: rail} if rail else {}
    definition = {"metrics": ["revenue", metric], "guardrails": rails}
    snapshot = run(
        Made(rows=[row()], definition=definition, **(made or {})),
        survival_effects=[followed(metric, **cells)] if cells.pop("measured", True) else [],
    )
    experiment = experiments(snapshot)[NAME]
    found = staying(snapshot, experiment, metric, "personalised")
    assert [m.metric for m in survival_metrics(experiment)] == [metric]
    return found, experiment.metric(metric), experiment


def plain(sentence: str) -> str:
    """With plain spaces."""
    return sentence.replace("\u00a0", " ")


def lead(*args: Any, **cells: Any):
    found, metric, experiment = told(*args, **cells)
    return wording.lead(found, metric, experiment, experiment.headline(metric.metric, "personalised"))


@pytest.mark.parametrize(
    ("cells", "mark", "words"),
    [
        ({}, "better", "About 800 more (400 to 1,200) of the 40,000 customers assigned to personalised stay "
         "until day 90 than would with holdout."),
        ({"difference": 0.02}, "worse", "About 800 more (400 to 1,200) of the 40,000 customers assigned to "
         "personalised leave by day 90 than would with holdout."),
        ({"difference": 0.005}, "no clear effect", "Of the 40,000 customers assigned to personalised, "
         "anything from 600 fewer to 200 more may stay until day 90 than would with holdout."),
        ({"made": {"ended": False}}, "too early to say", "So far about 800 more"),
        ({"made": {"code": "withheld", "checks": [check("sample_ratio", "fail")]}}, "withheld",
         "Who would leave cannot be read: a health check of this experiment failed."),
        ({"status": "suppressed", "risk_difference": None, "n_variant": None}, "too few people",
         "Too few people to say how many stay."),
        ({"status": "not_testable", "note": "no events", "risk_low": None}, "not testable",
         "Churn cannot be compared: no events."),
        ({"measured": False}, "no evidence", "No evidence on churn: nothing was measured."),
    ],
)  # fmt: skip
def test_retained_customers_come_first(cells: dict[str, Any], mark: str, words: str) -> None:
    said = lead(**cells)
    assert said.mark.word == mark
    assert words in said.lead


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("withdrawal", "withdraw consent by day 90"),
        ("lapse", "reach ‘lapsed’ by 90 weeks"),
    ],
)
def test_each_metric_is_spoken_of_as_what_it_is(metric: str, words: str) -> None:
    assert words in lead(metric, difference=0.02).lead


def test_points_and_means_stand_behind_the_customers() -> None:
    assert plain(lead().more) == "Churn by day 90: 36.0 % instead of 38.0 %, −2.00 pp (−3.00 pp to −1.00 pp)."


@pytest.mark.parametrize(("p", "warned"), [(0.049, True), (0.05, False), (None, False)])
def test_an_unsteady_hazard_ratio_is_warned_of(p: float | None, warned: bool) -> None:
    found, _, _ = told(proportional_p=p)
    assert found is not None
    assert bool(wording.unsteady(found)) is warned


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("worse", "Worse: a rise is clear, and harm beyond the tolerated +0.2 pp cannot be ruled out."),
        ("not_worse", "Not worse: harm beyond the tolerated +0.2 pp can be ruled out."),
        ("possibly_worse", "Possibly worse: the estimate is beyond the tolerated +0.2 pp"),
        ("not_enough_data", "Not enough data: harm beyond the tolerated +0.2 pp cannot be ruled out."),
    ],
)
def test_a_guardrail_says_its_state_and_margin(state: str, words: str) -> None:
    rail = {"harm_if": "higher", "margin": 0.002}
    found, metric, experiment = told("withdrawal", rail=rail, guardrail_state=state, margin=0.002)
    mark = reading(experiment.headline("withdrawal", "personalised"), metric, experiment)
    assert words in plain(wording.guardrail(found, metric, experiment, mark))


@pytest.mark.parametrize(
    ("difference", "ended", "words"),
    [
        (0.03, True, "Worse: harm beyond the tolerated +0.2 pp is clear."),
        (0.011, True, "Worse: a rise is clear, and harm beyond the tolerated +0.2 pp cannot be ruled out."),
        (0.03, False, "Worse: a rise is clear, and harm beyond the tolerated +0.2 pp cannot be ruled out."),
    ],
)
def test_harm_beyond_the_margin_is_clear_where_the_deciding_interval_lies_beyond(
    difference: float, ended: bool, words: str
) -> None:
    rail = {"harm_if": "higher", "margin": 0.002}
    found, metric, experiment = told(
        "withdrawal",
        rail=rail,
        made={"ended": ended},
        difference=difference,
        guardrail_state="worse",
        margin=0.002,
    )
    mark = reading(experiment.headline("withdrawal", "personalised"), metric, experiment)
    assert plain(wording.guardrail(found, metric, experiment, mark)).endswith(words)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({}, "the gain rests on them having stayed"),
        ({"worst_case_risk_difference": -0.005}, "still a gain, by less"),
        ({"difference": 0.03}, "the harm is there either way"),
        ({"difference": 0.0}, "a bound for the worst, not an estimate"),
        ({"left_control": 0, "left_variant": 0}, "None of the customers went out of sight"),
        ({"left_variant": None}, "fewer than 50 of 40,000 with personalised"),
    ],
)
def test_those_out_of_sight_are_counted_and_feared(cells: dict[str, Any], words: str) -> None:
    found, _, experiment = told(**cells)
    assert found is not None
    said = wording.early(found, experiment, 50)
    assert words in f"{said.lead} {said.more}"


def test_a_hidden_number_of_leavers_cannot_be_worked_out() -> None:
    found, _, experiment = told(left_variant=None)
    assert found is not None
    assert wording.early(found, experiment, 50).more == "What they did later is unknown."


def test_without_a_metric_the_reader_learns_how_to_add_one() -> None:
    assert "kind: survival" in wording.no_metric(2).more
    assert wording.no_metric(0).lead == "There is no experiment that could."


def test_retained_customers_are_worth_their_arms_average_margin() -> None:
    definition = {"metrics": ["revenue", "churn"]}
    snapshot = run(Made(rows=[row()], definition=definition), survival_effects=[followed()])
    experiment = experiments(snapshot)[NAME]
    found = staying(snapshot, experiment, "churn", "personalised")
    earned = experiment.headline("revenue", "personalised")
    assert found is not None
    assert wording.worth(found, experiment, earned, "EUR") == (
        "If those who stay buy like the average of their arm (€42.93 margin in 28 days), that is +€34k "
        "(+€17k to +€52k)."
    )
    unclear = staying(
        run(Made(rows=[row()], definition=definition), survival_effects=[followed(difference=0.0)]),
        experiment,
        "churn",
        "personalised",
    )
    assert unclear is not None
    assert wording.worth(unclear, experiment, earned, "EUR") == (
        "If those who stay buy like the average of their arm (€42.93 margin in 28 days), that is anything "
        "from −€17k to +€17k."
    )
    assert wording.worth(found, experiment, None, "EUR") == ""
