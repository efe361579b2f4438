import doctest
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from metrics import catalogue
from metrics.catalogue import (
    DEFINITIONS_VERSION,
    FAMILIES,
    FIGURES,
    Figure,
    check,
    column,
    definitions_version,
    figure,
)
from metrics.figures_document import DOCUMENT, document
from policy.figures import GATE_FIGURES
from storage.frames import dtypes, figure_table
from storage.schema import FIGURES as TABLES

NO_FIGURES = {"year"}
COLUMNS = [(table, name) for table in TABLES for name in dtypes(figure_table(table))]
NUMERIC = [
    (table, name)
    for table, name in COLUMNS
    if dtypes(figure_table(table))[name].is_numeric() and name not in NO_FIGURES
]


@pytest.mark.parametrize(("table", "name"), NUMERIC)
def test_every_numeric_column_is_defined(table: str, name: str) -> None:
    entry = column(table, name)

    assert entry.key in {name, f"{table}.{name}"}


@pytest.mark.parametrize("entry", FIGURES.values(), ids=lambda entry: entry.key)
def test_entries_are_written_for_people(entry: Figure) -> None:
    assert entry.label[0].isupper() or entry.label.startswith(("p", "q"))
    assert len(entry.label) <= 36
    assert entry.definition.endswith((".", "?"))
    assert "_" not in entry.label
    assert entry.version >= 1


def test_no_entry_is_without_a_column_or_check() -> None:
    columns = {key for table, name in [*COLUMNS, *NUMERIC] for key in (name, f"{table}.{name}")}
    known = columns | set(GATE_FIGURES)

    assert all(key in known or key.startswith(("check.", "board.", "page.")) for key in FIGURES)


def test_no_two_entries_share_a_key() -> None:
    keys = [entry.key for family in FAMILIES for entry in family]

    assert len(keys) == len(set(keys))


def test_a_check_has_its_own_entry() -> None:
    assert check("sample_ratio").source.startswith("Fabijan")
    assert column("health", "statistic").unit == "statistic"


@pytest.mark.parametrize(
    ("key", "message"), [("relativ", "Did you mean 'relative'"), ("zzz", "It knows: n_control, n_variant")]
)
def test_an_unknown_figure_is_named_with_its_neighbour(key: str, message: str) -> None:
    with pytest.raises(KeyError, match=message):
        figure(key)
    with pytest.raises(KeyError, match=message):
        column("effects", key)


@pytest.mark.parametrize("field", ["definition", "denominator", "unit"])
def test_a_changed_definition_changes_the_version(field: str) -> None:
    changed = {**FIGURES, "relative": replace(FIGURES["relative"], **{field: "rows"})}

    assert definitions_version(changed.values()) != DEFINITIONS_VERSION


def test_a_raised_version_counts_and_a_new_label_does_not() -> None:
    raised = {**FIGURES, "relative": replace(FIGURES["relative"], version=2)}
    renamed = {**FIGURES, "relative": replace(FIGURES["relative"], label="Uplift")}

    assert definitions_version(raised.values()) != DEFINITIONS_VERSION
    assert definitions_version(renamed.values()) == DEFINITIONS_VERSION
    assert definitions_version(reversed(FIGURES.values())) == DEFINITIONS_VERSION


def test_it_loads_without_engines_or_statistics() -> None:
    code = (
        "import sys, metrics.catalogue; print(*{'polars', 'numpy', 'scipy', 'sqlalchemy'} & set(sys.modules))"
    )

    root = Path(__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == ""


def test_examples_in_the_text_hold() -> None:
    assert doctest.testmod(catalogue).failed == 0


def test_the_document_is_written_from_the_catalogue() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m metrics.figures_document"
    assert all(f"| `{key}` |" in document() for key in FIGURES)
