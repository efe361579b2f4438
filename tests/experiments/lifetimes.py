"""Durations with known answers: fruit flies, the reference users, and simulated customers."""

import csv
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from experiments.survival import LifeTable
from tests.acceptance_data import ACCEPTANCE

Arms = tuple[LifeTable, LifeTable]
Rows = Sequence[tuple[float, float, float]]

arms_of_counts = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14
)


def table(rows: Rows, unit: float = 1.0) -> LifeTable:
    """An arm from rows of time, events and censored."""
    times, events, censored = np.array(rows, float).reshape(-1, 3).T
    return LifeTable.from_counts(times * unit, events, censored)


def units(arm: LifeTable) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Duration and observed of every unit of an arm."""
    events, censored = arm.events.astype(int), arm.censored.astype(int)
    durations = np.concatenate([np.repeat(arm.times, events), np.repeat(arm.times, censored)])
    return durations, np.arange(durations.size) < events.sum()


def waltons() -> Arms:
    """Days that 129 control and 34 miR-137 fruit flies lived: the public `waltons` data."""
    control = [
        (7, 1, 1), (17, 1, 0), (32, 1, 0), (33, 1, 0), (38, 2, 0), (41, 7, 0), (45, 9, 1), (48, 8, 0),
        (51, 3, 0), (53, 7, 0), (54, 2, 0), (56, 18, 0), (58, 4, 0), (60, 15, 1), (61, 9, 2), (63, 9, 0),
        (66, 3, 0), (68, 9, 1), (69, 12, 1), (75, 1, 0),
    ]  # fmt: skip
    variant = [
        (6, 1, 0), (9, 3, 0), (13, 3, 0), (15, 2, 0), (19, 3, 0), (22, 4, 0), (26, 5, 0), (29, 5, 0),
        (33, 2, 0), (36, 2, 0), (43, 1, 0), (47, 1, 0), (62, 2, 0),
    ]  # fmt: skip
    return table(control), table(variant)


def reference_users() -> Arms:
    """Days until the reference users churned."""
    with (ACCEPTANCE / "reference" / "ref_users.csv").open(newline="") as file:
        rows = [(int(r["variant"]), int(r["time_to_churn"]), int(r["churned"])) for r in csv.DictReader(file)]
    arm, days, churned = np.array(rows).T
    first, second = (LifeTable.from_durations(days[arm == i], churned[arm == i]) for i in (0, 1))
    return first, second


def customers(
    rng: np.random.Generator, n: int, pace: float, ratio_after: float = 1.0, days: bool = False
) -> LifeTable:
    """Customers who join over 100 days and churn at a constant pace per 100 days, multiplied after day 30."""
    clock = rng.exponential(100 / pace, n)
    clock = np.where(clock > 30, 30 + (clock - 30) / ratio_after, clock)
    followed = 100 - rng.uniform(0, 100, n)
    durations = np.minimum(clock, followed)
    return LifeTable.from_durations(np.ceil(durations) if days else durations, clock <= followed)
