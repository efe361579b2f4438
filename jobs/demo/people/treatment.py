"""Who is truly personalised, when, and what it does to their orders: the demo's potential outcomes.

Whoever is held out, a child, objecting or without consent gets no effect, whatever arm they are in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jobs.demo.clock import END, NEVER, Bools, Floats, Ints
from jobs.demo.people.assignments import Assigned
from jobs.demo.people.consent import Answers, Consent, settle
from jobs.demo.people.customers import People
from jobs.demo.people.requests import Requests
from jobs.demo.plan import (
    JOURNEYS,
    MEASURED,
    POST_PURCHASE,
    PROFILED,
    UNIVERSAL,
    WINDOW,
    Effects,
    Experiment,
)
from jobs.demo.shop.visits import Visits

LEAKS = 0.004
LIVE_BEFORE = "homepage"
PROGRAMME_PURPOSES = (PROFILED, MEASURED)


@dataclass(frozen=True)
class Lift:
    """One experiment's effect on the order rate; one entry per customer.

    Attributes:
        start, stop: seconds between which it works; never where `stop` ≤ `start`.
        size: relative change of the rate.
    """

    start: Ints
    stop: Ints
    size: Floats

    def only(self, who: Ints) -> "Lift":
        """The effect on these customers, in their order."""
        return Lift(self.start[who], self.stop[who], self.size[who])


@dataclass(frozen=True)
class Block:
    """One block's people and everything that was drawn for them."""

    people: People
    visits: Visits
    requests: Requests
    answers: Answers
    assigned: Mapping[str, Assigned]
    effects: Effects

    @property
    def held_out(self) -> Bools:
        """Held out of all personalisation."""
        universal = self.assigned[UNIVERSAL]
        held_out: Bools = universal.inside & (universal.variant == 0)
        return held_out

    def may_be_treated(self, name: str, held_out: Bools, consent: Consent) -> Bools:
        """Assigned to a journey's experiment while personalisation was lawful for them."""
        assigned = self.assigned[name]
        everybody = np.arange(len(self.people))
        lawful = consent.lawful(assigned.experiment.purposes, everybody, assigned.time)
        objecting = self.requests.objected < assigned.time
        return assigned.inside & lawful & ~objecting & ~self.people.minor & ~held_out

    def consent(self, held_out: Bools, treated: Bools | None = None) -> Consent:
        """What people do with their consent, given who gets post-purchase personalisation."""
        assigned = self.assigned[POST_PURCHASE]
        undisturbed = settle(self.answers, np.full(len(self.people), NEVER))
        exposed = assigned.variant > 0 if treated is None else treated
        pressed = self.may_be_treated(POST_PURCHASE, held_out, undisturbed) & exposed
        return settle(self.answers, np.where(pressed, assigned.time, NEVER))

    def frozen(self, chosen: Experiment, consent: Consent) -> Ints:
        """Per customer, when outcomes stop counting: first withdrawal or objection after assignment."""
        return np.minimum(consent.withdrawal(chosen.purposes), self.requests.objected)

    def lift(self, name: str, held_out: Bools, consent: Consent, variant: Ints | int | None = None) -> Lift:
        """An experiment's effect, as assigned or as if everyone were in `variant`."""
        assigned = self.assigned[name]
        chosen = assigned.experiment
        sizes = np.array([self.effects.orders[name][arm] for arm in chosen.variants])
        arm = assigned.variant if variant is None else np.full(len(self.people), variant)
        if chosen.journey is None:
            start = np.maximum(assigned.time, consent.begins(PROGRAMME_PURPOSES))
            stop = np.minimum(consent.expires(PROGRAMME_PURPOSES), consent.withdrawal(PROGRAMME_PURPOSES))
            allowed = assigned.inside & ~self.people.minor
            stop = np.minimum(stop, self.requests.objected)
        else:
            start = assigned.time
            stop = np.minimum(start + WINDOW, consent.expires(chosen.purposes))
            allowed = self.may_be_treated(name, held_out, consent)
            stop = np.minimum(stop, self.frozen(chosen, consent))
        return Lift(start, np.minimum(stop, END), np.where(allowed, sizes[arm], 0.0))

    def personalised(self, rng: np.random.Generator, consent: Consent) -> Bools:
        """Per visit, whether it was personalised; a few post-purchase visits are so without consent."""
        who, time = np.maximum(self.visits.customer, 0), self.visits.time
        allowed = self._may_be_shown(who, time)
        shown = np.zeros(len(time), dtype=bool)
        for name, assigned in self.assigned.items():
            chosen = assigned.experiment
            if name not in self.effects.orders or chosen.journey is None:
                continue
            here = allowed & (self.visits.journey == JOURNEYS.index(chosen.journey))
            running = assigned.inside[who] & (time >= assigned.time[who])
            wanted = np.where(running, assigned.variant[who] > 0, chosen.journey == LIVE_BEFORE)
            lawful = consent.lawful(chosen.purposes, who, time)
            if name == POST_PURCHASE:
                lawful |= running & (rng.random(len(time)) < LEAKS)
            shown |= here & wanted & lawful
        return shown

    def _may_be_shown(self, who: Ints, time: Ints) -> Bools:
        """Per visit, whether nothing but consent stands in the way of personalisation."""
        universal = self.assigned[UNIVERSAL]
        held_out = self.held_out[who] & (time >= universal.time[who])
        barred = self.people.minor[who] | (self.requests.objected[who] <= time) | held_out
        allowed: Bools = (self.visits.customer >= 0) & ~barred
        return allowed


def lifts(block: Block, held_out: Bools, consent: Consent) -> dict[str, Lift]:
    """Every experiment's effect as assigned; the programme's own effect spares the held out."""
    found: dict[str, Lift] = {}
    for name in block.effects.orders:
        found |= phases(block, name, block.lift(name, held_out, consent))
    return found


def phases(block: Block, name: str, whole: Lift) -> dict[str, Lift]:
    """An experiment's effect while it is new and, where it fades, what is left of it afterwards."""
    fade = block.effects.fades.get(name)
    if fade is None:
        return {name: whole}
    turn = whole.start + fade.after
    return {
        name: Lift(whole.start, np.minimum(whole.stop, turn), whole.size),
        f"{name}, later": Lift(turn, whole.stop, whole.size * fade.left),
    }
