"""All journeys: every journey's result in one sentence and one table."""

from collections.abc import Mapping

import streamlit as st

from metrics import formatting
from reports.journeys import Journey, programme
from reports.wording.overview import asks_for_an_act, overview
from reports.wording.verdicts import Said
from ui import frame
from ui.data import Loaded
from ui.governance import gate_lead
from ui.governance.gate_data import Judged
from ui.growth.halves import halves_table
from ui.overview.journey_table import journey_table
from ui.parts import downloads
from ui.parts.markup import Html, join, strong, tag, text
from ui.privacy import privacy_steps

MOST_STEPS = 5


def show(loaded: Loaded) -> None:
    """Say what personalisation earns, then show it journey by journey."""
    period, (chosen, scale) = loaded.snapshot.run.period, frame.choices()
    with frame.header(f"Journeys · {formatting.quarter(period)}", loaded):
        downloads.journeys(loaded, chosen)
    journeys = [item for item in loaded.journeys if chosen in (None, item.journey)]
    results = {item.journey: loaded.said(item.experiment) for item in journeys if item.experiment}
    found = gate_lead.judged()
    gate_lead.of_journeys(found, [item.journey for item in journeys])
    st.html(frame.lead(None, *overview(journeys, results)))
    if not journeys:
        return
    whole = programme(loaded.experiments.values(), period) if chosen is None else None
    st.html(journey_table(journeys, whole, scale, loaded.currency, found))
    st.html(
        frame.note(
            "Each journey is judged by its latest experiment against the customers held out. Limits of tests "
            "that still run hold at every look. No evidence means not measured yet: neither good nor zero."
        )
    )
    if table := halves_table(loaded, journeys):
        st.html(frame.heading("Money, basket and who stays", "Of the same experiments; each on its own."))
        st.html(table)
    asking = [item for item in journeys if asks_for_an_act(item)]
    _next_steps(asking, results, found, privacy_steps.steps(loaded, journeys, company=chosen is None))


def _next_steps(
    journeys: list[Journey], results: Mapping[str, Said], gates: Judged | None, privacy: list[Html]
) -> None:
    if not journeys and not privacy:
        return
    items = [
        tag("li", Html(f"{strong(item.name)}: {text(_advice(gates, item, results[item.journey]))}"))
        for item in journeys[:MOST_STEPS]
    ]
    if len(journeys) > MOST_STEPS:
        items.append(tag("li", text(f"and {len(journeys) - MOST_STEPS} more: see the table.")))
    items += [tag("li", step) for step in privacy]
    st.html(frame.heading("What to do next"))
    st.html(tag("ul", join(items), class_="lg-list"))


def _advice(gates: Judged | None, journey: Journey, said: Said) -> str:
    return gate_lead.advice(gates, journey.journey, said.mark, said.advice)
