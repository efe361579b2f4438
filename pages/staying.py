"""Churn: who stayed, and for how much longer."""

from ui import access, churn_page, frame

access.require("churn")
churn_page.show(frame.figures())
