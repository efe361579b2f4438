"""Methods: what every figure means."""

from ui import access, frame, methods_page

access.require(*access.ROLES)
methods_page.show(frame.figures())
