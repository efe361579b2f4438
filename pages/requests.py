"""Requests: what people asked for, what is due, and how good the service is."""

from ui import access, frame
from ui.privacy import requests_page

access.require("requests")
requests_page.show(frame.figures())
