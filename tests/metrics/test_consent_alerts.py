import datetime as dt

import numpy as np
import polars as pl
import pytest

from metrics.consent_alerts import BASELINE_WEEKS, Reading, Week, alerts, read_week

MONDAY = dt.date(2026, 1, 5)


def week(number: int, decided: int, granted: int) -> Week:
    return Week(MONDAY + dt.timedelta(weeks=number), decided, granted)


def drawn(rng: np.random.Generator, decided: int, varies: float, last: float | None) -> Reading:
    """Thirteen weeks of a rate near 78 %, and the reading of the last."""
    n = np.maximum(rng.poisson(decided, BASELINE_WEEKS + 1), 20)
    rates = 1 / (1 + np.exp(-(np.log(0.78 / 0.22) + varies * rng.standard_normal(BASELINE_WEEKS + 1))))
    rates[-1] = rates[-1] if last is None else last
    *before, current = (
        week(i, int(d), int(g)) for i, (d, g) in enumerate(zip(n, rng.binomial(n, rates), strict=True))
    )
    return read_week(current, before)


@pytest.mark.parametrize("decided", [50, 300, 10_000])
@pytest.mark.parametrize("varies", [0.0, 0.1, 0.2])
def test_steady_weeks_rarely_raise_an_alert(decided: int, varies: float) -> None:
    rng = np.random.default_rng(1)
    readings = [drawn(rng, decided, varies, None) for _ in range(1500)]

    assert np.mean([reading.alert != "steady" for reading in readings]) <= 0.005


@pytest.mark.parametrize("decided", [100, 1000])
@pytest.mark.parametrize("varies", [0.0, 0.2])
def test_a_broken_banner_is_found(decided: int, varies: float) -> None:
    rng = np.random.default_rng(2)
    readings = [drawn(rng, decided, varies, 0.34) for _ in range(200)]

    assert np.mean([reading.alert == "drop" for reading in readings]) > 0.9


def alerted(rng: np.random.Generator, rates: list[float], decided: int) -> list[str]:
    """What the table says of weeks of these rates, after as many steady ones at 86 % as a baseline needs."""
    rates = [0.86] * BASELINE_WEEKS + rates
    answered = rng.poisson(decided, len(rates))
    granted = rng.binomial(answered, rates)
    rows = [("IE", "content", *week(i, int(answered[i]), int(granted[i]))) for i in range(len(rates))]
    weeks = pl.DataFrame(rows, schema=["jurisdiction", "purpose", "week", "decided", "granted"], orient="row")
    return alerts(weeks, MONDAY + dt.timedelta(weeks=BASELINE_WEEKS), 50)["alert"].to_list()


def test_a_fall_that_lasts_is_told_every_week_until_it_is_the_usual() -> None:
    told = alerted(np.random.default_rng(3), [0.55] * (BASELINE_WEEKS + 3), 1000)

    assert told == ["drop"] * BASELINE_WEEKS + ["steady"] * 3


def test_a_rate_that_comes_back_is_steady_again() -> None:
    told = alerted(np.random.default_rng(3), [0.86, 0.55, 0.55, 0.86, 0.97, 0.86], 1000)

    assert told == ["steady", "drop", "drop", "steady", "rise", "steady"]


@pytest.mark.parametrize("decided", [80, 160, 2000])
def test_two_quarters_of_steady_weeks_rarely_raise_an_alert(decided: int) -> None:
    rng = np.random.default_rng(4)
    told = [word for _ in range(60) for word in alerted(rng, [0.86] * 26, decided)]

    assert np.mean([word in {"drop", "rise"} for word in told]) <= 0.004
    assert "steady" in told


STEADY = [week(i, 1000, 780 + (-1) ** i * (i % 3)) for i in range(BASELINE_WEEKS)]


@pytest.mark.parametrize(
    ("granted", "alert"), [(780, "steady"), (735, "steady"), (600, "drop"), (340, "drop"), (900, "rise")]
)
def test_one_week_against_twelve(granted: int, alert: str) -> None:
    reading = read_week(week(12, 1000, granted), STEADY)

    assert reading.alert == alert
    assert reading.baseline == 0.78
    assert (abs(reading.score) >= 1) == (alert != "steady")
    assert (reading.score < 0) == (granted < 780)


def test_an_earlier_jump_does_not_hide_the_next() -> None:
    before = [*STEADY[:-1], week(11, 1000, 340)]

    assert read_week(week(12, 1000, 340), before).alert == "drop"


def test_a_significant_trifle_is_no_alert() -> None:
    before = [week(i, 1_000_000, 780_000) for i in range(BASELINE_WEEKS)]

    assert read_week(week(12, 1_000_000, 740_000), before).alert == "steady"


def test_rows_of_the_table() -> None:
    series = [*STEADY, week(12, 1000, 600), week(13, 40, 10), week(14, 1000, 790)]
    weeks = pl.DataFrame(
        [("IE", "content", *row) for row in series] + [("DE", "content", *week(12, 500, 300))],
        schema=["jurisdiction", "purpose", "week", "decided", "granted"],
        orient="row",
    )
    table = alerts(weeks, MONDAY + dt.timedelta(weeks=12), 50)

    assert table.select("jurisdiction", "decided", "declined", "alert", "status").rows() == [
        ("DE", 500, 200, "unknown", "not_testable"),
        ("IE", 1000, 400, "drop", "ok"),
        ("IE", 40, 30, "unknown", "not_testable"),
        ("IE", 1000, 210, "steady", "ok"),
    ]
    assert table["rate"].to_list() == [0.6, 0.6, 0.25, 0.79]


def test_no_weeks_are_no_rows() -> None:
    columns = ["jurisdiction", "purpose", "week", "decided", "granted"]

    assert alerts(pl.DataFrame(schema=columns), MONDAY, 50).is_empty()
