"""Which page is shown: every path is registered for everybody, and each page asks again who is reading."""

from pathlib import Path

import streamlit as st

from ui import access, data, frame, style
from ui.filters import Filter
from ui.markup import tag, text

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "pages"
SIDEBAR = 220
"""Width in pixels."""
FILTERS: dict[str, tuple[Filter, ...]] = {
    "": ("journey", "scale"),
    "experiments": ("journey", "scale"),
    "experiment": ("scale",),
    "data-use": ("journey",),
    "inference-cost": ("journey",),
}
"""The choices that span pages and what each page makes of them; the others keep them for later."""


def main() -> None:
    """Show the page that the address names."""
    overview = st.Page(PAGES / "overview.py", title="Overview", url_path="overview", default=True)
    listed = st.Page(PAGES / "experiment_list.py", title="Experiments", url_path="experiments")
    one = st.Page(
        PAGES / "experiment_results.py", title="Experiment", url_path="experiment", visibility="hidden"
    )
    privacy = [
        st.Page(PAGES / "requests.py", title="Requests", url_path="requests"),
        st.Page(PAGES / "data_use.py", title="Data use", url_path="data-use"),
        st.Page(PAGES / "inference_cost.py", title="Inference cost", url_path="inference-cost"),
    ]
    status = st.Page(PAGES / "data_status.py", title="Status", url_path="status")
    methods = st.Page(PAGES / "methods.py", title="Methods", url_path="methods")
    page = st.navigation({"Results": [overview, listed, one], "Privacy": privacy, "Data": [status, methods]})
    st.set_page_config(
        page_title=f"{page.title} · Liftgate",
        page_icon=str(ROOT / "ui" / "assets" / "favicon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR,
    )
    st.logo(str(ROOT / "ui" / "assets" / "mark.svg"), size="medium")
    style.apply()
    with st.sidebar:
        st.html(tag("p", text(access.reader().note), class_="lg-meta"))
    frame.begin(data.current(), FILTERS.get(page.url_path, ()))
    page.run()


main()
