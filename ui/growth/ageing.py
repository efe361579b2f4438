"""Days since assignment, for one metric at a time: the answer, the curve and its table."""

import streamlit as st

from reports.growth import ageing
from reports.results import Experiment
from reports.wording import ageing as wording
from ui import filters, frame
from ui.data import Loaded
from ui.growth import age_chart
from ui.parts import downloads
from ui.parts.charts import FEWEST


def section(loaded: Loaded, experiment: Experiment, variant: str) -> None:
    """Say whether the effect fades, and show its course; nothing where no metric has one."""
    found = ageing.trends(loaded.snapshot, experiment, variant)
    if not found:
        return
    st.html(
        frame.heading(
            "Does it fade?",
            "By days since each unit's own assignment, among those observed that long. The halves are "
            "compared on the units that completed the window.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {name: experiment.metric(name).label for name in found}
        chosen = filters.choice("Effect on", names, "aged") if len(names) > 1 else next(iter(names))
        shown = filters.view("agedview")
        rows = ageing.curve(loaded.snapshot, experiment, chosen, variant)
        downloads.button(rows, "effects_by_age", f"{experiment.experiment}-{chosen}-by-age")
    metric, trend = experiment.metric(chosen), found[chosen]
    told = wording.fading(trend, metric, experiment, loaded.currency)
    st.html(frame.finding(told.lead, told.more, status=told.mark))
    if rows.height < FEWEST:
        st.html(frame.note("There are too few days with enough people for a chart yet."))
    elif shown == "chart":
        age_chart.age_chart(rows, trend, experiment, metric, variant, loaded.currency)
    else:
        st.html(age_chart.age_table(rows, experiment, metric, loaded.currency))
    if warning := wording.alone(len(found), experiment):
        st.html(frame.note(warning))
