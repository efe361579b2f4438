"""What is planned: the experiments, what they truly do, and how many people there are."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from jobs.demo.clock import DAY, Rhythm, midnight, rhythm
from jobs.demo.shop.catalogue import Catalogue, catalogue

WORKSPACE = Path(__file__).parent / "workspace"
BLOCK = 50_000
CUSTOMERS_AT_SCALE_ONE = 50_000
WINDOW = 28 * DAY
RETURN_SHARE = 0.055
RETURN_DAYS = (5, 15)

PROFILED = "personalize.content.profiled"
MEASURED = "analytics.reporting.content_performance"
EMAIL = "marketing.communications.email"
RETARGETED = "marketing.advertising.third_party.targeted"
PURPOSES = (PROFILED, MEASURED, EMAIL)

CART = "cart-recovery-2026q3"
HOMEPAGE = "homepage-2026q3"
POST_PURCHASE = "post-purchase-2026q3"
UNIVERSAL = "universal-holdout-2026"
REHEARSAL = "homepage-aa-2026q2"
CLEAN_ROOM = "cart-retargeting-2026q2"

JOURNEYS = ("homepage", "cart_recovery", "post_purchase")


class Fade(NamedTuple):
    """An effect of novelty: full at first, later a part of it.

    Attributes:
        after: seconds from assignment.
        left: part of the effect that stays.
    """

    after: int
    left: float


@dataclass(frozen=True)
class Effects:
    """What personalisation truly does while it is lawful.

    Attributes:
        orders: experiment → variant → relative change of the order rate, while it is new.
        fades: experiment → how its effect fades; the others last as long as their window.
        withdrawal_base: withdrawals of consent to personalisation per person and day, at rest.
        withdrawal_email: withdrawals of consent to e-mail alone, per person and day.
        withdrawal_added: what post-purchase personalisation adds to them, per person and day.
        swap: share of purchases of a neighbour that a recommendation turns to the recommended product.
        satisfaction: what post-purchase personalisation does to the mean survey answer, in points.
        clean_room: relative change of spend in the media partner's clean room.
    """

    orders: Mapping[str, Mapping[str, float]]
    fades: Mapping[str, Fade] = field(default_factory=dict)
    withdrawal_base: float = 0.0004
    withdrawal_email: float = 0.0003
    withdrawal_added: float = 0.0010
    swap: float = 0.35
    satisfaction: float = -0.25
    clean_room: float = 0.03


EFFECTS = Effects(
    orders={
        UNIVERSAL: {"holdout": 0.0, "programme": 0.03},
        CART: {"holdout": 0.0, "personalised": 0.12},
        HOMEPAGE: {"holdout": 0.0, "personalised": 0.008, "personalised_compact": 0.003},
        POST_PURCHASE: {"holdout": 0.0, "personalised": 0.40},
    },
    fades={POST_PURCHASE: Fade(after=9 * DAY, left=0.04)},
)


@dataclass(frozen=True)
class Experiment:
    """One experiment, as experiments.yaml has it.

    Attributes:
        id, journey, unit: as in the file; `journey` is None for the universal holdout.
        variants, shares: names, control first, and their parts of the whole.
        starts, ends: seconds from the origin; `ends` exclusive.
        purposes: what must be granted; empty = another basis than consent.
    """

    id: str
    journey: str | None
    unit: str
    variants: tuple[str, ...]
    shares: tuple[float, ...]
    starts: int
    ends: int
    purposes: tuple[str, ...]


@cache
def experiments() -> tuple[Experiment, ...]:
    """The experiments of the demo's own experiments.yaml that assign customers or households."""
    entries = yaml.safe_load((WORKSPACE / "experiments.yaml").read_text(encoding="utf-8"))
    return tuple(_experiment(entry) for entry in entries if entry["id"] != CLEAN_ROOM)


def experiment(name: str) -> Experiment:
    """The experiment of that id."""
    return next(item for item in experiments() if item.id == name)


def _experiment(entry: dict[str, object]) -> Experiment:
    allocation = entry["allocation"]
    starts, ends = entry["starts"], entry["ends"]
    if not (isinstance(allocation, dict) and isinstance(starts, dt.date) and isinstance(ends, dt.date)):
        msg = f"the demo's experiment {entry['id']} is incomplete"
        raise TypeError(msg)
    control = str(entry["control"])
    variants = (control, *(name for name in allocation if name != control))
    total = sum(allocation.values())
    purposes = entry.get("purposes") or []
    return Experiment(
        id=str(entry["id"]),
        journey=str(entry["journey"]) if "journey" in entry else None,
        unit=str(entry["unit"]),
        variants=variants,
        shares=tuple(allocation[name] / total for name in variants),
        starts=midnight(starts),
        ends=midnight(ends + dt.timedelta(days=1)),
        purposes=tuple(map(str, purposes)) if isinstance(purposes, list) else (),
    )


@dataclass(frozen=True)
class World:
    """What every block of customers shares.

    Attributes:
        seed, scale: as asked for; scale 1 = 50,000 customers.
        customers: how many there are.
        rhythm: how busy the shop is when.
        catalogue: what it sells.
    """

    seed: int
    scale: float
    customers: int
    rhythm: Rhythm
    catalogue: Catalogue


def world(seed: int, scale: float) -> World:
    """The shared part of a demo.

    Raises:
        ValueError: a scale or seed that makes no sense.
    """
    if not 0 < scale <= 1000:
        msg = f"scale == {scale}, must be above 0 and at most 1000 (1 = 50,000 customers)"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed == {seed}, must be 0 or more"
        raise ValueError(msg)
    streams = [
        np.random.default_rng(item) for item in np.random.SeedSequence(seed, spawn_key=(2**20,)).spawn(2)
    ]
    return World(
        seed=seed,
        scale=scale,
        customers=max(1, round(CUSTOMERS_AT_SCALE_ONE * scale)),
        rhythm=rhythm(streams[0]),
        catalogue=catalogue(streams[1], scale, (CART, HOMEPAGE)),
    )


class Streams(NamedTuple):
    """One source of randomness per subject, so that a change in one leaves the others as they were."""

    customers: np.random.Generator
    visits: np.random.Generator
    orders: np.random.Generator
    requests: np.random.Generator
    consent: np.random.Generator
    assignments: np.random.Generator
    events: np.random.Generator
    inference: np.random.Generator
    survey: np.random.Generator
    vouchers: np.random.Generator


def streams(seed: int, block: int) -> Streams:
    """The sources of one block: they depend on nothing but the seed and the block's number."""
    children = np.random.SeedSequence([seed, block]).spawn(len(Streams._fields))
    return Streams(*(np.random.default_rng(child) for child in children))
