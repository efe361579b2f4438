"""SKU lift: which products an experiment sells more or less of."""

from ui import access, frame
from ui.growth import sku_page

access.require("sku-lift")
sku_page.show(frame.figures())
