"""Journeys: what each one earns, how sure that is, and what to do next."""

from ui import access, frame
from ui.overview import journey_list

access.require("journeys")
journey_list.show(frame.figures())
