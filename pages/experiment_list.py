"""Experiments: all of them, those that ask for an act first."""

from ui import access, experiment_list, frame

access.require("experiments")
experiment_list.show(frame.figures())
