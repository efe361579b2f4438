"""Neither order nor files nor batches change what is accepted."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.intake.contracts.catalogue import CONTRACTS
from jobs.intake.ingest import ingest
from jobs.intake.reading import stored
from jobs.intake.sources import TableSource
from jobs.problems import WorkspaceError
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data
from tests.jobs.intake.shop import CONTEXT, WHERE, Shop, rows, rules

FAULTY = {
    "customers": {
        "customer_id": st.sampled_from(["c1", "c2", "c3", "c4", "", "c" * 300]),
        "jurisdiction": st.sampled_from(["IE", "US-CA", "ireland", ""]),
        "birth_date": st.sampled_from(["", "1990-02-03", "2030-01-01", "1990-02-30"]),
    },
    "assignments": {
        "experiment": st.sampled_from(["e", "f", ""]),
        "unit_id": st.sampled_from(["c1", "c2", "c3", "*erased*", ""]),
        "variant": st.sampled_from(["a", "b", "typo"]),
        "assigned_at": st.sampled_from(["", "2026-07-01", "2026-07-01T10:00:00+02:00", "2027-01-01", "soon"]),
        "units": st.sampled_from(["", "", "1", "3", "x"]),
    },
    "moments": {
        "experiment": st.just("e"),
        "variant": st.sampled_from(["a", "b"]),
        "metric": st.sampled_from(["m", ""]),
        "n": st.sampled_from(["10", "10.0", "0", "1.5"]),
        "mean": st.sampled_from(["1.5", "nan", "x"]),
        "variance": st.sampled_from(["", "2", "-1"]),
        "day": st.sampled_from(["", "1", "one"]),
    },
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[dict[str, str]], list[int], list[int]]:
    """A table, its rows of text with faults, a permutation of them and the numbers of its file borders."""
    name = draw(st.sampled_from(sorted(FAULTY)))
    found = draw(st.lists(st.fixed_dictionaries(FAULTY[name]), min_size=1, max_size=25))
    order = draw(st.permutations(range(len(found))))
    borders = draw(st.lists(st.integers(0, len(found)), max_size=3))
    return name, found, list(order), sorted(borders)


def sifted(folder: Path, name: str, files: list[list[dict[str, str]]]) -> tuple[list[Any], dict[str, int]]:
    """Accepted rows in a fixed order, and rows by rule, however many there are."""
    shutil.rmtree(folder, ignore_errors=True)
    shop = Shop(folder)
    for number, found in enumerate(files):
        pl.DataFrame(found, schema=dict.fromkeys(FAULTY[name], pl.String)).write_csv(
            shop.data / f"{number}.csv"
        )
    try:
        table = shop.ingest(name, replace(CONTEXT, variants={"e": ("a", "b")}))
    except WorkspaceError:
        return [], {}
    accepted = rows(table)
    assert accepted.equals(CONTRACTS[name].schema.validate(accepted))
    assert table.rows_in == sum(map(len, files))
    return sorted(accepted.rows(), key=repr), rules(table)


@settings(max_examples=30, deadline=None)
@given(tables(), st.integers(1, 7))
def test_neither_order_nor_files_nor_batches_change_what_is_accepted(
    tmp_path_factory: pytest.TempPathFactory,
    case: tuple[str, list[dict[str, str]], list[int], list[int]],
    batch: int,
) -> None:
    name, found, order, borders = case
    folder = tmp_path_factory.getbasetemp() / "sifted"
    shuffled = [found[at] for at in order]
    starts, ends = [0, *borders], [*borders, len(found)]

    whole = sifted(folder, name, [found])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BATCH_ROWS", batch)
        split = sifted(folder, name, [shuffled[a:b] for a, b in zip(starts, ends, strict=True)])

    assert split == whole


@needs_acceptance_data
@pytest.mark.parametrize(
    ("path", "table", "count"),
    [
        ("hillstrom/data/customers.parquet", "customers", 64_000),
        ("hillstrom/data/assignments.parquet", "assignments", 64_000),
        ("hillstrom/data/unit_outcomes.parquet", "unit_outcomes", 64_000),
        ("cookie_cats/data/assignments.parquet", "assignments", 90_189),
        ("cookie_cats/data/unit_outcomes.parquet", "unit_outcomes", 90_189),
        ("online_retail_placebo/data/customers.parquet", "customers", 4_383),
        ("online_retail_placebo/data/assignments.parquet", "assignments", 2_783),
        ("online_retail_placebo/data/order_lines.parquet", "order_lines", 525_461),
    ],
)
def test_real_tables_are_accepted_whole(tmp_path: Path, path: str, table: str, count: int) -> None:
    metrics = ("visit", "conversion", "spend", "retention_1", "retention_7", "rounds")
    context = replace(CONTEXT, extra_columns={"unit_outcomes": dict.fromkeys(metrics, "number")})
    source = TableSource(table, (str(ACCEPTANCE / path),), None, None, WHERE)

    result = ingest(source, context, tmp_path / "state", tmp_path / "quarantine")

    assert (result.rows_in, result.rows_accepted) == (count, count)
    assert result.notices == ()
