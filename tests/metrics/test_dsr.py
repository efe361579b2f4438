from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import WEEKENDS_ONLY
from law.regimes import place_of
from metrics.dsr import Deadline, Request, appeal_due, deadline

NOON = time(12, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), NOON)


def dates(jurisdiction: str, kind: str, received: str, **moments: str) -> Deadline:
    request = Request(
        kind, jurisdiction, noon(received), **{name: noon(day) for name, day in moments.items()}
    )
    return deadline(request, noon(received) + timedelta(days=20))


# Column order: case, jurisdiction, kind, received, respond_due, extended_due (None: not asked).
EXAMPLES = [
    ("E1", "IE", "access", "2026-09-03", "2026-10-05", None),
    ("E2", "IE", "access", "2026-01-31", "2026-03-02", None),
    ("E3", "IE", "access", "2028-01-31", "2028-02-29", None),
    ("E4", "IE", "access", "2026-08-31", "2026-09-30", None),
    ("E5 France", "FR", "access", "2026-04-01", "2026-05-04", None),
    ("E5 Ireland", "IE", "access", "2026-04-01", "2026-05-01", None),
    ("E6 France", "FR", "access", "2026-11-25", "2026-12-28", None),
    ("E6 Ireland", "IE", "access", "2026-11-25", "2026-12-28", None),
    ("E6 Germany", "DE", "access", "2026-11-25", "2026-12-28", None),
    ("E7", "IE", "access", "2026-01-31", "2026-03-02", "2026-04-30"),
    ("E8", "IE", "access", "2027-11-30", "2027-12-30", "2028-02-29"),
    ("E9", "IE", "access", "2026-07-01", "2026-08-04", None),
    ("E10", "GB", "access", "2026-09-03", "2026-10-05", None),
    ("E13", "GB", "access", "2026-11-25", "2026-12-29", None),
    ("E14", "US-CA", "access", "2026-11-20", "2027-01-04", "2027-02-18"),
    ("E15", "US-CA", "opt_out", "2026-12-21", "2027-01-13", None),
    ("E16", "US-CA", "delete", "2026-01-31", "2026-03-17", "2026-05-01"),
    ("E17", "US-CA", "access", "2028-01-20", "2028-03-05", "2028-04-19"),
    ("E18", "US-VA", "access", "2026-07-01", "2026-08-15", "2026-09-29"),
    ("E19", "US-IA", "access", "2026-07-01", "2026-09-29", "2026-11-13"),
    ("E20", "BR", "access", "2026-11-23", "2026-12-08", None),
    ("E21", "CA", "access", "2026-11-23", "2026-12-23", "2027-01-22"),
]


@pytest.mark.parametrize(
    ("jurisdiction", "kind", "received", "respond", "extended"),
    [example[1:] for example in EXAMPLES],
    ids=[example[0] for example in EXAMPLES],
)
def test_worked_examples(
    jurisdiction: str, kind: str, received: str, respond: str, extended: str | None
) -> None:
    assert dates(jurisdiction, kind, received).respond_due == date.fromisoformat(respond)
    if extended is not None:
        found = dates(jurisdiction, kind, received, extended_at=received)
        assert found.respond_due == date.fromisoformat(respond)
        assert found.extended_due == date.fromisoformat(extended)


def test_e7_the_conservative_date_does_not_roll() -> None:
    assert dates("IE", "access", "2026-01-31").conservative_due == date(2026, 2, 28)


def test_e11_clarification_pauses_a_british_access_request() -> None:
    asked = {"clarification_asked_at": "2026-09-08", "clarification_received_at": "2026-09-18"}
    found = dates("GB", "access", "2026-09-03", **asked)
    assert found.respond_due == date(2026, 10, 14)
    assert found.conservative_due == date(2026, 10, 13)
    assert dates("GB", "delete", "2026-09-03", **asked).respond_due == date(2026, 10, 5)
    assert dates("IE", "access", "2026-09-03", **asked).respond_due == date(2026, 10, 5)


def test_e12_proof_of_identity_restarts_the_british_clock_alone() -> None:
    proof = {"identity_verified_at": "2026-09-10"}
    assert dates("GB", "access", "2026-09-03", **proof).respond_due == date(2026, 10, 12)
    assert dates("IE", "access", "2026-09-03", **proof).respond_due == date(2026, 10, 5)
    assert dates("US-CA", "access", "2026-09-03", **proof).respond_due == date(2026, 10, 18)


def test_e14_california_confirms_within_ten_business_days() -> None:
    found = dates("US-CA", "access", "2026-11-20")
    assert found.acknowledge_due == date(2026, 12, 8)
    assert WEEKENDS_ONLY.end(date(2026, 11, 20), place_clock_acknowledge()) == date(2026, 12, 4)
    assert dates("US-CA", "opt_out", "2026-11-20").acknowledge_due is None
    assert dates("US-VA", "access", "2026-11-20").acknowledge_due is None


def place_clock_acknowledge() -> Any:
    from law.regimes import clock_for

    clock = clock_for("CCPA", "access", date(2026, 11, 20))
    assert clock is not None
    return clock.acknowledge


def test_e15_the_conservative_count_knows_weekends_only() -> None:
    assert dates("US-CA", "opt_out", "2026-12-21").conservative_due == date(2027, 1, 11)


def test_e18_a_virginian_appeal() -> None:
    assert appeal_due("US-VA", "access", noon("2026-08-20")) == date(2026, 10, 19)
    assert appeal_due("US-CA", "access", noon("2026-08-20")) is None
    assert appeal_due("XX", "access", noon("2026-08-20")) is None


def test_e22_an_identity_never_proved_does_not_pause_california() -> None:
    request = Request("access", "US-CA", noon("2026-07-01"))
    assert deadline(request, noon("2026-08-15")).state == "due_soon"
    assert deadline(request, noon("2026-08-16")).state == "overdue"
    denied = replace(request, closed_at=noon("2026-08-15"), outcome="denied")
    assert deadline(denied, noon("2026-09-01")).state == "on_time"


@pytest.mark.parametrize(
    ("jurisdiction", "kind"),
    [
        ("US", "access"),
        ("XX", "access"),
        (None, "delete"),
        ("IE", "opt_out"),
        ("BR", "delete"),
        ("IE", "sing"),
    ],
)
def test_what_the_law_data_does_not_cover_is_unknown(jurisdiction: str | None, kind: str) -> None:
    request = Request(kind, jurisdiction, noon("2026-07-01"), extended_at=noon("2026-07-02"))
    found = deadline(request, noon("2026-12-01"))
    assert (found.rule, found.state) == ("unknown", "unknown")
    due = (
        found.acknowledge_due,
        found.respond_due,
        found.conservative_due,
        found.extended_due,
        found.days_left,
    )
    assert due == (None,) * 5
    closed = replace(request, closed_at=noon("2026-07-05"), outcome="complied")
    assert deadline(closed, noon("2026-12-01")).state == "unknown"
    assert deadline(closed, noon("2026-12-01")).days == 4
    assert deadline(replace(closed, outcome="duplicate"), noon("2026-12-01")).state == "excluded"


OPEN = Request("access", "IE", noon("2026-09-03"))  # due Monday 2026-10-05


@pytest.mark.parametrize(
    ("as_of", "state", "days_left"),
    [
        ("2026-09-03", "open", 32),
        ("2026-09-27", "open", 8),
        ("2026-09-28", "due_soon", 7),
        ("2026-10-05", "due_soon", 0),
        ("2026-10-06", "overdue", -1),
    ],
)
def test_the_state_of_an_open_request(as_of: str, state: str, days_left: int) -> None:
    found = deadline(OPEN, noon(as_of))
    assert (found.state, found.days_left) == (state, days_left)


@pytest.mark.parametrize(
    ("closed", "outcome", "state", "days"),
    [
        ("2026-10-05", "complied", "on_time", 32),
        ("2026-10-05", "denied", "on_time", 32),
        ("2026-10-06", "complied_in_part", "late", 33),
        ("2026-10-06", "withdrawn", "excluded", None),
        ("2026-09-04", "duplicate", "excluded", None),
        ("2026-09-04", None, "on_time", None),
    ],
)
def test_the_state_of_a_closed_request(
    closed: str, outcome: str | None, state: str, days: int | None
) -> None:
    found = deadline(replace(OPEN, closed_at=noon(closed), outcome=outcome), noon("2026-11-01"))
    assert (found.state, found.days, found.days_left) == (state, days, None)


def test_what_lies_after_the_measurement_has_not_happened() -> None:
    later = replace(OPEN, closed_at=noon("2026-10-20"), outcome="duplicate", extended_at=noon("2026-10-01"))
    assert deadline(later, noon("2026-09-30")) == deadline(OPEN, noon("2026-09-30"))
    assert deadline(later, noon("2026-10-10")).state == "open"
    assert deadline(later, noon("2026-10-20")).state == "excluded"


def test_a_last_moment_answer_counts_by_the_clock_of_the_regime() -> None:
    pacific = ZoneInfo("America/Los_Angeles")
    request = Request("delete", "US-CA", datetime(2026, 6, 30, 23, 30, tzinfo=pacific))
    answered = datetime(2026, 8, 14, 23, 59, tzinfo=pacific)
    assert deadline(request, answered).received_on == date(2026, 6, 30)
    on_time = replace(request, closed_at=answered, outcome="complied")
    assert deadline(on_time, answered + timedelta(days=3)).state == "on_time"
    late = replace(on_time, closed_at=answered + timedelta(minutes=1))
    assert deadline(late, answered + timedelta(days=3)).state == "late"


def test_a_moment_without_a_zone_is_utc() -> None:
    naive = replace(OPEN, received_at=OPEN.received_at.replace(tzinfo=None))
    assert deadline(naive, datetime(2026, 9, 10)) == deadline(OPEN, datetime(2026, 9, 10, tzinfo=UTC))  # noqa: DTZ001


def test_an_extension_counts_only_when_announced_in_time() -> None:
    in_time = replace(OPEN, extended_at=noon("2026-10-05"))
    assert deadline(in_time, noon("2026-10-10")).extended_due == date(2026, 12, 3)
    assert deadline(in_time, noon("2026-10-10")).state == "open"
    late = deadline(replace(OPEN, extended_at=noon("2026-10-06")), noon("2026-10-10"))
    assert late.extended_due is None
    assert late.state == "overdue"
    assert late.notes == ("The extension was not announced by 2026-10-05 and does not count.",)


def test_an_opt_out_cannot_be_extended() -> None:
    found = dates("US-CA", "opt_out", "2026-07-01", extended_at="2026-07-02")
    assert found.extended_due is None
    assert found.notes == ("The law allows no extension of this request.",)


def test_florida_extends_by_fifteen_days() -> None:
    assert dates("US-FL", "access", "2026-07-01", extended_at="2026-07-02").extended_due == date(2026, 8, 30)


BRITISH = Request("access", "GB", noon("2026-09-03"))


def test_before_february_2026_british_clocks_neither_pause_nor_restart() -> None:
    request = Request(
        "access",
        "GB",
        noon("2026-02-04"),
        identity_verified_at=noon("2026-02-10"),
        clarification_asked_at=noon("2026-02-10"),
        clarification_received_at=noon("2026-02-20"),
    )
    assert deadline(request, noon("2026-02-25")).respond_due == date(2026, 3, 4)
    next_day = replace(request, received_at=noon("2026-02-05"))
    assert deadline(next_day, noon("2026-02-25")).respond_due == date(2026, 3, 20)


def test_an_unanswered_clarification_pauses_until_today() -> None:
    asked = replace(BRITISH, clarification_asked_at=noon("2026-09-08"))
    first, second = (deadline(asked, noon(day)) for day in ("2026-09-14", "2026-09-15"))
    assert (first.respond_due, second.respond_due) == (date(2026, 10, 12), date(2026, 10, 12))
    assert deadline(asked, noon("2026-11-30")).state == "open"
    closed = replace(asked, closed_at=noon("2026-09-10"), outcome="complied")
    assert deadline(closed, noon("2026-11-30")).respond_due == date(2026, 10, 6)


def test_a_clarification_asked_for_too_late_pauses_nothing() -> None:
    late = replace(BRITISH, clarification_asked_at=noon("2026-10-06"))
    found = deadline(late, noon("2026-10-20"))
    assert found.respond_due == date(2026, 10, 5)
    assert found.state == "overdue"
    assert "asked for after the last day" in found.notes[0]


def test_a_clarification_within_an_extension_pauses_the_extension() -> None:
    request = replace(
        BRITISH,
        extended_at=noon("2026-10-01"),
        clarification_asked_at=noon("2026-10-12"),
        clarification_received_at=noon("2026-10-14"),
    )
    found = deadline(request, noon("2026-11-01"))
    assert found.respond_due == date(2026, 10, 5)
    assert found.extended_due == date(2026, 12, 7)  # 3 December + 3 days is a Sunday
    assert found.notes == ()


def test_the_day_of_receipt_is_not_counted_twice() -> None:
    same_day = replace(
        BRITISH,
        clarification_asked_at=noon("2026-09-03"),
        clarification_received_at=noon("2026-09-13"),
    )
    assert deadline(same_day, noon("2026-09-20")).respond_due == date(2026, 10, 13)


CALIFORNIAN = Request("access", "US-CA", noon("2026-07-06"))  # confirmation due Monday 2026-07-20


@pytest.mark.parametrize(
    ("entries", "as_of", "expected"),
    [
        ({}, "2026-07-20", None),
        ({}, "2026-07-21", "late"),
        ({"acknowledged_at": noon("2026-07-20")}, "2026-08-01", "on_time"),
        ({"acknowledged_at": noon("2026-07-21")}, "2026-08-01", "late"),
        ({"closed_at": noon("2026-07-10"), "outcome": "complied"}, "2026-08-01", "on_time"),
        ({"closed_at": noon("2026-07-10"), "outcome": "withdrawn"}, "2026-08-01", None),
        ({"closed_at": noon("2026-07-10")}, "2026-08-01", "late"),
    ],
)
def test_an_answer_within_its_time_replaces_the_confirmation(
    entries: dict[str, Any], as_of: str, expected: str | None
) -> None:
    assert deadline(replace(CALIFORNIAN, **entries), noon(as_of)).acknowledged == expected


def test_a_request_closed_before_it_was_received_is_unknown() -> None:
    found = deadline(replace(OPEN, closed_at=noon("2026-09-01"), outcome="complied"), noon("2026-09-10"))
    assert (found.state, found.rule, found.respond_due, found.days) == ("unknown", "unknown", None, None)
    assert found.notes == ("The request was closed before it was received.",)


def test_a_closing_date_without_a_time_is_the_day_of_receipt() -> None:
    same_day = replace(OPEN, closed_at=datetime(2026, 9, 2, 23, tzinfo=UTC), outcome="complied")
    assert deadline(same_day, noon("2026-09-10")).days == 0
    assert deadline(same_day, noon("2026-09-10")).state == "on_time"


def test_gaps_in_the_log_are_named() -> None:
    undated = deadline(replace(OPEN, outcome="complied"), noon("2026-10-20"))
    assert undated.state == "overdue"
    assert undated.notes == ("The request has an outcome but no closing date.",)
    assert deadline(replace(OPEN, closed_at=noon("2026-09-09")), noon("2026-10-20")).notes == (
        "The request was closed without an outcome.",
    )


def test_the_establishment_decides_the_calendar() -> None:
    french = Request("access", "FR", noon("2026-07-01"))
    assert deadline(french, noon("2026-07-10")).respond_due == date(2026, 8, 3)
    assert deadline(french, noon("2026-07-10"), "IE").respond_due == date(2026, 8, 4)


days = st.dates(date(2026, 2, 5), date(2030, 12, 31))
european = st.sampled_from(["IE", "FR", "DE", "GB", "NO", "HU", "MT", "GB-SCT"])
anywhere = st.sampled_from(["IE", "FR", "GB", "US-CA", "US-VA", "US-IA", "CA", "BR", "CA-QC", "TW"])


def received(day: date) -> datetime:
    return datetime.combine(day, NOON)


def known(day: date | None) -> date:
    assert day is not None
    return day


@given(days, european)
def test_month_rules_end_on_a_working_day_at_least_28_days_on(day: date, jurisdiction: str) -> None:
    found = deadline(Request("access", jurisdiction, received(day)), received(day))
    due = known(found.respond_due)
    assert due >= day + timedelta(days=28)
    assert place_of(jurisdiction).calendar.is_working_day(due)
    assert known(found.conservative_due) <= due


@given(days, anywhere)
def test_due_dates_never_run_backwards(day: date, jurisdiction: str) -> None:
    first, second = (
        deadline(Request("access", jurisdiction, received(one), extended_at=received(one)), received(one))
        for one in (day, day + timedelta(days=1))
    )
    assert known(first.respond_due) <= known(second.respond_due)
    assert (first.extended_due or known(first.respond_due)) >= known(first.respond_due)
    assert known(first.conservative_due) <= known(first.respond_due)


@given(days, anywhere, st.integers(0, 40), st.integers(0, 40))
def test_a_pause_never_shortens_and_counts_in_britain_alone(
    day: date, jurisdiction: str, wait: int, length: int
) -> None:
    request = Request("access", jurisdiction, received(day))
    asked = received(day + timedelta(days=wait))
    clarified = asked + timedelta(days=length)
    paused = replace(request, clarification_asked_at=asked, clarification_received_at=clarified)
    plain_due = known(deadline(request, clarified).respond_due)
    paused_due = known(deadline(paused, clarified).respond_due)
    assert paused_due >= plain_due
    if jurisdiction != "GB":
        assert paused_due == plain_due


@given(days, european, european)
def test_a_calendar_only_moves_the_roll(day: date, jurisdiction: str, establishment: str) -> None:
    request = Request("access", jurisdiction, received(day))
    own, other = deadline(request, received(day)), deadline(request, received(day), establishment)
    assert own.conservative_due == other.conservative_due
    assert known(other.respond_due) >= known(own.conservative_due)


@given(days, anywhere, st.integers(0, 200))
def test_states_agree_with_days_left(day: date, jurisdiction: str, elapsed: int) -> None:
    found = deadline(Request("access", jurisdiction, received(day)), received(day + timedelta(days=elapsed)))
    left = found.days_left
    assert left is not None
    assert found.state == ("overdue" if left < 0 else "due_soon" if left <= 7 else "open")
