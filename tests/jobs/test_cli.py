import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from jobs.cli import app

RUN = CliRunner()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "northlight"
    assert RUN.invoke(app, ["demo", str(folder), "--scale", "0.04", "--seed", "3"]).exit_code == 0
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "northlight"))


def run(*arguments: object) -> Result:
    return RUN.invoke(app, [str(argument) for argument in arguments])


def test_the_whole_way_from_tables_to_files(workspace: Path, tmp_path: Path) -> None:
    refreshed = run("refresh", workspace)
    assert refreshed.exit_code == 0
    for words in (
        "Northlight Retail",
        "cart-recovery-2026q3",
        "rows were set aside",
        "liftgate.db",
        "export",
    ):
        assert words in refreshed.stdout
    exported = run("export", workspace, "--out", tmp_path / "out", "--period", "2026Q3")
    assert (exported.exit_code, "files written" in exported.stdout) == (0, True)
    audited = run("audit", workspace)
    assert (audited.exit_code, "intact" in audited.stdout) == (0, True)


def test_json_is_one_document_on_stdout(workspace: Path, tmp_path: Path) -> None:
    refreshed = json.loads(run("refresh", workspace, "--json").stdout)
    assert (refreshed["period"], refreshed["changed"]) == ("2026Q3", True)
    assert refreshed["inputs"]["order_lines"]["rows_in"] > 1000
    checked = run("check", workspace, "--json")
    assert checked.exit_code == 1
    assert {problem["where"] for problem in json.loads(checked.stdout)["problems"]} >= {"table assignments"}
    assert json.loads(run("export", workspace, "--out", tmp_path / "out", "--json").stdout)["files"]
    assert json.loads(run("audit", workspace, "--json").stdout)["ok"] is True


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["refresh"], 2, "Missing argument"),
        (["refresh", "nowhere", "--fll"], 2, "No such option"),
        (["frobnicate"], 2, "No such command"),
        (["demo", "x", "--scale", "0"], 2, "scale"),
        (["export", "nowhere", "--out", "x", "--period", "2026Q5"], 2, "'2026Q5' is not a quarter"),
        (["freeze", "nowhere", "--period", "٢٠٢٦Q3"], 2, "is not a quarter"),
        (["refresh", "nowhere"], 1, "There is no workspace.yaml"),
        (["check", "nowhere"], 1, "There is no workspace.yaml"),
        (["audit", "nowhere"], 1, "There is no workspace.yaml"),
    ],
)
def test_wrong_usage_is_2_and_no_is_1(
    arguments: list[str], status: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, says in result.stderr) == (status, True), result.output


def test_an_export_does_not_overwrite_the_tables_it_is_made_from(workspace: Path) -> None:
    before = {file: file.read_bytes() for file in (workspace / "data").rglob("*") if file.is_file()}
    assert run("refresh", workspace).exit_code == 0
    result = run("export", workspace, "--out", workspace / "data")

    assert (result.exit_code, "is read from here" in " ".join(result.stderr.split())) == (1, True)
    assert {file: file.read_bytes() for file in (workspace / "data").rglob("*") if file.is_file()} == before


def test_a_demo_does_not_overwrite(workspace: Path) -> None:
    result = run("demo", workspace)
    assert (result.exit_code, "not empty" in result.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [("export", "--out", "out"), ("audit",)])
def test_before_the_first_refresh_there_is_nothing_and_nothing_is_made(
    workspace: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.parent)
    before = sorted(workspace.iterdir())
    refused = run(arguments[0], workspace, *arguments[1:])
    assert refused.exit_code == 1
    assert "There is no store at" in refused.stderr
    assert f"jobs refresh {workspace}" in refused.stderr.replace("\n", " ").replace("  ", " ")
    assert sorted(workspace.iterdir()) == before
    assert not (workspace.parent / "out").exists()


def test_a_log_that_vanished_with_its_store_is_told_until_it_is_accepted(workspace: Path) -> None:
    run("refresh", workspace)
    for file in workspace.glob("liftgate.db*"):
        file.unlink()
    vanished = run("audit", workspace)
    assert (vanished.exit_code, "The log is gone." in vanished.stderr) == (1, True)
    assert not (workspace / "liftgate.db").exists()
    refreshed = run("refresh", workspace)
    assert refreshed.exit_code == 0
    assert "The audit log is broken" in refreshed.stdout
    assert run("audit", workspace).exit_code == 1
    assert run("audit", workspace, "--renew", " ").exit_code == 1
    assert run("audit", workspace, "--renew", "the disk was lost").exit_code == 0
    assert "audit log is broken" not in run("refresh", workspace).stdout


@pytest.mark.parametrize("error", [ValueError("C00000001 spent 12.50"), KeyError("C00000001")])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_unforeseen_error_is_told_by_kind_and_place_and_without_a_value(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, options: tuple[str, ...]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("jobs.refresh.ingest_all", fail)
    result = run("refresh", workspace, *options)
    assert result.exit_code == 1
    assert "C00000001" not in result.output
    assert type(error).__name__ in result.output
    assert "test_cli.py, line" in result.output
    with sqlite3.connect(workspace / "liftgate.db") as connection:
        assert connection.execute("SELECT reason FROM runs").fetchall() == [(type(error).__name__,)]


def test_a_folder_that_cannot_be_written_is_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(workspace / "quarantine"))

    monkeypatch.setattr("jobs.refresh.ingest_all", fail)
    result = run("refresh", workspace)
    assert (result.exit_code, "quarantine: Permission denied" in result.stderr) == (1, True)


def test_an_export_into_a_file_is_refused(workspace: Path) -> None:
    result = run("export", workspace, "--out", workspace / "workspace.yaml")
    assert (result.exit_code, "This is a file" in result.stderr) == (1, True)


def test_an_edited_log_is_broken(workspace: Path) -> None:
    run("refresh", workspace)
    with sqlite3.connect(workspace / "liftgate.db") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1")
    result = run("audit", workspace)
    assert (result.exit_code, "broken" in result.stderr) == (1, True)


def test_the_whole_log_is_handed_out_and_that_is_on_record(workspace: Path, tmp_path: Path) -> None:
    run("refresh", workspace)
    result = run("audit", workspace, "--out", tmp_path / "log", "--json")
    told = json.loads(result.stdout)
    log = (tmp_path / "log" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert (result.exit_code, told["entries"], told["head"]) == (0, len(log), json.loads(log[-1])["hash"])
    assert [Path(name).name for name in told["files"]] == ["audit.csv", "audit.jsonl"]
    again = json.loads(run("audit", workspace, "--out", tmp_path / "again", "--json").stdout)
    assert again["entries"] == told["entries"] + 1
    last = json.loads((tmp_path / "again" / "audit.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["action"], json.loads(last["detail"])["entries"]) == ("export", told["entries"])
    refused = run("audit", workspace, "--out", workspace / "workspace.yaml")
    assert (refused.exit_code, "This is a file" in refused.stderr) == (1, True)


BREAKS = {
    "a missing file": lambda w: (w / "data" / "vendors.csv").unlink(),
    "a column name": lambda w: _edit(w / "data" / "vendors.csv", "vendor,", "supplier,"),
    "every row": lambda w: (w / "data" / "dsr_requests.csv").write_text(
        "request_id,kind,jurisdiction,received_at\nr1,nonsense,IE,2026-09-01\n"
    ),
    "an empty table": lambda w: (w / "data" / "vendors.csv").write_text(""),
    "no parquet": lambda w: next((w / "data" / "customers").glob("*.parquet")).write_bytes(b"PAR1 or not"),
    "a segment": lambda w: _edit(w / "experiments.yaml", "[country", "[county"),
    "a value": lambda w: _edit(w / "metrics.yaml", "value: revenue,", "value: revenues,"),
    "a quote": lambda w: _edit(w / "journeys.yaml", "name: Homepage", 'name: "Homepage'),
    "no utf-8": lambda w: (w / "data" / "vendors.csv").write_bytes(b"vendor\ncaf\xe9\n"),
}  # fmt: skip


def _edit(file: Path, *pairs: str) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_workspace_says_where_and_leaves_nothing(workspace: Path, fault: str) -> None:
    BREAKS[fault](workspace)
    result = run("refresh", workspace)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "→" in result.stderr
    assert not list((workspace / "state").glob("run-*"))
    assert run("export", workspace, "--out", workspace / "out").exit_code == 1
