"""The demo workspace: a synthetic retailer with known true effects."""

from jobs.demo.write import make

__all__ = ["make"]
