"""The inference log: batches of recommendations with their cost and latency."""

from typing import NamedTuple

import numpy as np
import polars as pl

from jobs.demo.clock import END, Rhythm, instants
from jobs.demo.shop.visits import SINCE

ROWS_PER_BLOCK = 100_000
REQUEST_BYTES, ITEM_BYTES = 2_300, 190


class Server(NamedTuple):
    """One model in one place.

    Attributes:
        journey, model, serving: keys of the table.
        share: part of all batches.
        batch: mean number of recommendations of a batch.
        cost: per 1,000 recommendations, in the workspace's currency.
        latency: median, in milliseconds.
        spread: standard deviation of the latency's logarithm.
    """

    journey: str
    model: str
    serving: str
    share: float
    batch: float
    cost: float
    latency: float
    spread: float


SERVERS = (
    Server("homepage", "rank-transformer", "central", 0.34, 24, 0.46, 78, 0.45),
    Server("homepage", "rank-distilled", "edge", 0.14, 24, 0.24, 31, 0.35),
    Server("homepage", "popular-now", "contextual", 0.12, 24, 0.02, 6, 0.30),
    Server("cart_recovery", "next-item", "central", 0.09, 8, 0.44, 64, 0.30),
    Server("cart_recovery", "next-item", "edge", 0.08, 8, 0.27, 29, 0.30),
    Server("cart_recovery", "next-item-small", "on_device", 0.05, 8, 0.01, 17, 0.40),
    Server("post_purchase", "complements", "central", 0.14, 12, 0.33, 170, 0.38),
    Server("post_purchase", "same-category", "contextual", 0.04, 12, 0.02, 8, 0.30),
)


def frame(rng: np.random.Generator, rhythm: Rhythm, count: int) -> pl.DataFrame:
    """Rows of the table `inference_log`, by time; the edge came into use in the course of the year."""
    time = np.sort(rhythm.draw(rng, np.full(count, SINCE), np.full(count, END)))
    progress = (time - SINCE) / (END - SINCE)
    server = rng.choice(len(SERVERS), count, p=[item.share for item in SERVERS])
    moved = {1: 0, 4: 3, 5: 3}
    for new, old in moved.items():
        server = np.where((server == new) & (rng.random(count) > 1.6 * progress), old, server)
    recommendations = 1 + rng.poisson(np.array([item.batch for item in SERVERS])[server] - 1)
    per_thousand = np.array([item.cost for item in SERVERS])[server] * rng.lognormal(0, 0.08, count)
    slow = np.where(rng.random(count) < 0.004, 6.0, 1.0)
    spread = np.array([item.spread for item in SERVERS])[server]
    latency = np.array([item.latency for item in SERVERS])[server] * slow
    delay = np.round(latency * rng.lognormal(0, spread), 1)
    size = np.round((REQUEST_BYTES + ITEM_BYTES * recommendations) * rng.lognormal(0, 0.1, count))
    away = np.array([item.serving in ("on_device", "contextual") for item in SERVERS])[server]
    names = pl.DataFrame(SERVERS, schema=list(Server._fields), orient="row")[server]
    return names.select(
        "journey",
        "model",
        "serving",
        instants("occurred_at", time),
        pl.Series("recommendations", recommendations),
        pl.Series("cost", np.round(recommendations / 1000 * per_thousand, 7)),
        pl.Series("latency_ms", delay),
        pl.Series("request_bytes", size.astype(np.int64)).set(pl.Series(away), None),
    )
