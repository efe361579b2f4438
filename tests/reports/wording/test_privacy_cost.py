"""What is said of inference cost, latency and net value is true for them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.wording import privacy_cost as cost
from reports.wording import privacy_worth as worth
from reports.wording.privacy_cost import Spend
from tests.ui.privacy_tables import frame, model, net, snapshot

NAMES = {"homepage": "Homepage", "cart": "Cart recovery"}


def spend(
    name: str = "Homepage", per_1k: float = 0.32, target: float | None = 0.30, **other: float | None
) -> Spend:
    made = {"p95": 90.0, "latency_target": 120.0, "over": 0.01, "per_order": None, **other}
    return Spend(name.lower(), name, 1_000, per_1k, per_1k, target, **made)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("found", "word", "sentence"),
    [
        (
            [spend()],
            "over its target",
            "Homepage costs €0.32 per thousand recommendations, over its target of €0.30.",
        ),
        (
            [spend(), spend("Cart", 0.5, 0.4), spend("App", 0.1)],
            "over target",
            "2 of 3 journeys cost more than their target: Homepage (€0.32, over its target of €0.30) and "
            "Cart (€0.50, over its target of €0.40).",
        ),
        (
            [spend(per_1k=0.28)],
            "within target",
            "Homepage costs €0.28 per thousand recommendations, within its target of €0.30.",
        ),
        (
            [spend(per_1k=0.28), spend("App", 0.1)],
            "within target",
            "All 2 journeys keep to their cost target.",
        ),
        (
            [spend(per_1k=0.28), spend("App", 0.1, None)],
            "within target",
            "1 of 2 journeys keeps to its cost target; the others have none.",
        ),
        ([spend(target=None)], "no target", "No journey has a target for its inference cost."),
    ],
)
def test_cost_against_target_in_one_sentence(found: list[Spend], word: str, sentence: str) -> None:
    told = cost.lead(found, "EUR")
    assert (told.mark.word if told.mark else "", plain(told.lead)) == (word, sentence)


def test_a_cost_just_over_its_target_reads_as_more() -> None:
    told = cost.lead([spend(per_1k=0.3004)], "EUR")
    written = re.findall(r"€(\d+\.\d+)", told.lead)
    assert float(written[0]) > float(written[1])


@given(st.floats(0.001, 5), st.one_of(st.none(), st.floats(0.001, 5)))
def test_good_is_said_only_within_a_target_that_is_there(per_1k: float, target: float | None) -> None:
    mark = cost.against(per_1k, target)
    assert (mark.tone == "good") == (target is not None and per_1k <= target)
    assert cost.against(None, target).tone == "none"
    told = cost.lead([spend(per_1k=per_1k, target=target)], "EUR")
    assert told.mark is not None
    assert (told.mark.tone == "good") == (mark.tone == "good")


def test_slow_journeys_are_named() -> None:
    told = cost.lead([spend(per_1k=0.2, p95=143.0)], "EUR")
    assert plain(told.more) == (
        "Homepage takes longer than 143 ms for 5 % of its requests, over its target of 120 ms."
    )


def test_the_next_step_names_the_model_that_takes_most() -> None:
    models = frame("inference", [model("big", cost=8.0, cost_per_1k=0.5), model("small", cost=2.0)])
    found = cost.spends(snapshot({}), models, NAMES)
    assert found[0].cost_per_1k == pytest.approx(5.0)
    assert plain(cost.next_step(found, models, "EUR")) == (
        "Look first at big (central servers): 80 % of the cost of Homepage, at €0.50 per thousand."
    )
    slow = [spend(per_1k=0.1, p95=300.0)]
    assert "Look first at big" in cost.next_step(slow, models.with_columns(cost=0.01), "EUR")
    assert (
        cost.next_step([spend(per_1k=0.1)], models, "EUR") == "Nothing needs to change for cost or latency."
    )


def test_totals_and_what_no_server_saw() -> None:
    models = frame(
        "inference",
        [model(), model("phone", serving="on_device", server_requests_avoided=100, server_bytes_avoided=2e6)],
    )
    found = cost.spends(snapshot({}), models, NAMES)
    assert plain(cost.total(found, "EUR", "2026Q3")) == (
        "€0.50 for 2,000 recommendations in Q3 2026: €0.25 per thousand."
    )
    assert plain(cost.avoided(models)) == (
        "50 % of 200 requests, on the device or from context alone, about 2.0 MB."
    )
    assert "None of 100 requests" in cost.avoided(models.head(1))


@pytest.mark.parametrize(
    ("row", "tone"),
    [
        (net(value=5_000, half=2_000), "good"),
        (net(value=-5_000, half=2_000), "bad"),
        (net(value=500, half=2_000), "neutral"),
        (net(value=2_000, half=2_000), "neutral"),
        (net(status="suppressed", net_value=None, net_low=None, net_high=None), "none"),
        (net(status="no_evidence", net_value=None, net_low=None, net_high=None), "none"),
    ],
)
def test_net_value_is_clear_only_when_its_whole_interval_is(row: dict[str, object], tone: str) -> None:
    assert worth.worth(row).tone == tone


def test_net_value_in_sentences() -> None:
    rows = frame(
        "net_value",
        [
            net("homepage", 500, 2_000),
            net("cart", 12_557, 5_000),
            net("loss", -4_000, 1_000),
            net(
                "dark",
                status="no_evidence",
                net_value=None,
                net_low=None,
                net_high=None,
                note="no margin metric",
            ),
        ],
    )
    assert worth.net_lead(rows, NAMES, "EUR") == (
        "Cart recovery (+€12,557) earns more than inference costs. loss (−€4,000) earns less than inference "
        "costs. For Homepage (+€500) that is not clear: the interval holds 0. There is no net value for dark."
    )
