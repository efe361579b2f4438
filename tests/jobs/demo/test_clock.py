import datetime as dt

import numpy as np
import pytest

from jobs.demo.clock import DAY, END, HOUR, NEVER, Rhythm, instants, midnight, moment, rhythm


@pytest.fixture(scope="module")
def busy() -> Rhythm:
    return rhythm(np.random.default_rng(1))


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (dt.date(2025, 7, 2), "2025-07-01T23:00:00+00:00"),
        (dt.date(2026, 1, 1), "2026-01-01T00:00:00+00:00"),
        (dt.date(2026, 10, 1), "2026-09-30T23:00:00+00:00"),
    ],
)
def test_local_days_begin_at_dublin_midnight(day: dt.date, utc: str) -> None:
    assert moment(midnight(day)).isoformat() == utc


def test_never_is_null_and_times_are_utc() -> None:
    column = instants("closed_at", np.array([0, NEVER]))

    assert column.name == "closed_at"
    assert column.to_list() == [dt.datetime(2025, 7, 1, tzinfo=dt.UTC), None]


def test_activity_adds_up_and_averages_one_a_day(busy: Rhythm) -> None:
    start, middle, stop = (np.array([seconds]) for seconds in (3 * DAY + 17, 90 * DAY + 1234, 400 * DAY))

    assert busy.between(start, stop) == pytest.approx(
        busy.between(start, middle) + busy.between(middle, stop)
    )
    assert busy.between(np.array([0]), np.array([END])) == pytest.approx(END / DAY)
    assert busy.between(stop, start) == 0


def test_nothing_happens_outside_the_period(busy: Rhythm) -> None:
    assert busy.between(np.array([-50 * DAY]), np.array([0])) == 0
    assert busy.between(np.array([END]), np.array([END + DAY])) == 0


def test_draws_stay_inside_and_follow_the_rhythm(busy: Rhythm) -> None:
    count = 40_000
    start, stop = np.full(count, 20 * DAY + 5), np.full(count, 48 * DAY)

    times = busy.draw(np.random.default_rng(2), start, stop)

    assert times.min() >= 20 * DAY + 5
    assert times.max() < 48 * DAY
    expected = busy.between(start[:1], np.array([30 * DAY])) / busy.between(start[:1], stop[:1])
    assert (times < 30 * DAY).mean() == pytest.approx(expected[0], abs=0.01)
    hours = np.bincount((times // HOUR) % 24, minlength=24)
    assert hours[19] > 4 * hours[4]
