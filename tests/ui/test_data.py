"""The door to the store reads a run once, and notices when another becomes visible."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from reports.csv_export import to_csv
from tests.ui.conftest import words
from tests.ui.retailer import Made, hidden, row, segment, write
from ui import data
from ui.parts import charts

Open = Callable[..., AppTest]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_app: Open) -> Path:
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(tmp_path))
    return tmp_path


def loaded() -> data.Loaded:
    found = data.current()
    assert isinstance(found, data.Loaded)
    return found


def test_a_run_is_read_once_until_another_becomes_visible(workspace: Path) -> None:
    write(workspace, [Made(rows=[row()])])
    first = loaded()
    assert loaded() is first
    write(workspace, [Made(rows=[row(lift=0.1)])])
    second = loaded()
    assert second is not first
    assert second.snapshot.run.run_id == 2


def test_a_store_made_anew_is_another_store(workspace: Path) -> None:
    write(workspace, [Made(rows=[row()])])
    assert list(loaded().experiments) == ["cart-recovery-2026q3"]
    for file in workspace.glob("liftgate*"):
        file.unlink()
    write(workspace, [Made(experiment="other", rows=[row()])])
    assert list(loaded().experiments) == ["other"]


def test_the_store_may_lie_elsewhere(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(workspace / "there", [Made(rows=[row()])])
    (workspace / "workspace.yaml").write_text("store: sqlite:///there/liftgate.db\n", encoding="utf-8")
    assert loaded().snapshot.run.run_id == 1
    monkeypatch.setenv("LIFTGATE_STORE", "sqlite:///nowhere.db")
    assert isinstance(data.current(), data.Missing)


def test_csv_has_the_rows_shown_and_hides_what_the_page_hides(workspace: Path) -> None:
    rows = [row(), segment("country", "IE", 0.05), hidden(segment_dimension="country", segment="MT")]
    write(workspace, [Made(rows=rows)])
    found = loaded().snapshot.segments("cart-recovery-2026q3", "revenue", "personalised", dimension="country")
    _, shown, left_out = to_csv(found, "effects").decode().strip().split("\n")
    assert ",IE," in shown
    assert "0.05," in shown
    assert ",MT," in left_out
    assert "suppressed" in left_out
    assert "0." not in left_out


def test_the_page_offers_csv_under_a_name_of_its_own(workspace: Path, open_app: Open) -> None:
    write(workspace, [Made(rows=[row(), segment("country", "IE", 0.05)], days=30)])
    page = open_app(workspace, "experiment", experiment="cart-recovery-2026q3")
    names = {button.proto.id.rsplit("-csv-", 1)[-1] for button in page.get("download_button")}
    assert len(names) == 3


def test_the_course_is_a_chart_and_a_table_of_the_same_figures(workspace: Path, open_app: Open) -> None:
    write(workspace, [Made(rows=[row()], days=40)])
    page = open_app(workspace, "experiment", experiment="cart-recovery-2026q3")
    assert len(page.get("plotly_chart")) == 1
    page = open_app(workspace, "experiment", experiment="cart-recovery-2026q3", view="Table")
    assert not page.get("plotly_chart")
    assert "95 %, one planned look" in words(page)
    assert "+2.2 % to +6.2 %" in words(page)


def test_too_few_steps_are_a_table(workspace: Path, open_app: Open) -> None:
    write(workspace, [Made(rows=[row()], days=1)])
    page = open_app(workspace, "experiment", experiment="cart-recovery-2026q3")
    assert not page.get("plotly_chart")
    assert "There are too few steps for a chart yet." in words(page)


def test_the_scale_turns_lifts_into_units_and_back(workspace: Path, open_app: Open) -> None:
    write(workspace, [Made(rows=[row()])])
    assert "+€1.73" in words(open_app(workspace, "journeys", scale="Absolute"))
    assert "+€1.73" not in words(open_app(workspace, "journeys"))
    assert "+4.2 %" in words(open_app(workspace, "journeys", scale="<junk>"))


def test_the_journey_narrows_journeys_and_experiments(workspace: Path, open_app: Open) -> None:
    made = [Made(experiment=f"{name}-1", journey=name, rows=[row()]) for name in ("cart", "home")]
    write(workspace, made, journeys={"cart": "Cart recovery", "home": "Homepage"})
    for page in ("journeys", "experiments"):
        said = words(open_app(workspace, page, journey="Homepage"))
        assert "Homepage" in said
        assert "Cart recovery" not in said


def test_early_limits_do_not_set_the_charts_height() -> None:
    low = np.array([-900.0, -5.0, -4.0, np.nan, -2.0])
    high = np.array([900.0, 9.0, 8.0, np.nan, 6.0])
    bottom, top = charts.height(np.array([1.0, 2.0, 2.0, 2.0, 2.0]), low, high)
    assert -7 < bottom < -5
    assert 9 < top < 11
