"""Data-subject requests as tables: the queue, the service level, and California's yearly disclosure."""

from dataclasses import fields
from datetime import datetime
from statistics import NormalDist

import polars as pl

from law.regimes import UNKNOWN, place_of
from metrics.dsr import ANSWERS, Request, deadline, local_date

REQUESTS_COLUMNS = (
    *("request_id", "kind", "jurisdiction", "regime", "received_at", "acknowledge_due", "respond_due"),
    *("conservative_due", "extended_due", "closed_at", "state", "days_left", "rule"),
    *("outcome", "acknowledged", "days", "remarks"),
)
FIGURES = (
    *("received", "complied", "complied_in_part", "denied", "open", "overdue", "on_time", "late"),
    *("sla_rate", "sla_low", "ack_rate", "median_days", "mean_days", "status", "note"),
)
SLA_COLUMNS = ("regime", "kind", "period", *FIGURES)
YEARLY_COLUMNS = (
    *("year", "right", "received", "complied", "complied_in_part", "denied"),
    *("median_days", "mean_days", "status", "note"),
)
KNOW = "know"
RIGHTS = {
    "delete": "delete",
    "correct": "correct",
    "access": KNOW,
    "portability": KNOW,
    "opt_out": "opt_out",
    "limit": "limit",
}
Z_95 = NormalDist().inv_cdf(0.95)
DEADLINE_TYPES: dict[str, type[pl.DataType] | pl.DataType] = {
    "regime": pl.String,
    "rule": pl.String,
    "received_on": pl.Date,
    "acknowledge_due": pl.Date,
    "respond_due": pl.Date,
    "conservative_due": pl.Date,
    "extended_due": pl.Date,
    "state": pl.String,
    "days_left": pl.Int64,
    "acknowledged": pl.String,
    "answer": pl.String,
    "days": pl.Int64,
    "notes": pl.List(pl.String),
}
ROW_FIELDS = tuple(field.name for field in fields(Request))
OPTIONAL_COLUMNS: dict[str, pl.DataType] = {
    **{name: pl.Datetime("us", "UTC") for name in ROW_FIELDS[3:-1]},
    **{name: pl.String() for name in ("outcome", "denial_basis", "channel")},
}


def assess(requests: pl.DataFrame, as_of: datetime, establishment: str | None = None) -> pl.DataFrame:
    """The rows of `dsr_requests` with the columns of `Deadline` beside them.

    Optional columns that the table does not have are added as null.

    Raises:
        LawError: the establishment lies in no country of the EU, the EEA or the UK.
    """
    absent = {name: kind for name, kind in OPTIONAL_COLUMNS.items() if name not in requests.columns}
    rows = requests.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in absent.items())
    found = [
        {name: getattr(result, name) for name in DEADLINE_TYPES}
        for row in rows.select(ROW_FIELDS).iter_rows(named=True)
        for result in (deadline(Request(**row), as_of, establishment),)
    ]
    return rows.hstack(pl.DataFrame(found, schema=DEADLINE_TYPES))


def requests_table(assessed: pl.DataFrame) -> pl.DataFrame:
    """dsr_requests.csv: one row per request, the most urgent open ones first."""
    queue = assessed.sort("days_left", "received_at", "request_id", nulls_last=True)
    return queue.with_columns(remarks=pl.col("notes").list.join(" ")).select(REQUESTS_COLUMNS)


def sla_table(assessed: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """dsr_sla.csv: one row per regime × kind × quarter of receipt in the workspace's time zone.

    sla_rate = on_time / (on_time + late + overdue), sla_low its one-sided 95 % Wilson bound. Open requests
    that are not due yet, withdrawn ones and duplicates are outside it, as are those whose clock is unknown:
    where no other is left, nothing is counted.
    ack_rate is the same for the confirmation of receipt. Days run from receipt to the answer.
    """
    return _service_level(assessed, timezone, ("regime", "kind")).select(SLA_COLUMNS)


def sla_by_period(assessed: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """The service level of all requests of a quarter together: dsr_sla.csv without regime and kind."""
    return _service_level(assessed, timezone, ()).select("period", *FIGURES)


def ccpa_7102_table(assessed: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """dsr_7102.csv: California's requests by calendar year of receipt and right (11 CCR 7102).

    Every year from the first request to the last has all five rights. The note counts requests that are still
    open, were withdrawn or doubled, and those whose log lacks one of the six entries of 11 CCR 7101: date,
    nature and manner of the request, date and nature of the response, basis of a denial.
    """
    rows = assessed.filter(pl.col("regime") == "CCPA", pl.col("kind").is_in(list(RIGHTS))).with_columns(
        year=pl.col("received_on").dt.year().cast(pl.Int64), right=pl.col("kind").replace_strict(RIGHTS)
    )
    years = rows["year"].unique().sort()
    grid = pl.DataFrame(
        [
            (year, right)
            for year in (range(years[0], years[-1] + 1) if rows.height else ())
            for right in dict.fromkeys(RIGHTS.values())
        ],
        schema={"year": pl.Int64, "right": pl.String},
        orient="row",
    )
    figures = rows.group_by("year", "right").agg(*_answers(), log=_note(_log_remarks()))
    this_year = local_date(as_of, place_of("US-CA").zone).year
    current = pl.when(pl.col("year") == this_year).then(pl.lit("year not complete"))
    return (
        grid.join(figures, on=["year", "right"], how="left", maintain_order="left")
        .with_columns(
            pl.col("received", *ANSWERS).fill_null(0),
            status=pl.lit("ok"),
            note=pl.concat_str(current, "log", separator="; ", ignore_nulls=True).replace("", None),
        )
        .select(YEARLY_COLUMNS)
    )


def _log_remarks() -> dict[str, pl.Expr]:
    closed, outcome, answer = pl.col("closed_at"), pl.col("outcome"), pl.col("answer")
    excluded = pl.col("state") == "excluded"
    return {
        "not answered": answer.is_null() & ~excluded,
        "withdrawn or duplicate": excluded,
        "logged without channel (manner of request)": pl.col("channel").is_null(),
        "logged without closed_at (date of response)": outcome.is_in(ANSWERS) & closed.is_null(),
        "logged without outcome (nature of response)": outcome.is_null() & closed.is_not_null(),
        "logged without denial_basis": (answer == "denied") & pl.col("denial_basis").is_null(),
    }


def _service_level(assessed: pl.DataFrame, timezone: str, keys: tuple[str, ...]) -> pl.DataFrame:
    state, known = pl.col("state"), pl.col("state") != UNKNOWN
    told = known.all() | (known & (state != "excluded")).any()
    received = pl.col("received_at").cast(pl.Datetime("us"))
    local = received.dt.replace_time_zone("UTC").dt.convert_time_zone(timezone)
    period = pl.format("{}Q{}", local.dt.year(), local.dt.quarter())
    remarks = {
        "of unknown clock": ~known,
        "withdrawn or duplicate": state == "excluded",
        "closed without an outcome": state.is_in(["on_time", "late"]) & pl.col("answer").is_null(),
    }
    counts = {"open": ["open", "due_soon"], "overdue": ["overdue"], "on_time": ["on_time"], "late": ["late"]}
    table = (
        assessed.with_columns(period=period)
        .group_by(*keys, "period")
        .agg(
            *_answers(),
            *[
                pl.when(told).then(state.is_in(states).sum().cast(pl.Int64)).alias(name)
                for name, states in counts.items()
            ],
            pl.col("acknowledged").eq("on_time").mean().alias("ack_rate"),
            note=_note(remarks),
        )
        .sort(*keys, "period")
    )
    due = pl.col("on_time") + pl.col("late") + pl.col("overdue")
    table = table.with_columns(due=pl.when(due > 0).then(due))
    return table.with_columns(
        sla_rate=pl.col("on_time") / pl.col("due"),
        sla_low=_wilson_low(pl.col("on_time"), pl.col("due")),
        status=pl.when(pl.col("due").is_null()).then(pl.lit("no_evidence")).otherwise(pl.lit("ok")),
    )


def _answers() -> list[pl.Expr]:
    return [
        pl.len().cast(pl.Int64).alias("received"),
        *[pl.col("answer").eq(answer).sum().cast(pl.Int64).alias(answer) for answer in ANSWERS],
        pl.col("days").median().alias("median_days"),
        pl.col("days").mean().alias("mean_days"),
    ]


def _note(remarks: dict[str, pl.Expr]) -> pl.Expr:
    """How many rows of a group each remark applies to, as text; null where none applies to any."""
    counts = [(expr.fill_null(False).sum(), remark) for remark, expr in remarks.items()]
    texts = [pl.when(count > 0).then(pl.format("{} {}", count, pl.lit(remark))) for count, remark in counts]
    return pl.concat_str(texts, separator="; ", ignore_nulls=True).replace("", None)


def _wilson_low(hits: pl.Expr, tries: pl.Expr) -> pl.Expr:
    """One-sided 95 % lower bound of a share (Wilson 1927); null where there are no tries."""
    share, z2 = hits / tries, Z_95**2
    spread = Z_95 * (share * (1 - share) / tries + z2 / (4 * tries**2)).sqrt()
    return ((share + z2 / (2 * tries) - spread) / (1 + z2 / tries)).clip(lower_bound=0)
