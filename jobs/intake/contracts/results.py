"""Contracts of the tables about experiments, models and what they cost."""

import dataframely as dy
import polars as pl

from jobs.intake.contracts.columns import key, moment, not_negative, number, one_of, unreserved, whole

TOMBSTONE = "*erased*"
SERVINGS = ("central", "edge", "on_device", "contextual")


class Assignments(dy.Schema):
    """One row per exposure of a unit, or a tombstone that says how many erased units a variant had."""

    experiment = key(required=True)
    unit_id = key(required=True)
    variant = key(required=True)
    assigned_at = moment(event=True)
    units = whole()

    @dy.rule()
    def tombstone_without_units(self) -> pl.Expr:
        """A tombstone says how many units it stands for."""
        return (pl.col("unit_id") != TOMBSTONE) | (pl.col("units").fill_null(0) >= 1)

    @dy.rule()
    def units_outside_tombstone(self) -> pl.Expr:
        """An ordinary row is one unit."""
        return (pl.col("unit_id") == TOMBSTONE) | (pl.col("units").fill_null(1) == 1)


class UnitOutcomes(dy.Schema):
    """One row per unit of an experiment, with one numeric column per metric computed elsewhere."""

    experiment = key(required=True)
    unit_id = key(required=True)


class Moments(dy.Schema):
    """Aggregates from a clean room or a warehouse; variance is the sample's, null where unknown."""

    experiment = key(required=True)
    variant = key(required=True)
    metric = key(required=True)
    n = whole(required=True, n_not_positive=lambda n: n > 0)
    mean = number(required=True)
    variance = number(required=True, nullable=True, negative_variance=not_negative)
    day = whole(negative_day=not_negative)
    segment_dimension = key()
    segment = key()

    @dy.rule()
    def segment_without_dimension(self) -> pl.Expr:
        """A segment belongs to a dimension."""
        return pl.col("segment").is_null() | pl.col("segment_dimension").is_not_null()


class InferenceLog(dy.Schema):
    """One row per request to a model; cost in the workspace's currency, latency in milliseconds.

    `request_bytes` is what the request itself sent over the network, where the retailer logs it.
    """

    journey = key(required=True, reserved_word=unreserved)
    model = key(required=True)
    serving = one_of(SERVINGS, otherwise="unknown_serving", required=True)
    occurred_at = moment(required=True, event=True)
    recommendations = whole(required=True, negative_recommendations=not_negative)
    cost = number(required=True, negative_cost=not_negative)
    latency_ms = number(negative_latency=not_negative)
    request_bytes = number(negative_bytes=not_negative)


class ModelRounds(dy.Schema):
    """One row per round and metric of a federated-learning pilot; traffic in bytes."""

    journey = key(required=True, reserved_word=unreserved)
    model = key(required=True)
    round = whole(required=True, negative_round=not_negative)
    clients = whole(required=True, negative_clients=not_negative)
    metric = key(required=True)
    value = number(required=True)
    centralised_value = number()
    bytes_up = number(negative_bytes=not_negative)
    bytes_down = number(negative_bytes=not_negative)
