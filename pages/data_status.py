"""Data status: freshness, runs, rows set aside, versions."""

from ui import access, frame, status_page

access.require("status")
status_page.show(frame.figures())
