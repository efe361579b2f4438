"""Seconds for everything a table of 100,000 SKUs shows beside its moments."""

from time import process_time

import numpy as np

from experiments.discovery import discover
from experiments.effects import compare
from experiments.estimates import unadjusted
from experiments.moments import Moments

SKUS, UNITS, REPEATS = 100_000, 50_000.0, 5


def run() -> list[tuple[str, float, str]]:
    """Rows of name, value and unit: median CPU seconds."""
    rng = np.random.default_rng(1)
    mean = rng.lognormal(-2, 1, SKUS)
    effect = np.where(rng.random(SKUS) < 0.01, 0.2 * mean, 0.0)
    control, variant = (_arm(mean + lift, rng) for lift in (0.0, effect))
    spent = []
    for _ in range(REPEATS):
        start = process_time()
        discover(compare(unadjusted(control), unadjusted(variant)))
        spent.append(process_time() - start)
    return [("statistics of 100,000 SKUs", float(np.median(spent)), "CPU s (target 1)")]


def _arm(mean: np.ndarray, rng: np.random.Generator) -> Moments:
    """One cell per SKU: revenue of every customer, most of whom do not buy it."""
    variance = 40 * mean
    observed = mean + rng.normal(0, np.sqrt(variance / UNITS))
    return Moments.from_published(np.full(SKUS, UNITS), observed, variance)


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:<42} {value:8.4f} {unit}")
