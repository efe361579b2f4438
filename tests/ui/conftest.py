"""The app in the test's own process, on a workspace written for the test."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui import tour
from ui.site import BY_PATH

ROOT = Path(__file__).parents[2]

Open = Callable[..., AppTest]


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page of a workspace, by its address; the tour of the first visit is over."""
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.delenv("LIFTGATE_STORE", raising=False)
    monkeypatch.setattr(tour, "ended", lambda: True)

    def opened(workspace: Path, page: str = "", **parameters: str) -> AppTest:
        monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
        app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=20)
        app.query_params.update(parameters)
        app.run()
        if page:
            app.switch_page(str(ROOT / "pages" / f"{BY_PATH[page].file}.py"))
            app.query_params.update(parameters)
            app.run()
        assert not app.exception, app.exception
        return app

    return opened


def words(app: AppTest) -> str:
    """Everything that the page says, without markup."""
    parts = [element.proto.body for element in app.main if element.type == "html"]
    bare = re.sub(r"<[^>]+>", " ", " ".join(part for part in parts if not part.startswith("<style>")))
    return re.sub(r"\s+", " ", html.unescape(bare).replace("\u00a0", " "))


def markup(app: AppTest) -> str:
    """Everything that the page says, as it is sent."""
    return "".join(element.proto.body for element in app.main if element.type == "html")


@pytest.fixture
def made_files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files that a page offers, by name, made as a click makes them."""
    found: dict[str, bytes] = {}

    def offered(_label: str, *, data: Callable[[], bytes], file_name: str, **_more: object) -> None:
        found[file_name] = data()

    monkeypatch.setattr(st, "download_button", offered)
    return found
