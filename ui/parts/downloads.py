"""Files of what a page shows: the same rows of the same snapshot, hidden cells hidden as on screen.

Every file handed out is an export, and on record as one before it leaves.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl
import streamlit as st

from metrics import formatting
from reports.csv_export import listing, to_csv
from reports.results import Experiment
from ui.data import Loaded
from ui.frame import found
from ui.governance.acts import recorder
from ui.governance.gate_data import Judged


def button(frame: pl.DataFrame, table: str, name: str, label: str = "CSV") -> None:
    """Offer rows of a figure table; the file is made when it is asked for."""
    shown = found()
    about: dict[str, Any] = {"table": table, "rows": frame.height}
    if isinstance(shown, Loaded):
        about |= {"run_id": shown.snapshot.run.run_id, "period": shown.snapshot.run.period}
    offer(
        lambda: (to_csv(frame, table), about),
        f"{name}.csv",
        "text/csv",
        key=f"csv-{name}",
        label=label,
        about=f"Download {formatting.count(frame.height)} rows of {table}.csv as shown here",
    )


def offer(
    make: Callable[[], tuple[bytes, Mapping[str, Any]]],
    file_name: str,
    mime: str,
    *,
    key: str,
    label: str,
    about: str,
) -> None:
    """Offer a file that is made, and put on record under the reader's name, when it is asked for.

    Args:
        make: gives the file, and what its audit entry says beside name, hash and reader.
        file_name: suggested to the browser.
        mime: its media type.
        key: of the button.
        label: of the button.
        about: shown on hover.
    """
    record = recorder()

    def made() -> bytes:
        content, known = make()
        files = {file_name: hashlib.sha256(content).hexdigest()}
        record("export", {"files": files, "via": "page", **known})
        return content

    st.download_button(
        label, data=made, file_name=file_name, mime=mime, on_click="ignore", key=key, help=about
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
    offer(
        lambda: (listing(frame), {"table": name, "rows": frame.height}),
        f"{name}.csv",
        "text/csv",
        key=f"csv-{name}",
        label="CSV",
        about=f"Download {formatting.count(frame.height)} rows as shown here",
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
