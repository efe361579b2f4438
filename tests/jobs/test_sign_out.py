"""The command ends the sessions of exactly the person that was meant."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from storage import audit
from storage.store import Store
from tests.ui.retailer import Made, row, write


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace where three people have signed in, two of one name."""
    monkeypatch.delenv("LIFTGATE_STORE", raising=False)
    write(tmp_path, [Made(rows=[row()])])
    (tmp_path / "experiments.yaml").write_text("experiments: []\n", encoding="utf-8")
    with Store.open(f"sqlite:///{tmp_path / 'liftgate.db'}") as store:
        for subject, name in (("a1", "Ada"), ("a2", "Ada"), ("e1", "Eve Hall")):
            store.signed_in(subject, name, ["marketer"])
    return tmp_path


def signed_out(workspace: Path) -> set[str]:
    """Who was signed out everywhere."""
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        return set(store.sign_outs())


@pytest.mark.parametrize("person", ["e1", "Eve Hall"])
def test_a_person_is_found_by_name_or_subject(person: str, workspace: Path) -> None:
    result = CliRunner().invoke(app, ["sign-out", str(workspace), person, "--reason", "left", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"subject": "e1"}
    assert signed_out(workspace) == {"e1"}
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        (entry,) = audit.entries(store, audit.Search(action="sign-out everywhere"))
    assert json.loads(entry.detail) == {"subject": "e1", "reason": "left"}


@pytest.mark.parametrize(("person", "what"), [("Ada", "2 people go by that name"), ("Max", "Nobody goes by")])
def test_when_in_doubt_nobody_is_signed_out(person: str, what: str, workspace: Path) -> None:
    result = CliRunner().invoke(app, ["sign-out", str(workspace), person, "--reason", "left"])
    assert result.exit_code == 1
    assert what in result.stderr
    assert ("a1, a2" in result.stderr) == (person == "Ada")
    assert signed_out(workspace) == set()


def test_a_reason_is_needed(workspace: Path) -> None:
    assert CliRunner().invoke(app, ["sign-out", str(workspace), "e1"]).exit_code == 2
    assert signed_out(workspace) == set()
