"""Who the customers are: where they live, how often they buy, and how long they stay."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import AS_OF, DAY, END, Bools, Floats, Ints, instants

JURISDICTIONS = ("IE", "DE", "FR", "US-CA")
COUNTRIES = ("IE", "DE", "FR", "US")
PARTS = (0.46, 0.22, 0.18, 0.14)
IRELAND, CALIFORNIA = 0, 3
TIERS = ("bronze", "silver", "gold")
CHANNELS = ("search", "direct", "social", "email", "referral")
ORDERS_PER_DAY = 0.024
ACTIVITY_SHAPE = 1.6
EXTRA_LINES = 0.32
DAYS_AS_CUSTOMER = 1100


@dataclass(frozen=True)
class People:
    """One block of customers; every array has one entry per customer.

    Attributes:
        customer_id: names, in order.
        place: position in `JURISDICTIONS`.
        rate: orders per average day.
        extra_lines: expected product lines of an order beyond the first.
        joins, leaves: seconds from the origin between which the customer visits and buys.
        household: position of the household within the block; people without one have their own.
        known_household: whether the household is on file.
        birth: days since 1970-01-01; meaningless where `age_known` is false.
        minor: a child by the law of every jurisdiction here (nobody is 15 or 16).
        tier, channel: positions in `TIERS` and `CHANNELS`; −1 = none on file.
        first: number of the block's first customer.
    """

    customer_id: pl.Series
    place: Ints
    rate: Floats
    extra_lines: Floats
    joins: Ints
    leaves: Ints
    household: Ints
    known_household: Bools
    birth: Ints
    age_known: Bools
    minor: Bools
    tier: Ints
    channel: Ints
    first: int

    def __len__(self) -> int:
        return len(self.rate)


def draw(rng: np.random.Generator, first: int, count: int) -> People:
    """A block of customers, numbered from `first`."""
    activity = rng.gamma(ACTIVITY_SHAPE, 1 / ACTIVITY_SHAPE, count)
    joins = _joins(rng, count)
    stays = rng.exponential(DAYS_AS_CUSTOMER * DAY, count).astype(np.int64) + DAY
    household, known = _households(rng, count)
    birth, age_known, minor = _births(rng, count)
    noisy = activity * rng.lognormal(0, 0.35, count)
    tier = np.searchsorted([0.6, 1.3, 2.3], noisy).astype(np.int64) - 1
    channel = rng.choice(len(CHANNELS), count, p=[0.38, 0.24, 0.18, 0.13, 0.07])
    numbers = pl.Series("customer_id", np.arange(first, first + count) + 1).cast(pl.String)
    return People(
        customer_id=("C" + numbers.str.zfill(8)).alias("customer_id"),
        place=rng.choice(len(JURISDICTIONS), count, p=PARTS),
        rate=ORDERS_PER_DAY * activity,
        extra_lines=rng.gamma(2.0, EXTRA_LINES / 2, count),
        joins=joins,
        leaves=np.maximum(joins, 0) + stays,
        household=household,
        known_household=known,
        birth=birth,
        age_known=age_known,
        minor=minor,
        tier=tier,
        channel=np.where(rng.random(count) < 0.03, -1, channel),
        first=first,
    )


def frame(people: People) -> pl.DataFrame:
    """The table `customers`."""
    household = pl.Series(people.household + people.first + 1).cast(pl.String).str.zfill(8)
    columns = {
        "customer_id": people.customer_id,
        "jurisdiction": _named(JURISDICTIONS, people.place),
        "birth_date": pl.Series(people.birth)
        .cast(pl.Int32)
        .cast(pl.Date)
        .set(pl.Series(~people.age_known), None),
        "household_id": ("H" + household).set(pl.Series(~people.known_household), None),
        "created_at": instants("created_at", people.joins),
        "country": _named(COUNTRIES, people.place),
        "loyalty_tier": _named(TIERS, people.tier),
        "acquisition_channel": _named(CHANNELS, people.channel),
    }
    return pl.DataFrame(columns)


def _named(names: tuple[str, ...], positions: Ints) -> pl.Series:
    missing = positions < 0
    return pl.Series(names).gather(np.where(missing, 0, positions)).set(pl.Series(missing), None)


def _joins(rng: np.random.Generator, count: int) -> Ints:
    before = -1500 * DAY * rng.random(count) ** 1.4
    since = (END - 2 * DAY) * rng.random(count) ** 0.9
    return np.where(rng.random(count) < 0.56, before, since).astype(np.int64)


def _households(rng: np.random.Generator, count: int) -> tuple[Ints, Bools]:
    """Four in ten have a known household, of up to three; it bears the number of its first member."""
    household = np.arange(count)
    order = rng.permutation(count)[: int(count * 0.42)]
    sizes = rng.choice([1, 2, 3], len(order), p=[0.25, 0.6, 0.15])
    starts = np.zeros(len(order), dtype=bool)
    edges = np.cumsum(sizes)
    starts[edges[edges < len(order)]] = True
    group = np.cumsum(starts)
    leader = np.full(group[-1] + 1 if len(group) else 1, count, dtype=np.int64)
    np.minimum.at(leader, group, order)
    household[order] = leader[group]
    known = np.zeros(count, dtype=bool)
    known[order] = True
    return household, known


def _births(rng: np.random.Generator, count: int) -> tuple[Ints, Bools, Bools]:
    today = (AS_OF.toordinal()) - 719_163
    minor = rng.random(count) < 0.008
    adult_years = 18.5 + 62 * rng.beta(1.6, 2.6, count)
    child_years = rng.uniform(9.0, 12.5, count)
    years = np.where(minor, child_years, adult_years)
    known = rng.random(count) >= 0.06
    return (today - years * 365.25).astype(np.int64), known, minor & known
