"""All journeys in one sentence, whatever came of them."""

from datetime import date

import pytest

from reports.assembly import experiments
from reports.journeys import Journey, journeys, programme
from reports.wording.overview import act, asks_for_an_act, overview, period_of, stage
from tests.ui.retailer import Made, check, row, snapshot


def made(name: str, code: str, **other: object) -> Made:
    lift = {"better": 0.05, "worse": -0.05}.get(code, 0.0)
    rows = other.pop("rows", [row(lift=lift)])
    return Made(experiment=f"{name}-1", journey=name, code=code, rows=rows, **other)


def shown(*items: Made, **names: str) -> list[Journey]:
    found = snapshot(*items, journeys=names or None)
    return journeys(found, experiments(found))


def test_every_outcome_is_told_once() -> None:
    found = shown(
        made("cart", "better"), made("home", "worse"), made("post", "harmful_guardrail"),
        made("win", "withheld"), made("mail", "no_clear_effect"), made("push", "too_early", ended=False),
        made("app", "suppressed"),
    )  # fmt: skip
    lead, more = overview(found, {})
    assert lead == "1 of 7 journeys shows a clear gain: Cart (+5.0\u00a0%)."
    assert more == (
        "Home does harm. Post gains but harms a guardrail. The figures of Win must not be read: a health "
        "check failed. Mail shows no clear effect. It is too early to judge Push. There are no figures to "
        "show for App."
    )


def test_those_that_ask_for_an_act_come_first() -> None:
    found = shown(
        made("a", "no_clear_effect"), made("b", "better"), made("c", "worse"), made("d", "withheld")
    )
    assert [item.journey for item in found] == ["d", "c", "b", "a"]
    assert [asks_for_an_act(item) for item in found] == [True, True, True, False]


def test_no_journey_none_with_a_gain_and_many() -> None:
    assert overview([], {})[0] == "There are no journeys yet."
    found = shown(made("a", "no_clear_effect"), made("b", "too_early"))
    assert overview(found, {})[0] == "None of 2 journeys shows a clear gain from personalisation yet."
    many = shown(*(made(f"j{number:02}", "better") for number in range(40)))
    assert overview(many, {})[0].endswith("and 37 more.")


def test_a_journey_without_experiment_is_no_evidence() -> None:
    (found,) = shown(cart="Cart recovery")
    assert found.experiment is None
    assert act(found, "") == "Start an experiment"
    assert "no figures to show for Cart recovery" in overview([found, found], {})[1]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (made("a", "better"), "Roll out further"),
        (
            made("a", "better", checks=[check("missing_days", "warn")]),
            "Look into the health check, then roll out",
        ),
        (made("a", "no_clear_effect", needed_more=41_234), "needs about 41,000 more customers"),
        (made("a", "too_early", needed_more=9_000_000), "needs about 9,000,000 more customers: out of reach"),
        (made("a", "withheld"), "Mend the test first"),
    ],
)
def test_the_next_step_in_a_few_words(item: Made, words: str) -> None:
    (found,) = shown(item)
    assert act(found, "personalised") == words


def test_the_latest_experiment_speaks_for_its_journey_and_the_holdout_for_all() -> None:
    old = Made(experiment="z-old", rows=[row()], definition={"starts": "2026-01-01"})
    later = Made(experiment="a-next-quarter", rows=[row()], definition={"starts": "2026-10-01"})
    new = Made(experiment="m-new", rows=[row()])
    whole = Made(experiment="whole", journey=None, rows=[row()], definition={"programme": True})
    found = snapshot(old, later, new, whole)
    records = experiments(found)
    (only,) = journeys(found, records)
    assert only.experiment
    assert only.experiment.experiment == "m-new"
    holdout = programme(records.values(), "2026Q3")
    assert holdout
    assert holdout.experiment == "whole"


def test_a_rollout_names_the_variant_that_is_shown() -> None:
    several = Made(variants=("a", "b"), rows=[row(variant="a"), row(variant="b")])
    configured = {"journeys": [{"id": "cart_recovery", "name": None, "rollout": "b"}]}
    found = snapshot(several, workspace=configured)
    (only,) = journeys(found, experiments(found))
    assert only.variants == ("b",)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({}, "1 Jul 2026 – 30 Sep 2026"),
        ({"ends": None}, "since 1 Jul 2026"),
        ({"starts": None}, "until 30 Sep 2026"),
        ({"starts": None, "ends": None}, "dates not given"),
    ],
)
def test_a_period_is_told_as_far_as_it_is_known(dates, words: str) -> None:
    (found,) = shown(made("a", "better", definition=dates))
    assert found.experiment
    assert period_of(found.experiment) == words


@pytest.mark.parametrize(
    ("ended", "as_of", "words"),
    [
        (True, date(2026, 11, 1), "planned end reached"),
        (False, date(2026, 9, 29), "still running"),
        (False, date(2026, 9, 30), "assignment ended, outcomes still open"),
    ],
)
def test_how_far_a_test_has_come(ended: bool, as_of: date, words: str) -> None:
    (found,) = shown(made("a", "better", ended=ended))
    assert found.experiment
    assert stage(found.experiment, as_of) == words
