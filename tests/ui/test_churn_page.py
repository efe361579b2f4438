"""Churn on screen: who stayed first, the curves with their table, the guardrail, and every other state."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import ROOT, words
from tests.ui.growing import curve, followed, write
from tests.ui.retailer import Made, check, row

Open = Callable[..., AppTest]
RAIL = {"withdrawal": {"harm_if": "higher", "margin": 0.002}}
CURVES = [
    row for metric in ("churn", "withdrawal") for arm, loss in (("holdout", 0.004), ("personalised", 0.003))
    for row in curve(metric, arm, loss)
]  # fmt: skip


def made(rails: Mapping[str, Any] = RAIL, metrics: tuple[str, ...] = ("churn",), **other: Any) -> Made:
    """An experiment that measures staying."""
    definition = {"metrics": ["revenue", *metrics], "guardrails": dict(rails)}
    return Made(rows=[row()], definition=definition, **other)


def shown(open_app: Open, workspace: Path, **parameters: str) -> AppTest:
    """The page of a workspace."""
    app = open_app(workspace)
    app.switch_page(str(ROOT / "pages" / "staying.py"))
    app.query_params.update(parameters)
    app.run()
    assert not app.exception, app.exception
    return app


def test_retained_customers_stand_first_and_revenue_beside(tmp_path: Path, open_app: Open) -> None:
    harm = followed("withdrawal", 0.05, guardrail_state="worse", margin=0.002)
    write(tmp_path, made(), survival_effects=[followed(), harm], survival=CURVES)
    said = words(shown(open_app, tmp_path))
    assert "▲ better About 800 more (400 to 1,200) of the 40,000 customers" in said
    assert "Revenue per customer: +4.2 %" in said
    assert "Worse: harm beyond the tolerated +0.2 pp is clear." in said
    assert (
        "Out of sight after a withdrawal or objection: 120 of 10,000 with holdout and 700 of 40,000" in said
    )
    assert "Day 90" in said
    assert said.index("About 800 more") < said.index("What changed") < said.index("Guardrails")


def test_another_metric_is_one_choice_away(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, made(), survival_effects=[followed(), followed("withdrawal", 0.05)], survival=CURVES)
    app = shown(open_app, tmp_path)
    app.selectbox(key="metric").set_value("Consent withdrawal").run()
    assert "withdraw consent by day 90" in words(app)


def test_curves_have_their_table_and_their_number_at_risk(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, made(), survival_effects=[followed()], survival=CURVES)
    app = shown(open_app, tmp_path)
    assert len(app.get("plotly_chart")) == 1
    assert "At risk" in words(app)
    app.segmented_control(key="view").set_value("Table").run()
    assert not app.get("plotly_chart")
    assert "Personalised, still there" in words(app)


def test_a_ratio_that_drifts_is_warned_of(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, made(), survival_effects=[followed(proportional_p=0.01)], survival=CURVES)
    assert "read the curves, not the ratio" in words(shown(open_app, tmp_path))


def test_weeks_are_weeks(tmp_path: Path, open_app: Open) -> None:
    rows = [*curve("lapse"), *curve("lapse", "personalised", 0.003)]
    effects = [followed("lapse", horizon_days=52.0)]
    write(tmp_path, made({}, ("lapse",)), survival_effects=effects, survival=rows)
    said = words(shown(open_app, tmp_path))
    assert "go without ‘lapsed’ until 52 weeks" in said
    assert "Weeks 0" in said
    assert "No metric of staying is a guardrail here." in said


@pytest.mark.parametrize(
    ("other", "effects", "expected"),
    [
        ({}, [], "◌ no evidence No evidence on churn: nothing was measured."),
        ({}, [{**followed(), "status": "not_testable", "note": "a single event", "risk_low": None}],
         "◌ not testable Churn cannot be compared: a single event."),
        ({}, [{"experiment": "cart-recovery-2026q3", "metric": "churn", "control": "holdout",
               "variant": "personalised", "status": "suppressed", "note": "fewer than 50 people in an arm"}],
         "◌ too few people Too few people to say how many stay."),
        ({"ended": False}, [followed()], "◔ too early to say So far about 800 more"),
        ({"code": "withheld", "checks": [check("sample_ratio", "fail")]}, [followed()],
         "■ withheld Who would leave cannot be read"),
    ],
)  # fmt: skip
def test_every_state_has_its_words(other, effects, expected, tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, made(**other), survival_effects=effects)
    said = words(shown(open_app, tmp_path))
    assert expected in said
    assert "There are no curves" in said


def test_without_a_metric_the_page_says_how_to_add_one(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, Made(rows=[row()]))
    assert "No experiment measures who stays. Add a metric such as churn" in words(shown(open_app, tmp_path))
