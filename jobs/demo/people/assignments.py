"""Who was assigned to what, at the first visit to the journey."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import DAY, END, NEVER, Bools, Ints, instants
from jobs.demo.people.customers import People
from jobs.demo.plan import JOURNEYS, Experiment
from jobs.demo.shop.visits import Visits

OUTSIDE_SHARE = 0.003
EXPOSED_AGAIN = 0.25


@dataclass(frozen=True)
class Assigned:
    """One block's assignment to one experiment; one entry per customer (household: per member).

    Attributes:
        experiment: which.
        time: of the first exposure, in seconds; `NEVER` = not assigned.
        variant: position in the experiment's variants; drawn for everybody.
        outside: exposed before the experiment began, and not in it.
    """

    experiment: Experiment
    time: Ints
    variant: Ints
    outside: Bools

    @property
    def inside(self) -> Bools:
        """Assigned within the experiment's period."""
        return (self.time < NEVER) & ~self.outside


def draw(rng: np.random.Generator, people: People, visits: Visits, experiment: Experiment) -> Assigned:
    """Assign at the first visit; members of a household go together where the experiment says so."""
    count = len(people)
    variant = rng.choice(len(experiment.variants), count, p=experiment.shares)
    early = rng.random(count) < OUTSIDE_SHARE
    early_by = (rng.random(count) * 5 * DAY).astype(np.int64) + DAY
    journey = None if experiment.journey is None else JOURNEYS.index(experiment.journey)
    time = visits.first(count, journey, experiment.starts, experiment.ends)
    if experiment.unit == "household":
        variant = variant[people.household]
        together = np.full(count, NEVER)
        np.minimum.at(together, people.household, time)
        return Assigned(experiment, together[people.household], variant, np.zeros(count, dtype=bool))
    outside = early & (time < NEVER) & (people.joins < experiment.starts - 7 * DAY)
    return Assigned(experiment, np.where(outside, experiment.starts - early_by, time), variant, outside)


def frame(rng: np.random.Generator, people: People, visits: Visits, assigned: Assigned) -> pl.DataFrame:
    """Rows of the table `assignments`: first exposures and, for customers, some later ones."""
    experiment = assigned.experiment
    who = np.flatnonzero(assigned.time < NEVER)
    time = assigned.time[who]
    if experiment.unit == "household":
        leads = people.household[who] == who
        who, time = who[leads], time[leads]
    elif experiment.journey is not None:
        again = _later(rng, visits, assigned)
        who, time = np.concatenate([who, again[0]]), np.concatenate([time, again[1]])
    order = np.argsort(time, kind="stable")
    who, time = who[order], time[order]
    return pl.DataFrame(
        {
            "experiment": pl.Series([experiment.id]).new_from_index(0, len(who)),
            "unit_id": _unit(people, experiment).gather(who),
            "variant": pl.Series(experiment.variants).gather(assigned.variant[who]),
            "assigned_at": instants("assigned_at", time),
        }
    )


def _unit(people: People, experiment: Experiment) -> pl.Series:
    if experiment.unit == "customer":
        return people.customer_id
    number = "H" + pl.Series(people.household + people.first + 1).cast(pl.String).str.zfill(8)
    return number.zip_with(pl.Series(people.known_household), people.customer_id)


def _later(rng: np.random.Generator, visits: Visits, assigned: Assigned) -> tuple[Ints, Ints]:
    """A quarter of the later visits of assigned customers were logged as exposures again."""
    experiment = assigned.experiment
    here = (visits.journey == JOURNEYS.index(experiment.journey or "")) & (visits.customer >= 0)
    inside = here & (visits.time >= experiment.starts) & (visits.time < min(experiment.ends, END))
    logged = inside & (rng.random(len(visits.time)) < EXPOSED_AGAIN)
    who, time = visits.customer[logged], visits.time[logged]
    later = assigned.inside[who] & (time > assigned.time[who])
    return who[later], time[later]
