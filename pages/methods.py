"""Methods: what every figure means."""

from ui import access, frame, methods_page

access.require("methods")
methods_page.show(frame.figures())
