"""Experiment: one result, why it holds, and how it was computed."""

from ui import access, experiment_page, frame

access.require("experiment")
experiment_page.show(frame.figures())
