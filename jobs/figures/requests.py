"""Requests of data subjects: the queue, the service level and California's yearly table.

What people asked leaves without a customer's id, and with the request's own id replaced by a pseudonym that
only the workspace's secret leads back (`jobs.secret`). A request of an erased person stays: the record of
requests has to be kept for 24 months (11 CCR 7101).
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from jobs.figures.run import Family, RunInputs
from jobs.secret import pseudonym, workspace_secret
from metrics.dsr_tables import assess, ccpa_7102_table, requests_table, sla_by_period, sla_table
from policy.disclosure import exempt

TABLE = "dsr_requests"


def requests(run: RunInputs) -> Family:
    """The tables of requests, and in every journey's row the company's service level.

    A request belongs to the quarter in which it was received, and while it is open and overdue it counts
    against that quarter. People ask a company, not a journey: `dsr_sla_rate` is the same for all journeys,
    that of all requests received in the quarter. `dsr_overdue` counts those overdue at the measurement date,
    whenever they were received.
    """
    parts = run.parts(TABLE)
    if not parts:
        return Family()
    settings, as_of = run.workspace.settings, run.workspace.as_of_end - dt.timedelta(microseconds=1)
    log = known_requests(parts, as_of, workspace_secret(run.state))
    assessed = assess(log, as_of, settings.establishment)
    remark = run.set_aside(TABLE)
    published = (
        exempt(TABLE, requests_table(assessed)),
        exempt("dsr_sla", _remarked(sla_table(assessed, settings.timezone), remark)),
        exempt("dsr_7102", _remarked(ccpa_7102_table(assessed, as_of), remark)),
    )
    overall = exempt("dsr_sla", sla_by_period(assessed, settings.timezone)).frame
    overdue = published[0].frame.filter(pl.col("state") == "overdue").height
    columns = _of_quarter(overall, run.period) | {"dsr_overdue": overdue}
    return Family(published, dict.fromkeys(run.workspace.journeys, columns))


def known_requests(parts: Sequence[Path], as_of: dt.datetime, secret: bytes) -> pl.DataFrame:
    """The log as it stood at `as_of`, under pseudonyms: what was closed later was still open."""
    named = pl.read_parquet(list(parts)).drop("customer_id")
    ids = [pseudonym(secret, TABLE, request) for request in named["request_id"]]
    open_still = pl.col("closed_at") > as_of
    return named.with_columns(
        *(
            pl.when(~open_still.fill_null(value=False)).then(name).alias(name)
            for name in ("closed_at", "outcome")
        ),
        request_id=pl.Series(ids, dtype=pl.String),
    )


def _remarked(table: pl.DataFrame, remark: str | None) -> pl.DataFrame:
    notes = (pl.col("note"), pl.lit(remark, pl.String))
    return table.with_columns(note=pl.concat_str(notes, separator="; ", ignore_nulls=True).replace("", None))


def _of_quarter(overall: pl.DataFrame, period: str) -> dict[str, Any]:
    found = overall.filter(pl.col("period") == period)
    if found.is_empty():
        return {}
    rate, low = found.select("sla_rate", "sla_low").row(0)
    return {"dsr_sla_rate": rate, "dsr_sla_low": low}
