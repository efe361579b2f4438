"""What the shop sells: products with Zipf demand, and which of them personalisation pushes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import Floats, Ints

CATEGORIES = (
    *("bakeware", "bath", "bedding", "books", "candles", "ceramics", "children", "clocks", "coffee"),
    *("cushions", "garden", "glassware", "kitchen", "lighting", "linen", "mirrors", "office", "outdoor"),
    *("pet", "rugs", "seasonal", "soap", "storage", "tea", "wall art"),
)
PUSHED_CATEGORIES = 4
ITEMS_PER_LINE = 1.14
DISCOUNT_SHARE, DISCOUNT = 0.2, 0.2


@dataclass(frozen=True)
class Swaps:
    """Which products a journey's recommendations push, and whose place they take.

    Attributes:
        recommended: positions of the pushed products.
        neighbours: per pushed product, positions of two others of its category at the same price.
    """

    recommended: tuple[int, ...]
    neighbours: tuple[tuple[int, int], ...]

    def target(self, products: int) -> Ints:
        """Per product, the one that takes its place; −1 = none."""
        table = np.full(products, -1, dtype=np.int64)
        for pushed, others in zip(self.recommended, self.neighbours, strict=True):
            table[list(others)] = pushed
        return table


@dataclass(frozen=True)
class Catalogue:
    """The products, by falling demand.

    Attributes:
        sku, category: names.
        share: part of all product lines; sums to 1.
        price: per item, in the workspace's currency.
        margin_rate: margin as a part of revenue.
        swaps: experiment → what its recommendations push.
    """

    sku: pl.Series
    category: pl.Series
    share: Floats
    price: Floats
    margin_rate: Floats
    swaps: Mapping[str, Swaps]

    @property
    def line_value(self) -> float:
        """Expected revenue of a product line."""
        return float(self.share @ self.price) * ITEMS_PER_LINE * (1 - DISCOUNT_SHARE * DISCOUNT)

    @property
    def line_margin(self) -> float:
        """Expected margin of a product line."""
        value = float(self.share @ (self.price * self.margin_rate))
        return value * ITEMS_PER_LINE * (1 - DISCOUNT_SHARE * DISCOUNT)


def catalogue(rng: np.random.Generator, scale: float, pushed_by: tuple[str, ...]) -> Catalogue:
    """About 2,000 products at scale 1, growing with its square root."""
    count = max(4 * len(CATEGORIES), round(2000 * scale**0.5))
    order = rng.permutation(len(CATEGORIES))
    pushed = order[: PUSHED_CATEGORIES * len(pushed_by)]
    rounds = -(-count // len(CATEGORIES))
    rest = [rng.permutation(len(CATEGORIES)) for _ in range(rounds)]
    kind = np.concatenate([np.tile(pushed, 3), *rest])[:count]
    weight = (np.arange(count) + 3.0) ** -0.95
    level = rng.lognormal(2.9, 0.28, len(CATEGORIES))
    rate = rng.uniform(0.28, 0.42, len(CATEGORIES))
    price = np.round(level[kind] * rng.lognormal(0.0, 0.30, count) + 0.5) - 0.05
    margin_rate = np.clip(rate[kind] + rng.normal(0, 0.02, count), 0.25, 0.45)
    swaps = {}
    for position, name in enumerate(pushed_by):
        swaps[name] = _swaps(kind, pushed[position :: len(pushed_by)])
        for product, others in zip(swaps[name].recommended, swaps[name].neighbours, strict=True):
            price[list(others)] = price[product]
            margin_rate[list(others)] = margin_rate[product]
    number = rng.permutation(90_000)[:count] + 10_000
    prefix = pl.Series([name[:3].upper() for name in CATEGORIES])
    frame = pl.DataFrame({"prefix": prefix.gather(kind), "number": number})
    return Catalogue(
        sku=frame.select(pl.format("{}-{}", "prefix", "number")).to_series().alias("sku"),
        category=pl.Series("category", CATEGORIES).gather(kind),
        share=weight / weight.sum(),
        price=price,
        margin_rate=margin_rate,
        swaps=swaps,
    )


def _swaps(kind: Ints, chosen: Ints) -> Swaps:
    """Of each category's three best sellers, the second is recommended."""
    top = [np.flatnonzero(kind == item)[:3] for item in chosen]
    return Swaps(
        recommended=tuple(int(best[1]) for best in top),
        neighbours=tuple((int(best[0]), int(best[2])) for best in top),
    )
