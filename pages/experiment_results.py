"""Experiment: one result, why it holds, and how it was computed."""

from ui import access, frame
from ui.growth import experiment_page

access.require("experiment")
experiment_page.show(frame.figures())
