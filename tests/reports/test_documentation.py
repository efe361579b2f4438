"""The examples in the docstrings of what people read are true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for package in ("reports", "ui")
    for file in (ROOT / package).rglob("[a-z]*.py")
    if file.stem != "router" and ">>>" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", [*MODULES, "storage.location"])
def test_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0
