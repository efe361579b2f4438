"""A few broken rows, each breaking one rule, so that quarantine has something to show."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from jobs.demo.clock import DAY, END, moment
from jobs.demo.plan import CART, UNIVERSAL, experiment

AFTER_AS_OF = moment(END + 3 * DAY)
CROSSED_UNITS = 3
Counts = dict[str, dict[str, int]]


class Break(NamedTuple):
    """One way to break a row.

    Attributes:
        rule: what is wrong with it.
        rows: how many such rows there are.
        changes: column → what stands there in a copy of a good row.
    """

    rule: str
    rows: int
    changes: Mapping[str, object]


BREAKS: Mapping[str, tuple[Break, ...]] = {
    "customers": (Break("missing_value", 2, {"customer_id": None}),),
    "consent_events": (
        Break("unknown_state", 2, {"state": "perhaps"}),
        Break("unknown_purpose", 2, {"purpose": "personalise.everything"}),
        Break("grant_from_gpc", 2, {"source": "gpc", "state": "granted", "tc_string": None}),
        Break("time_after_as_of", 1, {"occurred_at": AFTER_AS_OF}),
        Break("missing_value", 1, {"customer_id": None}),
    ),
    "journey_events": (
        Break("time_after_as_of", 3, {"occurred_at": AFTER_AS_OF}),
        Break("missing_value", 2, {"journey": None}),
        Break("unknown_collection", 1, {"collection": "carrier pigeon"}),
    ),
    "assignments": (
        Break("unknown_variant", 3, {"variant": "personalized"}),
        Break("unknown_experiment", 2, {"experiment": "cart-recovery-2026"}),
        Break("missing_value", 1, {"unit_id": None}),
    ),
    "order_lines": (
        Break("time_after_as_of", 3, {"ordered_at": AFTER_AS_OF}),
        Break("missing_value", 2, {"order_id": None}),
        Break("missing_value", 2, {"sku": None}),
        Break("missing_value", 1, {"ordered_at": None}),
    ),
    "inference_log": (
        Break("negative_cost", 3, {"cost": -0.01}),
        Break("unknown_serving", 1, {"serving": "mainframe"}),
    ),
    "dsr_requests": (
        Break("closed_before_received", 1, {"request_id": "R000-90001", "closed_at": moment(-40 * DAY)}),
        Break("unknown_kind", 1, {"request_id": "R000-90002", "kind": "complain"}),
    ),
    "data_inventory": (
        Break(
            "unknown_data_category",
            1,
            {"field": "wish_list", "data_category": "user.behaviour.purchases", "journeys": "homepage"},
        ),
        Break(
            "retention_not_positive",
            1,
            {"field": "newsletter_topics", "retention_days": "0", "journeys": "post_purchase"},
        ),
    ),
}


def spoil(table: str, frame: pl.DataFrame, counts: Counts) -> pl.DataFrame:
    """The frame with broken copies of good rows at its end; `counts` learns how many, by rule."""
    parts, found = [frame], counts.setdefault(table, {})
    for item in BREAKS.get(table, ()):
        changes = [pl.lit(value, frame.schema[name]).alias(name) for name, value in item.changes.items()]
        parts.append(frame.head(item.rows).with_columns(changes))
        found[item.rule] = found.get(item.rule, 0) + parts[-1].height
    if table == "assignments":
        parts.append(_crossed(frame))
        found["crossover"] = 2 * parts[-1].height
    if table == "dsr_requests":
        parts.append(frame.filter(pl.col("customer_id").is_null()).head(1))
        found["duplicate_key"] = 2 * parts[-1].height
    return pl.concat(parts)


def _crossed(assignments: pl.DataFrame) -> pl.DataFrame:
    """Customers of the universal holdout who turn up in both variants of a journey's experiment."""
    variants = experiment(CART).variants
    held_out = assignments.filter(pl.col("experiment") == UNIVERSAL, pl.col("variant") == "holdout")
    rows = assignments.filter(pl.col("experiment") == CART).join(held_out, on="unit_id", how="semi")
    single = rows.filter(pl.len().over("unit_id") == 1).head(CROSSED_UNITS)
    other = dict(zip(variants, variants[::-1], strict=True))
    return single.with_columns(pl.col("variant").replace_strict(other, return_dtype=pl.String))
