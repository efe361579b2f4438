"""A figure amounts to one word, whatever it looks like beside the others."""

import pytest

from reports.assembly import experiments
from reports.readings import GUARDRAILS, HEALTH, VERDICTS, health_mark, reading, segment_reading, verdict_mark
from reports.results import Check, Effect, Experiment
from tests.ui.retailer import Made, check, hidden, row, segment, snapshot


def one(made: Made) -> Experiment:
    return experiments(snapshot(made))[made.experiment]


def word(made: Made, metric: str = "revenue") -> str:
    found = one(made)
    return reading(found.headline(metric, "personalised"), found.metric(metric), found).word


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made(rows=[row(lift=0.03, half_width=0.02)]), "better"),
        (Made(rows=[row(lift=-0.03, half_width=0.02)]), "worse"),
        (Made(rows=[row(lift=0.03, half_width=0.03)]), "no clear effect"),
        (Made(rows=[row(lift=0.03, half_width=0.02)], ended=False), "too early to say"),
        (Made(rows=[row(lift=0.05, half_width=0.02)], ended=False), "better"),
        (Made(rows=[hidden()]), "too few people"),
        (Made(rows=[row(status="not_testable")]), "not testable"),
        (Made(rows=[row(difference_low=None)]), "not testable"),
        (Made(), "no evidence"),
        (Made(rows=[row()], code="withheld", checks=[check("sample_ratio", "fail")]), "withheld"),
        (Made(rows=[hidden()], code="withheld", checks=[check("sample_ratio", "fail")]), "too few people"),
    ],
)
def test_a_row_reads_by_the_interval_that_decides(made: Made, expected: str) -> None:
    assert word(made) == expected


def test_lower_is_better_where_the_metric_says_so() -> None:
    made = Made(rows=[row(), row("returns", -0.2, 0.05)])
    assert word(made, "returns") == "better"


@pytest.mark.parametrize("state", [*GUARDRAILS, "", None])
def test_a_guardrail_reads_as_one_of_four_states(state: str | None) -> None:
    rails = {"returns": {"harm_if": "higher", "margin": 0.002}}
    made = Made(rows=[row(), row("returns", guardrail_state=state)], definition={"guardrails": rails})
    assert word(made, "returns") == GUARDRAILS.get(state or "", GUARDRAILS["not_enough_data"]).word


@pytest.mark.parametrize(
    ("p", "expected"), [(0.01, "better"), (0.06, "no clear effect"), (None, "no clear effect")]
)
def test_a_segment_stands_out_only_among_all_that_were_looked_at(p: float | None, expected: str) -> None:
    found = one(Made(rows=[row(), segment("country", "IE", 0.1, p_adjusted=p)]))
    (effect,) = found.by_segment("revenue", "personalised", "country")
    assert segment_reading(effect, found.metric("revenue"), found).word == expected


def test_every_mark_has_a_shape_of_its_own_tone() -> None:
    for marks in (VERDICTS, GUARDRAILS, HEALTH):
        assert all(mark.word and mark.shape for mark in marks.values())
    seen = {(mark.shape, mark.tone): mark.word for mark in GUARDRAILS.values()}
    assert len(seen) == len(GUARDRAILS)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["pass", "warn", "fail"], "failed"),
        (["pass", "unknown"], "unknown"),
        (["pass"], "passed"),
        ([], "unknown"),
    ],
)
def test_health_is_as_good_as_its_worst_check(statuses: list[str], worst: str) -> None:
    assert health_mark([Check("x", None, None, status, "") for status in statuses]).word == worst


def test_an_unknown_verdict_is_no_evidence() -> None:
    assert verdict_mark(one(Made(code="invented")), "personalised").word == "no evidence"
    assert verdict_mark(one(Made()), "nobody").word == "no evidence"


def test_a_risk_is_not_read_before_the_planned_end() -> None:
    found = one(Made(rows=[row()], ended=False))
    risk = {**vars(found.totals[0]), "method": "survival", "sequential_low": None, "sequential_high": None}
    assert reading(Effect(**risk), found.metric("revenue"), found).word == "too early to say"
