"""Every action has a name and a sentence, and a forged or older entry does not stop the page."""

import json
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.population import REASONS
from jobs.row_counts import ENDED, NOT_ASSIGNED, UNATTRIBUTED
from reports.wording import audit as wording
from storage.acts import FIELDS, Action
from storage.audit import AuditCheck
from storage.chain import Entry

DUBLIN, NEW_YORK = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York")
SAMPLES: dict[type, Any] = {str: "x", int: 3, list: ["x"], dict: {}, type(None): None}


def entry(action: str, detail: object) -> Entry:
    return Entry(7, "2026-09-30T12:00:00.000000+00:00", "ana", action, json.dumps(detail), "0" * 64, "1" * 64)


def told(action: Action, **changes: Any) -> str:
    detail = {name: SAMPLES[kinds[0]] for name, kinds in FIELDS[action].must.items()}
    return wording.sentence(entry(action, detail | changes), DUBLIN)


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_has_a_name_and_a_sentence_of_its_own(action: Action) -> None:
    real = {"refresh": {"as_of": "2026-09-30T23:00:00+00:00"}, "freeze": {"period": "2026Q3"}}
    said = told(action, **real.get(action, {}))
    assert said != f"{wording.action(action)}."
    assert said.endswith((".", "x"))


def test_every_reason_for_refusing_rows_has_words() -> None:
    assert wording.REFUSALS.keys() == {*REASONS, ENDED, NOT_ASSIGNED, UNATTRIBUTED}


@pytest.mark.parametrize(
    ("action", "changes", "expected"),
    [
        (
            "export",
            {"files": {"a.csv": "0"}, "via": "command", "run_id": 5},
            "a.csv of run 5 exported by command.",
        ),
        ("export", {"files": {"a": "0", "b": "0"}, "via": "page"}, "2 files exported from a page."),
        (
            "export",
            {"files": {"a.csv": "0"}, "via": "page", "run_id": 5, "table": "effects", "rows": 1_200},
            "a.csv of run 5 exported from a page: 1,200 rows of effects.",
        ),
        (
            "export",
            {"files": {"audit.csv": "0"}, "via": "page", "entries": 1},
            "The audit log's 1 entry was exported from a page.",
        ),
        (
            "join",
            {
                "tables": ["a", "b"],
                "key": "customer_id",
                "use": "cart",
                "lawful_basis": "legitimate_interests",
            },
            "Run 3 joined 2 tables on customer_id for cart. Basis: legitimate interests.",
        ),
        (
            "decision",
            {"journey": "cart", "recommended": "open", "decided": "open", "reason": "it works"},
            "cart: open. Reason: it works",
        ),
        (
            "role change",
            {"subject": "ana", "before": [], "after": ["privacy", "admin"]},
            "ana: none → privacy, admin.",
        ),
        (
            "freeze",
            {"period": "2026Q3", "version": 2, "run_id": 9, "moved": 1, "reason": "late returns"},
            "Q3 2026 frozen as version 2 from run 9, 1 figure moved. Reason: late returns",
        ),
        (
            "policy change",
            {"old_version": None, "new_version": 2, "changes": [{}, {}]},
            "The policy went from version none to 2: 2 rules changed.",
        ),
    ],
)
def test_an_entry_in_words(action: Action, changes: dict[str, Any], expected: str) -> None:
    assert told(action, **changes) == expected


@pytest.mark.parametrize(("zone", "end"), [(DUBLIN, "2026-09-30T23:00"), (NEW_YORK, "2026-10-01T04:00")])
def test_the_last_day_measured_is_the_workspaces_own(zone: ZoneInfo, end: str) -> None:
    inputs = {"orders": {"rows_in": 12, "accepted": 10}, "empty": {"rows_in": 0, "accepted": 0}}
    said = wording.sentence(
        entry("refresh", {"run_id": 5, "as_of": f"{end}:00+00:00", "inputs": inputs}), zone
    )
    assert said == "Run 5 measured up to 30 Sep 2026: 10 rows of 2 tables accepted, 2 set aside."


@given(
    action=st.sampled_from([*FIELDS, "unheard of"]),
    detail=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(
            ["run_id", "files", "inputs", "tables", "as_of", "reason", "changes", "rows", "via", "after"]
        ), inner, max_size=6),
        max_leaves=8,
    ),
)  # fmt: skip
def test_whatever_a_forged_entry_holds_the_page_goes_on(action: str, detail: object) -> None:
    assert wording.sentence(entry(action, detail), DUBLIN)


def test_a_detail_that_is_no_json_cannot_be_read() -> None:
    forged = entry("export", {})._replace(detail="{")
    assert wording.sentence(forged, DUBLIN) == "What it says cannot be read."
    assert wording.moment("soon", DUBLIN) == "soon"


def test_a_log_that_cannot_show_a_cut_end_is_not_called_whole() -> None:
    check = AuditCheck(
        True, 5, None, "", "no anchor is kept, so a cut end would not show.", "0", anchored=False
    )
    mark, said, more = wording.state(check)
    assert (mark.word, mark.tone) == ("intact, length unknown", "warn")
    assert said == "The log's 5 entries form an unbroken chain."
    assert "a cut end would not show" in more
