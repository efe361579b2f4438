"""A gain that is paid for with people's consent."""

import datetime as dt
from dataclasses import replace
from typing import Any

from reports.assembly import experiments
from reports.wording.variants import result
from reports.wording.verdicts import Said
from tests.ui.growing import followed, run
from tests.ui.retailer import METRICS, Made, row

RAILS = {"withdrawal": {"harm_if": "higher", "margin": 0.002}}
MARGIN = {**METRICS["revenue"], "value": "margin"}
WITHDRAWN = followed("withdrawal", 0.10, 0.02, guardrail_state="worse", margin=0.002)


def said(code: str = "harmful_guardrail", margin: bool = True, ended: bool = True, **lift: Any) -> Said:
    """One variant whose withdrawals are worse: 100 more per 1,000."""
    effects = [row(**lift)]
    if margin:
        effects.append(row(difference=0.5, difference_low=0.2, difference_high=0.8, sequential_low=0.1,
                           sequential_high=0.9) | {"metric": "margin"})  # fmt: skip
    made = Made(code=code, ended=ended, rows=effects, detail={"harmed_guardrails": ["withdrawal"]},
                definition={"guardrails": RAILS})  # fmt: skip
    found = run(made, survival_effects=[WITHDRAWN])
    snapshot = replace(found, metric_definitions={**found.metric_definitions, "margin": MARGIN})
    (experiment,) = experiments(snapshot).values()
    return result(experiment, currency="EUR", minimum_people=50, as_of=dt.date(2026, 9, 30))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_verdict_names_the_margin_against_the_withdrawals() -> None:
    found = said()
    assert plain(found.lead) == (
        "It earns by driving people to withdraw consent: per 1,000 customers +€500.00 of margin "
        "(+€200.00 to +€800.00) against 100 more withdrawals (80 to 120) within 90 days."
    )
    assert plain(found.more).startswith("Revenue per customer is 4.2 % higher with personalised")
    assert found.advice.startswith("Do not roll it out as it is")


def test_revenue_stands_in_where_margin_is_not_measured() -> None:
    assert "+€1,730 of revenue (" in plain(said(margin=False).lead)


def test_before_the_planned_end_money_has_the_limits_of_any_look_and_withdrawals_none() -> None:
    found = plain(said(ended=False).lead)
    assert "+€500.00 of margin (+€100.00 to +€900.00) against 100 more withdrawals within 90 days" in found


def test_a_result_without_a_gain_still_says_that_people_withdraw() -> None:
    found = said("no_clear_effect", lift=0.001, half_width=0.02)
    assert found.lead.endswith("while consent withdrawal within 90 days got worse.")
    assert found.advice.startswith("Stop personalised: no gain is shown")
    early = said("too_early", ended=False, lift=0.001, half_width=0.02)
    assert early.lead.endswith("got worse already.")
