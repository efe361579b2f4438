"""Consent: who was personalised without it, how far it reaches, and where it changed."""

from ui import access, consent_page, frame

access.require("consent")
consent_page.show(frame.figures())
