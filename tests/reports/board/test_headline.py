"""The two sentences are true for the figures, good news and bad."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.board.headline import headline
from reports.board.parts import Figure, Row, Status
from reports.readings import VERDICTS
from tests.reports.board.making import absent, figure, gate, row, tiles

NO_HOLDOUT = {
    "lift": absent("board.programme_lift"),
    "net_value": absent("board.programme_net_value"),
}


def growth(rows: list[Row], stale: str = "", **figures: Figure) -> str:
    return headline(rows, tiles(**figures), overdue=0, stale=stale).growth


def risk(rows: list[Row], overdue: int | None = 0, stale: str = "", **figures: Figure) -> str:
    return headline(rows, tiles(**figures), overdue=overdue, stale=stale).risk


def test_a_gain_is_told_with_its_interval_and_whom_it_counts() -> None:
    said = growth([row(), row("Cart", gate=gate("held"))])

    assert said == (
        "Personalisation earned €1.86m net of inference (95 % interval: €0.90m to €2.80m; 34,649 customers, "
        "28 days each), and 1 of 2 journeys may roll out further."
    )


def test_a_loss_is_called_a_loss() -> None:
    lost = figure("board.programme_net_value", -40_000, -70_000, -10_000, unit="money")

    said = growth([row(gate=gate("blocked")), row("Cart", gate=gate("held"))], net_value=lost)

    assert said.startswith("Personalisation lost €40k net of inference (95 % interval: −€70k to −€10k;")
    assert said.endswith("and no journey is cleared for a further rollout.")


def test_an_interval_that_holds_0_is_neither() -> None:
    unclear = figure("board.programme_net_value", -1_500, -20_000, 17_000, unit="money")

    said = growth([row()], net_value=unclear)

    assert said.startswith(
        "Whether personalisation earns or loses money is not clear (95 % interval: −€20k to €17k"
    )


@pytest.mark.parametrize(
    ("limits", "begins"),
    [
        ((0.02, 0.01, 0.03), "With personalisation, revenue per customer is 2.0"),
        ((-0.02, -0.03, -0.01), "With personalisation, revenue per customer is 2.0"),
        ((0.01, -0.01, 0.03), "Whether personalisation changes revenue per customer is not clear (95"),
    ],
)
def test_without_a_net_value_the_lift_is_told(limits: tuple[float, float, float], begins: str) -> None:
    lift = figure("board.programme_lift", *limits, unit="lift", what="revenue per customer")

    said = growth([row()], net_value=absent("board.programme_net_value"), lift=lift)

    assert said.startswith(begins)
    assert ("higher" in said, "lower" in said) == (limits[1] > 0, limits[2] < 0)


def test_without_a_universal_holdout_journeys_are_counted_and_never_summed() -> None:
    rows = [row(), row("Cart"), row("Search", "worse"), row("Mail", "no_clear_effect")]

    said = growth(rows, **NO_HOLDOUT)

    assert said.startswith("2 of 4 journeys show a clear gain and 1 of 4 journeys shows a clear loss, and")
    assert "€" not in said


@pytest.mark.parametrize(
    "code", ["no_clear_effect", "too_early", "suppressed", "not_testable", "no_evidence"]
)
def test_inconclusive_journeys_are_no_gain(code: str) -> None:
    said = growth([row(code=code), row("Cart", code)], **NO_HOLDOUT)

    assert said.startswith("No journey shows a clear gain or loss, and")


def test_without_an_experiment_nobody_knows() -> None:
    said = growth([row(code=None, gate=gate("not_evaluated"))], **NO_HOLDOUT)

    assert said == (
        "Nobody knows what personalisation earns: no experiment has started, and no rollout gate has "
        "been evaluated."
    )


def test_a_failed_health_check_of_the_holdout_withholds_the_sum() -> None:
    withheld = absent("board.programme_net_value", "withheld")

    said = growth([row()], net_value=withheld, lift=absent("board.programme_lift", "withheld"))

    assert said.startswith("What personalisation earns cannot be told, as a health check failed, and")


def test_without_journeys_there_is_nothing_to_judge() -> None:
    assert growth([]).startswith("There is nothing to judge yet")


def test_forty_journeys_are_counted_and_not_listed() -> None:
    rows = [row(f"Journey {n}", gate=gate("blocked" if n % 2 else "open")) for n in range(40)]

    assert growth(rows).endswith("20 of 40 journeys may roll out further.")
    assert "Journey 1, Journey 3, Journey 5 and 17 more are blocked" in risk(rows)


def test_all_open_and_one_journey_read_as_people_say_it() -> None:
    assert growth([row(), row("Cart")]).endswith("both journeys may roll out further.")
    assert growth([row()]).endswith("and it may roll out further.")


def test_a_past_quarter_is_told_in_the_past() -> None:
    def said(*rows: Row) -> str:
        return headline(rows, tiles(), overdue=0, past=True).growth

    assert said(row()).endswith("and it was cleared for a further rollout.")
    assert said(row(), row("Cart")).endswith("both journeys were cleared for a further rollout.")
    assert said(row(gate=gate("held"))).endswith("no journey was cleared for a further rollout.")


def test_old_figures_are_named_first() -> None:
    assert risk([row()], stale="the data end 9 days ago").startswith("The data end 9 days ago")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"code": "withheld"}, "The figures of Homepage must not be read, as a health check failed."),
        ({"code": "worse"}, "Homepage does harm."),
        ({"code": "harmful_guardrail"}, "Homepage gains but harms a guardrail."),
        ({"gate": gate("blocked")}, "Homepage is blocked."),
        ({"gate": gate("held", unknown=2)}, "Homepage is held; 2 checks lack evidence."),
        ({"leakage": figure("leakage_events", 1)}, "1 event was personalised without consent."),
        ({"code": "suppressed"}, "Too few people were measured to show Homepage."),
        ({"code": "no_evidence"}, "There is no result for Homepage."),
    ],
)
def test_bad_news_is_told(more: dict[str, object], said: str) -> None:
    assert risk([row(**more)]) == said


def test_the_company_s_bad_news_is_told() -> None:
    assert risk([row()], overdue=1) == "1 request is overdue."
    nothing = {name: absent("score") for name in ("consent", "requests", "minimisation", "vendors")}
    assert (
        risk([row()], **nothing)
        == "Nothing is known of consent coverage, requests, minimisation and vendors."
    )


def test_good_news_is_told_of_what_was_measured_only() -> None:
    well = "is open, no request is overdue and no event was personalised without consent."
    assert risk([row()]) == f"Its gate {well}"
    assert risk([row(), row("Cart")]) == f"Every gate {well}"
    assert "without consent" not in risk([row(leakage=absent("leakage_events"))])


LIMIT = st.floats(-5e6, 5e6).map(lambda value: round(value, 2))
INTERVALS = st.lists(LIMIT, min_size=3, max_size=3).map(sorted)
GATES = st.sampled_from(["open", "held", "blocked", "not_evaluated"])
ABSENT = st.sampled_from(["no_evidence", "withheld", "suppressed", "not_testable"])


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Any number of journeys in any state."""
    return [
        row(
            f"Journey {number}",
            draw(st.sampled_from([*VERDICTS, None])),
            gate=gate(draw(GATES), unknown=draw(st.integers(0, 3)), failing=draw(st.integers(0, 3))),
            leakage=figure("leakage_events", draw(st.integers(0, 5))),
        )
        for number in range(draw(st.integers(1, 40)))
    ]


@st.composite
def programme(draw: st.DrawFn) -> dict[str, Figure]:
    """Net value and lift, each known or not."""
    low, middle, high = draw(INTERVALS)
    found = {"net_value": figure("board.programme_net_value", middle, low, high, unit="money")}
    found["lift"] = figure(
        "board.programme_lift", middle / 1e7, low / 1e7, high / 1e7, unit="lift", what="revenue per customer"
    )
    status: Status
    for name in ("net_value", "lift"):
        if draw(st.booleans()):
            status = draw(ABSENT)
            found[name] = absent(f"board.programme_{name}", status)
    return found


@given(rows(), programme(), st.sampled_from(["", "the data end 9 days ago"]), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_whatever_the_board_both_sentences_are_true(
    journeys: list[Row], found: dict[str, Figure], stale: str, overdue: int
) -> None:
    said = headline(journeys, tiles(**found), overdue=overdue, stale=stale)
    net, lift = found["net_value"], found["lift"]

    assert ("earned" in said.growth) == (net.side > 0 and lift.status != "withheld")
    assert ("lost" in said.growth) == (net.side < 0 and lift.status != "withheld")
    assert "earned" not in said.risk
    opened = sum(r.gate.status == "open" for r in journeys)
    assert ("may roll out" in said.growth) == (opened > 0)
    counted = re.search(r"(\d+) of \d+ journeys may roll out", said.growth)
    assert counted is None or int(counted[1]) == opened
    if "€" in said.growth:
        assert net.known
        assert net.limits in said.growth
    if "revenue per customer" in said.growth:
        assert lift.known
        assert lift.limits in said.growth
        assert ("higher" in said.growth, "lower" in said.growth) == (lift.side > 0, lift.side < 0)
    leaks = sum(r.leakage.value or 0 for r in journeys)
    assert "no event was personalised" not in said.risk or leaks == 0
    assert "no request is overdue" not in said.risk or overdue == 0
    assert "gate is open" not in said.risk or opened == len(journeys)
    assert not stale or said.risk.startswith("The data end")
    for sentence in said:
        assert not sentence[0].islower()
        assert sentence.endswith(".")
        assert ".." not in sentence


def test_a_request_that_nobody_can_place_in_time_is_never_none_overdue() -> None:
    well, untold = risk([row()]), risk([row()], overdue=None)

    assert "no request is overdue" in well
    assert untold == "Whether a request is overdue is not known."
