"""Contracts of the tables that account for the handling of personal data."""

from typing import get_args

import dataframely as dy
import polars as pl

from jobs.config.models import Protection
from jobs.intake.contracts.columns import (
    country,
    day,
    each_unreserved,
    jurisdiction,
    key,
    listed,
    moment,
    one_of,
    text,
    unreserved,
    whole,
)

KINDS = ("access", "delete", "correct", "portability", "object", "restrict", "opt_out", "limit")
OUTCOMES = ("complied", "complied_in_part", "denied", "withdrawn", "duplicate")
SENSITIVITIES = (1, 2, 4, 8)
ROLES = ("processor", "controller", "service_provider", "third_party")
TRANSFER_MECHANISMS = ("adequacy", "scc", "bcr", "dpf", "none")
PROTECTIONS: tuple[str, ...] = get_args(Protection)


def _not_before(later: str, earlier: str) -> pl.Expr:
    """False where `later` is more than 24 hours before `earlier`: a date alone stands for its midnight."""
    return pl.col(later) + pl.duration(hours=24) > pl.col(earlier)


class DsrRequests(dy.Schema):
    """One row per request of a person about their data, with its milestones."""

    request_id = key(required=True)
    customer_id = key()
    kind = one_of(KINDS, otherwise="unknown_kind", required=True)
    jurisdiction = jurisdiction()
    received_at = moment(required=True, event=True)
    acknowledged_at = moment()
    identity_verified_at = moment()
    clarification_asked_at = moment()
    clarification_received_at = moment()
    extended_at = moment()
    closed_at = moment()
    outcome = one_of(OUTCOMES, otherwise="unknown_outcome")
    denial_basis = text()
    channel = text()

    @dy.rule()
    def acknowledged_before_received(self) -> pl.Expr:
        """A request is received before it is acknowledged."""
        return _not_before("acknowledged_at", "received_at")

    @dy.rule()
    def clarified_before_asked(self) -> pl.Expr:
        """A clarification is asked for before it arrives."""
        return _not_before("clarification_received_at", "clarification_asked_at")

    @dy.rule()
    def extended_before_received(self) -> pl.Expr:
        """A request is received before its deadline is extended."""
        return _not_before("extended_at", "received_at")

    @dy.rule()
    def closed_before_received(self) -> pl.Expr:
        """A request is received before it is closed."""
        return _not_before("closed_at", "received_at")


class DataInventory(dy.Schema):
    """One row per field that a system holds about people; retention in days."""

    system = key(required=True, reserved_word=unreserved)
    field = key(required=True)
    data_category = key(required=True)
    sensitivity = whole(unknown_sensitivity=lambda weight: weight.is_in(SENSITIVITIES))
    journeys = listed(reserved_word=each_unreserved)
    purposes = listed()
    needed_by = listed()
    lawful_basis = text()
    last_used_at = moment()
    oldest_record_at = moment()
    retention_days = whole(retention_not_positive=lambda days: days > 0)


class Vendors(dy.Schema):
    """One row per service of a vendor, with its contract, transfers and clean-room protections."""

    vendor = key(required=True)
    role = one_of(ROLES, otherwise="unknown_role")
    service = key()
    journeys = listed(reserved_word=each_unreserved)
    contract_start = day()
    contract_end = day()
    contract_type = text()
    dpa_signed_on = day()
    clean_room_protections = listed(
        unknown_protection=lambda words: words.list.eval(pl.element().is_in(PROTECTIONS)).list.all()
    )
    transfer_country = country()
    transfer_mechanism = one_of(TRANSFER_MECHANISMS, otherwise="unknown_mechanism")
    tia_on = day()
    reviewed_on = day()

    @dy.rule()
    def contract_ends_before_start(self) -> pl.Expr:
        """A contract starts before it ends."""
        return pl.col("contract_end") >= pl.col("contract_start")
