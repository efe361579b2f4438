"""What is said of requests is true for them: the queue, the service level, the law, the yearly table."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.loader import LAW_FOLDER, load
from reports.wording import privacy_requests as wording
from reports.wording import privacy_yearly as yearly
from reports.wording.privacy_law import rule_words
from reports.wording.privacy_requests import Queue
from reports.wording.privacy_words import REGIMES, RIGHTS, no_evidence, set_aside_note
from tests.ui.privacy_tables import answered, frame, request, snapshot

DUBLIN = ZoneInfo("Europe/Dublin")


@pytest.mark.parametrize(
    ("found", "word", "sentence"),
    [
        (Queue(2, 5, 3, 0, 9, 0), "overdue", "2 requests are overdue and 5 are due within 7 days."),
        (Queue(1, 1, 0, 0, 1, 0), "overdue", "1 request is overdue and 1 is due within 7 days."),
        (Queue(1, 0, 4, 0, 3, 0), "overdue", "1 request is overdue; no other is due within 7 days."),
        (Queue(0, 3, 0, 0, None, 0), "due soon", "No request is overdue; 3 are due within 7 days."),
        (
            Queue(0, 0, 1, 2, None, 0),
            "clock unknown",
            "No request with a known clock is due within 7 days, but 2 open requests have none.",
        ),
        (Queue(0, 0, 1, 0, None, 0), "in time", "No request is overdue or due within 7 days."),
        (Queue(0, 0, 0, 0, None, 0), "in time", "No request waits for an answer."),
        (
            Queue(0, 0, 0, 0, None, 4),
            "not certain",
            "No request waits for an answer, as far as the log can be read.",
        ),
    ],
)
def test_the_queue_in_one_sentence(found: Queue, word: str, sentence: str) -> None:
    told = wording.lead(found)
    assert (told.mark.word if told.mark else "", told.lead) == (word, sentence)


counts = st.integers(0, 40)


@given(counts, counts, counts, counts, st.integers(0, 3))
def test_good_is_said_only_when_nothing_is_wrong_or_unknown(
    overdue: int, soon: int, later: int, unknown: int, aside: int
) -> None:
    found = Queue(overdue, soon, later, unknown, overdue or None, aside)
    told = wording.lead(found)
    assert told.mark is not None
    assert (told.mark.tone == "good") == (not (overdue or soon or unknown or aside))
    said = f"{told.lead} {told.more}"
    for number in (overdue, soon, unknown):
        assert not number or re.search(rf"\b{number}\b", said), said
    assert ("overdue for" in said) == bool(overdue)


@given(st.lists(st.tuples(st.sampled_from(["overdue", "due_soon", "open", "unknown"]), st.integers(0, 90))))
def test_the_queue_counts_what_waits_and_nothing_else(made: list[tuple[str, int]]) -> None:
    days = {"overdue": lambda n: -1 - n, "due_soon": lambda n: n % 8, "open": lambda n: 8 + n}
    rows = [request(i, state, days[state](n) if state in days else None) for i, (state, n) in enumerate(made)]
    late = [answered(900 + i, "late") for i in range(3)]
    closed_unknown = [answered(990, "unknown", regime="unknown", rule="unknown")]
    table = frame("dsr_requests", [*rows, *late, *closed_unknown])
    queued = wording.waiting(table)
    found = wording.queue(queued, 0)
    assert found.waiting == len(made) == queued.height
    left = queued["days_left"].drop_nulls().to_list()
    assert left == sorted(left)
    assert queued["days_left"].null_count() == found.unknown
    assert found.oldest == (-left[0] if found.overdue else None)


def test_the_next_step_names_the_oldest_and_the_last_date() -> None:
    rows = wording.waiting(
        frame(
            "dsr_requests",
            [
                request(1, "overdue", -26, kind="correct"),
                request(2, "overdue", -2),
                request(3, "due_soon", 4),
                request(4, "due_soon", 7),
                request(5, "unknown", None, rule="unknown"),
                request(6, "open", 30),
            ],
        )
    )
    assert wording.next_step(rows) == (
        "Answer what is overdue, first correct from IE, due on 4 Sep 2026. Then answer the 2 due by "
        "7 Oct 2026. Set a date by hand for the 1 without a known clock."
    )
    assert wording.next_step(rows.filter(pl.col("state") == "open")) == (
        "Nothing needs an answer within a week."
    )


def test_an_extension_replaces_the_last_day() -> None:
    row = request(1, "open", 62, respond_due=dt.date(2026, 10, 1), extended_due=dt.date(2026, 12, 1))
    assert wording.last_day(row) == dt.date(2026, 12, 1)


def test_the_service_level_names_its_denominator_and_what_is_outside() -> None:
    states = dict.fromkeys(wording.STATES, 0) | {
        "on_time": 80, "late": 5, "overdue": 5, "open": 7, "due_soon": 3, "excluded": 2, "unknown": 4,
    }  # fmt: skip
    told = wording.service(states, 0.82)
    assert told.lead.replace("\u00a0", " ") == (
        "88.9 % of the 90 requests that were due, at least 82.0 % (one-sided 95 %)."
    )
    assert told.more == (
        "Outside it: 10 open and not due yet, 2 withdrawn or repeated, 4 whose clock is not known."
    )
    nothing = wording.service(dict.fromkeys(wording.STATES, 0), None)
    assert nothing.lead == "No request of the quarter was due yet."


def test_quarters_are_those_of_receipt_in_the_workspace_s_zone() -> None:
    late_evening = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    rows = frame("dsr_requests", [answered(1, received_at=late_evening), answered(2, "late")])
    found = wording.by_quarter(rows, DUBLIN)
    assert found.select("period", "on_time", "late").rows() == [("2026Q3", 1, 1)]


def law_rules() -> list[tuple[str, dict[str, Any]]]:
    files = [load(f"deadlines/{path.name}") for path in sorted((LAW_FOLDER / "deadlines").glob("*.yaml"))]
    return [(key, rule.values) for file in files for key, rule in file.rules.items()]


@pytest.mark.parametrize(("key", "values"), law_rules())
def test_every_rule_of_law_is_told_in_its_own_numbers(key: str, values: dict[str, Any]) -> None:
    words = rule_words(key)
    assert words.clock.startswith(f"{values['respond']} from receipt")
    assert ("next working day" in words.clock) == bool(values.get("rolls"))
    assert ("extended in time" in words.more) == ("extended" in values)
    for name in ("extended", "acknowledge"):
        assert name not in values or str(values[name]) in words.more
    assert "Checked" in words.source
    assert values["regime"] in REGIMES
    assert set(values["kinds"]) <= set(RIGHTS)


def test_a_rule_that_the_law_data_lacks_is_never_a_default() -> None:
    assert (
        rule_words("unknown").clock
        == rule_words(None).clock
        == "no clock in the law data for this right here"
    )


@pytest.mark.parametrize(
    ("year", "today", "sentence"),
    [
        (2025, dt.date(2026, 3, 1), "The table of 2025 is to be published by 1 Jul 2026."),
        (2025, dt.date(2026, 7, 1), "The table of 2025 is to be published by 1 Jul 2026."),
        (2025, dt.date(2026, 9, 30), "The table of 2025 was to be published by 1 Jul 2026."),
        (2026, dt.date(2026, 9, 30), "2026 is not complete: its table is to be published by 1 Jul 2027."),
    ],
)
def test_the_yearly_table_is_due_on_the_first_of_july(year: int, today: dt.date, sentence: str) -> None:
    assert yearly.publication(year, today) == sentence


def test_the_log_is_complete_only_when_no_entry_is_missing() -> None:
    notes = [
        "year not complete; 3 logged without channel (manner of request); 4 rows of the table set aside",
        "1 not answered; 2 logged without denial_basis",
        None,
    ]
    rows = frame(
        "dsr_7102", [{"year": 2026, "right": str(i), "received": 5, "note": n} for i, n in enumerate(notes)]
    )
    told = yearly.log_check(rows)
    assert told.mark == yearly.INCOMPLETE
    assert told.lead == "5 entries are missing: the manner of request of 3 and the denial basis of 2."
    assert yearly.log_check(rows.filter(pl.col("note").is_null())).mark == yearly.COMPLETE
    assert yearly.log_check(rows.with_columns(received=0)).mark == yearly.NOTHING_LOGGED
    assert [yearly.remarks(note) for note in notes] == [
        "3 logged without channel (manner of request)", "1 not answered; 2 logged without denial_basis", "",
    ]  # fmt: skip


def test_missing_tables_are_named_with_what_nobody_knows() -> None:
    shot = snapshot({}, inputs={"vendors": 0})
    one = no_evidence(shot, ("data_inventory", "vendors"), "which data are held")
    assert one.lead == "No evidence: this workspace has no table data_inventory."
    assert one.more.endswith("nobody knows which data are held: neither good nor zero.")
    both = no_evidence(shot, ("dsr_requests", "inference_log"), "anything")
    assert both.lead == "No evidence: this workspace lacks the tables dsr_requests and inference_log."
    empty = no_evidence(shot, ("vendors",), "who receives data")
    assert empty.lead == "No evidence: nothing in vendors counts for this period."
    assert set_aside_note(snapshot({}, inputs={"vendors": 1}), "vendors") == (
        "1 row of vendors broke a rule and is not counted: see Status."
    )
    assert set_aside_note(shot, "vendors") == ""
