"""Products and people who do what no textbook has, through a whole refresh: handled, and said."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.export import open_store
from tests.jobs.figures.desk import figures
from tests.jobs.figures.test_net_value import ARM, METRICS, measured, tables

HEAD = "order_id,customer_id,sku,category,quantity,revenue,margin,ordered_at"
METRIC = METRICS.replace("window_days: 20", "window_days: 60")
CHURN = "churn: {kind: survival, table: order_lines, inactive_days: 20, horizon_days: 30}\n"
BOTH = ("h", "p")


def sold(folder: Path, lines: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame, float, dict[str, Any]]:
    """SKUs, categories, the uncapped difference in all, and what is said of the products."""
    inputs = {**tables(), "order_lines": [HEAD, *lines, "last,,z,tea,1,20,4,2026-09-30"]}
    measured(folder, inputs, definitions=METRIC, metrics="[revenue]")
    skus, categories, effects = figures(folder, "sku_lift", "category_lift", "effects")
    with open_store(folder) as store:
        run = store.visible_run()
        assert run is not None
        facts = store.experiments(run.run_id)[0].facts["products"]
    return skus, categories, effects["difference"].item(), facts


def line(who: str, sku: str, day: str, revenue: float = 10, category: str = "tea", quantity: int = 1) -> str:
    return f"{who}-{sku}-{day},{who},{sku},{category},{quantity},{revenue},1,2026-{day}"


def everybody(sku: str, day: str, arms: Sequence[str] = BOTH, **other: Any) -> list[str]:
    return [line(f"{arm}{n}", sku, day, 10 + n % 3, **other) for arm in arms for n in range(ARM)]


def test_a_renamed_sku_is_two_that_add_up_and_are_said_to_be_new_and_ended(tmp_path: Path) -> None:
    lines = everybody("old", "07-02") + everybody("new", "08-10") + everybody("kept", "07-02")
    skus, categories, whole, facts = sold(tmp_path, lines + everybody("kept", "08-10"))
    said = dict(skus.select("sku", "note").iter_rows())

    assert said["old"] == "sold only until 2 Jul 2026"
    assert said["new"] == "sold only from 10 Aug 2026 on"
    assert said["kept"] is None
    assert facts["part_of_the_time"] == 2
    assert skus["difference"].sum() == pytest.approx(whole, abs=1e-12)
    tea = categories.filter(pl.col("category") == "tea", pl.col("part") == "all")
    assert tea["difference"].item() == pytest.approx(whole, abs=1e-12)


def test_a_sku_in_two_categories_counts_whole_in_the_one_with_most_lines(tmp_path: Path) -> None:
    lines = (
        everybody("both", "07-02") + everybody("both", "07-03") + everybody("both", "07-04", category="gift")
    )
    lines += [line(f"p{n}", "gift", "07-05", 7, "gift") for n in range(ARM)]
    lines += [line(f"h{n}", "gift", "07-05", 5, "gift") for n in range(ARM)]
    skus, categories, whole, facts = sold(tmp_path, lines)

    assert facts["in_several_categories"] == 1
    assert dict(skus.select("sku", "category").iter_rows())["both"] == "tea"
    assert skus["difference"].sum() == pytest.approx(whole)
    parts = categories.filter(pl.col("part") == "all", pl.col("category") != "*all*")
    assert parts["difference"].sum() == pytest.approx(whole)


def test_a_return_before_its_purchase_counts_as_what_it_is_and_makes_no_buyer(tmp_path: Path) -> None:
    """Money back for something bought before assignment: revenue is negative, and nobody bought."""
    lines = everybody("tea", "07-10")
    lines += [line(f"p{n}", "tea", "07-02", -4, quantity=-1) for n in range(ARM)]
    skus, _, whole, _ = sold(tmp_path, lines)
    tea = skus.row(by_predicate=pl.col("sku") == "tea", named=True)

    assert whole == pytest.approx(-4)
    assert tea["difference"] == pytest.approx(-4)
    assert (tea["buyers_control"], tea["buyers_variant"]) == (ARM, ARM)
    assert skus["difference"].sum() == pytest.approx(whole)


def test_a_sku_that_one_arm_never_bought_has_an_interval_or_none_but_no_nonsense(tmp_path: Path) -> None:
    lines = everybody("tea", "07-02") + everybody("only", "07-03", arms=("p",))
    skus, _, whole, _ = sold(tmp_path, lines)
    only = skus.filter(pl.col("sku") == "only")

    assert skus["difference"].sum() == pytest.approx(whole)
    for row in only.iter_rows(named=True):
        assert (row["buyers_control"], row["buyers_variant"]) == (0, ARM)
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
        assert row["difference_low"] > 0


def stayed(folder: Path, lines: Sequence[str], metrics: str, experiment: dict[str, str]) -> dict[str, Any]:
    inputs = {**tables(), "order_lines": [HEAD, *lines, "last,,z,tea,1,20,4,2026-09-30"]}
    measured(folder, inputs, definitions=METRICS + metrics, **experiment)
    (found,) = figures(folder, "survival_effects")
    return found.row(0, named=True)


DAYS = ("07-05", "07-20", "08-05", "08-20", "09-05", "09-20", "09-29")
"""Often enough that nobody who buys on all of them ever leaves."""


@pytest.mark.parametrize(("held_out", "status"), [(0, "not_testable"), (9, "suppressed"), (10, "ok")])
def test_an_arm_of_too_few_people_has_no_curve_and_stops_nothing(
    tmp_path: Path, held_out: int, status: str
) -> None:
    inputs = tables()
    few = [line for line in inputs["assignments"] if not line.startswith("offer,h")]
    few += [line for line in inputs["assignments"] if line.startswith("offer,h")][:held_out]
    made = {"metrics": "[margin, churn]"}
    measured(tmp_path, {**inputs, "assignments": few}, definitions=METRICS + CHURN, **made)
    curves, compared = figures(tmp_path, "survival", "survival_effects")

    known = {"h", "p"} if held_out >= 10 else {"p"}
    assert {name[0] for name in curves["variant"]} == known
    assert compared["status"].to_list() == [status]


def test_a_horizon_longer_than_anyone_was_followed_becomes_one_that_both_arms_reach(tmp_path: Path) -> None:
    """Three in four stay to the end, so nothing is known beyond the 92 days."""
    lines = [row for day in DAYS for row in everybody("tea", day)]
    gone = {row for day in DAYS[1:] for row in everybody("tea", day) if row[1] in "1234" and row[2] == "-"}
    left = [row for row in lines if row not in gone]
    found = stayed(tmp_path, left, CHURN.replace("30", "900"), {"metrics": "[churn]"})

    assert found["status"] == "ok"
    assert found["horizon_days"] == pytest.approx(92, abs=0.1)
    assert "900" in found["note"]


def test_nobody_who_left_is_not_nobody_who_would(tmp_path: Path) -> None:
    """Everybody buys to the end: all are censored, so there is no interval and no zero either."""
    lines = [row for day in DAYS for row in everybody("tea", day)]
    found = stayed(tmp_path, lines, CHURN, experiment={"metrics": "[churn]"})

    assert (found["status"], found["note"]) == ("not_testable", "no events")
    for name in ("risk_low", "risk_high", "rmst_low", "hazard_ratio", "p_value"):
        assert found[name] is None, name


def test_one_event_is_no_basis_for_an_interval(tmp_path: Path) -> None:
    gone = {row for day in DAYS[1:] for row in everybody("tea", day) if row.startswith("p3-")}
    lines = [row for day in DAYS for row in everybody("tea", day) if row not in gone]
    found = stayed(tmp_path, lines, CHURN, experiment={"metrics": "[churn]"})

    assert (found["status"], found["note"]) == ("not_testable", "a single event")
    assert found["risk_low"] is found["hazard_low"] is None
