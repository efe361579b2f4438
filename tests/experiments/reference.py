"""The 4,000 reference users as moments, by every road that leads there."""

import csv
from collections.abc import Callable
from functools import cache, reduce

import numpy as np
import numpy.typing as npt

from experiments.moments import Moments
from tests.acceptance_data import ACCEPTANCE

REVENUE, PRE, ORDERS, SESSIONS = range(4)


@cache
def users() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Values (n, 4) in the order of the constants above, and the arm of each user."""
    with (ACCEPTANCE / "reference" / "ref_users.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("revenue_cents", "pre_revenue_cents", "orders", "sessions")
    values = np.array([[float(row[column]) for column in columns] for row in rows])
    return values / [100, 100, 1, 1], np.array([int(row["variant"]) for row in rows])


def from_values() -> Moments:
    values, arm = users()
    return Moments.stack([Moments.from_values(values[arm == index]) for index in (0, 1)])


def from_shifted_sums() -> Moments:
    values, arm = users()
    pilot = values[17]
    shifted = [values[arm == index] - pilot for index in (0, 1)]
    return Moments.from_shifted_sums(
        [len(part) for part in shifted],
        [part.sum(axis=0) for part in shifted],
        [part.T @ part for part in shifted],
        pilot,
    )


def from_chunks() -> Moments:
    values, arm = users()
    rng = np.random.default_rng(1)
    order = rng.permutation(len(values))
    chunks = np.split(order, np.sort(rng.integers(0, len(values), 60)))
    cells = [
        Moments.stack([Moments.from_values(values[chunk][arm[chunk] == index]) for index in (0, 1)])
        for chunk in chunks
    ]
    return reduce(Moments.merge, cells)


def from_published_sums() -> Moments:
    """From the published sums alone, which need no file."""
    sums = [[37317.88, 35842.73, 2224, 7043], [40423.82, 36591.76, 2412, 7120]]
    control = [
        [1457750.887, 898731.5224, 80900.87, 163365.5],
        [898731.5224, 1363907.7113, 52852.23, 156024.62],
        [80900.87, 52852.23, 4808, 9697],
        [163365.5, 156024.62, 9697, 28945],
    ]
    treatment = [
        [1610222.9276, 972552.4448, 89610.78, 172810.08],
        [972552.4448, 1397933.4272, 57268.77, 157216.1],
        [89610.78, 57268.77, 5348, 10307],
        [172810.08, 157216.1, 10307, 29026],
    ]
    return Moments.from_shifted_sums([1979, 2021], sums, [control, treatment], np.zeros(4))


FROM_USERS: dict[str, Callable[[], Moments]] = {
    "values": from_values,
    "shifted sums": from_shifted_sums,
    "merged chunks": from_chunks,
}
