"""SKU lift: which products an experiment sells more or less of."""

from ui import access, frame, sku_page

access.require("sku-lift")
sku_page.show(frame.figures())
