"""Churn: who stayed, and for how much longer."""

from ui import access, frame
from ui.growth import churn_page

access.require("churn")
churn_page.show(frame.figures())
