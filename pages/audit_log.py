"""Audit: what was done, by whom, and whether the record of it can be trusted."""

from ui import access
from ui.governance import audit_page

access.require("audit")
audit_page.show()
