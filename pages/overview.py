"""Overview: what every journey earns, how sure that is, and what to do next."""

from ui import access, frame, overview

access.require(access.EXECUTIVE, access.MARKETER)
overview.show(frame.figures())
