"""How sure, how fresh and what changed: told whether good or bad."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reports.assembly import experiments
from reports.changes import run_changes, verdict_changes
from reports.results import Check, Experiment
from reports.wording.assurance import assurance
from reports.wording.freshness import ago, duration, freshness
from reports.wording.guardrails import to_watch
from reports.wording.health import banner, check_label, summary
from storage.records import VerdictRecord
from tests.ui.retailer import Made, check, row, snapshot

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


def checks(**statuses: str) -> list[Check]:
    return [Check(name, None, None, status, f"note on {name}") for name, status in statuses.items()]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (checks(sample_ratio="pass", cap="pass"), "All 2 checks passed."),
        (checks(sample_ratio="pass"), "Its one check passed."),
        (checks(sample_ratio="fail"), "Its one check failed: sample ratio."),
        (checks(sample_ratio="fail", cap="warn"), "1 of 2 checks failed: sample ratio."),
        (
            checks(sample_ratio="warn", consent="unknown", cap="pass"),
            "Of 3 checks, 1 warns (sample ratio) and 1 could not be made (consent).",
        ),
        ([], "No health check could be made."),
    ],
)
def test_health_in_one_line(found: list[Check], sentence: str) -> None:
    assert summary(found)[1] == sentence


def test_only_what_is_wrong_stands_above_the_numbers() -> None:
    assert banner(checks(a="pass", b="unknown")) == []
    assert [c.check for c in banner(checks(a="warn", b="fail", c="warn"))] == ["b"]
    assert [c.check for c in banner(checks(a="warn", b="pass", c="warn"))] == ["a", "c"]
    assert check_label("brand_new_check") == "Brand new check"


def one(made: Made) -> Experiment:
    return experiments(snapshot(made))[made.experiment]


def test_assurance_names_p_where_one_look_was_planned() -> None:
    assert assurance(one(Made(rows=[row(p_adjusted=0.0016)])))[1] == (
        "All 4 checks passed. One planned look: p\u00a0=\u00a00.0016."
    )
    running = one(Made(rows=[row()], ended=False))
    assert assurance(running)[1].endswith(
        "Its planned end has not come: the limits allow for looking every day."
    )


def test_assurance_doubts_what_many_questions_explain() -> None:
    found = one(Made(rows=[row(p_value=0.03, p_adjusted=0.09)]))
    assert "chance alone could explain some of it" in assurance(found)[1]


def test_assurance_is_none_while_a_check_fails() -> None:
    found = one(Made(rows=[row()], code="withheld", checks=[check("sample_ratio", "fail")]))
    assert assurance(found)[1].endswith("Until that is mended, no figure here can be trusted.")


def test_a_guardrail_nobody_measured_is_named() -> None:
    made = Made(rows=[row()], definition={"guardrails": {"returns": {"harm_if": "higher"}}})
    found = one(made)
    detail = {**found.verdicts["personalised"].detail, "unmeasured_guardrails": ["returns"]}
    object.__setattr__(
        found, "verdicts", {"personalised": VerdictRecord(made.experiment, "personalised", "better", detail)}
    )
    assert assurance(found)[1].endswith("Not measured, so not known to be safe: return rate.")


@pytest.mark.parametrize(
    ("state", "sentence", "advice"),
    [
        ("not_worse", "No harm to return rate.", ""),
        (
            "possibly_worse",
            "Return rate is possibly worse.",
            "Watch return rate meanwhile: harm is not ruled out.",
        ),
        (
            "not_enough_data",
            "Harm to return rate is not ruled out yet.",
            "Watch return rate meanwhile: harm is not ruled out.",
        ),
        ("worse", "Return rate got worse.", ""),
    ],
)
def test_a_guardrail_is_told_whatever_came_of_it(state: str, sentence: str, advice: str) -> None:
    rails = {"returns": {"harm_if": "higher", "margin": 0.002}}
    found = one(Made(rows=[row(), row("returns", guardrail_state=state)], definition={"guardrails": rails}))
    assert assurance(found)[1].endswith(sentence)
    assert to_watch(found).strip() == advice


def test_fresh_figures_raise_nothing() -> None:
    shown = snapshot(Made())
    found = freshness(shown, shown.run, NOW)
    assert (found.mark.word, found.old, found.alert) == ("up to date", "", "")
    assert found.line == "Northlight Retail · data as of 30 Sep 2026 · run 1, refreshed 9 h ago"


def test_old_data_and_an_old_refresh_say_so() -> None:
    shown = snapshot(Made())
    found = freshness(shown, shown.run, NOW + timedelta(days=3))
    assert found.mark.word == "old"
    assert found.old == "the data end 3 days ago and last refreshed 3 days ago"


@pytest.mark.parametrize(("status", "word"), [("failed", "failed"), ("interrupted", "was cut off")])
def test_a_failed_refresh_says_what_is_shown_instead(status, word: str) -> None:
    shown = snapshot(Made())
    later = replace(shown.run, run_id=2, status=status, reason="orders.parquet is missing", finished_at=NOW)
    found = freshness(shown, later, NOW)
    assert found.mark.word == "last refresh failed"
    assert found.alert == (
        f"The last refresh {word} on 1 Oct 2026, 10:00 (orders.parquet is missing). The figures below are "
        "from run 1 before it."
    )


def test_a_running_refresh_says_what_is_shown_meanwhile() -> None:
    shown = snapshot(Made())
    later = replace(shown.run, run_id=2, status="running", finished_at=None)
    assert "run 1 is shown" in freshness(shown, later, NOW).alert
    assert duration(later) == "–"
    assert duration(shown.run) == "1 min"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_how_long_ago(age: timedelta, words: str) -> None:
    assert ago(age) == words


def test_what_went_into_a_run_is_compared_with_the_run_before() -> None:
    before = snapshot(Made()).run
    assert run_changes(before, before) == []
    lines = {**before.inputs["order_lines"], "fingerprint": "b", "accepted": 1_290}
    after = replace(
        before, as_of=before.as_of + timedelta(days=1), definitions_version="new", policy_hash="new",
        inputs={"order_lines": lines, "customers": {}}, workspace={**before.workspace, "minimum_people": 20},
    )  # fmt: skip
    assert run_changes(before, after) == [
        "measurement date moved", "order_lines changed (+300 rows)", "customers added", "definitions changed",
        "policy changed", "settings changed",
    ]  # fmt: skip
    assert "customers gone" in run_changes(after, before)


def test_verdicts_that_changed_are_named() -> None:
    def record(experiment: str, code: str) -> VerdictRecord:
        return VerdictRecord(experiment, "b", code, {})

    before = [record("kept", "better"), record("turned", "better"), record("ended", "too_early")]
    after = [record("kept", "better"), record("turned", "worse"), record("begun", "no_evidence")]
    assert verdict_changes(before, after, {"turned": "Homepage, autumn"}) == [
        "Homepage, autumn, b: from better to worse",
        "Begun, b: new, no evidence",
        "Ended, b: gone, was too early to say",
    ]
