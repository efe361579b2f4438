"""Every verdict has its own sentence, true for its figures, and a next step."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.assembly import experiments
from reports.results import Experiment
from reports.wording.variants import result
from reports.wording.verdicts import Said
from tests.ui.retailer import Made, check, hidden, row, snapshot

AS_OF = date(2026, 9, 30)
RAIL = {"returns": {"harm_if": "higher", "margin": 0.002}}


def experiment(made: Made) -> Experiment:
    return experiments(snapshot(made))[made.experiment]


def said(made: Made, as_of: date = AS_OF) -> Said:
    return result(experiment(made), currency="EUR", minimum_people=50, as_of=as_of)


WORKED = {
    "a gain": (
        Made(code="better", rows=[row(lift=0.042, half_width=0.023)]),
        "It works: revenue per customer is 4.2\u00a0% higher with personalised than with holdout.",
        "95\u00a0% interval +1.9\u00a0% to +6.5\u00a0%; €42.93 instead of €41.20 per customer; +€164k in all "
        "(+€74k to +€254k) among the 94,686 customers it was assigned to.",
        "Roll out personalised further; keep some customers held out, so the gain stays measured.",
    ),
    "a gain before the planned end": (
        Made(code="better", ended=False, rows=[row(lift=0.06, half_width=0.02)]),
        "It works already: revenue per customer is 6.0\u00a0% higher with personalised than with holdout.",
        "95\u00a0% interval, valid at every look, +2.6\u00a0% to +9.4\u00a0%; €43.67 instead of €41.20 per "
        "customer; +€234k in all (+€101k to +€367k) among the 94,686 customers it was assigned to.",
        "Roll out personalised further; keep some customers held out, so the gain stays measured. Waiting "
        "for the planned end would only make the figure more precise.",
    ),
    "a loss": (
        Made(code="worse", rows=[row(lift=-0.043, half_width=0.026)]),
        "It does harm: revenue per customer is 4.3\u00a0% lower with personalised than with holdout.",
        "95\u00a0% interval −6.9\u00a0% to −1.7\u00a0%; €39.43 instead of €41.20 per customer; −€168k in all "
        "(−€269k to −€66k) among the 94,686 customers it was assigned to.",
        "Do not roll out personalised; go back to holdout.",
    ),
    "a gain that harms": (
        Made(
            code="harmful_guardrail",
            rows=[row(), row("returns", 0.1, 0.02, guardrail_state="worse", margin=0.002)],
            definition={"guardrails": RAIL},
            detail={"harmed_guardrails": ["returns"]},
        ),
        "It gains, but does harm: revenue per customer is 4.2\u00a0% higher with personalised than with "
        "holdout, while return rate got worse.",
        "95\u00a0% interval +2.2\u00a0% to +6.2\u00a0%; €42.93 instead of €41.20 per customer; +€164k in all "
        "(+€86k to +€242k) among the 94,686 customers it was assigned to. Return rate: +10.0\u00a0% "
        "(+8.0\u00a0% to +12.0\u00a0%), 8.8\u00a0% instead of 8.0\u00a0%.",
        "Do not roll it out as it is: find out why return rate got worse, mend it and test again.",
    ),
    "nothing clear": (
        Made(code="no_clear_effect", needed_more=266_715, rows=[row(lift=0.006, half_width=0.01)]),
        "No clear effect: revenue per customer may be anything from 0.40\u00a0% lower to 1.60\u00a0% higher "
        "with personalised than with holdout.",
        "95\u00a0% interval −0.40\u00a0% to +1.60\u00a0%; €41.45 instead of €41.20 per customer.",
        "To settle an effect of the size seen takes about 270,000 more customers. Decide whether a further "
        "test is worth it; until then change nothing.",
    ),
    "too early": (
        Made(code="too_early", ended=False, needed_more=41_000, rows=[row(lift=0.03, half_width=0.04)]),
        "Too early to say: so far revenue per customer may be anything from 3.8\u00a0% lower to 9.8\u00a0% "
        "higher with personalised than with holdout.",
        "95\u00a0% interval, valid at every look, −3.8\u00a0% to +9.8\u00a0%; €42.44 instead of €41.20 per "
        "customer.",
        "Assignment has ended; wait for the last outcomes, complete after 28 Oct 2026. To settle an effect "
        "of the size seen takes about 41,000 more customers.",
    ),
    "withheld": (
        Made(
            code="withheld", rows=[row()], checks=[check("sample_ratio", "fail", "The arms are not split.")]
        ),
        "Do not read these figures: the check “Sample ratio” failed.",
        "The arms are not split.",
        "Find where one arm gains or loses customers (redirects, bots, logging), mend it, and start the test "
        "anew: these figures cannot be repaired.",
    ),
    "too few people": (
        Made(code="suppressed", rows=[hidden()]),
        "Too few people to show: an arm has fewer than 50.",
        "Figures about fewer than 50 people stay hidden: they could point at somebody.",
        "Let it run: figures appear once every arm has 50 customers that count.",
    ),
    "not testable": (
        Made(code="not_testable", rows=[row(status="not_testable", note="nobody bought anything")]),
        "Cannot be tested: revenue per customer does not allow it.",
        "Nobody bought anything.",
        "Look at the metric's definition and its data: a metric that never varies cannot be compared.",
    ),
    "nothing yet": (
        Made(code="no_evidence", exclusions={"not_mature": (100, 400)}),
        "No evidence yet: there is no result for revenue per customer.",
        "The outcome window of 500 customers is still open.",
        "Wait until their windows close, then refresh.",
    ),
    "no consent table": (
        Made(code="no_evidence", checks=[check("consent", "unknown", "Nobody counts: there is no table.")]),
        "No evidence yet: there is no result for revenue per customer.",
        "Nobody counts: there is no table.",
        "Add the missing table to workspace.yaml, then refresh.",
    ),
}


@pytest.mark.parametrize("case", WORKED)
def test_every_verdict_has_its_sentences(case: str) -> None:
    made, lead, more, advice = WORKED[case]
    found = said(made)
    assert (found.lead, found.more, found.advice) == (lead, more, advice)


def test_without_a_verdict_there_is_no_evidence() -> None:
    made = Made(variants=("personalised",), codes={})
    bare = experiment(made)
    object.__setattr__(bare, "verdicts", {})
    assert result(bare, currency="EUR", minimum_people=50, as_of=AS_OF).mark.word == "no evidence"


def test_a_running_test_is_told_how_long_to_run() -> None:
    made = Made(code="too_early", ended=False, rows=[row(lift=0.01, half_width=0.05)])
    assert said(made, date(2026, 8, 1)).advice == "Let it run to its planned end on 30 Sep 2026."
    endless = Made(code="too_early", ended=False, rows=made.rows, definition={"ends": None})
    assert said(endless).advice == "Let it run; it has no planned end."


def test_a_number_out_of_reach_is_called_so() -> None:
    made = Made(
        code="too_early", ended=False, needed_more=10_000_000, rows=[row(lift=0.001, half_width=0.05)]
    )
    assert "84 times as many as so far: out of reach as it runs now." in said(made).advice


def test_a_lift_without_limits_is_told_in_the_metrics_unit() -> None:
    made = Made(code="better", rows=[row(relative_low=None, relative_high=None, note="unbounded")])
    assert (
        said(made).lead
        == "It works: revenue per customer is €1.73 higher with personalised than with holdout."
    )


def test_a_gain_with_a_warning_looks_into_it_first() -> None:
    found = said(Made(rows=[row()], checks=[check("missing_days", "warn")]))
    assert found.advice.startswith("First look into “Missing days”; then roll out personalised further")


def test_a_capped_total_says_so() -> None:
    made = Made(code="better", rows=[row(note="values above the 0.999 quantile are capped")])
    assert "large values capped" in said(made).more


@given(
    lift=st.floats(-0.5, 0.5).filter(lambda value: abs(value) > 1e-4),
    half_width=st.floats(0.001, 0.5).map(lambda value: value + 1e-7),
    ended=st.booleans(),
)
def test_an_interval_that_holds_0_never_reads_as_a_win_or_a_loss(lift, half_width, ended) -> None:
    reach = half_width if ended else 1.7 * half_width
    code = (
        "better"
        if lift > reach
        else "worse"
        if lift < -reach
        else "no_clear_effect"
        if ended
        else "too_early"
    )
    found = said(Made(code=code, ended=ended, rows=[row(lift=lift, half_width=half_width)]))
    claims = ("It works", "It does harm", "It gains")
    if code in ("no_clear_effect", "too_early"):
        assert not found.lead.startswith(claims)
        assert "lower to" in found.lead
        assert "in all" not in found.more
    else:
        assert found.lead.startswith(claims)
