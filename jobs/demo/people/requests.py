"""Requests of data subjects, and what follows from them for who counts."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.clock import NEVER, Bools, Ints, instants
from jobs.demo.people import request_courses
from jobs.demo.people.customers import JURISDICTIONS, People

PER_BLOCK, AT_LEAST = 480, 96
OTHERS = ("GB", "US-VA", "US-CO", "BR", "CA", "CA-QC", "ES", "NL", "US")
OTHER_SHARE = 0.3
DAYS_ALLOWED = {"US-CA": 45, "US-VA": 45, "US-CO": 45, "US": 45, "BR": 15}
EUROPEAN = ("access", "delete", "correct", "portability", "object", "restrict")
EUROPEAN_PARTS = (0.40, 0.30, 0.08, 0.06, 0.11, 0.05)
AMERICAN = ("access", "delete", "correct", "opt_out", "limit")
AMERICAN_PARTS = (0.17, 0.25, 0.05, 0.43, 0.10)
STOPPING = ("object", "opt_out", "limit", "restrict")
OUTCOMES = ("complied", "complied_in_part", "denied", "withdrawn", "duplicate")
OUTCOME_PARTS = (0.82, 0.06, 0.06, 0.03, 0.03)
DENIALS = ("not_a_customer", "exempt", "manifestly_unfounded", "other")
CHANNELS = ("web_form", "email", "phone", "preference_centre")

Texts = np.typing.NDArray[np.str_]


@dataclass(frozen=True)
class Requests:
    """What customers asked, and what follows for who counts.

    Attributes:
        erased: per customer, whether a deletion was complied with.
        asked_erasure: per customer, when that deletion was asked for; `NEVER` if it was not.
        objected: per customer, when the first objection came; `NEVER` if none did.
        frame: the table `dsr_requests`.
    """

    erased: Bools
    asked_erasure: Ints
    objected: Ints
    frame: pl.DataFrame


def draw(rng: np.random.Generator, people: People, block: int) -> Requests:
    """The requests of one block; who asks has nothing to do with any experiment."""
    count = max(AT_LEAST, round(PER_BLOCK * len(people) / 50_000))
    customer = rng.integers(len(people), size=count)
    stranger = rng.random(count) < OTHER_SHARE
    place = np.where(stranger, rng.choice(OTHERS, count), np.array(JURISDICTIONS)[people.place[customer]])
    american = np.char.startswith(place, "US")
    kind = np.where(
        american, rng.choice(AMERICAN, count, p=AMERICAN_PARTS), rng.choice(EUROPEAN, count, p=EUROPEAN_PARTS)
    )
    quick = american & np.isin(kind, STOPPING)
    allowed = np.where(quick, 18, [DAYS_ALLOWED.get(item, 28) for item in place.tolist()])
    course = request_courses.draw(rng, allowed, extensible=~quick & (place != "BR"))
    outcome = rng.choice(OUTCOMES, count, p=OUTCOME_PARTS)
    outcome = np.where(course.unverifiable, "denied", outcome)
    outcome = np.where(course.closed == NEVER, "", outcome)
    basis = np.where(course.unverifiable, "not_verifiable", rng.choice(DENIALS, count))
    basis = np.where(outcome == "denied", basis, "")

    stopping = np.isin(kind, STOPPING)
    without_effect = np.isin(outcome, ("denied", "withdrawn", "duplicate"))
    named = ~stranger & ~(stopping & without_effect) & (course.received > people.joins[customer])
    erasing = named & (kind == "delete") & np.isin(outcome, ("complied", "complied_in_part"))
    asked_erasure = _earliest(len(people), customer, course.received, erasing)
    columns = {
        "request_id": _numbers(block, count),
        "customer_id": people.customer_id.gather(customer).set(pl.Series(~named), None),
        "kind": pl.Series(kind),
        "jurisdiction": pl.Series(place),
        **{name: instants(name, times) for name, times in course.times().items()},
        "outcome": _text(outcome),
        "denial_basis": _text(basis),
        "channel": pl.Series(np.where(quick, "preference_centre", rng.choice(CHANNELS, count))),
    }
    return Requests(
        erased=asked_erasure < NEVER,
        asked_erasure=asked_erasure,
        objected=_earliest(len(people), customer, course.received, named & stopping),
        frame=pl.DataFrame(columns).sort("received_at", "request_id"),
    )


def _earliest(count: int, customer: Ints, time: Ints, wanted: Bools) -> Ints:
    earliest = np.full(count, NEVER)
    np.minimum.at(earliest, customer[wanted], time[wanted])
    return earliest


def _numbers(block: int, count: int) -> pl.Series:
    number = pl.Series(np.arange(count) + 1).cast(pl.String).str.zfill(5)
    return f"R{block:03d}-" + number


def _text(values: Texts) -> pl.Series:
    return pl.Series(values).set(pl.Series(values == ""), None)
