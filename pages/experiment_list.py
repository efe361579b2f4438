"""Experiments: all of them, those that ask for an act first."""

from ui import access, frame
from ui.growth import experiment_list

access.require("experiments")
experiment_list.show(frame.figures())
