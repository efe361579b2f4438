"""Gates: which journeys may roll out further, and what stands against the others."""

from ui import access, frame
from ui.governance import gates_page

access.require("gates")
gates_page.show(frame.figures())
