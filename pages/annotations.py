"""Annotations: what happened when, noted by colleagues and shown on every chart over time and in the pack."""

from ui import access, frame
from ui.records import annotations_page

access.require("annotations")
annotations_page.show(frame.figures())
