"""Seconds from the durations of 2 million customers in two arms to every figure of their survival."""

from time import process_time

import numpy as np
import numpy.typing as npt

from experiments.hazards import RiskSets, cox, logrank, proportionality
from experiments.survival import LifeTable, compare_survival, kaplan_meier

CUSTOMERS, REPEATS = 2_000_000, 3
Durations = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit: median CPU seconds, for real-valued times and for whole days."""
    rng = np.random.default_rng(1)
    arms = [_durations(rng, CUSTOMERS // 5, 200.0), _durations(rng, CUSTOMERS * 4 // 5, 220.0)]
    in_days = [(np.ceil(durations), observed) for durations, observed in arms]
    return [
        ("survival of 2 M customers, real-valued times", _seconds(arms), "CPU s (target 3)"),
        ("survival of 2 M customers, whole days", _seconds(in_days), "CPU s"),
    ]


def _durations(rng: np.random.Generator, n: int, mean: float) -> Durations:
    """Days until customers churn, who joined during half a year."""
    churned, followed = rng.exponential(mean, n), rng.uniform(0, 180, n)
    return np.minimum(churned, followed), churned <= followed


def _everything(arms: list[Durations]) -> None:
    """What one metric of an experiment needs: tables, daily curves, differences, tests and hazard ratio."""
    control, variant = (LifeTable.from_durations(*arm) for arm in arms)
    for table in (control, variant):
        kaplan_meier(table, np.arange(181.0))
    compare_survival(control, variant, horizon=90)
    sets = RiskSets.of(control, variant)
    logrank(sets), cox(sets), proportionality(sets)


def _seconds(arms: list[Durations]) -> float:
    spent = []
    for _ in range(REPEATS):
        start = process_time()
        _everything(arms)
        spent.append(process_time() - start)
    return float(np.median(spent))


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<46} {value:8.4f} {unit}")
