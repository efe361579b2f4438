"""Data use: which data are justified, what is kept too long, and who may have them."""

from ui import access, frame
from ui.privacy import data_use_page

access.require("data-use")
data_use_page.show(frame.figures())
