"""The mark of figures that have passed the disclosure door."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Published:
    """Figures safe to leave the personal-data side, made by `policy.disclosure` alone.

    Attributes:
        table: name of the store's table.
        frame: its rows; suppressed rows keep their keys and have no figures.
    """

    table: str
    frame: pl.DataFrame
