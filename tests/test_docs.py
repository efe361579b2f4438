"""What a person can write or call is documented."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel
from typer.main import get_command

from jobs.cli import app
from jobs.config import models
from jobs.intake.contracts.catalogue import CONTRACTS
from policy.decisions import MAY
from policy.document import document
from policy.figures import GATE_FIGURES
from policy.model import SEVERITIES, Check, CheckOverride, Children, Operator, Policy

ROOT = Path(__file__).resolve().parents[1]
WORKSPACE = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
POLICY = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SHAPES = [
    shape
    for shape in vars(models).values()
    if isinstance(shape, type) and issubclass(shape, BaseModel) and shape not in (BaseModel, models.Model)
]


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_key_of_the_yaml_files_is_documented(shape: type[BaseModel]) -> None:
    assert not set(shape.model_fields) - words(WORKSPACE)


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_table_is_documented_with_its_columns(table: str) -> None:
    row = next(line for line in WORKSPACE.splitlines() if line.startswith(f"| `{table}` |"))
    assert not set(CONTRACTS[table].schema.columns()) - words(row)


def test_every_command_and_option_is_documented() -> None:
    commands = get_command(app).commands
    assert set(commands) >= {"demo", "check", "refresh", "export", "audit"}
    for name, command in commands.items():
        assert f"python -m jobs {name}" in OPERATIONS
        for parameter in command.params:
            for option in parameter.opts:
                assert not option.startswith("--") or option == "--help" or option in OPERATIONS, option


@pytest.mark.parametrize("shape", [Policy, Check, CheckOverride, Children])
def test_every_key_of_a_policy_is_documented(shape: type[BaseModel]) -> None:
    assert not set(shape.model_fields) - words(POLICY)


def test_the_policy_document_has_the_figures_the_roles_and_the_default_policy_as_they_are() -> None:
    assert document(POLICY) == POLICY, "run: python -m policy.document"
    assert all(f"`{name}`" in POLICY for name in (*SEVERITIES, *get_args(Operator), *GATE_FIGURES, *MAY))
    assert Policy.model_validate(yaml.safe_load(POLICY.split("```yaml")[-1].split("```")[0])) == Policy()


def test_the_readme_starts_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    block = lines[lines.index("```") + 1 :]
    assert [line.split("#")[0].strip() for line in block[:2]] == ["make run", "make test"]


@pytest.mark.parametrize(
    "file", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
)
def test_links_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target
