"""SKU lift: which products sell more or less, who pays for it, and where the lift comes from."""

from collections.abc import Mapping

import streamlit as st

from metrics.formatting import count
from reports.growth import products
from reports.growth.products import Half, Products, Rank
from reports.readings import withheld
from reports.results import Experiment
from reports.wording import products as wording
from ui import filters, frame
from ui.data import Loaded
from ui.growth import choice, volcano
from ui.growth.sku_tables import category_table, half_table, remainder_table, sku_table
from ui.parts import downloads
from ui.parts.checks import health_banner
from ui.parts.markup import Html, facts, link, prose, text
from ui.privacy import privacy_frame

TITLE = "SKU lift"
FIRST, MOST = 20, 100
"""SKUs shown at once, and behind a click; the file has all."""
FIRST_CATEGORIES = 10
MOST_HALF = 10
RANKS: Mapping[Rank, str] = {
    "size": "Size of the effect",
    "gain": "Largest gain",
    "loss": "Largest loss",
    "q": "Strength of evidence",
}


def show(loaded: Loaded) -> None:
    """Say which products differ, then rank them, roll them up, and show where the lift comes from."""
    snapshot = loaded.snapshot
    every = choice.latest_first(list(loaded.experiments.values()))
    known = [e for e in every if products.variants_with_products(snapshot, e)]
    if not known:
        privacy_frame.without_evidence(
            loaded, TITLE, ("order_lines", "assignments"), "which products sell more or less"
        )
        if every:
            st.html(frame.note(wording.no_products(every)))
        return
    about = frame.header(TITLE, loaded)
    with about:
        experiment = choice.experiment(known)
        variant = choice.variant(products.variants_with_products(snapshot, experiment))
        found = products.products(snapshot, experiment, variant)
        rows = snapshot.part("sku_lift", experiment.experiment).filter(variant=variant)
        downloads.button(rows, "sku_lift", f"{experiment.experiment}-{variant}-skus")
    st.html(Html(f'<p class="lg-meta">{choice.about(experiment, variant)}</p>'))
    if warning := health_banner(experiment):
        st.html(warning)
    half = products.half(found)
    _answer(loaded, experiment, found, half)
    _skus(loaded, experiment, found)
    _categories(loaded, experiment, found)
    _volcano(loaded, experiment, found)
    _half(loaded, experiment, found, half)
    _remainders(loaded, experiment, found)
    _method(loaded, experiment, found)
    missing = [e for e in every if e not in known]
    if missing:
        st.html(frame.note(wording.no_products(missing)))


def _answer(loaded: Loaded, experiment: Experiment, found: Products, half: Half | None) -> None:
    currency = loaded.currency
    privacy_frame.lead(wording.lead(found, experiment, currency))
    if withheld(experiment):
        return
    behind = wording.behind(found, half, experiment, currency)
    st.html(
        frame.answers(
            [
                ("How sure is it?", text(wording.discoveries(found, experiment))),
                ("Who pays for the gains?", prose(wording.exchange(found, experiment, currency).lead)),
                ("Where does the lift come from?", prose(f"{behind.lead} {behind.more}")),
            ]
        )
    )


def _skus(loaded: Loaded, experiment: Experiment, found: Products) -> None:
    st.html(
        frame.heading(
            "SKU by SKU",
            "Variant minus control over everybody, buyers or not. The shrunk estimate is drawn towards 0 by "
            "as much as the SKUs together say is noise.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = filters.search("Find a SKU or category", "find")
        rank = filters.choice("Rank by", RANKS, "rank")
    rows = products.ranked(products.matching(found.skus, wanted), rank)
    if rows.is_empty():
        nothing = f"No SKU or category holds {wanted!r}." if wanted else "No SKU stands for itself."
        rare = "Rare SKUs stand in the remainders, without a name." if found.remainders.height else ""
        st.html(frame.note(f"{nothing} {rare}".strip()))
        return
    st.html(sku_table(rows.head(FIRST), found, experiment, loaded.currency))
    if rows.height > FIRST:
        frame.folded(
            f"The next {min(rows.height, MOST) - FIRST} SKUs",
            "more",
            lambda: sku_table(rows[FIRST:MOST], found, experiment, loaded.currency),
        )
    if rows.height > MOST:
        st.html(frame.note(f"The first {MOST} of {count(rows.height)} SKUs; search, or take the CSV file."))


def _categories(loaded: Loaded, experiment: Experiment, found: Products) -> None:
    if not found.categories:
        return
    under = "What recommended SKUs gained, what their neighbours in the category lost, and the net of both."
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.html(frame.heading("Category by category", under))
        rows = loaded.snapshot.part("category_lift", experiment.experiment).filter(variant=found.variant)
        downloads.button(rows, "category_lift", f"{experiment.experiment}-{found.variant}-categories")
    telling = sorted(
        found.categories, key=lambda c: (c.recommended.difference is None, -abs(c.net.difference or 0.0))
    )
    first, rest = telling[:FIRST_CATEGORIES], telling[FIRST_CATEGORIES:]
    st.html(category_table(first, found, experiment, loaded.currency))
    if rest:
        frame.folded(
            f"{wording.categories(len(rest))} more",
            "categories",
            lambda: category_table(rest, found, experiment, loaded.currency, total=False),
        )
    st.html(frame.note(wording.exchange(found, experiment, loaded.currency).more))


def _volcano(loaded: Loaded, experiment: Experiment, found: Products) -> None:
    drawn = volcano.points(found)
    if drawn.height < 2:
        return
    line = "" if found.different.is_empty() else " Those above the dashed line are called different."
    st.html(
        frame.heading(
            "Effect against evidence",
            f"Far out: a large difference. High up: hard to explain by luck.{line}",
        )
    )
    if filters.view() == "chart":
        volcano.chart(found, experiment, loaded.currency)
        if drawn.height > volcano.MOST:
            st.html(
                frame.note(f"The {count(volcano.MOST)} of {count(drawn.height)} SKUs with most evidence.")
            )
    else:
        st.html(volcano.points_table(found, experiment, loaded.currency))
        if drawn.height > volcano.ROWS:
            st.html(frame.note(f"The first {volcano.ROWS} of {count(drawn.height)}; the CSV file has all."))


def _half(loaded: Loaded, experiment: Experiment, found: Products, half: Half | None) -> None:
    if withheld(experiment) or half is None or half.skus.is_empty():
        return
    told = wording.behind(found, half, experiment, loaded.currency)
    st.html(frame.heading("Behind half of the lift", "By shrunk estimate, the largest first."))
    st.html(frame.finding(told.lead, told.more))
    st.html(half_table(half, experiment, loaded.currency, MOST_HALF))
    if half.skus.height > MOST_HALF:
        st.html(frame.note(f"The first {MOST_HALF} of {half.skus.height}."))


def _remainders(loaded: Loaded, experiment: Experiment, found: Products) -> None:
    minimum = loaded.snapshot.minimum_people
    told = wording.remainders(found, experiment, loaded.currency, minimum)
    st.html(frame.heading("What has no name here"))
    st.html(frame.finding(told.lead, told.more))
    if found.remainders.height:
        frame.folded(
            "Every remainder", "remainders", lambda: remainder_table(found, experiment, loaded.currency)
        )


def _method(loaded: Loaded, experiment: Experiment, found: Products) -> None:
    run = loaded.snapshot.run
    told = [(term, text(said)) for term, said in wording.method(found, experiment)]
    version = text(f"{run.run_id}, definitions {run.definitions_version}. ")
    told.append(("Run", Html(f"{version}{link('What each figure means', 'methods')}")))
    st.html(frame.heading("How it was computed"))
    st.html(facts(told))
