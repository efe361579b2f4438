"""Money through a whole refresh: a small shop by hand, a cost measured per unit, and what is missing."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats

from jobs.refresh import refresh
from tests.jobs.figures.desk import figures
from tests.jobs.figures.test_net_value import ARM, METRICS, effect, measured, tables

MONEY = METRICS.replace("value: margin,", "value: margin, money: true,").replace(
    "value: revenue,", "value: revenue, money: true,"
)
VOUCHERS = "vouchers: {kind: mean, table: order_lines, value: voucher, window_days: 20, money: true}\n"
WITH_COST = MONEY + VOUCHERS


def money(folder: Path, experiment: str = "offer") -> dict[str, Any]:
    """The row of margin."""
    (rows,) = figures(folder, "money")
    wanted = (pl.col("metric") == "margin") & (pl.col("experiment") == experiment)
    return rows.row(by_predicate=wanted, named=True)


def with_vouchers(inputs: dict[str, list[str]]) -> dict[str, list[str]]:
    """Every third order of the variant redeems one of 1.50, every seventh of the control one of 0.50."""
    head, *lines = inputs["order_lines"]
    cost = [
        (1.5 if number % 3 == 0 else 0.25) if line.startswith("p") else 0.5 * (number % 7 == 0)
        for number, line in enumerate(lines)
    ]
    laden = [f"{line},{each}" for line, each in zip(lines, cost, strict=True)]
    return {**inputs, "order_lines": [f"{head},voucher", *laden]}


def by_unit(inputs: dict[str, list[str]], *columns: str) -> dict[str, np.ndarray[Any, Any]]:
    """Sums per customer inside the 20 days, arm by arm, people without an order as 0."""
    sums = {f"{arm}{number}": [0.0] * len(columns) for arm in "hp" for number in range(ARM)}
    head, *lines = inputs["order_lines"]
    names = head.split(",")
    for line in lines:
        row = dict(zip(names, line.split(","), strict=True))
        if row["customer_id"] in sums and row["ordered_at"] < "2026-07-21":
            for position, name in enumerate(columns):
                sums[row["customer_id"]][position] += float(row[name])
    return {arm: np.array([sums[f"{arm}{n}"] for n in range(ARM)]) for arm in "hp"}


def test_money_by_hand(tmp_path: Path) -> None:
    net, (effects, *_) = measured(tmp_path, tables(), definitions=MONEY)
    found, margin = money(tmp_path), effect(effects, "margin")
    window_cost, window_made = 9.20 / (ARM * 92) * 20, 20_000 / (ARM * 92) * 20

    assert (found["status"], found["interval"], found["kind"], found["note"]) == (
        "ok",
        "fixed",
        "margin",
        None,
    )
    assert (found["cost_basis"], found["quarter_basis"], found["quarter_units"]) == (
        "ledger",
        "personalised",
        ARM,
    )
    for end, limit in (("", "difference"), ("_low", "difference_low"), ("_high", "difference_high")):
        each = margin[limit]
        assert found[f"per_unit{end}"] == pytest.approx(each)
        assert found[f"incremental{end or '_total'}"] == pytest.approx(each * ARM)
        assert found[f"per_recommendation{end}"] == pytest.approx(each / window_made)
        assert found[f"return{end or '_on_cost'}"] == pytest.approx(each / window_cost)
        assert found[f"quarter{end or '_total'}"] == pytest.approx(each * ARM)
    assert found["cost_per_unit"] == pytest.approx(net["cost_per_unit"])
    assert found["per_recommendation"] == pytest.approx(net["break_even_cost_per_recommendation"])
    assert found["half_high"] - found["half_low"] == pytest.approx(
        (found["quarter_high"] - found["quarter_low"]) / 2
    )
    assert found["units_for_half"] == 3 * 2 * ARM


def test_a_cost_measured_per_unit_has_fieller_limits(tmp_path: Path) -> None:
    """At each limit ρ, margin less ρ times the cost differs just significantly between the arms."""
    inputs = with_vouchers(tables())
    measured(tmp_path, inputs, definitions=WITH_COST, cost="vouchers")
    found, ledger = money(tmp_path), 9.20 / (ARM * 92) * 20
    arms = by_unit(inputs, "margin", "voucher")
    arms["p"][:, 1] += ledger
    gained, spent = arms["p"].mean(0) - arms["h"].mean(0)

    def just(rho: float) -> float:
        parts = [arm @ np.array([1.0, -rho]) for arm in (arms["h"], arms["p"])]
        se = math.sqrt(sum(part.var(ddof=1) / ARM for part in parts))
        df = stats.ttest_ind(arms["p"][:, 0], arms["h"][:, 0], equal_var=False).df
        return float(abs(parts[1].mean() - parts[0].mean()) / se - stats.t.isf(0.025, df))

    middle = gained / spent
    assert found["cost_basis"] == "measured and ledger"
    assert (found["cost_per_unit"], found["return_on_cost"]) == (pytest.approx(spent), pytest.approx(middle))
    assert found["return_low"] == pytest.approx(optimize.brentq(just, middle - 50, middle))
    assert found["return_high"] == pytest.approx(optimize.brentq(just, middle, middle + 500))


def test_the_return_is_adjusted_as_the_effect_is(tmp_path: Path) -> None:
    """So the margin per customer over the cost per customer is the return, and both agree about 0."""
    definitions = WITH_COST.replace("value: margin,", "value: margin, covariate_days: 10,")
    inputs = with_vouchers(tables())
    liked = [(f"{arm}{n}", n % 3 + (arm == "p")) for arm in "hp" for n in range(ARM)]
    inputs["order_lines"] += [f"before-{who},{who},s,1,20,{some},2026-06-28,0" for who, some in liked]
    measured(tmp_path, inputs, definitions=definitions, cost="vouchers")
    found = money(tmp_path)
    plain = by_unit(with_vouchers(tables()), "margin")

    assert found["per_unit"] != pytest.approx(plain["p"].mean() - plain["h"].mean(), rel=1e-6)
    assert found["return_on_cost"] == pytest.approx(found["per_unit"] / found["cost_per_unit"])
    assert (found["return_low"] > 0) == (found["per_unit_low"] > 0)
    assert found["note"] is None


def test_before_the_planned_end_every_limit_holds_at_any_look(tmp_path: Path) -> None:
    inputs = with_vouchers(tables())
    _, (effects, *_) = measured(tmp_path, inputs, definitions=WITH_COST, cost="vouchers", ends="2026-09-30")
    found, margin = money(tmp_path), effect(effects, "margin")
    fixed = (tmp_path / "ended", "2026-07-31")
    measured(fixed[0], inputs, definitions=WITH_COST, cost="vouchers", ends=fixed[1])
    narrow = money(fixed[0])

    assert found["interval"] == "any_look"
    assert found["per_unit_low"] == pytest.approx(margin["sequential_low"])
    assert found["return_on_cost"] == pytest.approx(narrow["return_on_cost"])
    assert found["return_low"] < narrow["return_low"] < narrow["return_high"]
    assert "any look" in found["note"]


def test_what_is_not_on_record_is_empty_and_said(tmp_path: Path) -> None:
    inputs = tables()
    del inputs["inference_log"]
    measured(tmp_path, inputs, definitions=MONEY)
    found = money(tmp_path)

    assert found["incremental_total"] > 0
    assert [found[n] for n in ("cost_per_unit", "return_on_cost", "per_recommendation", "cost_basis")] == [
        None
    ] * 4
    assert (found["quarter_basis"], found["quarter_units"]) == ("measured", ARM)
    assert "not on record" in found["note"]
    assert "the return on it is not known" in found["note"]


def test_the_ledger_stays_with_the_deciding_experiment(tmp_path: Path) -> None:
    measured(tmp_path, tables(), definitions=MONEY)
    entry = (tmp_path / "experiments.yaml").read_text()
    later = entry.replace("id: offer", "id: later").replace("2026-07-01", "2026-07-02")
    (tmp_path / "experiments.yaml").write_text(entry + later)
    refresh(tmp_path)
    found = money(tmp_path)

    assert found["return_on_cost"] is None
    assert "stands with later" in found["note"]


def test_too_few_people_earn_nothing_known(tmp_path: Path) -> None:
    inputs = {name: [line for line in lines if "p1" not in line] for name, lines in tables().items()}
    measured(tmp_path, inputs, definitions=MONEY)
    found = money(tmp_path)

    assert found["status"] == "suppressed"
    assert all(
        found[name] is None for name in ("n_variant", "incremental_total", "quarter_units", "half_low")
    )
