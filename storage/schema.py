"""The figures the store holds: one table per figure family, which is also one CSV file.

These tables are the single statement of columns, their order, types and row identity. The CSV layout, the
Polars types and the checks on writing are derived from them, so store and export cannot drift apart.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()


class UtcTime(TypeDecorator[datetime]):
    """A point in time, kept in UTC; a value without zone is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC, without zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"{value!r} has no time zone; the store keeps times in UTC."
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _columns(type_: type[TypeEngine[Any]], names: str) -> list[Column[Any]]:
    return [Column(name, type_()) for name in names.split()]


def _text(names: str) -> list[Column[Any]]:
    return _columns(Text, names)


def _count(names: str) -> list[Column[Any]]:
    return _columns(BigInteger, names)


def _number(names: str) -> list[Column[Any]]:
    return _columns(Double, names)


def _flag(names: str) -> list[Column[Any]]:
    return _columns(Boolean, names)


def _date(names: str) -> list[Column[Any]]:
    return _columns(Date, names)


def _time(names: str) -> list[Column[Any]]:
    return _columns(UtcTime, names)


def _figures(name: str, key: str, *columns: list[Column[Any]]) -> Table:
    identity = ("run_id", *key.split())
    flat = [column for group in columns for column in group]
    for column in flat:
        column.nullable = column.name not in identity
    return Table(
        name,
        metadata,
        Column("run_id", Integer, nullable=False),
        *flat,
        PrimaryKeyConstraint(*identity, name=f"pk_{name}"),
        ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=f"fk_{name}_run", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


_FIGURE_TABLES = (
    _figures(
        "effects",
        "experiment metric variant segment_dimension segment method",
        _text("experiment journey metric segment_dimension segment control variant"),
        _count("n_control n_variant"),
        _number("mean_control mean_variant difference difference_se difference_low difference_high"),
        _number("relative relative_low relative_high p_value p_adjusted sequential_low sequential_high"),
        _number("incremental_total incremental_low incremental_high"),
        _text("method"),
        _flag("headline"),
        _number("confidence"),
        _text("status note"),
        _number("relative_sequential_low relative_sequential_high margin p_noninferiority"),
        _text("guardrail_state"),
        _count("as_of_run"),
    ),
    _figures(
        "effects_by_day",
        "experiment metric variant day",
        _text("experiment metric control variant"),
        _count("day n_control n_variant"),
        _number("difference difference_low difference_high sequential_low sequential_high"),
        _text("status"),
        _number("relative relative_low relative_high relative_sequential_low relative_sequential_high"),
        _text("journey note"),
        _date("date"),
    ),
    _figures(
        "effects_by_age",
        "experiment metric variant day",
        _text("experiment metric control variant"),
        _count("day window_days n_control n_variant"),
        _number("difference difference_low difference_high sequential_low sequential_high"),
        _number("daily_difference daily_low daily_high"),
        _number("relative relative_low relative_high relative_sequential_low relative_sequential_high"),
        _text("status note"),
    ),
    _figures(
        "effect_trends",
        "experiment metric variant",
        _text("experiment metric control variant"),
        _count("n_control n_variant early_days late_days"),
        _number("early early_low early_high late late_low late_high change change_low change_high"),
        _number("p_value smallest_change"),
        _text("reading interval status note"),
    ),
    _figures(
        "health",
        "experiment check",
        _text("experiment check"),
        _number("statistic p_value"),
        _text("status note"),
    ),
    _figures(
        "sku_lift",
        "experiment variant sku category",
        _text("experiment variant sku category"),
        _count("n_control n_variant buyers_control buyers_variant"),
        _number("difference difference_se p_value q_value shrunk_difference shrunk_low shrunk_high"),
        _text("status"),
        _number("difference_low difference_high fcr_low fcr_high"),
        _text("note"),
        _number("p_corrected"),
    ),
    _figures(
        "category_lift",
        "experiment variant category part",
        _text("experiment variant category part"),
        _count("n_control n_variant buyers_control buyers_variant"),
        _number("difference difference_se difference_low difference_high p_value"),
        _text("status note"),
    ),
    _figures(
        "survival",
        "experiment metric variant day",
        _text("experiment metric variant"),
        _count("day at_risk events"),
        _number("survival survival_low survival_high"),
        _text("status note"),
    ),
    _figures(
        "survival_effects",
        "experiment metric variant",
        _text("experiment metric control variant"),
        _number("horizon_days rmst_difference rmst_low rmst_high risk_difference risk_low risk_high"),
        _number("hazard_ratio hazard_low hazard_high logrank_p"),
        _text("status"),
        _number("p_value p_noninferiority"),
        _text("note"),
        _count("n_control n_variant left_control left_variant"),
        _number("risk_control risk_variant proportional_p worst_case_risk_difference margin"),
        _text("guardrail_state"),
    ),
    _figures(
        "consent",
        "journey jurisdiction period purpose",
        _text("journey jurisdiction period purpose"),
        _count("eligible granted refused withdrawn expired undecided"),
        _number("consent_rate opt_in_rate decided_share coverage coverage_low"),
        _count("leakage_events"),
        _text("status note"),
        _number("server_share one_source_share"),
        _count("children_excluded age_unknown as_of_run customers age_unknown_most"),
    ),
    _figures(
        "consent_signals",
        "signal finding reason",
        _text("signal finding reason"),
        _count("rows"),
        _text("status note"),
    ),
    _figures(
        "consent_alerts",
        "jurisdiction purpose week",
        _text("jurisdiction purpose"),
        _date("week"),
        _count("decided granted declined"),
        _number("rate baseline score"),
        _text("alert status note"),
    ),
    _figures(
        "dsr_requests",
        "request_id",
        _text("request_id kind jurisdiction regime"),
        _time("received_at"),
        _date("acknowledge_due respond_due conservative_due extended_due"),
        _time("closed_at"),
        _text("state"),
        _count("days_left"),
        _text("rule outcome acknowledged"),
        _count("days"),
        _text("remarks"),
    ),
    _figures(
        "dsr_sla",
        "regime kind period",
        _text("regime kind period"),
        _count("received complied complied_in_part denied open overdue on_time late"),
        _number("sla_rate sla_low ack_rate median_days mean_days"),
        _text("status note"),
    ),
    _figures(
        "minimization",
        "system journey",
        _text("system journey"),
        _count("fields passing"),
        _number("score excess_load"),
        _count("failing_purpose failing_basis failing_use failing_retention"),
        _text("status note"),
        _count("unknown retention_overdue retention_overdue_days"),
    ),
    _figures(
        "minimization_fields",
        "system field",
        _text("system field data_category"),
        _count("sensitivity"),
        _flag("purpose_ok basis_ok use_ok retention_ok"),
        _text("status note"),
        _flag("passes"),
        _text("fix"),
        _number("score_if_fixed excess_load_if_fixed"),
        _count("retention_overdue_days"),
        _text("journeys"),
    ),
    _figures(
        "minimization_categories",
        "journey data_category",
        _text("journey data_category"),
        _count("fields passing"),
        _number("score excess_load"),
        _count("retention_overdue"),
        _text("status note"),
    ),
    _figures(
        "vendors",
        "vendor",
        _text("vendor journeys contract_status"),
        _flag("dpa_ok clean_room"),
        _text("protections_missing"),
        _flag("transfer_ok"),
        _text("next_action"),
        _date("due"),
        _text("status note role services"),
        _date("contract_end"),
        _text("protections_present transfer_country transfer_mechanism review_status"),
        _date("review_due"),
    ),
    _figures(
        "inference",
        "journey model serving period",
        _text("journey model serving period"),
        _count("requests recommendations"),
        _number("cost cost_per_1k latency_p50 latency_p95 latency_p99 cost_per_incremental_unit"),
        _text("status note"),
        _number("share_over_latency_target"),
        _count("server_requests_avoided"),
        _number("server_bytes_avoided training_bytes"),
        _count("timed_requests"),
    ),
    _figures(
        "inference_by_day",
        "journey model serving day",
        _text("journey model serving"),
        _date("day"),
        _count("requests recommendations"),
        _number("cost cost_per_1k latency_p95"),
        _text("status note"),
    ),
    _figures(
        "net_value",
        "journey period",
        _text("journey period experiment variant metric"),
        _number("window_days"),
        _text("interval"),
        _count("treated_units"),
        _number("margin_per_unit margin_low margin_high"),
        _count("personalised_units"),
        _number("inference_cost cost_per_unit_day cost_per_unit net_value net_low net_high"),
        _number("break_even_cost_per_recommendation break_even_low break_even_high"),
        _count("uncovered_units"),
        _number("value_of_consent value_of_consent_low value_of_consent_high"),
        _text("status note"),
    ),
    _figures(
        "money",
        "experiment metric variant",
        _text("experiment journey metric control variant period kind interval"),
        _count("n_control n_variant"),
        _number("window_days incremental_total incremental_low incremental_high"),
        _number("per_unit per_unit_low per_unit_high recommendations_per_unit"),
        _number("per_recommendation per_recommendation_low per_recommendation_high cost_per_unit"),
        _text("cost_basis"),
        _number("return_on_cost return_low return_high"),
        _count("quarter_units"),
        _text("quarter_basis"),
        _number("quarter_total quarter_low quarter_high half_low half_high"),
        _count("units_for_half"),
        _text("status note"),
    ),
    _figures(
        "journeys",
        "journey period",
        _text("journey period primary_metric"),
        _number("relative relative_low relative_high incremental_total inference_cost"),
        _number("net_value net_low net_high churn_risk_difference consent_coverage consent_coverage_low"),
        _count("leakage_events"),
        _number("dsr_sla_rate minimization_score excess_load"),
        _count("vendors_live vendors_with_protections"),
        _number("cost_per_1k latency_p95"),
        _text("gate status note"),
        _number("dsr_sla_low"),
        _count("dsr_overdue fields_past_retention vendors_unprotected events_to_unprotected_recipients"),
        _number("share_over_latency_target break_even_cost_per_recommendation"),
        _number("value_of_consent value_of_consent_low value_of_consent_high"),
        _number("server_share one_source_share"),
        _count("events_needing_consent children_excluded age_unknown"),
        _text("gate_reason"),
        _count("gate_step checks_failing checks_unknown"),
        _number("rollout_percent"),
    ),
    _figures(
        "gates",
        "journey check",
        _text("journey check severity"),
        _number("observed"),
        _text("bound"),
        _number("threshold"),
        _text("result"),
        _date("waived_until"),
        _text("evidence"),
        _time("evaluated_at"),
        _count("policy_version"),
        _text("figure op unit"),
        _number("distance"),
        _count("n"),
        _text("counted period"),
        _time("measured_at"),
        _text("why sentence would_change explanation owner legal_reference remedy"),
    ),
    _figures("quarantine", "table rule", _text("table rule"), _count("rows"), _text("example")),
    _figures(
        "exclusions",
        "experiment variant reason",
        _text("experiment variant reason"),
        _count("units"),
        _text("status note"),
    ),
    _figures(
        "dsr_7102",
        "year right",
        _count("year"),
        _text("right"),
        _count("received complied complied_in_part denied"),
        _number("median_days mean_days"),
        _text("status note"),
    ),
)

FIGURES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _FIGURE_TABLES})
"""The figure tables by name, in the order in which their files are listed."""
