"""Contracts of the tables about people: who they are, what they allowed, saw and bought."""

import dataframely as dy
import polars as pl

from jobs.intake.contracts.columns import (
    TC_STRING_CHARACTERS,
    at_most,
    day,
    flag,
    jurisdiction,
    key,
    moment,
    number,
    one_of,
    text,
    unreserved,
)

CONSENT_STATES = ("granted", "refused", "withdrawn")
CONSENT_SOURCES = ("cmp", "preference_centre", "gpc", "import", "tcf")
LARGEST_QUANTITY = 1e9
LARGEST_AMOUNT = 1e12
"""Of one order line, in any currency."""
COLLECTIONS = ("server", "client")


class Customers(dy.Schema):
    """One row per customer."""

    customer_id = key(required=True)
    jurisdiction = jurisdiction()
    birth_date = day(event=True)
    household_id = key()
    created_at = moment(event=True)


class ConsentEvents(dy.Schema):
    """One row per decision of a customer about a purpose."""

    customer_id = key(required=True)
    purpose = key(required=True)
    state = one_of(CONSENT_STATES, otherwise="unknown_state", required=True)
    occurred_at = moment(required=True, event=True)
    source = one_of(CONSENT_SOURCES, otherwise="unknown_source")
    tc_string = text(characters=TC_STRING_CHARACTERS)

    @dy.rule()
    def grant_from_gpc(self) -> pl.Expr:
        """A Global Privacy Control signal can only refuse."""
        return ~((pl.col("state") == "granted") & (pl.col("source") == "gpc"))


class JourneyEvents(dy.Schema):
    """One row per time a journey met a visitor; without a customer the visitor is unknown."""

    journey = key(required=True, reserved_word=unreserved)
    customer_id = key()
    occurred_at = moment(required=True, event=True)
    collection = one_of(COLLECTIONS, otherwise="unknown_collection")
    personalised = flag()


class OrderLines(dy.Schema):
    """One row per line of an order; returns have negative quantity or revenue."""

    order_id = key(required=True)
    customer_id = key()
    sku = key(required=True, reserved_word=unreserved)
    category = text(reserved_word=unreserved)
    quantity = number(required=True, out_of_range=at_most(LARGEST_QUANTITY))
    revenue = number(required=True, out_of_range=at_most(LARGEST_AMOUNT))
    margin = number(out_of_range=at_most(LARGEST_AMOUNT))
    ordered_at = moment(required=True, event=True)
    recommended = flag()
