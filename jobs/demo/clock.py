"""Time in the demo: whole seconds since the first midnight, and how busy the shop is at each of them."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HOUR = 3600
DAY = 24 * HOUR
NEVER = np.int64(2**40)
AS_OF = dt.date(2026, 9, 30)
ZONE = ZoneInfo("Europe/Dublin")
ORIGIN = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)


def midnight(day: dt.date) -> int:
    """Seconds from `ORIGIN` to the beginning of a local day."""
    return int((dt.datetime.combine(day, dt.time(), tzinfo=ZONE) - ORIGIN).total_seconds())


END = midnight(AS_OF + dt.timedelta(days=1))


def moment(seconds: int) -> dt.datetime:
    """The instant so many seconds after `ORIGIN`."""
    return ORIGIN + dt.timedelta(seconds=int(seconds))


def instants(name: str, seconds: Ints) -> pl.Series:
    """A column of UTC timestamps; `NEVER` and later become null."""
    start = int(ORIGIN.timestamp())
    micros = pl.Series(name, (seconds + start) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return micros.set(pl.Series(seconds >= NEVER), None)


@dataclass(frozen=True)
class Rhythm:
    """How busy the shop is, as the cumulative number of average days' worth of activity.

    Attributes:
        cumulative: activity from `ORIGIN` to each full hour; its last value is the period's length in days.
    """

    cumulative: Floats

    def at(self, seconds: Ints) -> Floats:
        """Activity from `ORIGIN` to each instant, in average days; nothing happens outside the period."""
        inside = np.clip(seconds, 0, END)
        hour = inside // HOUR
        before = self.cumulative[hour]
        after = self.cumulative[np.minimum(hour + 1, len(self.cumulative) - 1)]
        return before + (after - before) * ((inside - hour * HOUR) / HOUR)

    def between(self, start: Ints, stop: Ints) -> Floats:
        """Activity in [start, stop), in average days; 0 where `stop` lies before `start`."""
        return np.maximum(self.at(stop) - self.at(start), 0.0)

    def draw(self, rng: np.random.Generator, start: Ints, stop: Ints) -> Ints:
        """One instant in each [start, stop), likelier when the shop is busy."""
        first, last = self.at(start), self.at(stop)
        target = first + rng.random(len(first)) * (last - first)
        hours = np.interp(target, self.cumulative, np.arange(len(self.cumulative)))
        return np.clip((hours * HOUR).astype(np.int64), start, np.maximum(stop - 1, start))


def rhythm(rng: np.random.Generator) -> Rhythm:
    """Hours of the day, days of the week, seasons, a Christmas peak and a little weather."""
    hours = np.arange(END // HOUR)
    day = hours // 24
    week = np.array([0.97, 0.93, 0.94, 1.02, 1.00, 0.98, 1.16])[(day + ORIGIN.weekday()) % 7]
    season = 1 + 0.05 * np.sin(2 * np.pi * (day + 15) / 365.25) + 0.55 * np.exp(-(((day - 155) / 16) ** 2))
    season = season - 0.18 * np.exp(-(((day - 195) / 14) ** 2))
    clock = (hours % 24 - 19.5 + 12) % 24 - 12
    evening = 0.12 + np.exp(-((clock / 4.0) ** 2)) + 0.55 * np.exp(-(((hours % 24 - 12) / 2.5) ** 2))
    weather = rng.lognormal(0.0, 0.05, day[-1] + 1)[day]
    rate = week * season * evening * weather
    cumulative = np.concatenate([[0.0], np.cumsum(rate)])
    return Rhythm(cumulative / cumulative[-1] * (END / DAY))
