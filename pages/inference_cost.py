"""Inference cost: what recommending costs, how long it takes, and what is left of the gain."""

from ui import access, frame
from ui.privacy import inference_page

access.require("inference-cost")
inference_page.show(frame.figures())
