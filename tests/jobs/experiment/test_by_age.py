"""Effects by days since assignment through a whole refresh of a small shop."""

from pathlib import Path

import polars as pl
import pytest

from tests.jobs.figures.desk import figures
from tests.jobs.figures.test_net_value import ARM, METRICS, measured, tables

WINDOW = 20
KEYS = ["experiment", "metric", "variant"]


def refreshed(folder: Path, **experiment: object) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    measured(folder, tables(), **experiment)
    ages, trends, effects = figures(folder, "effects_by_age", "effect_trends", "effects")
    return ages, trends, effects.filter("headline", pl.col("segment_dimension").is_null())


def test_the_last_day_is_the_effect_itself(tmp_path: Path) -> None:
    definitions = METRICS.replace("window_days: 20", "window_days: 20, covariate_days: 10")
    capped = definitions.replace("value: revenue,", "value: revenue, cap_quantile: 0.9,")
    measured(tmp_path, tables(), definitions=capped)
    ages, effects = figures(tmp_path, "effects_by_age", "effects")
    last = ages.filter(pl.col("day") == WINDOW).sort(KEYS)
    whole = effects.filter("headline", pl.col("metric").is_in(last["metric"].to_list())).sort(KEYS)

    assert last.height == whole.height == 3
    for name in ("n_control", "n_variant", "difference", "difference_low", "relative", "sequential_high"):
        assert last[name].to_list() == pytest.approx(whole[name].to_list()), name


def test_the_days_add_up_to_what_has_added_up(tmp_path: Path) -> None:
    ages, _, _ = refreshed(tmp_path)
    for _, rows in ages.sort("day").group_by(KEYS):
        assert rows["day"].to_list() == list(range(1, WINDOW + 1))
        assert rows["daily_difference"].cum_sum().to_list() == pytest.approx(rows["difference"].to_list())


def test_the_course_is_that_of_a_count_by_hand(tmp_path: Path) -> None:
    """Orders fall on the third day and after, some on the fifteenth; the variant places two more each."""
    inputs = tables()
    later = {"p": 9, "h": 4}
    inputs["order_lines"] += [
        f"late-{arm}{n},{arm}{n},s,1,20,4,2026-07-15" for arm, some in later.items() for n in range(some)
    ]
    measured(tmp_path, inputs)
    ages, trends = figures(tmp_path, "effects_by_age", "effect_trends")
    orders = ages.filter(pl.col("metric") == "orders").sort("day")
    halves = trends.row(by_predicate=pl.col("metric") == "orders", named=True)
    per_day = [0.0] * WINDOW
    for arm, sign in (("p", 1), ("h", -1)):
        per_day[14] += sign * later[arm] / ARM
        for number in range(ARM):
            position = number + (ARM if arm == "p" else 0)
            for order in range(1 + position % 3 + 2 * (arm == "p")):
                per_day[2 + order] += sign / ARM

    assert orders["daily_difference"].to_list() == pytest.approx(per_day)
    assert (halves["early_days"], halves["late_days"]) == (10, 10)
    assert halves["early"] == pytest.approx(sum(per_day[:10]) / 10)
    assert halves["late"] == pytest.approx(sum(per_day[10:]) / 10)
    assert halves["reading"] == "fades"


def test_people_still_under_way_count_up_to_where_they_are(tmp_path: Path) -> None:
    """The last order is of 7 July, at midnight: everybody has been seen for six whole days and no more."""
    inputs = tables()
    inputs["order_lines"] = [line for line in inputs["order_lines"] if "2026-09-30" not in line]
    measured(tmp_path, inputs, as_of="2026-07-09", ends="2026-07-09")
    ages, trends = figures(tmp_path, "effects_by_age", "effect_trends")
    counted = ages.filter(pl.col("metric") == "orders").sort("day")

    assert counted.filter(pl.col("n_variant") > 0)["day"].max() == 6
    assert set(counted["n_variant"].unique()) == {0, ARM}
    assert trends["reading"].null_count() == trends.height


def test_few_people_leave_no_course(tmp_path: Path) -> None:
    inputs = {name: [line for line in lines if "p1" not in line] for name, lines in tables().items()}
    measured(tmp_path, inputs)
    ages, trends = figures(tmp_path, "effects_by_age", "effect_trends")

    assert set(ages["status"]) == set(trends["status"]) == {"suppressed"}
    for name in ("n_variant", "difference", "daily_low"):
        assert ages[name].null_count() == ages.height
    assert trends["change"].null_count() == trends["reading"].null_count() == trends.height
