"""Worked examples of who is followed, until when, for each survival metric."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from experiments.effects import HarmIf
from jobs.config.models import SurvivalMetric
from jobs.config.workspace import Workspace
from jobs.experiment.survival import _effects, _spans
from jobs.experiment.units import build, rules_of
from metrics.effects_table import Design
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


GONE = "the last at risk all had the event by then, so the risk has no limits"


@pytest.mark.parametrize(
    ("asked", "variant", "note"),
    [
        (None, [(1, 3, 0), (70, 0, 57)], GONE),
        (60.0, [(1, 3, 0), (70, 0, 57)], None),
        (None, [(1, 3, 0), (60, 0, 57)], None),
        (90.0, [(1, 3, 0), (60, 0, 57)], "compared at 60, the longest that both arms were followed, instead"),
        (90.0, [(1, 3, 0), (70, 57, 0)], GONE),
    ],
)
def test_a_row_says_what_it_could_not_compare(
    asked: float | None, variant: list[tuple[int, int, int]], note: str | None
) -> None:
    """All but one of the control go out of sight before they could have the event; the last has it at 70."""
    arms = {"holdout": [(day, 0, 1) for day in range(1, 60)] + [(70, 1, 0)], "personalised": variant}
    rows = [
        {"variant": arm, "days": float(day), "events": events, "units": events + censored, "left": 0}
        for arm, spans in arms.items()
        for day, events, censored in spans
    ]
    rails: dict[str, tuple[HarmIf, float | None]] = {"lapse": ("higher", 0.01)}
    design = Design("offer", None, tuple(arms), (0.5, 0.5), 0.95, 120.0, "revenue", rails)
    row = _effects(design, "lapse", pl.DataFrame(rows), asked, 1).row(0, named=True)
    assert row["status"] == "ok"
    assert row["rmst_low"] is not None
    assert (row["note"] is None) if note is None else note in row["note"]
    limitless = note == GONE
    figures = ("risk_low", "risk_high", "p_value", "p_noninferiority")
    assert [row[name] is None for name in figures] == [limitless] * 4
    assert (row["guardrail_state"] == "not_enough_data") >= limitless
