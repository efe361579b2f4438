"""Days since assignment on the page of an experiment: the answer, one metric or another, chart and table."""

from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import Open, words
from tests.ui.growing import NAME, write
from tests.ui.retailer import Made, row

KEYS = {"experiment": NAME, "control": "holdout", "variant": "personalised", "status": "ok"}
COUNTS = {"n_control": 10_000, "n_variant": 40_000}


def day(metric: str, number: int, daily: float) -> dict[str, Any]:
    total = daily * number
    return {
        **KEYS, **COUNTS, "metric": metric, "day": number, "window_days": 28, "difference": total,
        "difference_low": total - 0.5, "difference_high": total + 0.5, "sequential_low": total - 0.9,
        "sequential_high": total + 0.9, "daily_difference": daily, "daily_low": daily - 0.1,
        "daily_high": daily + 0.1,
    }  # fmt: skip


def trend(metric: str, reading: str | None, late: float = 0.0, **other: Any) -> dict[str, Any]:
    return {
        **KEYS, **COUNTS, "metric": metric, "early_days": 14, "late_days": 14, "early": 0.26,
        "early_low": 0.16, "early_high": 0.36, "late": late, "late_low": late - 0.1, "late_high": late + 0.1,
        "change": late - 0.26, "change_low": late - 0.36, "change_high": late - 0.16, "p_value": 0.001,
        "smallest_change": 0.18, "reading": reading, "interval": "fixed", **other,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Made(rows=[row(), row("orders", 0.03)], days=30, definition={"metrics": ["revenue", "orders"]})
    rows = [
        day(metric, n, size) for metric, size in (("revenue", 0.1), ("orders", 0.002)) for n in range(1, 29)
    ]
    trends = [trend("revenue", "fades"), trend("orders", "holds", 0.25)]
    return write(tmp_path, made, effects_by_age=rows, effect_trends=trends)


def test_the_primary_metric_is_told_first_and_changes_the_next_step(folder: Path, open_app: Open) -> None:
    said = words(open_app(folder, "experiment", experiment=NAME))

    assert "Does it fade?" in said
    assert "▼ fades The effect on revenue per customer fades: +€0.260 a day" in said
    assert "The effect fades with the days since assignment: count on the later level." in said
    assert "Each of the 2 metrics is read on its own" in said


def test_another_metric_can_be_chosen_and_read_as_a_table(folder: Path, open_app: Open) -> None:
    said = words(open_app(folder, "experiment", experiment=NAME, aged="Orders", agedview="Table"))

    assert "● holds The effect on orders per customer holds" in said
    assert "28 50,000 +0.002 −0.098 to +0.102 +0.06 −0.44 to +0.56" in said


@pytest.mark.parametrize("view", ["Chart", "Table"])
def test_a_day_on_which_nobody_did_anything_has_no_interval(
    view: str, tmp_path: Path, open_app: Open
) -> None:
    still = {"daily_difference": 0.0, "daily_low": None, "daily_high": None}
    days = [*(day("revenue", n, 0.1) for n in range(1, 28)), day("revenue", 28, 0.1) | still]
    write(tmp_path, Made(rows=[row()]), effects_by_age=days, effect_trends=[trend("revenue", "holds", 0.25)])
    app = open_app(tmp_path, "experiment", experiment=NAME, agedview=view)

    assert not app.exception
    assert not app.error
    assert "holds The effect on revenue per customer holds" in words(app)


def test_hidden_days_have_no_course(tmp_path: Path, open_app: Open) -> None:
    hidden = {**KEYS, "metric": "revenue", "status": "suppressed", "note": "fewer than 50 people in an arm"}
    halves = {**hidden, "early_days": 14, "late_days": 14}
    made = Made(rows=[row()])
    write(tmp_path, made, effects_by_age=[{**hidden, "day": 1}], effect_trends=[halves])
    said = words(open_app(tmp_path, "experiment", experiment=NAME))

    assert "◌ too few people Whether the effect on revenue per customer fades is not told." in said
    assert "too few days with enough people" in said


def test_a_withheld_experiment_has_no_course(tmp_path: Path, open_app: Open) -> None:
    made = Made(code="withheld", rows=[row()])
    write(tmp_path, made, effects_by_age=[day("revenue", 1, 0.1)], effect_trends=[trend("revenue", "fades")])
    said = words(open_app(tmp_path, "experiment", experiment=NAME))

    assert "Does it fade?" not in said
    assert "fades" not in said
