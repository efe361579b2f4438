"""Jumps of the consent rate: a week against the jurisdiction's own weeks before.

The rate is that of first answers to a purpose, as a banner gives them: renewals and withdrawals follow their
own calendar and would move it. A week raises an alert when all of this holds:

- its rate is at least `SMALLEST_JUMP` away from the median of the `BASELINE_WEEKS` baseline weeks before;
- it is further from it than chance allows for so many answers, by `FEWEST_ERRORS` standard errors;
- it is `TIMES_THE_USUAL` times as far from it, in standard errors, as all but one of those weeks.

A week that raised an alert is no baseline: a rate that fell and stayed low alerts every week, until
`BASELINE_WEEKS` of them in a row make the new level the usual one.

Rates are compared as arcsin √rate, whose standard error is ½/√n whatever the rate (Anscombe 1948). Leaving
one week out keeps an odd week that raised none from hiding a jump. By simulation (50 to 50,000 answers a
week, rates of 0.3 to 0.9, weeks that vary by 0 to 0.2 in the logit) about 1 steady week in 400 raises an
alert at the most, and a drop like 78 % → 34 % is found in more than 9 of 10 cases from 100 answers a week on.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

BASELINE_WEEKS = 12
FEWEST_ERRORS = 3.5
TIMES_THE_USUAL = 3.0
SMALLEST_JUMP = 0.05


class Week(NamedTuple):
    """First answers of one week.

    Attributes:
        monday: its first day.
        decided: people who answered for the first time.
        granted: those of them who said yes.
    """

    monday: date
    decided: int
    granted: int


class Reading(NamedTuple):
    """A week beside its baseline.

    Attributes:
        baseline: median rate of the weeks before, to a whole per cent: more would tell of single weeks.
        score: distance from it as a multiple of what raises an alert; negative = below.
        alert: `drop`, `rise` or `steady`.
    """

    baseline: float
    score: float
    alert: str


def read_week(week: Week, before: Sequence[Week]) -> Reading:
    """Judge a week against the `BASELINE_WEEKS` weeks before, all of them with answers."""
    decided = np.array([w.decided for w in before], dtype=float)
    usual = _stabilised(np.array([w.granted for w in before]), decided)
    centre = float(np.median(usual))
    errors = np.sort(np.abs(usual - centre) * 2 * np.sqrt(decided))
    variance = 1 / (4 * week.decided) + math.pi / 2 * float(np.mean(1 / (4 * decided))) / len(before)
    distance = float(_stabilised(np.array(week.granted), np.array(week.decided))) - centre
    limit = max(FEWEST_ERRORS, TIMES_THE_USUAL * float(errors[-2]))
    baseline = math.sin(centre) ** 2
    jump = abs(week.granted / week.decided - baseline) / SMALLEST_JUMP
    score = math.copysign(min(abs(distance) / math.sqrt(variance) / limit, jump), distance)
    alert = "steady" if abs(score) < 1 else "drop" if score < 0 else "rise"
    return Reading(round(baseline, 2), score, alert)


def _stabilised(granted: np.ndarray, decided: np.ndarray) -> np.ndarray:
    stabilised: np.ndarray = np.arcsin(np.sqrt((granted + 0.375) / (decided + 0.75)))
    return stabilised


def alerts(weeks: pl.DataFrame, since: date, minimum_people: int) -> pl.DataFrame:
    """Rows of consent_alerts: every week from `since` on, read against the weeks before.

    `weeks`: jurisdiction, purpose, week (its Monday), decided, granted. Weeks in which fewer than
    `minimum_people` answered are no baseline, and are not read.

    Returns:
        jurisdiction, purpose, week, decided, granted, declined, rate, baseline, score, alert, status, note.
    """
    schema = {
        "jurisdiction": pl.String, "purpose": pl.String, "week": pl.Date, "decided": pl.Int64,
        "granted": pl.Int64, "declined": pl.Int64, "rate": pl.Float64, "baseline": pl.Float64,
        "score": pl.Float64, "alert": pl.String, "status": pl.String, "note": pl.String,
    }  # fmt: skip
    rows = []
    for keys, group in weeks.sort("jurisdiction", "purpose", "week").group_by(
        "jurisdiction", "purpose", maintain_order=True
    ):
        series = [Week(*row) for row in group.select("week", "decided", "granted").iter_rows()]
        rows += [(*keys, *row) for row in _rows(series, since, minimum_people)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows(series: Sequence[Week], since: date, minimum_people: int) -> Iterator[tuple[object, ...]]:
    usual: list[Week] = []
    jumped: list[Week] = []
    direction = "steady"
    for week in series:
        judged = week.decided >= minimum_people and len(usual) >= BASELINE_WEEKS
        reading = read_week(week, usual[-BASELINE_WEEKS:]) if judged else None
        if week.monday >= since:
            read = (*week, week.decided - week.granted, week.granted / week.decided)
            yield (*read, *reading, "ok", None) if reading else (*read, *_not_judged(minimum_people))
        if week.decided < minimum_people:
            continue
        if reading is None or reading.alert == "steady":
            usual, jumped, direction = [*usual, week], [], "steady"
            continue
        jumped = [*jumped, week] if reading.alert == direction else [week]
        direction = reading.alert
        if len(jumped) == BASELINE_WEEKS:
            usual, jumped = jumped, []


def _not_judged(minimum_people: int) -> tuple[object, ...]:
    why = f"fewer than {BASELINE_WEEKS} earlier weeks, or than {minimum_people} people in this one"
    return None, None, "unknown", "not_testable", why
