"""The page on the audit log: whether it can be trusted, what was done, and files that leave on record."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY
from reports.snapshot import WithheldError
from storage import chain
from storage.audit import Search, count, entries
from storage.engine import writing
from storage.store import Store
from tests.ui.conftest import ROOT, markup, words
from tests.ui.retailer import Made, row, write
from ui import access
from ui.access import Reader
from ui.governance import log

Open = Callable[..., AppTest]
SHA = "0" * 64
CHANGES = [{"rule": "checks.cost.threshold", "old": 0.5, "new": 0.45}]
POLICY = {"run_id": 1, "old_version": 3, "new_version": 4, "old_hash": SHA, "new_hash": "1" * 64,
          "changes": CHANGES}  # fmt: skip
DECISION = {"journey": "cart", "recommended": "held", "decided": "open", "reason": "<b>signed</b> today"}
ROLES = {"subject": "ana", "before": ["marketer"], "after": ["marketer", "privacy"]}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A retailer with one run and three more entries."""
    write(tmp_path, [Made(rows=[row()])])
    with opened(tmp_path) as store:
        store.audit("till@shop (process 7)", "policy change", POLICY)
        store.audit("ana", "decision", DECISION)
        store.audit("dag", "role change", ROLES)
    return tmp_path


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'liftgate.db'}")


def forge(folder: Path, statement: str) -> None:
    """Change the log as whoever owns the database can."""
    with sqlite3.connect(folder / "liftgate.db") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute(statement)
    connection.close()


def test_the_state_comes_first_and_every_entry_in_words(workspace: Path, open_app: Open) -> None:
    said = words(open_app(workspace, "audit"))
    assert "● intact The log is intact: 4 entries, none altered, removed or moved." in said
    assert "Verified just now." in said
    assert "dag Roles changed ana: marketer → marketer, privacy." in said
    assert "cart: open (recommended: held). Reason: <b>signed</b> today" in said
    assert "till@shop Policy changed The policy went from version 3 to 4: 1 rule changed." in said
    assert "Refresh Run 1 measured up to" in said
    assert "1 to 4 of 4 entries" in said
    assert said.index("The log is intact") < said.index("What was done")
    assert "<b>signed" not in markup(open_app(workspace, "audit"))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE seq = 2", "broken at entry 2: Entry 2 was altered."),
        ("DELETE FROM audit WHERE seq = 2", "broken at entry 2: Entry 2 is missing."),
        ("DELETE FROM audit WHERE seq = 4", "broken at entry 4: Entry 4 is missing."),
        ("DELETE FROM audit", "broken at entry 1: Entry 1 is missing."),
        ("DROP TABLE audit", "broken at entry 1: The whole log is missing."),
        ("UPDATE audit SET detail = 'not json' WHERE seq = 3", "broken at entry 3: Entry 3 was altered."),
        ("UPDATE audit SET detail = '[]' WHERE seq = 3", "broken at entry 3: Entry 3 was altered."),
        ("UPDATE audit SET detail = '{}' WHERE seq = 1", "broken at entry 1: Entry 1 was altered."),
        ("UPDATE audit SET at = 'yesterday' WHERE seq = 3", "broken at entry 3: Entry 3 was altered."),
        ("UPDATE audit SET action = '<script>' WHERE seq = 3", "broken at entry 3: Entry 3 was altered."),
    ],
)
def test_a_broken_log_says_where_and_what_to_do(
    statement: str, expected: str, workspace: Path, open_app: Open
) -> None:
    forge(workspace, statement)
    page = open_app(workspace, "audit")
    said = words(page)
    assert f"■ broken The log is {expected}" in said
    assert "Keep the database and its anchor as they are, as evidence" in said
    assert "lg-good" not in markup(page)
    assert "<script>" not in markup(page)
    for seq in "1234":
        assert not open_app(workspace, "audit", entry=seq).exception


def test_entries_from_the_break_on_are_marked(workspace: Path, open_app: Open) -> None:
    forge(workspace, "UPDATE audit SET actor = 'eve' WHERE seq = 3")
    page = markup(open_app(workspace, "audit"))
    assert page.count('<tr role="row" class="lg-dim">') == 2
    assert "3 ■ broken" in words(open_app(workspace, "audit"))


def test_verifying_anew_finds_what_happened_since(workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "audit")
    forge(workspace, "UPDATE audit SET actor = 'eve' WHERE seq = 2")
    assert "intact" in words(app.run())
    (button,) = (button for button in app.button if button.label == "Verify now")
    assert "broken at entry 2" in words(button.click().run())


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"action": "Decision"}, ["Decision"]),
        ({"by": "till@shop"}, ["Policy changed"]),
        ({"by": "ana"}, ["Refresh", "Decision"]),
        ({"run": "1"}, ["Refresh", "Policy changed"]),
        ({"words": "COST.THRESHOLD"}, ["Policy changed"]),
        ({"action": "Decision", "by": "dag"}, []),
        ({"since": "2020-01-01", "until": "2021-01-01"}, []),
        ({"since": "2020-01-01"}, ["Refresh", "Policy changed", "Decision", "Roles changed"]),
    ],
)
def test_the_log_is_searched_from_the_address(
    asked: dict[str, str], shown: list[str], workspace: Path, open_app: Open
) -> None:
    if asked == {"by": "ana"}:
        forge(workspace, "UPDATE audit SET actor = 'ana' WHERE seq = 1")
    said = words(open_app(workspace, "audit", **asked))
    listed = said.split("In words", 1)[-1] if shown else ""
    for what in ("Refresh", "Policy changed", "Decision", "Roles changed"):
        assert (f" {what} " in listed) == (what in shown), what
    if not shown:
        assert "No entry matches. Show all" in said


def test_an_entry_is_shown_whole_under_its_address(workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "audit", entry="2")
    said = words(app)
    assert "Entry 2 In words The policy went from version 3 to 4" in said
    assert "checks.cost.threshold 0.5 0.45" in said
    assert "Who till@shop (process 7)" in said
    assert json.loads(app.code[0].value) == POLICY
    with opened(workspace) as store:
        assert entries(store, Search(action="policy change"))[0].hash in said
    assert "There is no entry 99." in words(open_app(workspace, "audit", entry="99"))


@pytest.mark.parametrize(
    "asked",
    [
        {"sheet": "-1"}, {"sheet": "9" * 30}, {"entry": "x"}, {"entry": "9" * 30}, {"run": "x"},
        {"since": "x"}, {"label": "3", "self": "1"}, {"action": "<script>"}, {"by": "nobody"},
    ],
)  # fmt: skip
def test_junk_in_the_address_does_no_harm(asked: dict[str, str], workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "audit", **asked)
    assert "1 to 4 of 4 entries" in words(app)
    assert "<script>" not in markup(app)


def test_the_rows_a_refresh_refused_stand_in_its_entry(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path)
    uses = {"cart": {"admitted": 70, "refused": {"consent": 20, "no_customer": 3}}}
    table = {"read": 100, "accepted": 93, "quarantined": {"missing_value": 7}, "uses": uses}
    with opened(tmp_path) as store:
        detail = json.loads(entries(store)[0].detail)
        store.audit("job", "refresh", {**detail, "admission": {"order_lines": table}})
    said = words(open_app(tmp_path, "audit", entry="2"))
    assert "order_lines read 93 7 missing value 7" in said
    assert "cart 70 23 no consent 20, no known customer 3" in said


def test_a_huge_log_is_shown_a_sheet_at_a_time(workspace: Path, open_app: Open) -> None:
    with opened(workspace) as store, writing(store.engine).begin() as connection:
        for number in range(120):
            files = {"files": {f"{number}.csv": SHA}, "via": "page"}
            chain.append(connection, "ana", "export", files)
    said = words(open_app(workspace, "audit"))
    assert "1 to 50 of 124 entries · Older · Oldest" in said
    assert "119.csv exported from a page." in said
    assert "69.csv" not in said
    app = open_app(workspace, "audit", sheet="3", action="Export")
    assert "101 to 120 of 120 entries · Newer" in words(app)
    assert 'href="./audit?action=Export&amp;sheet=2"' in markup(app)


def test_before_the_first_complete_run_the_log_is_there_already(tmp_path: Path, open_app: Open) -> None:
    (tmp_path / "workspace.yaml").write_text("name: New\n", encoding="utf-8")
    opened(tmp_path).close()
    assert "The log is empty. The first refresh, export or decision begins it." in words(
        open_app(tmp_path, "audit")
    )
    with opened(tmp_path) as store:
        store.audit("ana", "decision", DECISION)
    said = words(open_app(tmp_path, "audit"))
    assert "The log is intact: 1 entry" in said
    assert "times in UTC" in said


def test_the_whole_log_is_a_file_and_its_export_an_entry(
    workspace: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(workspace, "audit")
    assert made_files["audit.csv"].decode().startswith("seq,at,actor,action,detail,previous,hash\n1,")
    lines = [json.loads(line) for line in made_files["audit.jsonl"].decode().splitlines()]
    with opened(workspace) as store:
        (last, *_) = entries(store, Search(action="export"))
        assert count(store, Search(action="export")) >= 2
    detail = json.loads(last.detail)
    assert detail == {
        "files": {"audit.jsonl": hashlib.sha256(made_files["audit.jsonl"]).hexdigest()},
        "via": "page",
        "entries": len(lines),
        "subject": "local",
    }
    assert last.actor == "local"


def test_a_table_that_leaves_a_page_as_csv_is_on_record(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [Made(rows=[row()])])
    reader = Reader("Ana", "sub-17", access.ROLES, "")
    monkeypatch.setattr(access, "reader", lambda: reader)
    open_app(tmp_path, "experiments")
    content = made_files["experiments.csv"]
    with opened(tmp_path) as store:
        entry, *_ = entries(store, Search(containing="experiments.csv"))
    assert entry.actor == "Ana"
    assert json.loads(entry.detail) == {
        "files": {"experiments.csv": hashlib.sha256(content).hexdigest()},
        "via": "page", "table": "effects", "rows": 1, "run_id": 1, "period": "2026Q3",
        "subject": "sub-17",
    }  # fmt: skip


def test_no_page_offers_a_file_past_the_record() -> None:
    offering = [
        file.name
        for folder in ("ui", "pages")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if re.search(r"st\.download_button|import download_button", file.read_text(encoding="utf-8"))
    ]
    assert offering == ["downloads.py"]
    assert (ROOT / "ui" / "parts" / "downloads.py").read_text(encoding="utf-8").count("download_button") == 1


def test_what_cannot_be_put_on_record_does_not_leave(
    workspace: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(
        "streamlit.download_button", lambda _label, *, data, file_name, **_: offered.update({file_name: data})
    )
    open_app(workspace, "experiments")
    with sqlite3.connect(workspace / "liftgate.db") as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    connection.close()
    with pytest.raises(Exception, match="full"):
        offered["experiments.csv"]()


@pytest.mark.parametrize("role", [EXECUTIVE, MARKETER])
def test_the_log_is_not_for_every_role(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "reader", lambda: Reader("Ana", "ana", frozenset({role}), ""))
    with pytest.raises(WithheldError, match="audit"):
        log.store()


@pytest.mark.parametrize("role", [PRIVACY, ADMIN])
def test_the_log_is_for_privacy_and_admin(
    role: str, workspace: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "reader", lambda: Reader("Ana", "ana", frozenset({role}), ""))
    assert "The log is intact" in words(open_app(workspace, "audit"))


def test_an_address_with_parameters_of_its_own_does_no_harm(workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "audit")
    app.query_params["page"] = "3"
    assert not app.run().exception


def test_a_vanished_store_is_a_broken_log(workspace: Path, open_app: Open) -> None:
    for file in workspace.glob("liftgate.db*"):
        file.unlink()
    said = words(open_app(workspace, "audit"))
    assert "■ broken The log is broken at entry 1: The log is gone." in said
    assert "its anchor has seen 4 entries" in said
    assert not (workspace / "liftgate.db").exists()
