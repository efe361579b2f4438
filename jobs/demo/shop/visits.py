"""Visits to the journeys, and what each visit was shown."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import DAY, END, NEVER, Bools, Ints, Rhythm, instants
from jobs.demo.people.customers import ORDERS_PER_DAY, People

SINCE = 184 * DAY
BASE_VISITS = (0.009, 0.0012, 0.001)
VISITS_PER_ORDER = (0.95, 0.85, 0.60)
UNKNOWN_SHARE = (0.19, 0.03, 0.01)
CLIENT_SHARE = (0.30, 0.08, 0.02)
LATE_DAYS, LATE_SHARE = 10, 0.2


@dataclass(frozen=True)
class Visits:
    """Visits since the journeys went live, by time; one entry per visit.

    Attributes:
        customer: position in the block; −1 = unknown visitor.
        journey: position in `plan.JOURNEYS`.
        time: seconds from the origin.
    """

    customer: Ints
    journey: Ints
    time: Ints

    def first(self, count: int, journey: int | None, since: int, until: int) -> Ints:
        """Per customer, the first visit in [since, until); `NEVER` if there is none."""
        wanted = (self.customer >= 0) & (self.time >= since) & (self.time < until)
        if journey is not None:
            wanted &= self.journey == journey
        earliest = np.full(count, NEVER)
        earliest[self.customer[wanted][::-1]] = self.time[wanted][::-1]
        return earliest


def draw(rng: np.random.Generator, people: People, rhythm: Rhythm) -> Visits:
    """Poisson visits, more of them by people who buy more."""
    start = np.maximum(people.joins, SINCE)
    stop = np.minimum(people.leaves, END)
    busy = rhythm.between(start, stop)
    parts = []
    for journey, (base, per_order) in enumerate(zip(BASE_VISITS, VISITS_PER_ORDER, strict=True)):
        rate = base + per_order * people.rate
        number = rng.poisson(rate * busy)
        who = np.repeat(np.arange(len(people)), number)
        strangers = rng.poisson(_strangers(journey, len(people), rhythm))
        times = np.concatenate(
            [
                rhythm.draw(rng, start[who], stop[who]),
                rhythm.draw(rng, np.full(strangers, SINCE), np.full(strangers, END)),
            ]
        )
        who = np.concatenate([who, np.full(strangers, -1)])
        parts.append((who, np.full(len(who), journey), times))
    customer, where, time = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(time, kind="stable")
    return Visits(customer[order], where[order], time[order])


def _strangers(journey: int, count: int, rhythm: Rhythm) -> float:
    share = UNKNOWN_SHARE[journey]
    known = BASE_VISITS[journey] + VISITS_PER_ORDER[journey] * ORDERS_PER_DAY
    days = float(rhythm.cumulative[-1] - rhythm.at(np.array([SINCE]))[0])
    return 0.75 * count * known * days * share / (1 - share)


def frame(
    rng: np.random.Generator, people: People, visits: Visits, personalised: Bools, names: tuple[str, ...]
) -> pl.DataFrame:
    """The table `journey_events`; rows that arrived late stand at its end."""
    client = rng.random(len(visits.time)) < np.array(CLIENT_SHARE)[visits.journey]
    order = late_last(rng, visits.time)
    known = visits.customer[order] >= 0
    customer = people.customer_id.gather(np.where(known, visits.customer[order], 0))
    return pl.DataFrame(
        {
            "journey": pl.Series(names).gather(visits.journey[order]),
            "customer_id": customer.set(pl.Series(~known), None),
            "occurred_at": instants("occurred_at", visits.time[order]),
            "collection": pl.Series(["server", "client"]).gather(client[order].astype(np.int64)),
            "personalised": pl.Series(personalised[order]),
        }
    )


def late_last(rng: np.random.Generator, time: Ints) -> Ints:
    """The order in which rows arrived: by time, but a fifth of the last ten days came in one late block."""
    late = (time >= END - LATE_DAYS * DAY) & (rng.random(len(time)) < LATE_SHARE)
    by_time = np.argsort(time, kind="stable")
    return np.concatenate([by_time[~late[by_time]], by_time[late[by_time]]])
