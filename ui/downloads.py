"""CSV of what a page shows: the same rows of the same snapshot, hidden cells hidden as on screen."""

from collections.abc import Collection

import polars as pl
import streamlit as st

from reports.csv_export import listing, to_csv
from reports.results import Experiment
from ui.data import Loaded
from ui.gate_data import Judged


def button(frame: pl.DataFrame, table: str, name: str, label: str = "CSV") -> None:
    """Offer rows of a figure table; the file is made when it is asked for."""
    st.download_button(
        label,
        data=lambda: to_csv(frame, table),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv-{name}",
        help=f"Download {frame.height:,} rows of {table}.csv as shown here",
    )


def journeys(loaded: Loaded, chosen: str | None) -> None:
    """Offer the journeys of the quarter."""
    rows = loaded.snapshot.journeys()
    shown = rows if chosen is None else rows.filter(pl.col("journey") == chosen)
    button(shown, "journeys", f"journeys-{loaded.snapshot.run.period}")


def gates(judged: Judged, shown: Collection[str]) -> None:
    """Offer the gates as they stand now, journeys shown alone."""
    rows = judged.rows.filter(pl.col("journey").is_in(list(shown)))
    button(rows, "gates", f"gates-{judged.run.period}")


def records(frame: pl.DataFrame, name: str) -> None:
    """Offer a list that is no figure table, as the page shows it."""
    st.download_button(
        "CSV",
        data=lambda: listing(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv-{name}",
        help=f"Download {frame.height:,} rows as shown here",
    )


def primary_effects(loaded: Loaded, experiments: list[Experiment]) -> None:
    """Offer the primary metric's headline rows of the experiments listed."""
    pairs = pl.DataFrame(
        [(item.experiment, item.primary) for item in experiments],
        schema={"experiment": pl.String, "metric": pl.String},
        orient="row",
    )
    rows = loaded.snapshot.effects(headline=True).join(pairs, on=["experiment", "metric"], how="semi")
    button(rows, "effects", "experiments")


def experiment(loaded: Loaded, item: Experiment, variant: str) -> None:
    """Offer every metric of one variant, both methods."""
    rows = loaded.snapshot.effects(item.experiment, variant=variant)
    button(rows, "effects", f"{item.experiment}-{variant}")
