import datetime as dt
import json

import numpy as np
import polars as pl
import pytest

from jobs.demo import plan, truth_file, write
from jobs.demo.clock import DAY, NEVER
from jobs.demo.people.consent import Answers, settle
from jobs.demo.plan import EMAIL, MEASURED, PROFILED
from metrics.consent_alerts import alerts

GRANTED_AT, VALID = 230 * DAY, 183 * DAY


def answers(**changes: int) -> Answers:
    """One customer who granted everything; times of what the person would do."""
    return Answers(
        decided=np.full((3, 1), GRANTED_AT),
        granted=np.ones((3, 1), dtype=bool),
        own=np.array([[changes.get("withdraws", NEVER)], [NEVER], [changes.get("withdraws_email", NEVER)]]),
        joint=np.array([[True], [True], [False]]),
        renewal=np.array([changes.get("renews", NEVER)]),
        patience=np.array([changes.get("patience", NEVER)]),
        gpc=np.array([False]),
        validity=np.array([VALID]),
    )


def lawful(chosen: Answers, time: int, *purposes: str, pressed: int = int(NEVER)) -> bool:
    consent = settle(chosen, np.array([pressed]))
    return bool(consent.lawful(purposes, np.array([0]), np.array([time]))[0])


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (GRANTED_AT - 1, False),
        (GRANTED_AT, True),
        (GRANTED_AT + VALID, True),
        (GRANTED_AT + VALID + 1, False),
    ],
)
def test_a_grant_holds_from_its_second_to_its_expiry(time: int, expected: bool) -> None:
    assert lawful(answers(), time, PROFILED, MEASURED) is expected


def test_a_renewal_carries_on() -> None:
    renewed = answers(renews=GRANTED_AT + VALID - DAY)
    assert lawful(renewed, GRANTED_AT + VALID + 20 * DAY, PROFILED, EMAIL)


def test_a_withdrawal_ends_its_purpose_and_those_that_go_with_it() -> None:
    leaving = answers(withdraws=GRANTED_AT + 10 * DAY, renews=GRANTED_AT + 100 * DAY)
    after = GRANTED_AT + 11 * DAY
    assert not lawful(leaving, after, PROFILED)
    assert not lawful(leaving, after, MEASURED)
    assert lawful(leaving, after, EMAIL)
    assert not lawful(leaving, GRANTED_AT + 120 * DAY, PROFILED)


def test_unwanted_messages_bring_the_withdrawal_forward() -> None:
    patient = answers(patience=5 * DAY, withdraws=GRANTED_AT + 90 * DAY)
    since = GRANTED_AT + 20 * DAY
    assert settle(patient, np.array([since])).withdrawal((PROFILED, EMAIL)) == since + 5 * DAY
    assert settle(patient, np.array([NEVER])).withdrawal((PROFILED, EMAIL)) == GRANTED_AT + 90 * DAY
    assert settle(patient, np.array([since])).withdrawal(()) == NEVER


QUARTER = dt.date(2026, 7, 6)


def first_answers(seed: int) -> pl.DataFrame:
    """The first answer of every customer of a demo of 50,000 to each purpose, from its files."""
    world, draws = plan.world(seed, 1.0), plan.streams(seed, 0)
    block = write.draw_block(world, 0, draws)
    tables = write.block_tables(world, 0, block, draws)
    people, ledger = next(tables)[1], next(tables)[1]
    first = ledger.sort("occurred_at").group_by("customer_id", "purpose").first()
    return first.join(people.select("customer_id", "jurisdiction"), on="customer_id").with_columns(
        granted=(pl.col("state") == "granted")
        & ~(pl.col("tc_string").str.len_chars() < 30).fill_null(value=False),
        local=pl.col("occurred_at").dt.convert_time_zone("Europe/Dublin"),
    )


@pytest.fixture(scope="module", params=[7, 21, 22])
def answered(request: pytest.FixtureRequest) -> pl.DataFrame:
    return first_answers(request.param)


@pytest.fixture(scope="module")
def banner() -> dict[str, object]:
    """What truth.json says of the banner."""
    return json.loads(truth_file.document(plan.world(7, 0.01), {}, {}))["consent_rate_of_first_answers"]


def test_first_answers_fall_in_one_place_on_one_day(
    answered: pl.DataFrame, banner: dict[str, object]
) -> None:
    changed = dt.date.fromisoformat(str(banner["changed_on"]))
    since, here = pl.col("local").dt.date() >= changed, pl.col("jurisdiction") == banner["jurisdiction"]
    recent = answered.filter(pl.col("local").dt.date() >= dt.date(2026, 4, 1))

    for purpose, truth in dict(banner["purposes"]).items():
        for moment, chosen in (("before", ~since), ("after", since)):
            granted = recent.filter(pl.col("purpose") == purpose, here, chosen)["granted"]
            error = (truth[moment] * (1 - truth[moment]) / len(granted)) ** 0.5
            assert abs(granted.mean() - truth[moment]) < 4 * error + 0.005, (purpose, moment)
    elsewhere = recent.filter(pl.col("purpose") == PROFILED, ~here)
    before, after = (elsewhere.filter(part)["granted"] for part in (~since, since))
    assert abs(after.mean() - before.mean()) < 4 * (0.18 / len(after) + 0.18 / len(before)) ** 0.5


def test_the_alert_finds_the_changed_banner_and_little_else(
    answered: pl.DataFrame, banner: dict[str, object]
) -> None:
    weeks = (
        answered.filter(pl.col("purpose") != plan.RETARGETED)
        .with_columns(week=pl.col("local").dt.date().dt.truncate("1w"))
        .group_by("jurisdiction", "purpose", "week")
        .agg(decided=pl.len(), granted=pl.col("granted").sum())
        .filter(pl.col("week").is_between(QUARTER - dt.timedelta(weeks=24), dt.date(2026, 9, 21)))
    )
    read = alerts(weeks, QUARTER, 50)
    here = pl.col("jurisdiction") == banner["jurisdiction"]
    fallen = here & (pl.col("week") >= dt.date.fromisoformat(str(banner["changed_on"])))

    found = read.filter(pl.col("purpose") == PROFILED, fallen)
    assert found["alert"].to_list() == ["drop"] * 6
    assert found["baseline"].is_between(0.82, 0.9).all()
    steady = read.filter(~fallen, pl.col("alert") != "unknown")
    assert steady.height > 80
    assert (steady["alert"] != "steady").sum() <= 1
