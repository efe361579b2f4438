"""Board: the quarter on one screen, growth and risk side by side."""

from ui import access, frame
from ui.overview import board_page

access.require("")
board_page.show(frame.figures())
