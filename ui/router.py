"""Which page is shown: every path is registered for everybody, and each page asks again who is reading."""

from pathlib import Path

import streamlit as st

from ui import access, data, frame, style
from ui.filters import Filter, carried
from ui.markup import tag, text
from ui.menu import Entry, menu

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "pages"
SIDEBAR = 220
"""Width in pixels."""
FILTERS: dict[str, tuple[Filter, ...]] = {
    "": ("journey", "scale"),
    "experiments": ("journey", "scale"),
    "experiment": ("scale",),
    "consent": ("journey",),
    "data-use": ("journey",),
    "inference-cost": ("journey",),
}
"""The choices that span pages and what each page makes of them; the others keep them for later."""


PAGE_FILES = {
    "": "overview",
    "experiments": "experiment_list",
    "experiment": "experiment_results",
    "sku-lift": "product_lift",
    "consent": "consent",
    "churn": "staying",
    "requests": "requests",
    "data-use": "data_use",
    "inference-cost": "inference_cost",
    "status": "data_status",
    "methods": "methods",
}
"""By address: the file in pages/ that shows it."""
MENU = {
    "Results": (Entry("Overview", ""), Entry("Experiments", "experiments", below=("experiment",))),
    "Growth": (Entry("SKU lift", "sku-lift"), Entry("Churn", "churn")),
    "Privacy": (
        Entry("Consent", "consent"),
        Entry("Requests", "requests"),
        Entry("Data use", "data-use"),
        Entry("Inference cost", "inference-cost"),
    ),
    "Data": (Entry("Status", "status"), Entry("Methods", "methods")),
}


def main() -> None:
    """Show the page that the address names."""
    titles = {entry.path: entry.title for entries in MENU.values() for entry in entries}
    pages = [
        st.Page(
            PAGES / f"{file}.py",
            title=titles.get(path, "Experiment"),
            url_path=path or "overview",
            default=not path,
        )
        for path, file in PAGE_FILES.items()
    ]
    page = st.navigation(pages, position="hidden")
    st.set_page_config(
        page_title=f"{page.title} · Liftgate",
        page_icon=str(ROOT / "ui" / "assets" / "favicon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR,
    )
    st.logo(str(ROOT / "ui" / "assets" / "mark.svg"), size="medium")
    style.apply()
    frame.begin(data.current(), FILTERS.get(page.url_path, ()))
    with st.sidebar:
        st.html(menu(MENU, page.url_path, carried()))
        st.html(tag("p", text(access.reader().note), class_="lg-meta"))
    page.run()


main()
