"""What is true of the demo: expected outcomes per arm, integrated from the rates that made the data.

For every unit that counts, the expected outcome under each arm is an integral of its own order rate over the
window in which it counts. Their means, over all units that count, are the truth an estimate should cover.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np

from jobs.demo.clock import DAY, END, Bools, Floats, Ints, Rhythm
from jobs.demo.people.treatment import Block, Lift, lifts, phases
from jobs.demo.plan import (
    CART,
    POST_PURCHASE,
    RETURN_DAYS,
    RETURN_SHARE,
    UNIVERSAL,
    WINDOW,
    Experiment,
    World,
)
from jobs.demo.shop.orders import VOUCHER, VOUCHER_SHARE, VOUCHER_SHARE_CART, order_value

LONG_WINDOW = 90 * DAY
FIRST_HALF, HALVED = "first half of ", ("orders", "revenue_uncapped")
"""Metrics of which the truth is also known for the window's first half."""
RETURN_LAG = sum(RETURN_DAYS) * DAY // 2


@dataclass
class Sums:
    """Running sums over the units that count in one experiment.

    Attributes:
        units: how many, per arm they are in.
        long_units: how many are mature for the long window, all arms together.
        totals: metric → expected total of all units, per arm they might have been in.
    """

    arms: int
    units: Ints = field(init=False)
    long_units: int = 0
    totals: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.units = np.zeros(self.arms, dtype=np.int64)

    def add(self, metric: str, arm: int, values: Floats) -> None:
        """Add the expected outcomes of some units under one arm."""
        self.totals.setdefault(metric, np.zeros(self.arms))[arm] += float(values.sum())


class Buyers(NamedTuple):
    """What decides how much some customers buy, as in `People`."""

    rate: Floats
    extra_lines: Floats
    joins: Ints
    leaves: Ints


def expected_orders(
    rhythm: Rhythm, buyers: Buyers, start: Ints, stop: Ints, effects: Sequence[Lift]
) -> Floats:
    """Expected orders of each customer in [start, stop) under effects that multiply.

    The product of (1 + size) over the effects at work is a sum, over all sets of effects, of the product of
    their sizes, over the time in which they overlap.
    """
    start, stop = np.maximum(start, buyers.joins), np.minimum(stop, buyers.leaves)
    total = rhythm.between(start, stop)
    present = [lift for lift in effects if lift.size.any()]
    for number in range(1, len(present) + 1):
        for chosen in combinations(present, number):
            size = np.prod([lift.size for lift in chosen], axis=0)
            first = np.maximum.reduce([start, *(lift.start for lift in chosen)])
            last = np.minimum.reduce([stop, *(lift.stop for lift in chosen)])
            total = total + size * rhythm.between(first, last)
    return buyers.rate * total


def counted(block: Block, name: str) -> Bools:
    """Whether each customer counts in an experiment, but for maturity."""
    assigned = block.assigned[name]
    chosen = assigned.experiment
    counts = assigned.inside & ~block.people.minor & ~block.requests.erased
    counts &= ~(block.requests.objected < assigned.time)
    if chosen.journey is not None:
        counts &= ~block.held_out
    if chosen.purposes:
        everybody = np.arange(len(block.people))
        counts &= block.consent(block.held_out).lawful(chosen.purposes, everybody, assigned.time)
    return counts


def add_block(world: World, block: Block, sums: Mapping[str, Sums]) -> None:
    """Add one block's expected outcomes to the running sums of every experiment on customers."""
    for name, running in sums.items():
        assigned = block.assigned[name]
        counts = counted(block, name)
        mature = counts & (assigned.time + WINDOW <= END)
        running.units += np.bincount(assigned.variant[mature], minlength=running.arms)
        long = counts & (assigned.time + LONG_WINDOW <= END)
        running.long_units += int(long.sum())
        for arm in range(running.arms):
            stop, effects = _potential(block, assigned.experiment, arm)
            for metric, values in _outcomes(world, block, name, mature, WINDOW, stop, effects).items():
                running.add(metric, arm, values)
            first = _outcomes(world, block, name, mature, WINDOW // 2, stop, effects)
            for metric in HALVED:
                running.add(f"{FIRST_HALF}{metric}", arm, first[metric])
            if name == UNIVERSAL:
                later = _outcomes(world, block, name, long, LONG_WINDOW, stop, effects)
                running.add("revenue_90d", arm, later["revenue_uncapped"])


def _potential(block: Block, chosen: Experiment, arm: int) -> tuple[Ints, dict[str, Lift]]:
    """When outcomes freeze and which effects work, had everyone been in `arm` of one experiment."""
    everyone = np.full(len(block.people), fill_value=True)
    if chosen.journey is None:
        held_out = everyone if arm == 0 else ~everyone
        consent = block.consent(held_out)
    else:
        held_out = block.held_out
        treated = everyone if arm else ~everyone
        consent = block.consent(held_out, treated if chosen.id == POST_PURCHASE else None)
    effects = lifts(block, held_out, consent)
    effects |= phases(block, chosen.id, block.lift(chosen.id, held_out, consent, arm))
    return block.frozen(chosen, consent), effects


def _outcomes(
    world: World,
    block: Block,
    name: str,
    who: Bools,
    window: int,
    frozen: Ints,
    effects: Mapping[str, Lift],
) -> dict[str, Floats]:
    """Expected outcomes of the chosen customers in their window, returns included."""
    chosen = np.flatnonzero(who)
    people = block.people
    buyers = Buyers(
        people.rate[chosen], people.extra_lines[chosen], people.joins[chosen], people.leaves[chosen]
    )
    start = block.assigned[name].time[chosen]
    stop = np.minimum(start + window, frozen[chosen])
    each = {key: lift.only(chosen) for key, lift in effects.items()}
    here = list(each.values())
    placed = expected_orders(world.rhythm, buyers, start, stop, here)
    returned = RETURN_SHARE * expected_orders(world.rhythm, buyers, start, stop - RETURN_LAG, here)
    earlier = RETURN_SHARE * expected_orders(
        world.rhythm, buyers, start - RETURN_LAG, np.minimum(start, stop - RETURN_LAG), here
    )
    seen = placed + earlier
    outcomes = {"orders": seen, "conversion": -np.expm1(-seen)}
    line_count = 1 + buyers.extra_lines
    for metric, (per_line, extras) in order_value(world.catalogue).items():
        value = per_line * line_count * (placed - returned - earlier) + extras * placed
        outcomes["revenue_uncapped" if metric == "revenue" else metric] = value
    if name == CART:
        own = each[CART]
        first, last = np.maximum(start, own.start), np.where(own.size > 0, np.minimum(stop, own.stop), 0)
        reached = expected_orders(world.rhythm, buyers, first, last, here)
        outcomes["vouchers"] = VOUCHER * (
            VOUCHER_SHARE * placed + (VOUCHER_SHARE_CART - VOUCHER_SHARE) * reached
        )
    return outcomes
