"""Methods: what every figure means."""

from ui import access, frame
from ui.records import methods_page

access.require("methods")
methods_page.show(frame.figures())
