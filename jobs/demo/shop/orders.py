"""Orders and their lines: gamma-Poisson customers, thinned so that every effect is exactly multiplicative."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import DAY, END, Bools, Floats, Ints, instants
from jobs.demo.people.customers import People
from jobs.demo.people.treatment import Lift
from jobs.demo.plan import CART, RETURN_DAYS, RETURN_SHARE, World
from jobs.demo.shop.catalogue import DISCOUNT, DISCOUNT_SHARE, ITEMS_PER_LINE, Catalogue
from jobs.demo.shop.visits import late_last

GUESTS = 0.035
RECOMMENDED_SHARE = 0.1
VOUCHER = 2.5
"""What a voucher costs the shop's marketing; the order's revenue and margin are without it."""
VOUCHER_SHARE, VOUCHER_SHARE_CART = 0.02, 0.22
"""Part of all orders that redeem one, and of those by customers whom cart recovery reaches."""


@dataclass(frozen=True)
class Extra:
    """A line that is no product: postage, a gift card, a fee.

    Attributes:
        sku: its code.
        share: part of all orders that carry it.
        price: its revenue.
        margin: its margin.
    """

    sku: str
    share: float
    price: float
    margin: float


EXTRAS = (
    Extra("POST", 0.22, 4.95, 0.95),
    Extra("GIFT-25", 0.012, 25.0, 0.0),
    Extra("FEE-WRAP", 0.02, 2.5, 1.5),
)


@dataclass(frozen=True)
class Orders:
    """Orders by time; one entry per order.

    Attributes:
        customer: position in the block; −1 = a guest without account.
        time: seconds from the origin.
        personalised: the customer was personalised at the time.
        gained: the order would not have come without personalisation.
        swapped: experiment → whether its recommendations may change what is bought.
    """

    customer: Ints
    time: Ints
    personalised: Bools
    gained: Bools
    swapped: Mapping[str, Bools]


@dataclass(frozen=True)
class Lines:
    """Product lines, extras and returns; one entry per line.

    Attributes:
        order: position of the order.
        product: position in the catalogue; −1 − i = the i-th of `EXTRAS`.
        quantity, revenue, margin: negative for a return; money in the workspace's currency.
        time: seconds from the origin; of the return for a return.
        recommended: bought from a recommendation.
    """

    order: Ints
    product: Ints
    quantity: Ints
    revenue: Floats
    margin: Floats
    time: Ints
    recommended: Bools


def draw(rng: np.random.Generator, world: World, people: People, lifts: Mapping[str, Lift]) -> Orders:
    """Draw candidate orders at the highest possible rate and keep each with the part that truly applies."""
    start, stop = np.maximum(people.joins, 0), np.minimum(people.leaves, END)
    highest = float(np.prod([1 + lift.size.max(initial=0.0) for lift in lifts.values()]))
    number = rng.poisson(people.rate * highest * world.rhythm.between(start, stop))
    customer = np.repeat(np.arange(len(people)), number)
    time = world.rhythm.draw(rng, start[customer], stop[customer])
    active = {}
    rate = np.ones(len(customer))
    for name, lift in lifts.items():
        own = lift.only(customer)
        active[name] = (own.size > 0) & (time >= own.start) & (time < own.stop)
        rate *= np.where(active[name], 1 + own.size, 1.0)
    mark = rng.random(len(customer)) * highest
    guests = rng.poisson(GUESTS * (mark < 1).sum())
    guest_times = world.rhythm.draw(rng, np.zeros(guests, dtype=np.int64), np.full(guests, END))
    kept = np.flatnonzero(mark < rate)
    time = np.concatenate([time[kept], guest_times])
    order = np.argsort(time, kind="stable")

    def with_guests(flags: Bools) -> Bools:
        return np.concatenate([flags[kept], np.zeros(guests, dtype=bool)])[order]

    return Orders(
        customer=np.concatenate([customer[kept], np.full(guests, -1)])[order],
        time=time[order],
        personalised=with_guests(np.logical_or.reduce(list(active.values()))),
        gained=with_guests(mark >= 1),
        swapped={name: with_guests(active[name]) for name in world.catalogue.swaps},
    )


def lines(
    rng: np.random.Generator, catalogue: Catalogue, people: People, orders: Orders, swap: float
) -> Lines:
    """What was in each order, what was added to it, and what came back."""
    count = len(orders.time)
    extra_lines = np.where(orders.customer >= 0, people.extra_lines[np.maximum(orders.customer, 0)], 0.3)
    number = 1 + rng.poisson(extra_lines)
    order = np.repeat(np.arange(count), number)
    product = np.searchsorted(np.cumsum(catalogue.share), rng.random(len(order)) * (1 - 1e-12))
    recommended = orders.personalised[order] & (rng.random(len(order)) < RECOMMENDED_SHARE)
    recommended |= orders.gained[order]
    product, changed = _swap(rng, catalogue, orders, order, product, swap)
    quantity = rng.choice(4, len(order), p=[0.90, 0.07, 0.02, 0.01]) + 1
    discount = np.where(rng.random(len(order)) < DISCOUNT_SHARE, DISCOUNT, 0.0)
    revenue = np.round(catalogue.price[product] * quantity * (1 - discount), 2)
    bought = Lines(
        order=order,
        product=product,
        quantity=quantity,
        revenue=revenue,
        margin=np.round(revenue * catalogue.margin_rate[product], 2),
        time=orders.time[order],
        recommended=recommended | changed,
    )
    parts = [bought, _returns(rng, count, bought), *_extras(rng, orders)]
    names = Lines.__dataclass_fields__
    return Lines(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _swap(
    rng: np.random.Generator, catalogue: Catalogue, orders: Orders, order: Ints, product: Ints, swap: float
) -> tuple[Ints, Bools]:
    """Recommendations turn some purchases of a neighbour to the recommended product, at the same price."""
    changed = np.zeros(len(order), dtype=bool)
    for name, swaps in catalogue.swaps.items():
        target = swaps.target(len(catalogue.share))[product]
        turned = (target >= 0) & orders.swapped[name][order] & (rng.random(len(order)) < swap)
        product = np.where(turned, target, product)
        changed |= turned
    return product, changed


def _returns(rng: np.random.Generator, count: int, bought: Lines) -> Lines:
    """Some orders come back whole, one to two weeks later."""
    first, last = RETURN_DAYS
    after = (rng.uniform(first, last, count) * DAY).astype(np.int64)
    time = bought.time + after[bought.order]
    back = (rng.random(count) < RETURN_SHARE)[bought.order] & (time < END)
    return Lines(
        order=bought.order[back],
        product=bought.product[back],
        quantity=-bought.quantity[back],
        revenue=-bought.revenue[back],
        margin=-bought.margin[back],
        time=time[back],
        recommended=bought.recommended[back],
    )


def _extras(rng: np.random.Generator, orders: Orders) -> list[Lines]:
    parts = []
    for position, extra in enumerate(EXTRAS):
        who = np.flatnonzero(rng.random(len(orders.time)) < extra.share)
        ones = np.ones(len(who))
        parts.append(
            Lines(
                order=who,
                product=np.full(len(who), -1 - position),
                quantity=ones.astype(np.int64),
                revenue=extra.price * ones,
                margin=extra.margin * ones,
                time=orders.time[who],
                recommended=np.zeros(len(who), dtype=bool),
            )
        )
    return parts


def vouchers(rng: np.random.Generator, orders: Orders, rows: Lines) -> Floats:
    """What each line cost in vouchers: redeemed with an order, on its first line."""
    share = np.where(orders.swapped[CART], VOUCHER_SHARE_CART, VOUCHER_SHARE)
    redeemed = rng.random(len(orders.time)) < share
    _, first = np.unique(rows.order, return_index=True)
    cost = np.zeros(len(rows.order))
    cost[first] = VOUCHER * redeemed[rows.order[first]]
    return cost


def frame(
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    orders: Orders,
    rows: Lines,
    voucher: Floats,
    block: int,
) -> pl.DataFrame:
    """The table `order_lines`; rows that arrived late stand at its end."""
    order = late_last(rng, rows.time)
    number = rows.order[order]
    customer = orders.customer[number]
    names = people.customer_id.gather(np.maximum(customer, 0)).set(pl.Series(customer < 0), None)
    product = rows.product[order]
    codes = pl.concat([catalogue.sku, pl.Series([extra.sku for extra in EXTRAS])])
    kinds = pl.concat([catalogue.category, pl.Series([None] * len(EXTRAS), dtype=pl.String)])
    position = np.where(product >= 0, product, len(catalogue.share) - 1 - product)
    order_ids = f"O{block:03d}-" + pl.Series(np.arange(len(orders.time)) + 1).cast(pl.String).str.zfill(7)
    return pl.DataFrame(
        {
            "order_id": order_ids.gather(number),
            "customer_id": names,
            "sku": codes.gather(position),
            "category": kinds.gather(position),
            "quantity": pl.Series(rows.quantity[order]),
            "revenue": pl.Series(rows.revenue[order]),
            "margin": pl.Series(rows.margin[order]),
            "ordered_at": instants("ordered_at", rows.time[order]),
            "recommended": pl.Series(rows.recommended[order]),
            "voucher": pl.Series(voucher[order]),
        }
    )


def order_value(catalogue: Catalogue) -> dict[str, tuple[float, float]]:
    """Expected value of a product line and of an order's extras, per metric."""
    extras = {
        "revenue": sum(extra.share * extra.price for extra in EXTRAS),
        "margin": sum(extra.share * extra.margin for extra in EXTRAS),
        "items": sum(extra.share for extra in EXTRAS),
    }
    return {
        "revenue": (catalogue.line_value, extras["revenue"]),
        "margin": (catalogue.line_margin, extras["margin"]),
        "items": (ITEMS_PER_LINE, extras["items"]),
    }
