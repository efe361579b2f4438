import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.disclosure import Cells, exempt, publish

CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=("n", "value"),
    partition=("metric", "dimension"),
    part=("segment",),
    parts_only=pl.col("dimension") != "",
)


def table(sizes: list[tuple[int, int]], *, dimension: str = "country") -> pl.DataFrame:
    rows = [
        {"metric": "m", "dimension": dimension, "segment": f"s{i}", "people_control": c, "people_variant": v}
        for i, (c, v) in enumerate(sizes)
    ]
    total = {"metric": "m", "dimension": "", "segment": ""}
    total |= {name: sum(row[name] for row in rows) for name in ("people_control", "people_variant")}
    frame = pl.DataFrame([total, *rows])
    n = pl.col("people_control") + pl.col("people_variant")
    return frame.with_columns(n=n, value=n * 1.5, status=pl.lit("ok"), note=pl.lit(None, dtype=pl.String))


def shown(sizes: list[tuple[int, int]], k: int = 50) -> dict[str, bool]:
    frame = publish("effects", table(sizes), CELLS, k).frame
    return {row["segment"]: row["n"] is not None for row in frame.iter_rows(named=True)}


def test_a_small_cell_takes_the_next_smallest_with_it() -> None:
    assert shown([(500, 500), (49, 400), (60, 60), (90, 90)]) == {
        "": True, "s0": True, "s1": False, "s2": False, "s3": True,
    }  # fmt: skip


def test_large_cells_are_all_shown() -> None:
    assert all(shown([(50, 50), (60, 60)]).values())


def test_hidden_people_must_number_k_in_every_arm() -> None:
    assert shown([(500, 500), (5, 200), (6, 90), (51, 90)]) == {
        "": True, "s0": True, "s1": False, "s2": False, "s3": False,
    }  # fmt: skip


def test_a_suppressed_row_keeps_keys_and_loses_figures() -> None:
    frame = publish("effects", table([(500, 500), (10, 10), (600, 600)]), CELLS, 50).frame
    row = frame.filter(pl.col("segment") == "s1").row(0, named=True)
    assert (row["metric"], row["status"], row["n"], row["value"]) == ("m", "suppressed", None, None)
    assert "people_control" not in frame.columns


def test_a_small_total_is_suppressed() -> None:
    assert shown([(30, 30)])[""] is False


def test_nobody_is_not_a_small_cell() -> None:
    assert shown([(0, 400), (500, 500)]) == {"": True, "s0": True, "s1": True}


def test_k_has_a_floor() -> None:
    with pytest.raises(ValueError, match="at least 10"):
        publish("effects", table([(1, 1)]), CELLS, 9)


def test_only_compliance_records_are_exempt() -> None:
    assert exempt("health", pl.DataFrame()).table == "health"
    with pytest.raises(ValueError, match="must pass publish"):
        exempt("effects", pl.DataFrame())


SIZES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8)


@given(SIZES, st.integers(10, 100))
@settings(max_examples=200, deadline=None)
def test_no_hidden_cell_can_be_computed(sizes: list[tuple[int, int]], k: int) -> None:
    visible = shown(sizes, k)
    total_shown = visible.pop("")
    hidden = [i for i, name in enumerate(visible) if not visible[name]]
    for i, (control, variant) in enumerate(sizes):
        small = 0 < control < k or 0 < variant < k
        assert not (small and i not in hidden)
    if total_shown and hidden:
        published = np.array([[float(i not in hidden and j == i) for j in range(len(sizes))]
                              for i in range(len(sizes))] + [[1.0] * len(sizes)])  # fmt: skip
        rank = np.linalg.matrix_rank(published)
        for i in hidden:
            unit = np.eye(len(sizes))[i]
            alone = len(hidden) == 1
            assert alone or np.linalg.matrix_rank(np.vstack([published, unit])) > rank
            assert not alone or len(sizes) == 1
        masses = [sum(sizes[i][arm] for i in hidden) for arm in (0, 1)]
        assert all(mass >= k for mass in masses) or len(hidden) == len(sizes)


@given(SIZES, st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(sizes: list[tuple[int, int]], random: object) -> None:
    frame = table(sizes)
    order = list(range(frame.height))
    random.shuffle(order)
    first = publish("effects", frame, CELLS, 50).frame
    second = publish("effects", frame[order], CELLS, 50).frame
    names = ["dimension", "segment"]
    assert (
        first.filter(pl.col("status") == "suppressed").height
        == second.filter(pl.col("status") == "suppressed").height
    )
    assert first.sort(names)["n"].sum() == second.sort(names)["n"].sum()


@given(SIZES)
@settings(max_examples=50, deadline=None)
def test_raising_k_never_reveals_a_cell(sizes: list[tuple[int, int]]) -> None:
    low, high = shown(sizes, 20), shown(sizes, 80)
    small = {f"s{i}" for i, (c, v) in enumerate(sizes) if 0 < c < 20 or 0 < v < 20}
    assert all(not high[name] for name in small)
    assert all(not low[name] for name in small)
