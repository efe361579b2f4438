"""Seconds for the statistics of 10,000 comparisons at once, as a table of SKUs or segments needs them."""

from collections.abc import Callable
from time import process_time

import numpy as np

from experiments.effects import Comparison, compare
from experiments.estimates import adjusted, ratio, unadjusted
from experiments.moments import Moments
from experiments.multiplicity import benjamini_hochberg, holm
from experiments.sequential import sequence

COMPARISONS, REPEATS = 10_000, 7


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit: median CPU seconds per 10,000 comparisons."""
    control, variant = _arms(1), _arms(2)
    pooled = control.merge(variant).mean[:, 1]
    headline = compare(adjusted(control, pooled), adjusted(variant, pooled))
    work: dict[str, Callable[[], object]] = {
        "merge": lambda: control.merge(variant),
        "unadjusted": lambda: compare(unadjusted(control), unadjusted(variant)),
        "adjusted": lambda: compare(adjusted(control, pooled), adjusted(variant, pooled)),
        "ratio": lambda: compare(ratio(control), ratio(variant)),
        "sequence": lambda: sequence(headline, 10_000),
        "holm": lambda: holm(headline.p_value),
        "benjamini_hochberg": lambda: benjamini_hochberg(headline.p_value),
        "everything": lambda: _everything(control, variant),
    }
    return [(f"{name}, {COMPARISONS:,} comparisons", _seconds(job), "CPU s") for name, job in work.items()]


def _arms(seed: int) -> Moments:
    """Ten thousand cells of 1,000 units with an outcome and its covariate."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(10, 1, (COMPARISONS, 2))
    comoment = np.broadcast_to([[4000.0, 1500.0], [1500.0, 3000.0]], (COMPARISONS, 2, 2))
    return Moments(np.full(COMPARISONS, 1000.0), mean, comoment)


def _everything(control: Moments, variant: Moments) -> list[Comparison]:
    """Both methods with sequence and multiplicity, as a refresh computes them."""
    pooled = control.merge(variant).mean[:, 1]
    rows = [
        compare(unadjusted(control), unadjusted(variant)),
        compare(adjusted(control, pooled), adjusted(variant, pooled)),
    ]
    for row in rows:
        sequence(row, 10_000)
        benjamini_hochberg(row.p_value)
    return rows


def _seconds(job: Callable[[], object]) -> float:
    spent = []
    for _ in range(REPEATS):
        start = process_time()
        job()
        spent.append(process_time() - start)
    return float(np.median(spent))


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<42} {value:8.4f} {unit}")
