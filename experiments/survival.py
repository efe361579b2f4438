"""How long customers stay: survival per arm, and what a variant changes about it, from counts alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Floats, as_floats, divide
from experiments.effects import Comparison, compare, error_rate
from experiments.estimates import ArmEstimate


@dataclass(frozen=True, eq=False)
class LifeTable:
    """One arm's durations as counts; everything here, times included, is in one unit of time.

    Attributes:
        times: distinct durations since assignment that any unit has, ascending, shape (t,).
        events: units whose event came at that time, shape (t,).
        censored: units last seen at that time without the event; they were still at risk then. Shape (t,).
    """

    times: Floats
    events: Floats
    censored: Floats

    @classmethod
    def from_counts(cls, times: npt.ArrayLike, events: npt.ArrayLike, censored: npt.ArrayLike) -> Self:
        """An arm from counts in any order; those of equal times add up, so that chunks may be appended.

        Args:
            times: durations, at least 0, shape (t,).
            events: whole numbers of units, shape (t,).
            censored: whole numbers of units, shape (t,).

        Raises:
            ValueError: when a time is missing, infinite or negative, or a count no whole number.
        """
        times, counts = as_floats(times), np.stack([as_floats(events), as_floats(censored)])
        if not np.all(np.isfinite(times) & (times >= 0)):
            message = "Survival needs a duration of 0 or more per unit, but some are missing or negative."
            raise ValueError(message)
        if not np.all((counts >= 0) & (counts == np.floor(counts))):
            message = "Survival counts units, so events and censored must be whole numbers of 0 or more."
            raise ValueError(message)
        occupied = counts.any(axis=0)
        distinct, place = np.unique(times[occupied], return_inverse=True)
        sums = (np.bincount(place, count[occupied], distinct.size) for count in counts)
        return cls(distinct, *(as_floats(count) for count in sums))

    @classmethod
    def from_durations(cls, durations: npt.ArrayLike, observed: npt.ArrayLike) -> Self:
        """An arm from one duration per unit, and whether it ended with the event, both of shape (n,)."""
        observed = np.asarray(observed, dtype=np.bool_)
        return cls.from_counts(durations, observed, ~observed)

    @property
    def n(self) -> float:
        """Units of the arm."""
        return float(self.events.sum() + self.censored.sum())

    @cached_property
    def at_risk(self) -> Floats:
        """Units still followed, and without the event, just before each time."""
        left = self.events + self.censored
        return as_floats(left[::-1].cumsum()[::-1])

    @cached_property
    def survival(self) -> Floats:
        """Kaplan and Meier's (1958) share of units without the event after each time."""
        return as_floats(np.cumprod(1 - self.events / self.at_risk))

    @cached_property
    def log_variance(self) -> Floats:
        """Each time's part of the variance of log survival, d / (n (n - d)) (Greenwood 1926); 0 if d = n."""
        added = divide(self.events, self.at_risk * (self.at_risk - self.events))
        return np.where(self.at_risk > self.events, added, 0.0)

    def followed(self, times: npt.ArrayLike) -> Floats:
        """Units at risk just before any times."""
        return np.append(self.at_risk, 0.0)[np.searchsorted(self.times, as_floats(times))]

    def events_by(self, times: npt.ArrayLike) -> Floats:
        """Units with the event by any times."""
        upto = np.searchsorted(self.times, as_floats(times), side="right")
        return np.append(0.0, self.events.cumsum())[upto]

    @property
    def reach(self) -> float:
        """The longest time at which survival is known: for ever once all have had the event."""
        if self.times.size == 0:
            return 0.0
        return float("inf") if self.survival[-1] == 0 else float(self.times[-1])


class Curve(NamedTuple):
    """Survival of one arm at given times; all fields have their shape.

    Attributes:
        times: where the curve is read.
        at_risk: units still followed, and without the event, just before each time.
        events: units with the event by then.
        survival: share without the event; NaN beyond the time that anybody was followed.
        variance: its variance by Greenwood's formula; NaN where survival is 0, for which there is none.
        low: lower end of its interval on the log-log scale, within 0 to 1; NaN where survival is 0 or 1.
        high: upper end.
    """

    times: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    variance: Floats
    low: Floats
    high: Floats


def kaplan_meier(table: LifeTable, times: npt.ArrayLike | None = None, confidence: float = 0.95) -> Curve:
    """The survival curve with pointwise log-log limits (Kalbfleisch and Prentice 2002).

    >>> curve = kaplan_meier(LifeTable.from_counts([1, 2, 3], [1, 1, 0], [0, 0, 2]))
    >>> curve.survival.tolist(), curve.low.round(3).tolist(), curve.high.round(3).tolist()
    ([0.75, 0.5, 0.5], [0.128, 0.058, 0.058], [0.961, 0.845, 0.845])

    Args:
        table: the arm.
        times: where to read it, say whole days; left out: at every time of the table.
        confidence: two-sided coverage at each time.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    z = special.ndtri(1 - error_rate(confidence) / 2)
    times = table.times if times is None else as_floats(times)
    upto = np.searchsorted(table.times, times, side="right")
    survival = np.where(times <= table.reach, np.append(1.0, table.survival)[upto], np.nan)
    log_variance = np.append(0.0, table.log_variance.cumsum())[upto]
    log = np.log(np.where((survival > 0) & (survival < 1), survival, np.nan))
    stretch = np.exp(z * np.sqrt(log_variance) / -log)
    return Curve(
        times=times,
        at_risk=table.followed(times),
        events=table.events_by(times),
        survival=survival,
        variance=np.where(survival == 0, np.nan, survival**2 * log_variance),
        low=np.exp(log * stretch),
        high=np.exp(log / stretch),
    )


def risk(table: LifeTable, horizon: float) -> ArmEstimate:
    """Share of units with the event by the horizon, and Greenwood's variance; a normal approximation.

    Once the last units at risk have all had the event the share is 1, be they one or all: its variance is
    unknown, not 0.
    """
    curve = kaplan_meier(table, horizon)
    return ArmEstimate(as_floats(table.n), 1 - curve.survival, curve.variance, as_floats(np.inf))


def restricted_mean(table: LifeTable, horizon: float) -> ArmEstimate:
    """Mean time without the event up to the horizon (RMST): the area under the survival curve.

    Its variance is the sum over the event times t of (area from t to the horizon)² d / (n (n - d)), which is
    that of the estimate, not of the customers' times (Klein and Moeschberger 2003, section 4.5).
    """
    within = table.times <= horizon
    edges = np.concatenate([[0.0], table.times[within], [horizon]])
    survival = np.append(1.0, table.survival[within])
    area = (survival * np.diff(edges))[::-1].cumsum()[::-1]
    known = horizon <= table.reach
    mean = area[0] if known else np.nan
    se2 = (area[1:] ** 2 * table.log_variance[within]).sum() if known else np.nan
    return ArmEstimate(as_floats(table.n), as_floats(mean), as_floats(se2), as_floats(np.inf))


@dataclass(frozen=True, eq=False)
class SurvivalEffect:
    """What a variant changes by one horizon; single comparisons of shape ().

    Attributes:
        horizon: time up to which the arms are compared: as asked, or as long as both arms can be followed.
        restricted_mean: mean time without the event, in the unit of time; more is longer.
        risk: share with the event; its incremental total is a number of units.
        reason: why neither can be tested, in words; empty where at least one can.
        remark: why the risk alone cannot, in words; empty otherwise.
    """

    horizon: float
    restricted_mean: Comparison
    risk: Comparison
    reason: str
    remark: str


def compare_survival(
    control: LifeTable, variant: LifeTable, horizon: float | None = None, confidence: float = 0.95
) -> SurvivalEffect:
    """Differences of restricted mean and of risk at a horizon, with normal intervals and p-values.

    They take `noninferiority`, `guardrail_states` and `sequence` as any comparison does.

    >>> arm = LifeTable.from_counts([10, 20, 30], [30, 20, 0], [0, 0, 50])
    >>> better = LifeTable.from_counts([10, 20, 30], [10, 20, 0], [0, 0, 70])
    >>> effect = compare_survival(arm, better, horizon=90)
    >>> effect.horizon, round(float(effect.risk.difference), 3), float(effect.restricted_mean.difference)
    (30.0, -0.2, 4.0)

    Args:
        control: the control arm.
        variant: the variant.
        horizon: time at which to compare, above 0; left out: the longest that both arms were followed.
        confidence: two-sided coverage of every interval.

    Raises:
        ValueError: when the horizon is not above 0, or confidence not between 0 and 1.
    """
    if horizon is not None and not horizon > 0:
        message = f"The horizon of a survival metric must be above 0, but is {horizon:g}."
        raise ValueError(message)
    arms = (control, variant)
    followed = min(float(arm.times.max(initial=0.0)) for arm in arms)
    chosen = followed if horizon is None else min(horizon, *(arm.reach for arm in arms))
    reason = _reason(control, variant, chosen)
    remark = "" if reason else _exhausted(arms, chosen)
    return SurvivalEffect(
        horizon=chosen,
        restricted_mean=_compare(restricted_mean, arms, chosen, reason, confidence),
        risk=_compare(risk, arms, chosen, reason or remark, confidence),
        reason=reason,
        remark=remark,
    )


def _compare(
    estimate: Callable[[LifeTable, float], ArmEstimate],
    arms: tuple[LifeTable, LifeTable],
    horizon: float,
    reason: str,
    confidence: float,
) -> Comparison:
    control, variant = (estimate(arm, horizon) for arm in arms)
    if not reason:
        return compare(control, variant, confidence)
    untested = compare(control._replace(se2=as_floats(np.nan)), variant, confidence)
    return replace(untested, reason=np.asarray(reason, dtype=np.object_))


def _reason(control: LifeTable, variant: LifeTable, horizon: float) -> str:
    arms = (control, variant)
    if any(arm.n < 2 for arm in arms):
        return "too few units"
    if horizon == 0:
        return "nobody followed"
    events = sum(float(arm.events_by(horizon)) for arm in arms)
    return {0.0: "no events", 1.0: "a single event"}.get(events, "")


def _exhausted(arms: tuple[LifeTable, LifeTable], horizon: float) -> str:
    """Why the risk has no limits: in an arm, the last units at risk have all had the event by the horizon."""
    if all(float(kaplan_meier(arm, horizon).survival) > 0 for arm in arms):
        return ""
    return "in an arm the last at risk all had the event by then, so the risk has no limits"
