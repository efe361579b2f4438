"""Exports: the files of a quarter for one audience, the pack for the board, and what every column says."""

from ui import access, exports_page, frame

access.require("exports")
exports_page.show(frame.figures())
