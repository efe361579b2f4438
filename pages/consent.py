"""Consent: who was personalised without it, how far it reaches, and where it changed."""

from ui import access, frame
from ui.privacy import consent_page

access.require("consent")
consent_page.show(frame.figures())
