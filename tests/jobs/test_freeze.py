"""A quarter frozen, data changed, a quarter corrected: through the command line, on a demo retailer."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from jobs.cli import app
from storage.schema import FIGURES

RUN = CliRunner()
FILES = {*(f"{table}.csv" for table in FIGURES), "manifest.json"}


def run(*arguments: object) -> Result:
    return RUN.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("freeze") / "northlight"
    assert run("demo", folder, "--scale", "0.04", "--seed", "3").exit_code == 0
    assert run("refresh", folder).exit_code == 0
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "northlight"))


def exported(workspace: Path, out: Path, *options: object) -> dict[str, bytes]:
    result = run("export", workspace, "--out", out, *options)
    assert result.exit_code == 0, result.output
    return {file.name: file.read_bytes() for file in out.iterdir()}


def with_other_data(workspace: Path) -> None:
    """Requests that had been missing arrive, and the run is made anew."""
    log = workspace / "data" / "dsr_requests.csv"
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text("\n".join([lines[0], *lines[len(lines) // 2 :], ""]), encoding="utf-8")
    assert run("refresh", workspace).exit_code == 0


def test_a_frozen_quarter_is_exported_in_the_same_bytes_whatever_came_later(
    workspace: Path, tmp_path: Path
) -> None:
    frozen = run(
        "freeze", workspace, "--period", "2026Q3", "--reason", "Board of 14 October", "--actor", "ana"
    )
    assert (frozen.exit_code, frozen.stdout) == (0, "2026Q3 is frozen as version 1, run 1.\n")
    before = exported(workspace, tmp_path / "before", "--period", "2026Q3")
    live = exported(workspace, tmp_path / "live")

    with_other_data(workspace)

    after = exported(workspace, tmp_path / "after", "--period", "2026Q3")
    assert set(before) == FILES | {"board.pdf"}
    assert after == before
    assert exported(workspace, tmp_path / "now")["dsr_sla.csv"] != live["dsr_sla.csv"]
    assert json.loads(after["manifest.json"])["frozen"]["actor"] == "ana"
    assert run("audit", workspace).exit_code == 0


def test_a_correction_says_what_moved(workspace: Path, tmp_path: Path) -> None:
    assert run("freeze", workspace, "--period", "2026Q3").exit_code == 0
    with_other_data(workspace)
    refused = run("freeze", workspace, "--period", "2026Q3")
    assert (refused.exit_code, "say why with --reason" in refused.stderr) == (1, True)

    said = ("--reason", "Half of the log was missing", "--json")
    found = json.loads(run("freeze", workspace, "--period", "2026Q3", *said).stdout)

    assert (found["version"], found["run_id"]) == (2, 2)
    moved = {(item["about"], item["figure"]) for item in found["moved"]}
    assert {
        ("Cart recovery", "Lift"),
        ("2025, Erase", "Received"),
        ("sku_lift.csv", "Rows that differ"),
    } <= moved
    assert not any(item["before"] == item["after"] for item in found["moved"])
    files = exported(workspace, tmp_path / "out", "--period", "2026Q3")
    manifest = json.loads(files["manifest.json"])
    assert (manifest["run_id"], manifest["frozen"]["version"]) == (2, 2)
    assert manifest["frozen"]["moved"] == found["moved"]


def test_one_kind_of_files(workspace: Path, tmp_path: Path) -> None:
    assert set(exported(workspace, tmp_path / "csv", "--format", "csv")) == FILES
    pdf = exported(workspace, tmp_path / "pdf", "--format", "pdf")

    assert set(pdf) == {"board.pdf", "manifest.json"}
    assert list(json.loads(pdf["manifest.json"])["files"]) == ["board.pdf"]
    assert run("export", workspace, "--out", tmp_path / "x", "--format", "docx").exit_code == 2


def test_a_quarter_that_has_not_ended_is_refused_with_the_reason(workspace: Path) -> None:
    settings = workspace / "workspace.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("as_of: 2026-09-30", "as_of: 2026-09-15"), encoding="utf-8")
    assert run("refresh", workspace).exit_code == 0

    refused = run("freeze", workspace, "--period", "2026Q3")

    assert refused.exit_code == 1
    assert "it ends on 30 Sep 2026, and run 2 measures to 15 Sep 2026" in " ".join(refused.stderr.split())
    assert run("freeze", workspace, "--period", "2026Q1").exit_code == 1
    assert run("freeze", workspace, "--period", "autumn").exit_code == 2
