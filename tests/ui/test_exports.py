"""The Exports page offers each audience its files, to whoever has its role, and puts each on record."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from policy.roles import ROLE_OF, ROLES, may_load
from reports.quarters import freezing
from reports.wording.exports import AUDIENCES
from storage.audit import Search, entries
from storage.schema import FIGURES
from storage.store import Store
from tests.reports.paper.conftest import words as paper
from tests.ui.boards import FOUR, quarter, write
from tests.ui.conftest import markup, words
from tests.ui.privacy_tables import field
from ui import access, data
from ui.access import Reader
from ui.records import export_data

Open = Callable[..., AppTest]
END = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    before = [replace(item, lift=0.01) for item in FOUR]
    return write(tmp_path, quarter(before, "2026Q2"), quarter(FOUR, as_of=END))


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'liftgate.db'}")


def be(monkeypatch: pytest.MonkeyPatch, *roles: str) -> None:
    who = Reader("Ada", "ada-1", frozenset(roles), "Signed in as Ada.")
    monkeypatch.setattr(access, "reader", lambda: who)


def exported(made: dict[str, bytes]) -> dict[str, bytes]:
    """Of the files made, those of the page; the app opens on another page first."""
    return {name: content for name, content in made.items() if "-run-" in name}


def tables_in(made: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name.removesuffix(".csv") for name in archive.namelist() if name.endswith(".csv")}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_files_are_those_of_the_audience(
    audience: Any, workspace: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    said = words(open_app(workspace, "exports", audience=AUDIENCES[audience]))
    assert "Q3 2026 can still change: it is not frozen." in said
    held = tables_in(made_files[f"2026Q3-{audience}-run-2.zip"]) - {"data_dictionary"}
    assert held == {table for table in FIGURES if may_load(table, {ROLE_OF[audience]})}
    pdf = made_files.get(f"2026Q3-{audience}-run-2.pdf")
    assert (pdf is not None) == (audience == "board")
    if pdf is not None:
        assert pdf.startswith(b"%PDF")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_reader_makes_files_for_their_own_role_alone(
    role: str, workspace: Path, open_app: Open, made_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, role)
    if role == "admin":
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            open_app(workspace, "exports")
        return
    for asked in AUDIENCES.values():
        open_app(workspace, "exports", audience=asked)
    for name, made in exported(made_files).items():
        assert name.split("-")[1] == {"executive": "board", "marketer": "marketing"}.get(role, role)
        if name.endswith(".zip"):
            assert all(may_load(table, {role}) for table in tables_in(made) - {"data_dictionary"})


def test_the_pack_tells_executives_of_tables_that_they_are_given_no_file_of(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliberate: a board answers for what its pages sum up, and works with none of the records behind."""
    kept = quarter(FOUR, as_of=END, minimization_fields=[field("inferred_pregnancy", 8)])
    be(monkeypatch, "executive")
    open_app(write(tmp_path, kept), "exports")

    text = paper(made_files["2026Q3-board-run-1.pdf"])
    assert "inferred_pregnancy" in text.replace(" ", "")
    held = tables_in(made_files["2026Q3-board-run-1.zip"])
    for table in ("minimization_fields", "dsr_7102", "dsr_requests", "effects_by_day"):
        assert not may_load(table, {"executive"})
        assert table not in held


def test_the_door_refuses_an_audience_whose_role_the_reader_lacks(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    monkeypatch.delenv("LIFTGATE_STORE", raising=False)
    be(monkeypatch, "marketer")
    loaded = data.current()
    assert isinstance(loaded, data.Loaded)
    shown = export_data.quarter(loaded.snapshot, "marketing")
    assert "dsr_requests" not in shown.snapshot.frames
    with pytest.raises(PermissionError, match="Files for board are for the role executive"):
        export_data.quarter(loaded.snapshot, "board")
    with pytest.raises(PermissionError, match="Files for privacy are for the role privacy"):
        export_data.pack(shown, "privacy")
    assert export_data.pack(shown, "marketing") is None


def test_every_export_is_on_record_under_the_readers_name(
    workspace: Path, open_app: Open, made_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, "executive")
    open_app(workspace, "exports", quarter="Q2 2026")
    with opened(workspace) as store:
        found = [(entry.actor, json.loads(entry.detail)) for entry in entries(store, Search(action="export"))]
    assert {actor for actor, _ in found} == {"Ada"}
    found = [(actor, detail) for actor, detail in found if "audience" in detail]
    recorded = {name: digest for _, detail in found for name, digest in detail["files"].items()}
    made = exported(made_files)
    assert recorded == {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    assert {name.split(".")[0] for name in recorded} == {"2026Q2-board-run-1"}
    for _, detail in found:
        known = {name: detail[name] for name in ("run_id", "period", "audience", "subject", "via")}
        assert known == {
            "run_id": 1, "period": "2026Q2", "audience": "board", "subject": "ada-1", "via": "page"
        }  # fmt: skip


def test_a_frozen_quarter_gives_what_was_frozen_whatever_came_later(
    workspace: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    with opened(workspace) as store:
        freezing.freeze(store, "2026Q3", "ana", "")
        issued = store.frozen_content(store.frozen_versions("2026Q3")[0])["board.pdf"]
    write(workspace, quarter([replace(item, lift=0.09) for item in FOUR], as_of=END))

    said = words(open_app(workspace, "exports"))
    assert "Q3 2026 is frozen as version 1: these files never change." in said
    assert made_files["2026Q3-board-version-1.pdf"] == issued
    with zipfile.ZipFile(io.BytesIO(made_files["2026Q3-board-version-1.zip"])) as archive:
        assert json.loads(archive.read("manifest.json"))["run_id"] == 2
        assert b",0.09," not in archive.read("effects.csv")


def test_a_file_name_leads_to_what_its_columns_say(workspace: Path, open_app: Open) -> None:
    sent = markup(open_app(workspace, "exports", audience="Privacy and law", file="consent.csv"))
    assert 'href="./exports?file=dsr_sla.csv&amp;audience=Privacy+and+law"' in sent
    assert 'aria-label="Columns of consent.csv"' in sent
    assert "leakage_events" in sent


def test_who_gets_no_pack_is_told_so(workspace: Path, open_app: Open) -> None:
    assert "no file for marketing" in words(open_app(workspace, "exports", audience="Marketing"))
