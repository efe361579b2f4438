from decimal import Decimal
from functools import reduce

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from experiments.moments import Moments

Values = npt.NDArray[np.float64]

finite = st.integers(-(10**8), 10**8).map(lambda cents: cents / 100)
tables = arrays.arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=finite)


def assert_same(left: Moments, right: Moments) -> None:
    """Equal to nine digits of each variable's own size."""
    np.testing.assert_array_equal(left.n, right.n)
    size = 1e-9 * (1 + np.abs(np.nan_to_num(right.mean)).max())
    np.testing.assert_allclose(left.mean, right.mean, rtol=1e-9, atol=size * 1e-3)
    np.testing.assert_allclose(left.comoment, right.comoment, rtol=1e-9, atol=size**2)


def assert_exact(m: Moments, centred: Values, offset: float) -> None:
    """Mean, variance and covariance to nine digits of the values' own spread, wherever they lie."""
    covariance = np.cov(centred.T).reshape(m.comoment.shape)
    spread = np.sqrt(np.diagonal(covariance))
    distance = m.mean - offset + m.residue - centred.mean(axis=0)
    assert (np.abs(distance) <= 1e-9 * spread).all()
    np.testing.assert_allclose(m.variance, spread**2, rtol=1e-9)
    assert (np.abs(m.covariance - covariance) <= 1e-9 * np.outer(spread, spread)).all()


def simulated(seed: int, n: int, p: int = 2) -> Values:
    return np.random.default_rng(seed).normal(5, 2, (n, p))


def test_agrees_with_numpy() -> None:
    values = simulated(1, 500, 3)
    m = Moments.from_values(values)
    assert m.n == 500
    np.testing.assert_allclose(m.mean, values.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(m.covariance, np.cov(values.T), rtol=1e-12)
    np.testing.assert_allclose(m.variance, values.var(axis=0, ddof=1), rtol=1e-12)


@given(tables, st.randoms(use_true_random=False), st.integers(1, 8))
def test_chunks_merge_to_the_whole_in_any_order(values: Values, random: object, count: int) -> None:
    order = np.arange(len(values))
    random.shuffle(order)
    chunks = [Moments.from_values(values[chunk]) for chunk in np.array_split(order, count)]
    whole = Moments.from_values(values)
    assert_same(reduce(Moments.merge, chunks), whole)
    assert_same(Moments.stack(chunks).merge_all(), whole)
    assert_same(Moments.stack(chunks).cumulative()[-1], whole)


@settings(max_examples=40)
@given(tables, st.sampled_from([1e9, -1e9]), st.integers(0, 99), st.integers(1, 8))
def test_chunks_far_from_zero_merge_without_loss(
    spread: Values, offset: float, seed: int, count: int
) -> None:
    """Near 1e9 a Float64 is known to 1e-7 only: the residue of the mean makes that good."""
    values = spread + offset
    assume(np.ptp(values, axis=0).min() > 0)
    centred, p = values - offset, values.shape[1]
    order = np.random.default_rng(seed).permutation(len(values))
    rows = [values[chunk] for chunk in np.array_split(order, count)]
    shifted = [chunk - values[0] for chunk in rows]
    sums, products = [chunk.sum(axis=0) for chunk in shifted], [chunk.T @ chunk for chunk in shifted]
    cells = Moments.stack([Moments.from_values(chunk) for chunk in rows])
    grid = Moments.stack([cells, cells], axis=1).select(range(p))
    for m in (
        cells.merge_all(),
        cells.cumulative()[-1],
        grid.take(range(count)[::-1]).merge_all()[1],
        Moments.concatenate([grid[1:], grid[:1]]).cumulative()[-1, 0],
        Moments.from_shifted_sums([len(chunk) for chunk in rows], sums, products, values[0]).merge_all(),
    ):
        assert_exact(m, centred, offset)
        assert_exact(m.scale([0.75] * p), centred * 0.75, offset * 0.75)
    assert_exact(cells.scale([0.75] * p).merge_all(), centred * 0.75, offset * 0.75)


@given(tables, tables)
def test_sums_over_any_near_pilot_agree(values: Values, other: Values) -> None:
    pilot = np.resize(values[len(values) // 2], values.shape[1]) + other.ravel()[0] * 1e-6
    shifted = values - pilot
    m = Moments.from_shifted_sums(len(values), shifted.sum(axis=0), shifted.T @ shifted, pilot)
    whole = Moments.from_values(values)
    np.testing.assert_allclose(m.mean, whole.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(m.comoment, whole.comoment, rtol=1e-9, atol=1e-9 * (shifted**2).sum() + 1e-12)


@given(tables)
def test_an_empty_cell_changes_nothing(values: Values) -> None:
    p = values.shape[1]
    cell, empty = Moments.from_values(values), Moments.from_values(np.empty((0, p)))
    for result in (cell.merge(empty), empty.merge(cell), Moments.stack([empty, cell, empty]).merge_all()):
        assert result.n == cell.n
        np.testing.assert_array_equal(result.mean, cell.mean)
        np.testing.assert_array_equal(result.comoment, cell.comoment)


def test_empty_cells_stay_empty() -> None:
    empty = Moments.from_values(np.empty((0, 2)))
    for result in (empty, empty.merge(empty), Moments.stack([empty, empty]).merge_all()):
        assert result.n == 0
        assert np.isnan(result.mean).all()
        assert (result.comoment == 0).all()
        assert np.isnan(result.variance).all()


DTYPES = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "bool",
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_gives_the_same_figures(dtype: str) -> None:
    """Trap T3: no integer type wraps, in values, sums or products."""
    values = np.array([0, 1, 1, 0, 1, 1, 1], dtype=dtype)
    big = np.iinfo(dtype).max if dtype[:3] in {"int", "uin"} else 1
    expected = Moments.from_values(np.array([0.0, 1, 1, 0, 1, 1, 1]) * float(big))
    assert_same(Moments.from_values(values * np.array(big, dtype=dtype)), expected)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32"])
def test_integer_sums_do_not_wrap(dtype: str) -> None:
    n, sums, products = (np.array(x, dtype=dtype) for x in (3, [60_000], [[1_200_000_002]]))
    m = Moments.from_shifted_sums(n, sums, products, np.zeros(1, dtype=dtype))
    assert m.variance.item() == pytest.approx((1_200_000_002 - 60_000**2 / 3) / 2, rel=1e-12)


def test_decimals_and_missing_values() -> None:
    assert Moments.from_values([Decimal("1.5"), Decimal("2.5")]).mean.item() == 2.0
    assert np.isnan(Moments.from_values([1.0, None, 2.0]).variance).all()


@pytest.mark.parametrize("offset", [0, 1e9, -1e9])
def test_a_large_offset_leaves_the_variance_alone(offset: float) -> None:
    """Trap T5: a one-pass sum of squares would give 134 where the variance is 1."""
    values = np.round(np.random.default_rng(2).normal(0, 1, 10_000) * 2**20) / 2**20 + offset
    shifted = (values - values[0])[:, None]
    chunks = [Moments.from_values(chunk) for chunk in np.array_split(values, 13)]
    expected = np.var(values - offset, ddof=1)
    for m in (
        Moments.from_values(values),
        Moments.from_shifted_sums(10_000, shifted.sum(axis=0), shifted.T @ shifted, values[:1]),
        Moments.stack(chunks).merge_all(),
        reduce(Moments.merge, chunks),
    ):
        assert m.variance.item() == pytest.approx(expected, rel=1e-12)
        assert m.mean.item() == pytest.approx(values[0] + shifted.mean(), rel=1e-15)


@given(finite, finite, st.integers(2, 100_000))
def test_a_constant_has_no_variation(value: float, away: float, n: int) -> None:
    pilot = value + away
    sums, products = (
        np.full(n, value - pilot).cumsum()[-1:],
        np.full((n, 1), (value - pilot) ** 2).cumsum()[-1:],
    )
    for m in (
        Moments.from_shifted_sums(n, sums, products[:, None], [pilot]),
        Moments.from_values(np.full(min(n, 50), value)),
        Moments.stack([Moments.from_values(np.full(k, value)) for k in (1, 2, 7)]).merge_all(),
    ):
        assert m.comoment.item() == 0


def test_published_figures() -> None:
    m = Moments.from_published([0, 1, 4, 4], [np.nan, 2.0, 3.0, 3.0], [np.nan, np.nan, 2.0, np.nan])
    assert m.shape == (4,)
    np.testing.assert_array_equal(m.variance[:, 0], [np.nan, np.nan, 2.0, np.nan])
    np.testing.assert_array_equal(m.mean[:, 0], [np.nan, 2.0, 3.0, 3.0])
    merged = m[1].merge(m[2])
    assert merged.mean.item() == pytest.approx(2.8)
    assert merged.comoment.item() == pytest.approx(6 + 0.8)
    assert np.isnan(m.merge_all().variance).all()


def test_a_negative_variance_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, but one is -1"):
        Moments.from_published([2, 2], [1, 1], [-1, 1])


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"mean \(3,\)"):
        Moments(np.zeros(2), np.zeros(3), np.zeros((3, 3)))
    with pytest.raises(ValueError, match="broadcast"):
        Moments(np.zeros(2), np.zeros((2, 1)), np.zeros((2, 1, 1)), np.zeros((3, 1)))


def test_batches_merge_cell_by_cell_and_broadcast() -> None:
    values = [simulated(seed, 20 + seed) for seed in range(6)]
    cells = Moments.stack([Moments.from_values(part) for part in values])
    grid = Moments.stack([cells[:3], cells[3:]])
    assert grid.shape == (2, 3)
    both = cells[:3].merge(cells[0])
    for index in range(3):
        assert_same(both[index], Moments.from_values(np.concatenate([values[index], values[0]])))
    assert_same(grid.merge_all(axis=-1)[1], Moments.from_values(np.concatenate(values[3:])))
    assert_same(grid.merge_all(axis=0)[2], Moments.from_values(np.concatenate([values[2], values[5]])))
    running = grid.cumulative(axis=1)
    assert running.shape == (2, 3)
    assert_same(running[1, 1], Moments.from_values(np.concatenate(values[3:5])))


def test_scale_and_select_are_those_of_the_values() -> None:
    values = simulated(3, 50, 3)
    m = Moments.from_values(values)
    assert_same(m.scale([2, -0.5, 100]), Moments.from_values(values * [2, -0.5, 100]))
    assert_same(m.select([2, 0]), Moments.from_values(values[:, [2, 0]]))


def test_indexing_follows_numpy() -> None:
    cells = Moments.stack([Moments.from_values(simulated(seed, 5 + seed)) for seed in range(6)])
    grid = Moments.stack([cells[:3], cells[3:]])
    for key in (0, (slice(None), 1), (..., -1), grid.n > 8, (0, None, [2, 0])):
        np.testing.assert_array_equal(grid[key].n, grid.n[key])
        np.testing.assert_array_equal(grid[key].mean[..., 1], grid.mean[..., 1][key])
        np.testing.assert_array_equal(grid[key].comoment[..., 0, 1], grid.comoment[..., 0, 1][key])
    np.testing.assert_array_equal(grid.take([1, 0], axis=0).n, [[8, 9, 10], [5, 6, 7]])
    np.testing.assert_array_equal(grid.take(2, axis=-1).n, [7, 10])
    assert_same(grid[1, 2], cells[5])


@pytest.mark.parametrize("pilot", [0.1, 0.3, -7.7, 1e-3])
@pytest.mark.parametrize("n", [3, 71, 4999])
def test_values_that_are_all_0_have_a_mean_of_0(pilot: float, n: int) -> None:
    """Added up from a pilot of the other arms' they leave a rounding error, and a lift upon it."""
    shifted = np.zeros((n, 1)) - pilot
    sums = np.cumsum(shifted, axis=0)[-1]
    m = Moments.from_shifted_sums(n, sums, shifted.T @ shifted, np.array([pilot]))
    assert (m.mean.item(), m.comoment.item()) == (0.0, 0.0)


def test_a_small_negative_constant_stays() -> None:
    shifted = np.full((50, 1), -0.25) - 0.5
    m = Moments.from_shifted_sums(50, shifted.sum(axis=0), shifted.T @ shifted, np.array([0.5]))
    assert m.mean.item() == -0.25
