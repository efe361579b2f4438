"""The board's figures are the store's, each with its denominator, period, definition and evidence."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from metrics import catalogue
from reports.board.content import board
from reports.board.parts import Figure
from reports.board.programme import LIFT, NET
from reports.board.tiles import overdue
from reports.gates.evaluation import gates
from tests.ui.boards import FOUR, TREATED, Kept, quarter
from ui.site import BY_PATH

BARE = Kept("home", "Homepage", lift=None, coverage=None, leaks=None, score=None, cost=None)


def test_programme_figures_come_from_the_universal_holdout_alone() -> None:
    found = board(quarter(FOUR))
    lift, net = found.tile("lift").figure, found.tile("net_value").figure

    assert (lift.key, net.key) == (LIFT, NET)
    assert (lift.value, lift.low, lift.high) == pytest.approx((0.019, 0.008, 0.03))
    assert lift.evidence.path == "experiment?experiment=universal-holdout"
    assert net.value == pytest.approx(TREATED * 41.2 * 0.019 - len(FOUR) * 120)
    assert net.high == pytest.approx(TREATED * 41.2 * 0.03 - len(FOUR) * 120)


def test_without_a_universal_holdout_several_journeys_have_no_total() -> None:
    found = board(quarter(FOUR, whole=None))

    for name in ("lift", "net_value"):
        assert not found.tile(name).figure.known
        assert found.tile(name).under == "No universal holdout has started"
        assert "do not add up" in found.tile(name).figure.note


def test_a_single_journey_speaks_for_itself() -> None:
    found = board(quarter(FOUR[:1], whole=None))

    assert found.tile("lift").title == "Lift of the one journey"
    assert found.tile("net_value").figure == found.rows[0].net_value


def test_a_journey_whose_inference_cost_is_unknown_leaves_the_sum_unknown() -> None:
    found = board(quarter([FOUR[0], replace(FOUR[1], cost=None)]))

    assert found.tile("net_value").figure.status == "no_evidence"
    assert "inference of Homepage costs is not known" in found.tile("net_value").figure.note
    assert found.headline.growth.startswith("With personalisation, revenue per customer is 1.90")


def test_a_failed_health_check_withholds_every_figure_of_its_journey() -> None:
    row = board(quarter([replace(FOUR[0], code="withheld")])).rows[0]

    assert {row.lift.status, row.net_value.status, row.churn.status} == {"withheld"}
    assert row.lift.value is None
    assert row.consent.known


def test_running_experiments_show_the_limits_that_hold_at_any_look() -> None:
    row = board(quarter([replace(FOUR[0], ended=False)])).rows[0]

    assert row.lift.sure.endswith("valid at every look")
    assert row.lift.low == pytest.approx(0.042 - 1.7 * 0.02)


def test_consent_is_weighted_by_events_and_its_lower_limit_holds_for_shared_customers() -> None:
    tile = board(quarter(FOUR)).tile("consent")

    assert tile.figure.value == pytest.approx(sum(item.coverage or 0 for item in FOUR) / 4)
    assert tile.figure.low == pytest.approx((tile.figure.value or 0) - 0.004)
    assert "58.7" in tile.under
    partly = board(quarter([FOUR[0], replace(FOUR[1], coverage=None)])).tile("consent")
    assert "not known for 1 journey" in partly.under


def test_requests_fields_and_vendors_are_the_company_s() -> None:
    found = board(quarter(FOUR))

    assert found.tile("requests").figure.value == pytest.approx(76 / 77)
    assert found.tile("requests").under == "76 of 77 due; 1 answered late"
    assert found.tile("minimisation").under == "11 of 64 fields failing; excess load 26"
    assert found.tile("vendors").figure.text == "7 of 9"


def test_a_quarter_without_requests_is_not_one_without_a_log() -> None:
    none_due = board(quarter(FOUR, dsr_sla=[])).tile("requests").figure
    no_log = board(quarter(FOUR, measured=False)).tile("requests").figure

    assert (none_due.status, none_due.text) == ("not_needed", "none due")
    assert (no_log.status, no_log.text) == ("no_evidence", "no evidence")


def test_of_requests_without_a_clock_none_due_and_none_overdue_are_not_said() -> None:
    waiting = {"regime": "LGPD", "kind": "delete", "period": "2026Q3", "received": 2}
    found = board(quarter(FOUR, dsr_sla=[waiting]))
    requests = found.tile("requests")

    assert requests.figure.status == "no_evidence"
    assert requests.under == "The clock of 2 requests is not known, and no other was due"
    assert "nothing is known of requests" in found.headline.risk


def test_of_a_spoilt_log_none_due_and_none_overdue_are_not_said() -> None:
    spoilt = quarter(FOUR, dsr_sla=[])
    log = {"accepted": 0, "quarantined": {"unknown_kind": 3}}
    spoilt = replace(spoilt, run=replace(spoilt.run, inputs={**spoilt.run.inputs, "dsr_requests": log}))

    assert board(spoilt).tile("requests").figure.status == "no_evidence"
    served = replace(spoilt, frames=quarter(FOUR).frames)
    assert overdue(served) is None
    assert overdue(quarter(FOUR)) == 0


def test_nothing_measured_is_no_evidence_everywhere_and_never_zero() -> None:
    found = board(quarter([BARE], whole=None, measured=False))

    figures = [*found.rows[0].figures, *(tile.figure for tile in found.tiles)]
    assert {figure.text for figure in figures} == {"no evidence"}
    assert all(figure.value is None for figure in figures)
    assert found.map.points == ()
    assert found.map.without == ("Homepage",)
    assert found.headline.growth.startswith("Nobody knows what personalisation earns")


def test_no_journeys_at_all() -> None:
    found = board(quarter([], whole=None, measured=False))

    assert found.rows == ()
    assert found.headline.growth.startswith("There is nothing to judge yet")


def test_the_map_counts_checks_and_prefers_net_value_where_most_have_it() -> None:
    found = board(quarter(FOUR)).map

    assert found.measure == "net_value"
    assert {point.name: point.standing for point in found.points} == {
        "Cart recovery": 0, "Homepage": 2, "Post-purchase": 1, "Win-back e-mail": 1
    }  # fmt: skip
    by_lift = board(quarter([FOUR[0], *(replace(item, net=None) for item in FOUR[1:])])).map
    assert by_lift.measure == "relative"
    assert len(by_lift.points) == 4


def test_a_gate_that_nobody_evaluated_is_not_at_zero() -> None:
    found = board(quarter(FOUR[:2], judged=False))

    assert [row.gate.status for row in found.rows] == ["not_evaluated"] * 2
    assert [point.standing for point in found.map.points] == [None, None]
    assert "no rollout gate has been evaluated" in found.headline.growth


def test_gates_of_the_run_and_gates_as_judged_now_read_alike() -> None:
    made = quarter(FOUR)
    now = gates(made, (), made.run.as_of)

    for then, present in zip(board(made).rows, board(made, gates=now).rows, strict=True):
        assert replace(then.gate, evidence=present.gate.evidence) == present.gate
        assert present.gate.evidence.path == f"gates?{urlencode({'journey': present.name})}"
        assert then.gate.evidence.page == "journeys", "the checks of a past quarter stand there"


def test_a_gate_that_has_closed_since_the_run_is_not_open() -> None:
    made = quarter(FOUR[:1])
    later = gates(quarter([replace(FOUR[0], leaks=3)]), (), made.run.as_of)

    assert board(made).headline.growth.endswith("and it may roll out further.")
    assert "no journey is cleared" in board(made, gates=later).headline.growth


def test_a_quarter_looked_back_on_clears_nothing_today() -> None:
    said = board(quarter(FOUR), past=True).headline.growth

    assert said.endswith("1 of 4 journeys was cleared for a further rollout.")


def test_several_variants_without_a_choice_have_no_single_lift() -> None:
    made = quarter([FOUR[0]])
    record = made.experiment_records[0]
    two = {**record.definition, "allocation": {"holdout": 1, "personalised": 1, "compact": 1}}
    rows = board(
        replace(made, experiment_records=(record._replace(definition=two), *made.experiment_records[1:]))
    )

    assert "none is chosen" in rows.rows[0].lift.note


@pytest.mark.parametrize("kept", [FOUR, FOUR[:1], [BARE]])
def test_every_figure_is_defined_and_leads_to_a_page(kept: list[Kept]) -> None:
    found = board(quarter(kept))

    figures: list[Figure] = [tile.figure for tile in found.tiles]
    for row in found.rows:
        figures += row.figures
    for figure in figures:
        assert catalogue.figure(figure.key) == figure.definition
        assert figure.evidence.page in BY_PATH
        assert figure.period
        assert figure.of or not figure.known
        assert figure.text
    assert all(row.gate.evidence.page in BY_PATH for row in found.rows)


def test_journeys_of_one_name_are_told_apart_in_links() -> None:
    rows = board(quarter([FOUR[0], replace(FOUR[1], name="Cart recovery")])).rows

    assert {row.consent.evidence.path for row in rows} == {
        "consent?journey=Cart+recovery+%28cart%29", "consent?journey=Cart+recovery+%28home%29"
    }  # fmt: skip


def test_the_same_run_gives_the_same_board() -> None:
    assert board(quarter(FOUR)) == board(quarter(FOUR))


def test_figures_equal_the_rows_of_journeys_csv() -> None:
    made = quarter(FOUR)
    csv = {row["journey"]: row for row in made.journeys().iter_rows(named=True)}

    for row in board(made).rows:
        own = csv[row.journey]
        for figure in (row.net_value, row.consent, row.minimisation, row.cost, row.vendors, row.requests):
            assert figure.value == own[figure.key]
        assert row.net_value.low == own["net_low"]
