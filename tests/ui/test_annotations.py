"""An event is noted on its page, stands on the charts that it is about, and is taken back there."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from reports.annotations import Annotation
from storage.audit import Search, entries
from storage.store import Store
from tests.ui import growing, privacy_tables
from tests.ui.conftest import markup, words
from tests.ui.retailer import Made, row
from ui import access
from ui.access import Reader
from ui.parts import events
from ui.records import annotation_data

Open = Callable[..., AppTest]
DAY = date(2026, 8, 14)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = Made(journey="cart", rows=[row()], days=40)
    weeks = [privacy_tables.week(week=date(2026, 8, 3) + timedelta(days=7 * n), rate=0.7) for n in range(5)]
    return growing.write(tmp_path, made, consent=[privacy_tables.joint("cart")], consent_alerts=weeks)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[go.Figure, str]]:
    """The charts of a page with their words."""
    found: list[tuple[go.Figure, str]] = []
    monkeypatch.setattr(st, "plotly_chart", lambda figure, *, alt, **_more: found.append((figure, alt)))
    return found


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'liftgate.db'}")


def noted(
    folder: Path, text: str = "Summer <b>sale</b>", experiment: str | None = None, day: date = DAY
) -> None:
    with opened(folder) as store:
        store.annotate("Ada", "ada", {"day": day, "kind": "campaign", "text": text, "experiment": experiment})


def be(monkeypatch: pytest.MonkeyPatch, *roles: str) -> None:
    who = Reader("Ada", "ada-1", frozenset(roles), "Signed in as Ada.")
    monkeypatch.setattr(access, "reader", lambda: who)


def labels(figure: go.Figure) -> list[str]:
    return [label.text for label in figure.layout.annotations]


def submit(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def test_noting_an_event_keeps_it_and_says_so(workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "annotations")
    assert "Nothing has been noted yet." in words(app)
    app.text_input[0].set_value("  Summer \t <i>sale</i> ")
    app.date_input[0].set_value(DAY)
    app = submit(app, "Note it")
    said = words(app)
    assert "The event stands on its charts." in said
    assert "1 event noted, the last for 14 Aug 2026." in said
    assert "Summer &lt;i&gt;sale&lt;/i&gt;" in markup(app)
    with opened(workspace) as store:
        (kept,) = store.annotations()
        assert (kept["day"], kept["text"], kept["noted_by"]) == (DAY, "Summer <i>sale</i>", "local")
        assert len(entries(store, Search(action="annotation"))) == 1


def test_a_refused_event_says_why_and_is_not_kept(workspace: Path, open_app: Open) -> None:
    app = open_app(workspace, "annotations")
    app.text_input[0].set_value("call jane@example.org")
    app = submit(app, "Note it")
    assert "The text holds an e-mail address." in words(app)
    with opened(workspace) as store:
        assert store.annotations() == []


def test_taking_one_back_moves_it_to_the_history(workspace: Path, open_app: Open) -> None:
    noted(workspace)
    app = submit(open_app(workspace, "annotations"), "Take it back")
    said = words(app)
    assert "The event is off the charts." in said
    assert "1 event taken back" in said
    assert "Nothing has been noted yet." in said


@pytest.mark.parametrize("role", ["executive", "privacy"])
def test_who_may_not_note_reads_alone(
    role: str, workspace: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(workspace)
    be(monkeypatch, role)
    app = open_app(workspace, "annotations")
    assert [button.label for button in app.button] == []
    assert "Noting events is for the role marketer." in words(app)
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    assert annotation_data.remove(1) == annotation_data.NOT_YOURS
    loaded: Any = None
    assert annotation_data.note(loaded, DAY, "campaign", "x", None) == annotation_data.NOT_YOURS
    assert len(annotation_data.standing()) == 1


def test_an_administrator_reads_none(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(workspace)
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    be(monkeypatch, "admin")
    assert annotation_data.history() == ()


def test_the_effect_by_day_has_a_line_for_what_is_about_it(
    workspace: Path, open_app: Open, drawn: list[tuple[go.Figure, str]]
) -> None:
    noted(workspace)
    noted(workspace, "Own", "cart-recovery-2026q3")
    noted(workspace, "Of another", "elsewhere")
    app = open_app(workspace, "experiment", experiment="cart-recovery-2026q3")

    figure, alt = next((figure, alt) for figure, alt in drawn if "day by day" in alt)
    assert labels(figure) == ["1 Campaign, 2 Campaign"]
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == "2026-08-14"] == ["2026-08-14"]
    assert "Noted: 14 Aug 2026, campaign: Summer <b>sale</b>; 14 Aug 2026, campaign: Own." in alt
    assert "Of another" not in alt
    sent = markup(app)
    assert "14 Aug 2026, campaign: Summer &lt;b&gt;sale&lt;/b&gt;" in sent
    table = markup(open_app(workspace, "experiment", experiment="cart-recovery-2026q3", view="Table"))
    assert 'aria-label="Noted events"' in table
    assert "Summer &lt;b&gt;sale&lt;/b&gt;" in table


def test_what_happened_between_the_start_and_the_first_day_of_the_curve_is_said(
    workspace: Path, open_app: Open, drawn: list[tuple[go.Figure, str]]
) -> None:
    noted(workspace)
    noted(workspace, "As it began", day=date(2026, 7, 1))
    noted(workspace, "Before", day=date(2026, 6, 30))
    said = words(open_app(workspace, "experiment", experiment="cart-recovery-2026q3"))
    figure, alt = next((figure, alt) for figure, alt in drawn if "day by day" in alt)
    assert str(figure.data[0].x[0]) > "2026-07-01"
    assert labels(figure) == ["2 Campaign"]
    assert "1 Jul 2026, campaign: As it began" in said
    assert "1 Jul 2026, campaign: As it began" in alt
    assert "Before" not in alt


def test_consent_by_week_has_those_about_everything(
    workspace: Path, open_app: Open, drawn: list[tuple[go.Figure, str]]
) -> None:
    noted(workspace)
    noted(workspace, "Own", "cart-recovery-2026q3")
    open_app(workspace, "consent")
    figure, alt = next((figure, alt) for figure, alt in drawn if "Weekly consent rate" in alt)
    assert labels(figure)[-1] == "1 Campaign"
    assert "Own" not in alt
    assert 'aria-label="Noted events"' in markup(open_app(workspace, "consent", view="Table"))


def event(day: date) -> Annotation:
    at: Any = None
    return Annotation(1, day, "outage", "x", None, at, "Ada")


def test_close_labels_stand_on_different_heights_and_late_ones_to_the_left() -> None:
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range(31)]
    found = [event(days[3]), event(days[4]), event(days[5]), event(days[29])]
    labels = events.lines(found, days)["annotations"]
    assert len({label["y"] for label in labels[:3]}) == 3
    assert [label["xanchor"] for label in labels] == ["left", "left", "left", "right"]
    assert events.within(days[4:], found) == found[1:]
    assert events.lines([event(days[0])], days[:1])["annotations"][0]["xanchor"] == "left"
