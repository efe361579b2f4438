import doctest
import importlib
from pathlib import Path

import pytest

import experiments

MODULES = sorted(path.stem for path in Path(experiments.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"experiments.{module}")).failed == 0
