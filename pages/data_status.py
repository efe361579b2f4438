"""Data status: freshness, runs, rows set aside, versions."""

from ui import access, frame
from ui.records import status_page

access.require("status")
status_page.show(frame.figures())
