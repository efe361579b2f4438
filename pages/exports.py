"""Exports: the files of a quarter for one audience, the pack for the board, and what every column says."""

from ui import access, frame
from ui.records import exports_page

access.require("exports")
exports_page.show(frame.figures())
