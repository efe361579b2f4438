"""What changed is told with its cause, and chance is not told as change."""

from dataclasses import replace

import pytest

from reports.board.changes import differs, moved, previous
from reports.board.content import board
from reports.board.parts import Change
from tests.reports.board.making import absent, figure
from tests.ui.boards import FOUR, Kept, quarter

CART, HOME = FOUR[0], FOUR[1]
HOME_BEFORE = replace(HOME, coverage=0.74, cost=0.3)
HOME_AFTER = replace(HOME, coverage=0.587, cost=0.3)
Limits = tuple[float, float | None, float | None]


def told(before: list[Kept], after: list[Kept]) -> list[Change]:
    return list(board(quarter(after), quarter(before, "2026Q2")).changes.changes)


def sentences(before: list[Kept], after: list[Kept]) -> list[str]:
    return [change.sentence.replace("\u00a0", " ") for change in told(before, after)]


@pytest.mark.parametrize(("period", "before"), [("2026Q3", "2026Q2"), ("2026Q1", "2025Q4")])
def test_the_quarter_before(period: str, before: str) -> None:
    assert previous(period) == before


def test_a_gate_s_change_is_told_with_the_figure_that_caused_it() -> None:
    found = told([HOME_BEFORE], [HOME_AFTER])

    assert found[0].sentence.replace("\u00a0", " ").startswith("Homepage went from open")
    assert (
        found[0]
        .sentence.replace("\u00a0", " ")
        .endswith("(100 %) to blocked: consent coverage from 74.0 % to 58.7 %, at least 70.0 % asked.")
    )
    assert found[0].tone == "bad"


def test_what_moved_a_gate_is_told_once() -> None:
    own = [change for change in told([HOME_BEFORE], [HOME_AFTER]) if change.about == "Homepage"]

    assert len(own) == 1


def test_a_gate_that_opens_is_good_news() -> None:
    found = told([HOME_AFTER], [HOME_BEFORE])

    assert found[0].tone == "good"
    assert "from 58.7" in found[0].sentence


def test_a_new_journey_and_one_that_is_gone_are_told() -> None:
    result = board(quarter([CART]), quarter([HOME], "2026Q2")).changes

    assert result.changes[0].sentence.startswith("Cart recovery is new this quarter")
    assert "No longer configured: Homepage." in result.remark


def test_chance_is_no_change() -> None:
    assert sentences([CART], [replace(CART, lift=0.05, coverage=0.917)]) == []


def test_intervals_that_do_not_touch_are_a_change() -> None:
    gate, lift = sentences([replace(CART, lift=0.09)], [replace(CART, lift=-0.02, half=0.01)])

    assert gate.startswith("Cart recovery went from open (100 %) to held: lift from ")
    assert lift == "Cart recovery: lift fell from +9.0 % to −2.00 %."


def test_evidence_that_is_gone_is_told_as_bad_news() -> None:
    found = told([CART], [replace(CART, coverage=None, leaks=None, score=None)])

    assert "consent coverage (not known now)" in found[0].sentence
    gone = next(change for change in found if "minimisation was" in change.sentence)
    assert gone.sentence == "Cart recovery: minimisation was 0.80 and is not known now."
    assert gone.tone == "bad"


def test_without_an_earlier_quarter_that_is_said() -> None:
    found = board(quarter(FOUR)).changes

    assert found.run_id is None
    assert found.changes == ()
    assert "no earlier quarter" in found.remark


def test_nothing_changed_is_said() -> None:
    assert board(quarter(FOUR), quarter(FOUR, "2026Q2")).changes.remark.startswith("No gate changed")


def test_changed_definitions_and_policies_are_said() -> None:
    before = quarter(FOUR, "2026Q2")
    other = replace(before, run=replace(before.run, definitions_version="other", policy_hash="other"))

    remark = board(quarter(FOUR), other).changes.remark
    assert "Definitions changed" in remark
    assert "policy changed" in remark


def test_tiles_say_how_far_they_moved_beyond_uncertainty() -> None:
    before = quarter([replace(item, coverage=(item.coverage or 0) - 0.1) for item in FOUR], "2026Q2")
    found = board(quarter(FOUR), before)

    assert found.tile("consent").moved.replace("\u00a0", " ") == "+10.0 pp"
    assert found.tile("minimisation").moved == ""


@pytest.mark.parametrize(
    ("now", "old", "expected"),
    [
        ((0.5, 0.4, 0.6), (0.2, 0.1, 0.3), True),
        ((0.5, 0.4, 0.6), (0.3, 0.2, 0.4), False),
        ((0.2, 0.1, 0.3), (0.5, 0.4, 0.6), True),
        ((0.80, 0.79, None), (0.70, 0.69, None), True),
        ((0.80, 0.79, None), (0.785, 0.78, None), False),
        ((0.70, 0.69, None), (0.80, 0.79, None), True),
        ((5, None, None), (6, None, None), True),
        ((5, None, None), (5, None, None), False),
    ],
)
def test_figures_differ_beyond_their_limits_only(now: Limits, old: Limits, expected: bool) -> None:
    assert differs(figure("score", *now), figure("score", *old)) is expected


def test_what_is_not_known_did_not_move() -> None:
    assert not differs(figure("score", 1), absent("score"))
    assert moved(figure("score", 1), None, "EUR") == ""


def test_effects_on_different_metrics_are_no_change() -> None:
    spend, revenue = ("relative", 0.01, 0.005, 0.015), ("relative", 0.2, 0.15, 0.25)
    before = figure(*spend, unit="lift", what="spend per customer")
    now = figure(*revenue, unit="lift", what="revenue per customer")

    assert not differs(now, before)
    assert differs(now, replace(before, what=now.what))
