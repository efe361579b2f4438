"""Worked examples of an experiment's units: segments, covariates, maturity and the universal holdout."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from jobs.config.models import Experiment, MeanMetric
from jobs.config.workspace import Workspace
from jobs.experiment.units import build, hold_out
from jobs.population import REASONS
from tests.jobs.building import InMemory, experiment_of, source_of, through_the_job
from tests.jobs.judging import collected
from tests.jobs.recount import AS_OF_END
from tests.jobs.retailers import Assignment, Customer, Line, Result, Retailer, Time, after

HOME = 100_001
SHOP = Retailer(
    assignments=(Assignment(1, "personalised", after(5)),),
    customers=(Customer(1),),
    consent=(),
    requests=(),
    needs_consent=False,
)


def only_unit(workspace: Workspace, retailer: Retailer, **known: Any) -> dict[str, Any]:
    frame, _ = through_the_job(workspace, retailer, **known)
    (row,) = frame.iter_rows(named=True)
    return row


def home(*members: Customer) -> Retailer:
    customers = [member._replace(customer=i, household=HOME) for i, member in enumerate(members, 1)]
    assigned = (Assignment(HOME, "personalised", after(5)),)
    return replace(SHOP, assignments=assigned, customers=customers, by_household=True)


GOLD, SILVER = Customer(1), Customer(1, tier="silver")
NO_TIER = Customer(1, tier=None)
GOLDEN_CHILD = Customer(1, birth_date=dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("members", "segment"),
    [
        pytest.param([GOLD], "gold", id="alone"),
        pytest.param([NO_TIER], "(unknown)", id="no value"),
        pytest.param([GOLD, GOLD], "gold", id="agreed"),
        pytest.param([GOLD, SILVER], "(mixed)", id="not agreed"),
        pytest.param([GOLD, NO_TIER], "(mixed)", id="one without a value"),
        pytest.param([NO_TIER, NO_TIER], "(unknown)", id="both without a value"),
        pytest.param([SILVER, GOLDEN_CHILD], "silver", id="only members who count have a say"),
    ],
)
def test_a_households_segment_is_what_its_members_agree_on(
    workspace: Workspace, members: Sequence[Customer], segment: str
) -> None:
    assert only_unit(workspace, home(*members))["segment__tier"] == segment


@pytest.mark.parametrize(
    ("values", "covariate"),
    [
        pytest.param([3.0], 3.0, id="alone"),
        pytest.param([None], 0.0, id="no value is 0"),
        pytest.param([3.0, 3.0], 3.0, id="agreed"),
        pytest.param([3.0, 1.0], 4.0, id="not agreed: their sum"),
        pytest.param([3.0, None], 3.0, id="one without a value"),
        pytest.param([-1.0, -1.0, 2.0], 0.0, id="three"),
    ],
)
def test_a_households_covariate_is_agreed_or_added_up(
    workspace: Workspace, values: Sequence[float | None], covariate: float
) -> None:
    members = [Customer(1, history=value) for value in values]
    assert only_unit(workspace, home(*members))["visit__before"] == covariate


@pytest.mark.parametrize(
    ("loaded_until", "mature"),
    [
        pytest.param(AS_OF_END, (True, True), id="long ago"),
        pytest.param(after(12), (True, True), id="window ends where the rows end"),
        pytest.param(after(12, microseconds=-1), (True, False), id="window ends later"),
        pytest.param(after(8), (True, False), id="only the short window is over"),
        pytest.param(after(8, microseconds=-1), (False, False), id="no window is over"),
    ],
)
def test_a_unit_is_mature_when_its_window_lies_within_the_loaded_rows(
    workspace: Workspace, loaded_until: Time, mature: tuple[bool, bool]
) -> None:
    row = only_unit(workspace, SHOP, loaded_until=loaded_until)
    assert (row["counted__3_days"], row["counted__7_days"]) == mature


@pytest.mark.parametrize(
    ("assigned_at", "mature"),
    [(AS_OF_END - dt.timedelta(days=7), True), (AS_OF_END - dt.timedelta(days=7, microseconds=-1), False)],
)
def test_maturity_ends_with_the_measurement_day(
    workspace: Workspace, assigned_at: Time, mature: bool
) -> None:
    retailer = replace(SHOP, assignments=(Assignment(1, "holdout", assigned_at),), ends=None)
    assert only_unit(workspace, retailer)["counted__7_days"] is mature


def test_no_row_is_zero_in_an_event_table_and_missing_among_computed_outcomes(workspace: Workspace) -> None:
    row = only_unit(workspace, SHOP)
    assert (row["revenue"], row["orders"], row["conversion"]) == (0.0, 0.0, 0.0)
    assert row["counted__7_days"]
    assert not row["counted__visit"]
    for visit, counted in ((None, False), (0.0, True), (1.0, True)):
        row = only_unit(workspace, replace(SHOP, results=(Result(1, visit),)))
        assert (row["counted__visit"], row["visit"]) == (counted, visit or 0.0)


def test_the_end_of_an_experiment_stops_assignment_and_not_outcomes(workspace: Workspace) -> None:
    retailer = replace(
        SHOP,
        assignments=(Assignment(1, "holdout", after(9.5)),),
        lines=(Line(1, "a", 10.0, after(14)),),
    )
    assert only_unit(workspace, retailer)["revenue"] == 10.0


@pytest.mark.parametrize(
    ("homes", "spend", "visit"),
    [
        pytest.param({"customers", "unit_outcomes"}, 3.0, 5.0, id="both: each looks near itself first"),
        pytest.param({"customers"}, 3.0, 3.0, id="customers"),
        pytest.param({"unit_outcomes"}, 5.0, 5.0, id="computed outcomes"),
    ],
)
def test_a_covariate_may_be_a_column_of_either_table(
    workspace: Workspace, homes: set[str], spend: float, visit: float
) -> None:
    metrics = {
        "spend": MeanMetric(
            kind="mean", table="order_lines", value="revenue", window_days=7.0, covariate="score"
        ),
        "visit": MeanMetric(kind="mean", table="unit_outcomes", value="visit", covariate="score"),
    }
    scored = {
        "customers": lambda rows: rows.with_columns(score=nw.lit(3.0)),
        "unit_outcomes": lambda rows: rows.with_columns(score=nw.lit(5.0)),
    }
    source = source_of(replace(SHOP, results=(Result(1, 1.0),)), **{name: scored[name] for name in homes})
    experiment = experiment_of(SHOP).model_copy(update={"primary": "spend", "metrics": ["visit"]})
    built = build(replace(workspace, metrics=metrics), experiment, source, InMemory(Path()))
    (row,) = collected(built.frame).iter_rows(named=True)
    assert (row["spend__before"], row["visit__before"]) == (spend, visit)


# Universal holdout

PROGRAMME = Experiment(
    id="programme",
    control="nothing",
    allocation={"nothing": 0.1, "everything": 0.9},
    primary="revenue",
    programme=True,
    lawful_basis="legitimate_interests",
)


def with_programme(
    workspace: Workspace, retailer: Retailer, unit: str, held_out: int, other: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units of the journey's experiment and of the programme."""
    programme = PROGRAMME.model_copy(update={"unit": unit})
    journey = experiment_of(retailer)
    rows = pl.DataFrame(
        {"experiment": ["programme"] * 2, "unit": [held_out, other], "variant": ["nothing", "everything"]}
    ).with_columns(assigned_at=pl.lit(after(-30)), assigned_on=pl.lit(after(-30).date()))
    more = nw.from_native(rows.lazy())
    source = source_of(retailer, assignments=lambda own: nw.concat([own, more], how="diagonal"))
    workspace = replace(workspace, experiments=(journey, programme))
    engine = InMemory(Path())
    hold_out(workspace, source, engine)
    frames = (build(workspace, experiment, source, engine).frame for experiment in (journey, programme))
    return tuple(collected(frame).sort("unit") for frame in frames)


def reasons(frame: pl.DataFrame) -> dict[int, str | None]:
    return {unit: REASONS[rank - 1] if rank else None for unit, rank in frame.select("unit", "reason").rows()}


@pytest.mark.parametrize("variant", ["holdout", "personalised"])
def test_customers_held_out_of_everything_count_in_no_journey(workspace: Workspace, variant: str) -> None:
    assigned = [Assignment(unit, variant, after(5)) for unit in (1, 2)]
    retailer = replace(SHOP, assignments=assigned, customers=(Customer(1), Customer(2)))
    journey, programme = with_programme(workspace, retailer, "customer", held_out=1, other=2)
    assert reasons(journey) == {1: "universal_holdout", 2: None}
    assert reasons(programme) == {1: None, 2: None}


def test_a_household_held_out_of_everything_holds_out_its_members(workspace: Workspace) -> None:
    customers = (Customer(1, HOME), Customer(2, HOME), Customer(3))
    assigned = [Assignment(unit, "holdout", after(5)) for unit in (1, 2, 3)]
    retailer = replace(SHOP, assignments=assigned, customers=customers)
    journey, programme = with_programme(workspace, retailer, "household", held_out=HOME, other=3)
    assert reasons(journey) == {1: "universal_holdout", 2: "universal_holdout", 3: None}
    assert programme["people"].to_list() == [1, 2]


def test_a_household_stays_with_those_whom_the_programme_does_not_hold_out(workspace: Workspace) -> None:
    journey, _ = with_programme(workspace, home(GOLD, GOLD), "customer", held_out=1, other=2)
    assert (reasons(journey), journey["people"].to_list()) == ({HOME: None}, [1])


def test_without_a_programme_nobody_is_held_out(workspace: Workspace) -> None:
    source = source_of(SHOP)
    hold_out(workspace, source, InMemory(Path()))
    assert source.held_out is None
