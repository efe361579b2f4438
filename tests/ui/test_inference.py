"""The page on inference: cost and latency against targets, models, days, net value, extrapolation."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.ui.conftest import markup, words
from tests.ui.privacy_tables import JOURNEYS, model, net, write

Open = Callable[..., AppTest]
MODELS = [
    model("transformer", cost=0.8, cost_per_1k=0.8, latency_p95=162.0, latency_p99=240.0),
    model("popular", serving="contextual", cost=0.02, cost_per_1k=0.02, latency_p50=6.0, latency_p95=10.0,
          latency_p99=12.0, server_requests_avoided=100),
    model("next-item", "cart", cost=0.28, cost_per_1k=0.28, cost_per_incremental_unit=0.0055),
    model("next-small", "cart", serving="on_device", cost=0.001, cost_per_1k=0.001, latency_p50=None,
          latency_p95=None, latency_p99=None, share_over_latency_target=None, training_bytes=6.6e9),
]  # fmt: skip
WHOLE = [
    {"journey": "homepage", "period": "2026Q3", "status": "ok", "latency_p95": 143.0,
     "share_over_latency_target": 0.096},
    {"journey": "cart", "period": "2026Q3", "status": "ok", "latency_p95": 92.0,
     "share_over_latency_target": 0.004},
]  # fmt: skip
DAYS = [
    {"journey": journey, "model": name, "serving": "central", "day": dt.date(2026, 9, day), "requests": 10,
     "recommendations": 100, "cost": price / 10, "cost_per_1k": price, "latency_p95": latency, "status": "ok"}
    for journey, name, price, latency in (
        ("homepage", "transformer", 0.8, 162.0), ("cart", "next-item", 0.28, 92.0)
    )
    for day in (28, 29, 30)
]  # fmt: skip
TABLES = {
    "inference": MODELS, "journeys": WHOLE, "inference_by_day": DAYS,
    "net_value": [net("homepage", -611, 4_000, interval="any_look", break_even_cost_per_recommendation=-0.01),
                  net("cart", 12_557, 5_000)],
}  # fmt: skip


def test_cost_over_target_leads_with_the_model_to_look_at(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES, inputs={"inference_log": 4}), "inference-cost"))
    assert (
        "▲ over its target Homepage costs €0.41 per thousand recommendations, over its target of €0.30."
        in said
    )
    assert "Homepage takes longer than 143 ms for 5 % of its requests, over its target of 120 ms." in said
    assert "Look first at transformer (central servers): 98 % of the cost of Homepage" in said
    assert "25 % of 400 requests, on the device or from context alone; the log does not say" in said
    assert "4 rows of inference_log broke a rule" in said


def test_journeys_and_models_stand_beside_their_targets(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES), "inference-cost")
    said = words(app)
    assert "Homepage €0.41 ▲ over target at most €0.30 143 ms ▲ over target at most 120 ms 9.6 %" in said
    assert "Cart recovery €0.14 ● within target at most €0.40 92 ms ● within target at most 150 ms" in said
    assert "€0.0055" in said
    assert "transformer Homepage central servers €0.80 €0.80 72.7 % 40 ms 162 ms · 240 ms" in said
    assert "next-small Cart recovery on the device 6.6 GB of training" in said
    assert "◌ not recorded" in said
    assert "median 40\u00a0ms, 95 % 162\u00a0ms, 99 % 240 ms" in markup(app)


def test_without_targets_nothing_is_within_them(tmp_path: Path, open_app: Open) -> None:
    bare = [{"id": item["id"], "name": item["name"]} for item in JOURNEYS]
    app = open_app(write(tmp_path, TABLES | {"net_value": []}, journeys=bare), "inference-cost")
    assert "◌ no target No journey has a target for its inference cost." in words(app)
    assert "lg-good" not in markup(app)


def test_days_by_journey_then_by_model_with_the_target(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, TABLES), "inference-cost")
    assert len(app.get("plotly_chart")) == 1
    assert "Latency, 95 %" not in app.selectbox(key="figure").options
    app = open_app(tmp_path, "inference-cost", view="Table")
    assert "30 Sep 2026 €0.80 €0.28" in words(app)
    one = open_app(tmp_path, "inference-cost", view="Table", journey="Homepage", figure="Latency, 95 %")
    said = words(one)
    assert "Day transformer, central servers 30 Sep 2026 162 ms" in said
    assert "next-item" not in said


def test_net_value_has_its_interval_and_consent_its_warning(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, TABLES), "inference-cost"))
    assert "Cart recovery (+€12,557) earns more than inference costs." in said
    assert "For Homepage (−€611) that is not clear: the interval holds 0." in said
    assert "Cart 2026q3 +€12,557 +€7,557 to +€17,557 ▲ pays" in said
    assert "● not clear limits hold at any look" in said
    assert "at no price" in said
    assert "▲ careful An extrapolation, not a measurement" in said
    assert "Cart recovery 4,000 900 +€1,100 +€600 to +€1,600" in said


def test_a_hidden_net_value_is_neither_zero_nor_good(tmp_path: Path, open_app: Open) -> None:
    hidden = dict.fromkeys(
        ("net_value", "net_low", "net_high", "margin_per_unit", "margin_low", "margin_high", "treated_units",
         "cost_per_unit", "value_of_consent", "uncovered_units", "break_even_cost_per_recommendation")
    )  # fmt: skip
    rows = [net("cart", status="suppressed", note="fewer than 50 people", **hidden)]
    said = words(open_app(write(tmp_path, TABLES | {"net_value": rows}), "inference-cost"))
    assert "There is no net value for Cart recovery." in said
    assert "◌ too few people fewer than 50 people" in said
    assert "Nobody can say: there is no net value" in said


def test_without_a_log_nothing_is_claimed(tmp_path: Path, open_app: Open) -> None:
    app = open_app(write(tmp_path, {}), "inference-cost")
    assert "No evidence: this workspace has no table inference_log." in words(app)
    assert "lg-good" not in markup(app)
    other = open_app(
        write(tmp_path / "cart", {"inference": MODELS[2:]}), "inference-cost", journey="Homepage"
    )
    assert "No evidence: the log has nothing here for this quarter." in words(other)


def test_long_and_hostile_names_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    nasty = "<b onclick=alert(1)>" + "z" * 300
    tables = TABLES | {
        "inference": [model(nasty, serving=nasty)],
        "inference_by_day": [DAYS[0] | {"model": nasty}],
    }
    page = markup(open_app(write(tmp_path, tables), "inference-cost", journey="Homepage", view="Table"))
    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


def test_the_files_are_the_rows_on_the_page(
    tmp_path: Path, open_app: Open, made_files: dict[str, bytes]
) -> None:
    open_app(write(tmp_path, TABLES), "inference-cost", journey="Cart recovery")
    assert made_files["inference.csv"].decode().count("\n") == 3
    assert made_files["inference-by-day.csv"].decode().count("\n") == 4
    assert made_files["net-value.csv"].decode().splitlines()[1].startswith("cart,2026Q3,cart-2026q3")
