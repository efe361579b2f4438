"""Overview: what every journey earns, how sure that is, and what to do next."""

from ui import access, frame, overview

access.require("")
overview.show(frame.figures())
