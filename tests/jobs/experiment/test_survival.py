"""Worked examples of who is followed, until when, for each survival metric."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import pytest

from jobs.config.models import SurvivalMetric
from jobs.config.workspace import Workspace
from jobs.experiment.survival import _spans
from jobs.experiment.units import build, rules_of
from tests.jobs.building import InMemory, experiment_of, source_of
from tests.jobs.judging import collected
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import PURPOSES, Assignment, Consent, Customer, Request, Retailer, after

CHURN = SurvivalMetric(kind="survival", table="order_lines", inactive_days=60.0)
WITHDRAWAL = SurvivalMetric(kind="survival", table="consent_events", event="withdrawn")
ASSIGNED = after(5)
SHOP = Retailer(
    assignments=(Assignment(1, "personalised", ASSIGNED),),
    customers=(Customer(1),),
    consent=tuple(Consent(1, purpose, "granted", after(-5)) for purpose in PURPOSES),
    requests=(),
)
TO_THE_END = (AS_OF_END - ASSIGNED) / dt.timedelta(days=1)
OBJECTION = Request(1, "object", after(8))
WITHDREW = Consent(1, PURPOSES[0], "withdrawn", after(11))


@pytest.mark.parametrize(
    ("metric", "requests", "withdrawals", "days", "happened", "left"),
    [
        pytest.param(WITHDRAWAL, (), (), TO_THE_END, 0, 0, id="withdrawal: until the measurement date"),
        pytest.param(WITHDRAWAL, (), (WITHDREW,), 6.0, 1, 0, id="withdrawal: the first one"),
        pytest.param(WITHDRAWAL, (OBJECTION,), (), TO_THE_END, 0, 0, id="withdrawal: an objection is none"),
        pytest.param(WITHDRAWAL, (OBJECTION,), (WITHDREW,), 6.0, 1, 0, id="withdrawal: after an objection"),
        pytest.param(CHURN, (), (), TO_THE_END, 0, 0, id="churn: until the measurement date"),
        pytest.param(CHURN, (OBJECTION,), (), 3.0, 0, 1, id="churn: an objection ends it"),
        pytest.param(CHURN, (), (WITHDREW,), 6.0, 0, 1, id="churn: a withdrawal ends it"),
    ],
)
def test_how_long_a_customer_is_followed(
    workspace: Workspace,
    metric: SurvivalMetric,
    requests: tuple[Request, ...],
    withdrawals: tuple[Consent, ...],
    days: float,
    happened: int,
    left: int,
) -> None:
    retailer = replace(SHOP, requests=requests, consent=(*SHOP.consent, *withdrawals))
    experiment = experiment_of(retailer)
    source = source_of(retailer, order_lines=lambda lines: lines.with_columns(quantity=nw.lit(1)))
    units = build(workspace, experiment, source, InMemory(Path()))
    spans = _spans(metric, units, source, rules_of(workspace, experiment))
    (row,) = collected(spans).iter_rows(named=True)
    assert (row["days"], row["happened"], row["left"]) == (days, happened, left)
