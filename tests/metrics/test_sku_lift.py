import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sku_lift import (
    CellSums,
    Packing,
    assortment,
    cell_sums,
    cell_table,
    pooled,
    settled,
    sku_sums,
    unit_sku_revenue,
)

ARMS = ("control", "variant")
LINE = st.tuples(st.integers(0, 11), st.integers(0, 4), st.integers(-20, 50), st.integers(-2, 3))


def lazy(frame: pl.DataFrame) -> nw.LazyFrame[pl.LazyFrame]:
    return nw.from_native(frame.lazy())


def collected(frame: nw.LazyFrame[pl.LazyFrame]) -> pl.DataFrame:
    found: pl.DataFrame = frame.collect().to_native()
    return found


def pairs_of(lines: list[tuple[int, int, int, int]]) -> nw.LazyFrame[pl.LazyFrame]:
    frame = pl.DataFrame(
        lines,
        schema={"unit": pl.Int64, "sku": pl.Int64, "revenue": pl.Float64, "quantity": pl.Int64},
        orient="row",
    )
    known = frame.filter(pl.col("unit") < 10).with_columns(arm=pl.col("unit") % 2)
    return unit_sku_revenue(lazy(known), PACKING)


PACKING = Packing(5, 2)
SIZES = (5.0, 5.0)


@given(st.lists(LINE, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_customers_lines_are_added_up_before_squaring(lines: list[tuple[int, int, int, int]]) -> None:
    per_unit: dict[tuple[int, int], float] = {}
    bought: set[tuple[int, int]] = set()
    for unit, sku, revenue, quantity in lines:
        if unit < 10:
            per_unit[unit, sku] = per_unit.get((unit, sku), 0.0) + revenue
            bought |= {(unit, sku)} if quantity > 0 else set()
    table = cell_table(collected(sku_sums(pairs_of(lines), PACKING)), "sku", range(5), SIZES)
    for sku in range(5):
        for arm in (0, 1):
            values = np.array([per_unit.get((unit, sku), 0.0) for unit in range(arm, 10, 2)])
            assert table.moments.mean[sku, arm, 0] == pytest.approx(values.mean(), abs=1e-9)
            assert table.moments.comoment[sku, arm, 0, 0] == pytest.approx(
                ((values - values.mean()) ** 2).sum(), abs=1e-6
            )
            assert table.buyers[sku, arm] == sum((u, sku) in bought for u in range(arm, 10, 2))


@given(st.lists(LINE, min_size=1, max_size=40), st.lists(st.sampled_from("ab"), min_size=5, max_size=5))
@settings(max_examples=60, deadline=None)
def test_cells_add_up_a_customers_skus_before_squaring_and_then_to_the_total(
    lines: list[tuple[int, int, int, int]], home: list[str]
) -> None:
    pairs = pairs_of(lines)
    numbers = [("a", "b").index(name) for name in home]
    lookup = lazy(pl.DataFrame({"sku": range(5), "cell": numbers}))
    cells = cell_table(collected(cell_sums(pairs, lookup, PACKING)), "cell", range(2), SIZES)
    single = cell_table(collected(sku_sums(pairs, PACKING)), "sku", range(5), SIZES)
    assert cells.moments.mean.sum(axis=0) == pytest.approx(single.moments.mean.sum(axis=0), abs=1e-9)
    for cell in (0, 1):
        own = [line for line in lines if numbers[line[1]] == cell]
        for arm in (0, 1):
            spent = [sum(line[2] for line in own if line[0] == unit) for unit in range(arm, 10, 2)]
            assert cells.moments.comoment[cell, arm, 0, 0] == pytest.approx(5 * np.var(spent), abs=1e-6)
            assert cells.buyers[cell, arm] == len(
                {u for u, _, _, q in own if u in range(arm, 10, 2) and q > 0}
            )


def test_a_sku_in_two_categories_belongs_to_the_one_with_most_lines() -> None:
    counts = pl.DataFrame(
        {"sku": ["b", "a", "a", "a"], "category": [None, "toys", "games", "toys"], "lines": [3, 5, 7, 1],
         "recommended": [False, None, True, False]}
    )  # fmt: skip
    found = assortment(counts)
    assert (found.names, found.categories, found.in_several) == (("a", "b"), ("games", "(unknown)"), 1)
    assert found.recommended.tolist() == [True, False]


def test_rare_skus_join_the_remainder_of_their_category() -> None:
    assert pooled(np.array([[60, 60], [49, 90], [50, 50]]), ["x", "y", "x"], 50) == [None, "y", None]


def table_of(buyers: np.ndarray) -> "type[CellSums]":
    def table(home: list[str | None], names: list[str]) -> CellSums:
        found = [
            sum((buyers[i] for i, place in enumerate(home) if place == name), np.zeros(2)) for name in names
        ]
        return CellSums(None, np.array(found))

    return table


@pytest.mark.parametrize(
    ("buyers", "home", "expected"),
    [
        pytest.param([[30, 30], [30, 30]], ["x", "x"], ["x", "x"], id="a remainder that is large enough"),
        pytest.param([[30, 30], [30, 30]], ["x", "y"], ["*", "*"], id="small remainders are put together"),
        pytest.param([[30, 30], [90, 90], [70, 70]], ["x", None, None], ["*", None, "*"],
                     id="a small one takes the rarest SKU along"),
        pytest.param([[30, 30], [90, 90], [70, 70]], ["x", "y", None], ["*", "*", None],
                     id="or the smallest remainder"),
        pytest.param([[30, 30]], ["x"], ["*"], id="nothing is left to protect it"),
    ],
)  # fmt: skip
def test_no_cell_is_left_with_too_few_buyers(
    buyers: list[list[int]], home: list[str | None], expected: list[str | None]
) -> None:
    counts = np.array(buyers, dtype=float)
    places, _, _ = settled(home, "*", table_of(counts), counts, 50)
    assert places == expected
