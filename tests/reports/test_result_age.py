"""How old the result is on which a gate rests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import formatting
from policy.gates import CheckResult, Result, Status
from policy.model import Policy
from reports.snapshot import Snapshot
from reports.wording import rollouts
from reports.wording.gates import words
from tests.reports.gate_cases import GUARDRAIL, NOW, case, judged
from tests.ui import retailer

AS_OF = datetime(2026, 9, 30, 23, tzinfo=UTC)
POLICY = Policy.model_validate(
    {
        "checks": [
            {"id": "age", "figure": "result_age_days", "op": "<=", "threshold": 365, "severity": "warning"}
        ]
    }
)


def until(at: datetime | None, **other: Any) -> Snapshot:
    """A run whose deciding experiment's outcomes count until then; its tables end with `AS_OF`."""
    return case(facts={"counted_until": at.isoformat() if at else None}, policy=POLICY, **other)


def age(snapshot: Snapshot, now: datetime = NOW) -> CheckResult:
    return next(found for found in judged(snapshot, now=now).checks if found.check.id == "age")


@pytest.mark.parametrize(
    ("last", "now", "days"),
    [
        (AS_OF - timedelta(days=100), AS_OF, 100),
        (AS_OF - timedelta(days=100), AS_OF + timedelta(days=30, hours=23), 130),
        (AS_OF + timedelta(days=28), AS_OF + timedelta(days=3), 3),
        (AS_OF + timedelta(days=28), AS_OF, 0),
    ],
    ids=["over", "over, and not refreshed since", "its windows still open", "of this moment"],
)  # fmt: skip
def test_it_counts_from_the_last_outcome_or_from_the_data_where_they_end_before(
    last: datetime, now: datetime, days: int
) -> None:
    found = age(until(last), now)

    assert (found.result, found.observed) == (Result.PASS, days)
    assert (found.evidence.measured_at, found.evidence.counted) == (AS_OF, "customers")


def test_fresh_tables_make_no_old_result_young() -> None:
    old = until(AS_OF - timedelta(days=400))
    later = replace(old, run=replace(old.run, as_of=NOW, started_at=NOW))

    assert age(old).observed == age(later).observed == 401


def test_a_table_that_was_not_loaded_ends_it_earlier() -> None:
    assert age(until(AS_OF, last_order="2026-09-20T09:00:00")).observed == 12


def test_a_result_past_its_age_holds_the_gate_and_says_what_would_help() -> None:
    snapshot = until(AS_OF - timedelta(days=400))
    found, said = age(snapshot), words(age(snapshot), "EUR")

    assert judged(snapshot).status is Status.HELD
    assert said.sentence == (
        "Age of the result: 401\u00a0days, at most 365\u00a0days allowed (outcomes count until 26 Aug 2025)."
    )
    assert said.would_change == "It passes with a result 36\u00a0days newer."
    assert rollouts.distance(found, "EUR") == "36\u00a0days over"
    assert rollouts.distance(age(until(AS_OF)), "EUR") == "364\u00a0days to spare"


UNKNOWN: dict[str, tuple[Snapshot, str, str]] = {
    "no experiment": (until(AS_OF, made=False), "no_evidence", "no experiment of the journey has begun"),
    "failed health": (
        until(AS_OF, checks={"sample_ratio": "fail"}), "no_evidence", "a health check failed",
    ),
    "no end on record": (until(None), "no_evidence", "`ends` in experiments.yaml"),
    "not measured": (until(AS_OF, rows=[GUARDRAIL]), "no_evidence", "not measured yet"),
    "few people": (until(AS_OF, rows=[retailer.hidden(), GUARDRAIL]), "suppressed", "too few people"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_without_a_result_there_is_no_age_and_the_gate_is_blocked(name: str) -> None:
    snapshot, why, said = UNKNOWN[name]
    found = age(snapshot)

    assert (found.result, found.why, found.observed) == (Result.UNKNOWN, why, None)
    assert said in words(found, "EUR").sentence
    assert judged(snapshot).status is Status.BLOCKED


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=1_000)))
def test_it_is_never_negative_and_only_grows(last: datetime, now: datetime, later: timedelta) -> None:
    snapshot = until(last)
    before, after = (age(snapshot, at).observed for at in (now, now + later))

    assert before is not None
    assert after is not None
    assert 0 <= before <= after <= before + later / timedelta(days=1) + 1
    assert before == int(before)


def test_days_are_written_as_days() -> None:
    assert [formatting.days(value) for value in (0, 1, 1_200, 7.5, None)] == [
        "0\u00a0days", "1\u00a0day", "1,200\u00a0days", "7.5\u00a0days", formatting.MISSING,
    ]  # fmt: skip
