"""Board: the quarter on one screen, growth and risk side by side."""

from ui import access, board_page, frame

access.require("")
board_page.show(frame.figures())
