"""Requests: what people asked for, what is due, and how good the service is."""

from ui import access, frame, requests_page

access.require(access.PRIVACY)
requests_page.show(frame.figures())
