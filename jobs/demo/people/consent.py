"""What customers grant, refuse and withdraw, and when their consent makes personalisation lawful."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from jobs.demo.clock import DAY, END, NEVER, Bools, Floats, Ints, midnight
from jobs.demo.people.customers import CALIFORNIA, IRELAND, People
from jobs.demo.plan import PURPOSES, Effects
from jobs.demo.shop.visits import Visits

BANNER_SINCE = 224 * DAY
BANNER_CHANGED = dt.date(2026, 8, 17)
VALIDITY_DAYS = np.array([183, 365, 183, 730])
ANSWERS, ANSWERS_EMAIL = 0.95, 0.70
GRANTS_PROFILED = np.array([0.86, 0.76, 0.80, 0.84])
GRANTS_CHANGED = 0.55
GRANTS_MEASURED, GRANTS_MEASURED_ALONE = 0.97, 0.30
GRANTS_EMAIL, GRANTS_EMAIL_ALONE = 0.80, 0.45
SIGNALS_GPC = 0.12
RENEWS = 0.9
WITHDRAWN_TOGETHER = np.array([1.0, 0.5, 0.35])


@dataclass(frozen=True)
class Answers:
    """One block's answers, and how long people would keep to them; per purpose (`plan.PURPOSES`) × customer.

    Attributes:
        decided: when the purpose was first answered; `NEVER` = undecided.
        granted: whether that answer was a grant.
        own: when the person would withdraw this purpose of their own accord.
        joint: whether a withdrawal of the first purpose takes this one along.
        renewal: per customer, when the person would renew; `NEVER` = does not.
        patience: per customer, seconds of unwanted messages after which the person withdraws.
        gpc: per customer, whether the first answer was a Global Privacy Control signal.
        validity: per customer, seconds for which a grant is valid.
    """

    decided: Ints
    granted: Bools
    own: Ints
    joint: Bools
    renewal: Ints
    patience: Ints
    gpc: Bools
    validity: Ints


@dataclass(frozen=True)
class Consent:
    """What came of the answers; per purpose × customer, in seconds from the origin.

    Attributes:
        answers: the answers themselves.
        renewed: when a grant was renewed, shortly before it would have expired; `NEVER` = it was not.
        withdrawn: when a grant was withdrawn; `NEVER` = it was not.
    """

    answers: Answers
    renewed: Ints
    withdrawn: Ints

    def lawful(self, purposes: tuple[str, ...], customer: Ints, time: Ints) -> Bools:
        """Whether each customer's every purpose is granted, unexpired and not withdrawn at the time."""
        state = np.ones(len(customer), dtype=np.bool_)
        for row in map(PURPOSES.index, purposes):
            first, last = self.answers.decided[row][customer], self._last_grant(row)[customer]
            latest = np.where(time >= last, last, first)
            state &= self.answers.granted[row][customer] & (time >= first)
            state &= time < self.withdrawn[row][customer]
            state &= time - latest <= self.answers.validity[customer]
        lawful: Bools = state
        return lawful

    def begins(self, purposes: tuple[str, ...]) -> Ints:
        """Per customer, when the last of the purposes was granted; `NEVER` if one was not."""
        rows = [PURPOSES.index(purpose) for purpose in purposes]
        latest: Ints = np.where(self.answers.granted[rows], self.answers.decided[rows], NEVER).max(axis=0)
        return latest

    def expires(self, purposes: tuple[str, ...]) -> Ints:
        """Per customer, when the first of the granted purposes is no longer valid."""
        rows = [PURPOSES.index(purpose) for purpose in purposes]
        last = np.stack([self._last_grant(row) for row in rows]) + self.answers.validity + 1
        earliest: Ints = np.where(self.answers.granted[rows], last, NEVER).min(axis=0)
        return earliest

    def withdrawal(self, purposes: tuple[str, ...]) -> Ints:
        """Per customer, the first withdrawal of one of the purposes; `NEVER` without purposes."""
        never = np.full((1, len(self.answers.gpc)), NEVER)
        rows = [PURPOSES.index(purpose) for purpose in purposes]
        earliest: Ints = np.concatenate([never, self.withdrawn[rows]]).min(axis=0)
        return earliest

    def _last_grant(self, row: int) -> Ints:
        latest: Ints = np.where(self.renewed[row] < NEVER, self.renewed[row], self.answers.decided[row])
        return latest


def draw(rng: np.random.Generator, people: People, visits: Visits, effects: Effects) -> Answers:
    """Answers to the banner at the first visit since it went live.

    In Ireland it changes on `BANNER_CHANGED`: "refuse all" stands beside "accept all", and fewer accept.
    """
    count, everyone = len(people), (len(PURPOSES), len(people))
    asked = visits.first(count, None, BANNER_SINCE, END) - 20
    answers = (rng.random(count) < ANSWERS) & (asked < END) & (asked > people.joins)
    gpc = answers & (people.place == CALIFORNIA) & (rng.random(count) < SIGNALS_GPC)
    changed = (people.place == IRELAND) & (asked >= midnight(BANNER_CHANGED))
    grants = np.where(changed, GRANTS_CHANGED, GRANTS_PROFILED[people.place])
    profiled = (rng.random(count) < grants) & ~gpc
    measured = rng.random(count) < np.where(profiled, GRANTS_MEASURED, GRANTS_MEASURED_ALONE)
    email = rng.random(count) < np.where(profiled, GRANTS_EMAIL, GRANTS_EMAIL_ALONE)
    later = asked + (rng.random(count) ** 3 * 2 * DAY).astype(np.int64)
    answers_email = answers & ~gpc & (later < END) & (rng.random(count) < ANSWERS_EMAIL)
    decided = np.where([answers, answers, answers_email], [asked, asked, later], NEVER)
    validity = VALIDITY_DAYS[people.place] * DAY
    renewal = decided[0] + validity - ((1 + 12 * rng.random(count)) * DAY).astype(np.int64)
    rates = np.array([effects.withdrawal_base, 0.0, effects.withdrawal_email])
    waits = [_seconds(rng.exponential(size=count), rate) for rate in rates]
    return Answers(
        decided=decided,
        granted=np.stack([profiled, measured, email]) & (decided < NEVER),
        own=np.minimum(decided + np.stack(waits), NEVER),
        joint=rng.random(everyone) < WITHDRAWN_TOGETHER[:, None],
        renewal=np.where((rng.random(count) < RENEWS) & (renewal < END), renewal, NEVER),
        patience=_seconds(rng.exponential(size=count), effects.withdrawal_added),
        gpc=gpc,
        validity=validity,
    )


def settle(answers: Answers, pressed_since: Ints) -> Consent:
    """What comes of the answers if some people get unwanted messages; `NEVER` = none.

    Withdrawals then come at the rate at rest plus the added one (`plan.Effects`), from that moment on.
    """
    first = np.minimum(answers.own[0], pressed_since + answers.patience)
    first = np.where(answers.granted[0], first, NEVER)
    withdrawn = np.minimum(answers.own, np.where(answers.joint, first, NEVER))
    withdrawn = np.where(
        answers.granted & (withdrawn > answers.decided) & (withdrawn < END), withdrawn, NEVER
    )
    in_time = answers.granted & (answers.renewal > answers.decided) & (answers.renewal < withdrawn)
    return Consent(answers, np.where(in_time, answers.renewal, NEVER), withdrawn)


def _seconds(waits: Floats, per_day: float) -> Ints:
    """Exponential waits of rate 1 as seconds at a daily rate; a rate of 0 never comes."""
    if per_day == 0:
        return np.full(len(waits), NEVER)
    return np.minimum(waits / per_day * DAY + 1, float(NEVER)).astype(np.int64)
