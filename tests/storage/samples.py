"""Runs and figures to fill a store with."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from metrics.published import Published
from storage.frames import dtypes, figure_table, key
from storage.records import RunRecord
from storage.store import Store

RECORD = RunRecord(
    as_of=datetime(2026, 9, 30, 23, tzinfo=UTC),
    period="2026Q3",
    definitions_version="d1",
    policy_hash="p1",
    policy_text="version: 3\n",
    policy_version=3,
    fingerprint="f1",
    workspace={
        "name": "Northlight Retail",
        "currency": "EUR",
        "timezone": "Europe/Dublin",
        "minimum_people": 50,
    },
    inputs={"order_lines": {"rows_in": 10, "accepted": 9, "quarantined": 1, "refused": {"negative": 1}}},
    actor="ana",
)


def figures(table: str, height: int = 7) -> pl.DataFrame:
    """Rows of a table that use every column, with nulls, unicode and extreme numbers."""
    rows = pl.DataFrame(
        {name: _values(name, dtype, height) for name, dtype in dtypes(figure_table(table)).items()},
        schema=dtypes(figure_table(table)),
    )
    dates = [name for name in key(figure_table(table)) if rows.schema[name] == pl.Date]
    return rows.with_columns(pl.col(dates).fill_null(date(1999, 12, 31)))


def effects(
    *rows: tuple[str | None, float | None], experiment: str = "cart", status: str = "ok"
) -> Published:
    """Effects by segment, as (segment, difference)."""
    frame = pl.DataFrame(
        {
            "experiment": experiment,
            "metric": "revenue",
            "variant": "personalised",
            "segment_dimension": None if segment is None else "country",
            "segment": segment,
            "method": "adjusted",
            "difference": difference,
            "status": status if difference is None else "ok",
        }
        for segment, difference in rows
    )
    return Published("effects", frame)


def refresh(store: Store, *published: Published, record: RunRecord = RECORD) -> int:
    """Take a run from beginning to end."""
    run_id = store.begin_run(record)
    store.complete_run(run_id, published, summary={"rows": len(published)})
    return run_id


def _values(name: str, dtype: pl.DataType, height: int) -> list[object]:
    made: dict[type, list[object]] = {
        pl.String: [f"{name} ☃ {i}" for i in range(height)],
        pl.Int64: [i - 2 for i in range(height)],
        pl.Float64: [0.0, -0.1, 1 / 3, None, 1e308, 5e-324, -1e-300],
        pl.Boolean: [True, False, None] * 3,
        pl.Date: [date(2024, 2, 29) + timedelta(days=i) for i in range(height - 1)] + [None],
        pl.Datetime: [
            datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC),
            *[datetime(2026, 1, 1, tzinfo=UTC)] * 5,
            None,
        ],
    }
    return made[type(dtype)][:height]
