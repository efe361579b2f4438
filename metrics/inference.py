"""What recommending costs and how long it takes: from the inference log to figures.

Latency is counted on a logarithmic grid (Masson, Rim & Lee 2019, DDSketch): such counts add up over days and
models, and every quantile read from them has a known relative error. Up to `EXACT_BELOW` requests the few
cells of the grid that decide a quantile are read again, so that it is exact.
"""

import datetime as dt
import math
import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import narwhals as nw
import polars as pl

from metrics import formatting

Frame = nw.LazyFrame[Any]
Offsets = Sequence[tuple[dt.datetime, dt.timedelta]]
"""Instants (naive UTC) from which a zone has this distance from UTC; the first covers all before it too."""

ERROR = 0.005
"""Largest relative error of a quantile read from the grid."""
EXACT_BELOW = 10_000_000
"""Requests from which quantiles are read from the grid alone."""
MODEL = ("journey", "model", "serving")
CELL = (*MODEL, "day", "bin")
QUANTILES = {"latency_p50": 0.50, "latency_p95": 0.95, "latency_p99": 0.99}
AWAY_FROM_SERVERS = ("on_device", "contextual")
"""Ways of serving that send no request about a person to a server."""

_STEP = math.log((1 + ERROR) / (1 - ERROR))
_ZERO = -(2**30)
_LOG_OF_LARGEST = math.log(sys.float_info.max)
col = nw.col


def local_day(time: nw.Expr, offsets: Offsets) -> nw.Expr:
    """The local date of a naive UTC time, in a form that every engine knows."""
    (_, first), *later = offsets
    shifted = time + first
    for since, offset in later:
        shifted = nw.when(time >= since).then(time + offset).otherwise(shifted)
    return shifted.dt.date()


def binned(log: Frame, offsets: Offsets) -> Frame:
    """The log with each row's local `day` and its latency's cell of the grid (`bin`; null without latency).

    Cell i holds latencies above γ^(i-1) up to γ^i milliseconds, γ = (1 + ERROR)/(1 - ERROR); 0 has its own.
    """
    latency = col("latency_ms")
    cell = (nw.when(latency > 0).then(latency).log() / _STEP).ceil().cast(nw.Int32)
    zero = nw.lit(_ZERO, dtype=nw.Int32)
    return log.with_columns(
        day=local_day(col("occurred_at"), offsets), bin=nw.when(latency == 0).then(zero).otherwise(cell)
    )


def histogram(log: Frame, targets: Mapping[str, float]) -> Frame:
    """Sums per journey, model, serving, day and cell of the latency grid; grids of several logs add up.

    Args:
        log: rows as `binned` returns them.
        targets: journey → latency that it should stay within, in milliseconds.

    Returns:
        `CELL`, requests, recommendations, cost, late (recommendations over the target), sized (requests whose
        bytes are known) and bytes (theirs).
    """
    late = [(col("journey") == name) & (col("latency_ms") > target) for name, target in targets.items()]
    is_late = reduce(lambda some, other: some | other, late, nw.lit(value=False))
    prepared = log.with_columns(
        late=nw.when(is_late).then(col("recommendations")).otherwise(nw.lit(0)),
        sized=nw.when(col("request_bytes").is_null()).then(nw.lit(0)).otherwise(nw.lit(1)),
        bytes=col("request_bytes").cast(nw.Float64).fill_null(0.0),
    )
    return prepared.group_by(*CELL).agg(
        nw.len().cast(nw.Int64).alias("requests"),
        *(col(name).sum().cast(nw.Int64) for name in ("recommendations", "late", "sized")),
        *(col(name).sum() for name in ("cost", "bytes")),
    )


def figures(
    counts: pl.DataFrame,
    by: Sequence[str],
    targets: Mapping[str, float],
    latencies: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Cost, rate and latency per group, with what is missing said in `note`.

    Args:
        counts: as `histogram` returns them.
        by: columns of `CELL` other than `bin`, the journey among them.
        targets: journey → latency target; no share over it without one.
        latencies: as in `quantiles`.

    Returns:
        `by`, requests, recommendations, cost, cost_per_1k, `QUANTILES`, share_over_latency_target, note,
        timed_requests (those whose latency is recorded), sized, bytes.
    """
    is_timed, made = pl.col("bin").is_not_null(), pl.col("recommendations")
    sums = counts.group_by(by, maintain_order=True).agg(
        pl.col("requests", "recommendations", "cost", "late", "sized", "bytes").sum(),
        timed=pl.col("requests").filter(is_timed).sum(),
        judged=made.filter(is_timed).sum(),
    )
    has_target = pl.col("journey").is_in(list(targets)) & (pl.col("judged") > 0)
    joined = sums.join(quantiles(counts, by, latencies), on=by, how="left", maintain_order="left")
    return joined.select(
        *by,
        *("requests", "recommendations", "cost"),
        cost_per_1k=pl.when(made > 0).then(1000 * pl.col("cost") / made),
        **{name: pl.col(name) for name in QUANTILES},
        share_over_latency_target=pl.when(has_target).then(pl.col("late") / pl.col("judged")),
        note=_note(exact=latencies is not None),
        timed_requests="timed",
        sized="sized",
        bytes="bytes",
    ).sort(by)


def _note(*, exact: bool) -> pl.Expr:
    requests, timed = pl.col("requests"), pl.col("timed")
    partly = pl.format("latency is recorded for {} of {} requests", timed, requests)
    within = f"latency from a histogram, within {formatting.percent(ERROR)} of the exact quantile"
    parts = [
        pl.when(pl.col("recommendations") == 0).then(pl.lit("nothing recommended: no cost per thousand")),
        pl.when(timed == 0).then(pl.lit("no latency recorded")).when(timed < requests).then(partly),
        pl.when(timed > 0).then(pl.lit(None if exact else within, dtype=pl.String)),
    ]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True).replace("", None)


def with_traffic(rows: pl.DataFrame, training: pl.DataFrame) -> pl.DataFrame:
    """Add what serving away from servers saves and what training there costs; drops sized and bytes.

    A request served on the device or from the page's context alone would otherwise have gone to a server. Its
    bytes are known only as the mean of the journey's requests to servers, where the log has their bytes.

    Args:
        rows: of `figures`, by `MODEL`.
        training: as `training_bytes` returns them.
    """
    away = pl.col("serving").is_in(AWAY_FROM_SERVERS)
    sized, size = (pl.col(name).filter(~away).sum().over("journey") for name in ("sized", "bytes"))
    avoided = pl.when(away).then(pl.col("requests")).otherwise(0)
    on_device = pl.col("serving") == "on_device"
    joined = rows.join(training, on=["journey", "model"], how="left", maintain_order="left")
    return joined.with_columns(
        server_requests_avoided=avoided,
        server_bytes_avoided=pl.when(sized > 0).then(avoided * size / sized),
        training_bytes=pl.when(on_device).then(pl.col("training_bytes")),
    ).drop("sized", "bytes")


def training_bytes(rounds: pl.DataFrame) -> pl.DataFrame:
    """Bytes to and from the devices over all rounds of a federated model: journey, model, training_bytes.

    A round that is logged once per metric counts once; one round of unknown traffic leaves the sum unknown.
    """
    both = pl.col("bytes_up") + pl.col("bytes_down")
    per_round = rounds.group_by("journey", "model", "round").agg(both.max().alias("training_bytes"))
    known = pl.col("training_bytes").is_not_null().all()
    return per_round.group_by("journey", "model").agg(
        pl.when(known).then(pl.col("training_bytes").sum()).first().alias("training_bytes")
    )


def deciding_cells(counts: pl.DataFrame, levels: Sequence[Sequence[str]]) -> pl.DataFrame:
    """The cells in which the order statistics of every quantile lie, for all the groupings in `levels`."""
    cells = counts.select(CELL)
    parts = [
        cells.join(_located(counts, by).select(*by, "bin"), on=[*by, "bin"], how="semi") for by in levels
    ]
    return pl.concat([cells.clear(), *parts]).unique()


def latencies_in(log: Frame, cells: Frame) -> Frame:
    """The single latencies that lie in `cells`; `log` as `binned` returns it."""
    timed = log.filter(~col("bin").is_null()).select(*CELL, "latency_ms")
    return timed.join(cells.select(*CELL), on=list(CELL), how="inner")


def quantiles(counts: pl.DataFrame, by: Sequence[str], latencies: pl.DataFrame | None = None) -> pl.DataFrame:
    """Latency quantiles over requests, linear between order statistics, in milliseconds.

    Args:
        counts: as `histogram` returns them.
        by: columns of `CELL` other than `bin` that name the groups.
        latencies: those of the deciding cells; without them each order statistic is its cell's middle, and
            the quantile is within `ERROR` of the exact one.

    Returns:
        `by` and one column per entry of `QUANTILES`; a group without any latency is absent.
    """
    found = _located(counts, by)
    if latencies is None:
        found = found.with_columns(value=_middle(pl.col("bin")))
    else:
        known = latencies.group_by(*by, "bin").agg(pl.col("latency_ms").sort().alias("values"))
        found = found.join(known, on=[*by, "bin"], how="left").with_columns(
            value=pl.col("values").list.get(pl.col("place"))
        )
    low, high = pl.col("value").min(), pl.col("value").max()
    between = low + (high - low) * pl.col("weight").first()
    each = found.group_by(*by, "figure", maintain_order=True).agg(between.alias("value"))
    return each.group_by(by, maintain_order=True).agg(
        pl.col("value").filter(pl.col("figure") == figure).first().alias(figure) for figure in QUANTILES
    )


def _located(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The two order statistics of every quantile: `by`, figure, weight of the upper, bin, place inside it."""
    timed = counts.filter(pl.col("bin").is_not_null())
    groups = timed.select(by).unique(maintain_order=True).with_row_index("group")
    summed, requests = pl.col("requests").cum_sum().over("group"), pl.col("requests")
    grid = (
        timed.join(groups, on=by)
        .group_by("group", "bin")
        .agg(requests.sum())
        .sort("group", "bin")
        .with_columns(until=summed, since=summed - requests, total=requests.sum().over("group"))
    )
    found = []
    for figure, quantile in QUANTILES.items():
        position = (pl.col("total") - 1) * quantile
        for rank in (position.floor().cast(pl.Int64), position.ceil().cast(pl.Int64)):
            inside = grid.filter(pl.col("since") <= rank, rank < pl.col("until"))
            found.append(
                inside.select(
                    "group", "bin", figure=pl.lit(figure), weight=position % 1, place=rank - pl.col("since")
                )
            )
    return groups.join(pl.concat(found), on="group").drop("group")


def _middle(cell: pl.Expr) -> pl.Expr:
    """The latency whose relative distance from both ends of a cell is `ERROR`."""
    log = cell * _STEP + math.log1p(-ERROR)
    return pl.when(cell == _ZERO).then(0.0).otherwise(log.clip(upper_bound=_LOG_OF_LARGEST).exp())
