"""Net value through a whole refresh: a small shop by hand, what is missing, and the demo."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.refresh import refresh
from metrics.programme import PROGRAMME
from tests.jobs.figures.desk import figures

K = 10
ARM = 20
SETTINGS = """
name: Corner shop
currency: EUR
timezone: UTC
as_of: {as_of}
disclosure: {{minimum_people: 10}}
metrics: metrics.yaml
experiments: experiments.yaml
journeys: journeys.yaml
tables: {tables}
"""
METRICS = """
margin: {kind: mean, table: order_lines, value: margin, window_days: 20}
orders: {kind: mean, table: order_lines, value: order_id, aggregate: count_distinct, window_days: 20}
revenue: {kind: mean, table: order_lines, value: revenue, window_days: 20}
"""
EXPERIMENT: dict[str, object] = {
    "id": "offer",
    "journey": "home",
    "control": "holdout",
    "allocation": "{holdout: 0.5, personalised: 0.5}",
    "starts": "2026-07-01",
    "ends": "2026-07-31",
    "primary": "revenue",
    "metrics": "[margin, orders]",
    "lawful_basis": "legitimate_interests",
}
CONSENT = {"lawful_basis": "consent", "purposes": "[recommend]"}
Tables = dict[str, list[str]]


def tables(uncovered: int = 0) -> Tables:
    """Two arms of 20 who count, further customers without consent, orders, visits and a bill of 9.20."""
    people = [f"{arm[0]}{number}" for arm in ("holdout", "personalised") for number in range(ARM)]
    lacking = [f"u{number}" for number in range(uncovered)]
    assigned = [*people, *lacking]
    arm_of = {who: "personalised" if who[0] == "p" else "holdout" for who in people}
    arm_of |= {who: ("holdout", "personalised")[n % 2] for n, who in enumerate(lacking)}
    lines = [
        f"{who}-{order},{who},s{order},1,{20 + number},{4 + number % 5},2026-07-0{3 + order}"
        for number, who in enumerate(people)
        for order in range(1 + number % 3 + 2 * (who[0] == "p"))
    ]
    homes = [f"{who},IE,h{who[0]}{int(who[1:]) // 2}" for who in assigned]
    return {
        "customers": ["customer_id,jurisdiction,household_id", *homes],
        "consent_events": [
            "customer_id,purpose,state,occurred_at",
            *(f"{who},recommend,granted,2026-06-01" for who in people),
        ],
        "assignments": [
            "experiment,unit_id,variant,assigned_at",
            *(f"offer,{who},{arm_of[who]},2026-07-01T00:00:00Z" for who in assigned),
        ],
        "order_lines": [
            "order_id,customer_id,sku,quantity,revenue,margin,ordered_at",
            *lines,
            "last,,s1,1,20,4,2026-09-30",
        ],
        "journey_events": [
            "journey,customer_id,occurred_at,personalised",
            *(f"home,{who},2026-07-01T10:00:00Z,{str(who[0] == 'p').lower()}" for who in people),
            "home,p0,2026-08-01T10:00:00Z,true",
        ],
        "inference_log": [
            "journey,model,serving,occurred_at,recommendations,cost,latency_ms",
            "home,m,central,2026-07-01T10:00:00Z,10000,4.60,50",
            "home,m,central,2026-09-30T10:00:00Z,10000,4.60,50",
        ],
    }  # fmt: skip


def measured(
    folder: Path,
    inputs: Mapping[str, Sequence[str]],
    as_of: str = "2026-09-30",
    definitions: str = METRICS,
    **experiment: object,
) -> tuple[dict[str, Any], list[pl.DataFrame]]:
    """The only row of net_value.csv; and effects, inference, exclusions, journeys."""
    folder.mkdir(exist_ok=True)
    for name, lines in inputs.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]))
    listed = ", ".join(f"{name}: {name}.csv" for name in inputs)
    (folder / "workspace.yaml").write_text(SETTINGS.format(as_of=as_of, tables=f"{{{listed}}}"))
    (folder / "metrics.yaml").write_text(definitions)
    (folder / "journeys.yaml").write_text("- {id: home, purposes: [recommend]}\n")
    entries = [f"{name}: {value}" for name, value in {**EXPERIMENT, **experiment}.items()]
    (folder / "experiments.yaml").write_text("- " + "\n  ".join(entries) + "\n")
    refresh(folder)
    value, *others = figures(folder, "net_value", "effects", "inference", "exclusions", "journeys")
    assert value.height == 1
    return value.row(0, named=True), others


def effect(rows: pl.DataFrame, metric: str) -> dict[str, Any]:
    return rows.filter("headline", pl.col("metric") == metric).row(0, named=True)


def test_net_value_by_hand(tmp_path: Path) -> None:
    found, (effects, inference, _, journeys) = measured(tmp_path, tables())
    margin = effect(effects, "margin")
    per_unit = 9.20 / (ARM * 92) * 20
    assert (found["status"], found["interval"], found["treated_units"]) == ("ok", "fixed", ARM)
    assert (found["personalised_units"], found["inference_cost"]) == (ARM, pytest.approx(9.2))
    assert found["cost_per_unit_day"] == pytest.approx(9.2 / (ARM * 92))
    assert found["cost_per_unit"] == pytest.approx(per_unit)
    for name, end in {"net_value": "", "net_low": "_low", "net_high": "_high"}.items():
        assert found[name] == pytest.approx((margin[f"difference{end}"] - per_unit) * ARM)
    assert found["net_low"] < found["net_value"] < found["net_high"]
    made = 20_000 / (ARM * 92) * 20
    assert found["break_even_cost_per_recommendation"] == pytest.approx(margin["difference"] / made)
    assert found["value_of_consent"] is None
    assert "inference cost of 2026Q3 spread evenly over the days" in found["note"]
    assert "no value of consent: the basis is legitimate_interests" in found["note"]
    row = journeys.row(0, named=True)
    names = ("net_value", "net_low", "net_high", "inference_cost", "break_even_cost_per_recommendation")
    assert [row[name] for name in names] == [found[name] for name in names]
    price = per_unit / effect(effects, "orders")["difference"]
    assert inference["cost_per_incremental_unit"].to_list() == [pytest.approx(price)]
    assert "per incremental unit of 'orders'" in inference["note"].item()


def test_value_of_consent_is_an_extrapolation_to_those_not_covered(tmp_path: Path) -> None:
    found, (_, _, exclusions, journeys) = measured(tmp_path, tables(uncovered=30), **CONSENT)
    lacking = exclusions.filter(pl.col("reason") == "consent")["units"].sum()
    assert (found["uncovered_units"], lacking, found["treated_units"]) == (30, 30, ARM)
    assert found["value_of_consent"] == pytest.approx(found["net_value"] / ARM * 30)
    assert found["value_of_consent_low"] == pytest.approx(found["net_low"] / ARM * 30)
    assert "value of consent is an extrapolation" in found["note"]
    assert journeys["value_of_consent"].item() == found["value_of_consent"]


def test_too_few_without_consent_leave_its_value_empty(tmp_path: Path) -> None:
    found, _ = measured(tmp_path, tables(uncovered=6), **CONSENT)
    assert found["status"] == "ok"
    assert (found["uncovered_units"], found["value_of_consent"]) == (None, None)
    assert "suppressed or not known" in found["note"]


def test_too_few_personalised_people_are_not_shown(tmp_path: Path) -> None:
    inputs = tables()
    events = inputs["journey_events"]
    inputs["journey_events"] = [line for line in events if ",false" in line or line == events[0]] + [
        f"home,p{number},2026-07-01T10:00:00Z,true" for number in range(K - 1)
    ]
    found, (_, inference, _, journeys) = measured(tmp_path, inputs)
    assert found["status"] == "suppressed"
    figures_ = {name: value for name, value in found.items() if isinstance(value, float | int)}
    assert figures_ == {"window_days": 20.0}
    assert journeys["net_value"].item() is None
    assert inference["cost_per_incremental_unit"].item() is None
    assert "cannot be spread over its units" in inference["note"].item()


def test_the_erased_bear_no_cost(tmp_path: Path) -> None:
    inputs = tables()
    inputs["dsr_requests"] = [
        "request_id,customer_id,kind,jurisdiction,received_at,closed_at,outcome",
        "r1,p0,delete,IE,2026-08-01,2026-08-10,complied",
    ]
    found, _ = measured(tmp_path, inputs)
    assert (found["personalised_units"], found["treated_units"]) == (ARM - 1, ARM - 1)
    assert found["cost_per_unit_day"] == pytest.approx(9.2 / ((ARM - 1) * 92))


def test_households_bear_the_cost_where_they_are_the_units(tmp_path: Path) -> None:
    inputs = tables()
    homes = [line.rsplit(",", 1)[1] for line in inputs["customers"][1:]]
    arms = ["holdout" if home[1] == "h" else "personalised" for home in dict.fromkeys(homes)]
    inputs["assignments"] = [
        "experiment,unit_id,variant,assigned_at",
        *(f"offer,{home},{arm},2026-07-01" for home, arm in zip(dict.fromkeys(homes), arms, strict=True)),
    ]
    found, _ = measured(tmp_path, inputs, unit="household")
    assert (found["personalised_units"], found["treated_units"]) == (ARM / 2, ARM / 2)
    assert "personalised households" in found["note"]


def test_a_running_experiment_gives_limits_for_any_look(tmp_path: Path) -> None:
    found, (effects, *_) = measured(tmp_path, tables(), ends=dt.date(2026, 9, 30), planned_units=40)
    margin = effect(effects, "margin")
    assert found["interval"] == "any_look"
    assert found["margin_low"] == margin["sequential_low"] < margin["difference_low"]
    assert "the experiment is still running" in found["note"]


@pytest.mark.parametrize(
    ("left_out", "note"),
    [
        (["inference_log"], "no inference_log: what a treated unit costs is not known, and is not zero"),
        (["journey_events"], "no journey_events: what a treated unit costs is not known"),
    ],
)
def test_a_missing_table_is_no_evidence(tmp_path: Path, left_out: list[str], note: str) -> None:
    inputs = {name: lines for name, lines in tables().items() if name not in left_out}
    found, (*_, journeys) = measured(tmp_path, inputs)
    assert (found["status"], found["net_value"]) == ("no_evidence", None)
    assert note in found["note"]
    assert journeys["net_value"].item() is None


@pytest.mark.parametrize(
    ("change", "status", "note"),
    [
        ({"metrics": "[orders]"}, "no_evidence", "the experiment has no margin metric"),
        ({"starts": "2026-10-01", "ends": "2026-10-31"}, "no_evidence", "no experiment has started"),
        ({"allocation": "{holdout: 1, personalised: 1, other: 1}"}, "no_evidence", "several variants"),
    ],
)
def test_what_keeps_net_value_empty_is_said(
    tmp_path: Path, change: dict[str, object], status: str, note: str
) -> None:
    found, _ = measured(tmp_path, tables(), **change)
    assert (found["status"], found["net_value"], found["value_of_consent"]) == (status, None, None)
    assert note in found["note"]
    assert found["cost_per_unit_day"] is not None


def test_an_effect_that_cannot_be_tested_has_no_net_value(tmp_path: Path) -> None:
    inputs = tables()
    first, *lines = inputs["order_lines"]
    inputs["order_lines"] = [
        first,
        *(",".join([*line.split(",")[:5], "0", line.split(",")[6]]) for line in lines),
    ]
    found, _ = measured(tmp_path, inputs)
    assert (found["status"], found["note"], found["net_value"]) == ("not_testable", "no variation", None)


def test_the_uncapped_margin_is_preferred_and_a_cap_is_said(tmp_path: Path) -> None:
    capped = "capped: {kind: mean, table: order_lines, value: margin, window_days: 20, cap_quantile: 0.9}\n"
    found, _ = measured(tmp_path, tables(), definitions=METRICS + capped, metrics="[capped]")
    assert found["metric"] == "capped"
    assert "margin is capped per unit" in found["note"]


def test_the_demo_has_a_gain_an_open_question_and_a_value_of_consent(measured_demo: Path) -> None:
    rows, journeys, exclusions = figures(measured_demo, "net_value", "journeys", "exclusions")
    rows = rows.filter(pl.col("journey") != PROGRAMME)
    assert set(rows["status"]) == {"ok"}
    assert dict(rows.select("journey", "interval").rows()) == {
        "homepage": "any_look", "cart_recovery": "fixed", "post_purchase": "fixed",
    }  # fmt: skip
    for row in rows.iter_rows(named=True):
        per_unit = row["cost_per_unit_day"] * row["window_days"]
        assert row["net_value"] == pytest.approx((row["margin_per_unit"] - per_unit) * row["treated_units"])
        lacking = exclusions.filter(pl.col("experiment") == row["experiment"], pl.col("reason") == "consent")[
            "units"
        ]
        assert row["uncovered_units"] == (None if lacking.has_nulls() else lacking.sum())
        assert row["personalised_units"] >= 50
    shared = ["journey", "net_value", "net_low", "net_high", "value_of_consent"]
    assert rows["value_of_consent"].drop_nulls().len() > 0
    assert rows.select(shared).sort("journey").equals(journeys.select(shared).sort("journey"))


def test_all_journeys_together_are_worth_the_universal_holdout_s_margin_less_all_costs(
    measured_demo: Path,
) -> None:
    rows, effects, by_day, journeys = figures(
        measured_demo, "net_value", "effects", "inference_by_day", "journeys"
    )
    found = rows.filter(pl.col("journey") == PROGRAMME).row(0, named=True)
    margin = effect(effects.filter(pl.col("experiment") == found["experiment"]), "margin")
    ledger = by_day.filter(
        pl.format("{}Q{}", pl.col("day").dt.year(), pl.col("day").dt.quarter()) == "2026Q3"
    )
    costs = [
        own["cost"].sum() / ((own["day"].max() - own["day"].min()).days + 1)
        for _, own in ledger.group_by("journey")
    ]

    assert (found["status"], found["interval"], len(costs)) == ("ok", "any_look", 3)
    assert found["inference_cost"] == pytest.approx(ledger["cost"].sum())
    for name, limit in {"value": "difference", "low": "sequential_low", "high": "sequential_high"}.items():
        expected = margin[limit] * margin["n_variant"] - 28 * sum(costs)
        assert found[f"net_{name}"] == pytest.approx(expected)
    assert PROGRAMME not in journeys["journey"]


def test_without_a_ledger_all_journeys_together_have_no_net_value(tmp_path: Path) -> None:
    inputs = {name: lines for name, lines in tables().items() if name != "inference_log"}
    measured(tmp_path, inputs)
    text = (tmp_path / "experiments.yaml").read_text().replace("journey: home", "programme: true")
    (tmp_path / "experiments.yaml").write_text(text)
    refresh(tmp_path)
    (rows,) = figures(tmp_path, "net_value")
    found = rows.filter(pl.col("journey") == PROGRAMME).row(0, named=True)

    assert (found["status"], found["net_value"], found["treated_units"]) == ("no_evidence", None, ARM)
    assert found["note"] == "what inference of home costs is not known, and is not zero"
