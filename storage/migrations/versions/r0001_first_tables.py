"""The first tables: figures by family, runs and their records, plans, leases, the audit log.

Stands as it was written: later changes are later revisions.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT, COUNT, FLAG, DATE = sa.Text(), sa.BigInteger(), sa.Boolean(), sa.Date()
NUMBER: sa.Double[float] = sa.Double()
TIME = sa.DateTime(timezone=True)

FIGURES: tuple[tuple[Any, ...], ...] = (
    (
        "effects",
        "experiment metric variant segment_dimension segment method",
        (TEXT, "experiment journey metric segment_dimension segment control variant"),
        (COUNT, "n_control n_variant"),
        (NUMBER, "mean_control mean_variant difference difference_se difference_low difference_high"),
        (NUMBER, "relative relative_low relative_high p_value p_adjusted sequential_low sequential_high"),
        (NUMBER, "incremental_total incremental_low incremental_high"),
        (TEXT, "method"),
        (FLAG, "headline"),
        (NUMBER, "confidence"),
        (TEXT, "status note"),
        (NUMBER, "relative_sequential_low relative_sequential_high margin p_noninferiority"),
        (TEXT, "guardrail_state"),
        (COUNT, "as_of_run"),
    ),
    (
        "effects_by_day",
        "experiment metric variant day",
        (TEXT, "experiment metric control variant"),
        (COUNT, "day n_control n_variant"),
        (NUMBER, "difference difference_low difference_high sequential_low sequential_high"),
        (TEXT, "status"),
        (NUMBER, "relative relative_low relative_high relative_sequential_low relative_sequential_high"),
        (TEXT, "journey note"),
        (DATE, "date"),
    ),
    (
        "health",
        "experiment check",
        (TEXT, "experiment check"),
        (NUMBER, "statistic p_value"),
        (TEXT, "status note"),
    ),
    (
        "sku_lift",
        "experiment variant sku category",
        (TEXT, "experiment variant sku category"),
        (COUNT, "n_control n_variant buyers_control buyers_variant"),
        (NUMBER, "difference difference_se p_value q_value shrunk_difference shrunk_low shrunk_high"),
        (TEXT, "status"),
        (NUMBER, "difference_low difference_high fcr_low fcr_high"),
        (TEXT, "note"),
        (NUMBER, "p_corrected"),
    ),
    (
        "category_lift",
        "experiment variant category part",
        (TEXT, "experiment variant category part"),
        (COUNT, "n_control n_variant buyers_control buyers_variant"),
        (NUMBER, "difference difference_se difference_low difference_high p_value"),
        (TEXT, "status note"),
    ),
    (
        "survival",
        "experiment metric variant day",
        (TEXT, "experiment metric variant"),
        (COUNT, "day at_risk events"),
        (NUMBER, "survival survival_low survival_high"),
        (TEXT, "status note"),
    ),
    (
        "survival_effects",
        "experiment metric variant",
        (TEXT, "experiment metric control variant"),
        (NUMBER, "horizon_days rmst_difference rmst_low rmst_high risk_difference risk_low risk_high"),
        (NUMBER, "hazard_ratio hazard_low hazard_high logrank_p"),
        (TEXT, "status"),
        (NUMBER, "p_value p_noninferiority"),
        (TEXT, "note"),
        (COUNT, "n_control n_variant left_control left_variant"),
        (NUMBER, "risk_control risk_variant proportional_p worst_case_risk_difference margin"),
        (TEXT, "guardrail_state"),
    ),
    (
        "consent",
        "journey jurisdiction period purpose",
        (TEXT, "journey jurisdiction period purpose"),
        (COUNT, "eligible granted refused withdrawn expired undecided"),
        (NUMBER, "consent_rate opt_in_rate decided_share coverage coverage_low"),
        (COUNT, "leakage_events"),
        (TEXT, "status note"),
        (NUMBER, "server_share one_source_share"),
        (COUNT, "children_excluded age_unknown as_of_run"),
    ),
    (
        "consent_signals",
        "signal finding reason",
        (TEXT, "signal finding reason"),
        (COUNT, "rows"),
        (TEXT, "status note"),
    ),
    (
        "consent_alerts",
        "jurisdiction purpose week",
        (TEXT, "jurisdiction purpose"),
        (DATE, "week"),
        (COUNT, "decided granted declined"),
        (NUMBER, "rate baseline score"),
        (TEXT, "alert status note"),
    ),
    (
        "dsr_requests",
        "request_id",
        (TEXT, "request_id kind jurisdiction regime"),
        (TIME, "received_at"),
        (DATE, "acknowledge_due respond_due conservative_due extended_due"),
        (TIME, "closed_at"),
        (TEXT, "state"),
        (COUNT, "days_left"),
        (TEXT, "rule outcome acknowledged"),
        (COUNT, "days"),
        (TEXT, "remarks"),
    ),
    (
        "dsr_sla",
        "regime kind period",
        (TEXT, "regime kind period"),
        (COUNT, "received complied complied_in_part denied open overdue on_time late"),
        (NUMBER, "sla_rate sla_low ack_rate median_days mean_days"),
        (TEXT, "status note"),
    ),
    (
        "minimization",
        "system journey",
        (TEXT, "system journey"),
        (COUNT, "fields passing"),
        (NUMBER, "score excess_load"),
        (COUNT, "failing_purpose failing_basis failing_use failing_retention"),
        (TEXT, "status note"),
        (COUNT, "unknown retention_overdue retention_overdue_days"),
    ),
    (
        "minimization_fields",
        "system field",
        (TEXT, "system field data_category"),
        (COUNT, "sensitivity"),
        (FLAG, "purpose_ok basis_ok use_ok retention_ok"),
        (TEXT, "status note"),
        (FLAG, "passes"),
        (TEXT, "fix"),
        (NUMBER, "score_if_fixed excess_load_if_fixed"),
        (COUNT, "retention_overdue_days"),
        (TEXT, "journeys"),
    ),
    (
        "minimization_categories",
        "journey data_category",
        (TEXT, "journey data_category"),
        (COUNT, "fields passing"),
        (NUMBER, "score excess_load"),
        (COUNT, "retention_overdue"),
        (TEXT, "status note"),
    ),
    (
        "vendors",
        "vendor",
        (TEXT, "vendor journeys contract_status"),
        (FLAG, "dpa_ok clean_room"),
        (TEXT, "protections_missing"),
        (FLAG, "transfer_ok"),
        (TEXT, "next_action"),
        (DATE, "due"),
        (TEXT, "status note role services"),
        (DATE, "contract_end"),
        (TEXT, "protections_present transfer_country transfer_mechanism review_status"),
        (DATE, "review_due"),
    ),
    (
        "inference",
        "journey model serving period",
        (TEXT, "journey model serving period"),
        (COUNT, "requests recommendations"),
        (NUMBER, "cost cost_per_1k latency_p50 latency_p95 latency_p99 cost_per_incremental_unit"),
        (TEXT, "status note"),
        (NUMBER, "share_over_latency_target"),
        (COUNT, "server_requests_avoided"),
        (NUMBER, "server_bytes_avoided training_bytes"),
    ),
    (
        "inference_by_day",
        "journey model serving day",
        (TEXT, "journey model serving"),
        (DATE, "day"),
        (COUNT, "requests recommendations"),
        (NUMBER, "cost cost_per_1k latency_p95"),
        (TEXT, "status note"),
    ),
    (
        "net_value",
        "journey period",
        (TEXT, "journey period experiment variant metric"),
        (NUMBER, "window_days"),
        (TEXT, "interval"),
        (COUNT, "treated_units"),
        (NUMBER, "margin_per_unit margin_low margin_high"),
        (COUNT, "personalised_units"),
        (NUMBER, "inference_cost cost_per_unit_day cost_per_unit net_value net_low net_high"),
        (NUMBER, "break_even_cost_per_recommendation break_even_low break_even_high"),
        (COUNT, "uncovered_units"),
        (NUMBER, "value_of_consent value_of_consent_low value_of_consent_high"),
        (TEXT, "status note"),
    ),
    (
        "journeys",
        "journey period",
        (TEXT, "journey period primary_metric"),
        (NUMBER, "relative relative_low relative_high incremental_total inference_cost"),
        (NUMBER, "net_value net_low net_high churn_risk_difference consent_coverage consent_coverage_low"),
        (COUNT, "leakage_events"),
        (NUMBER, "dsr_sla_rate minimization_score excess_load"),
        (COUNT, "vendors_live vendors_with_protections"),
        (NUMBER, "cost_per_1k latency_p95"),
        (TEXT, "gate status note"),
        (NUMBER, "dsr_sla_low"),
        (COUNT, "dsr_overdue fields_past_retention vendors_unprotected events_to_unprotected_recipients"),
        (NUMBER, "share_over_latency_target break_even_cost_per_recommendation"),
        (NUMBER, "value_of_consent value_of_consent_low value_of_consent_high"),
        (NUMBER, "server_share one_source_share"),
        (COUNT, "events_needing_consent children_excluded age_unknown"),
    ),
    (
        "gates",
        "journey check",
        (TEXT, "journey check severity"),
        (NUMBER, "observed"),
        (TEXT, "bound"),
        (NUMBER, "threshold"),
        (TEXT, "result"),
        (DATE, "waived_until"),
        (TEXT, "evidence"),
        (TIME, "evaluated_at"),
        (COUNT, "policy_version"),
    ),
    ("quarantine", "table rule", (TEXT, "table rule"), (COUNT, "rows"), (TEXT, "example")),
    (
        "exclusions",
        "experiment variant reason",
        (TEXT, "experiment variant reason"),
        (COUNT, "units"),
        (TEXT, "status note"),
    ),
    (
        "dsr_7102",
        "year right",
        (COUNT, "year"),
        (TEXT, "right"),
        (COUNT, "received complied complied_in_part denied"),
        (NUMBER, "median_days mean_days"),
        (TEXT, "status note"),
    ),
)


def upgrade() -> None:
    """Create every table of the first release."""
    _create_runs()
    for name, key, *groups in FIGURES:
        names = [(part, kind) for kind, columns in groups for part in columns.split()]
        _create_of_run(
            name, key, *(sa.Column(part, kind, nullable=part not in key.split()) for part, kind in names)
        )
    _create_of_run("experiments", "experiment", _name("experiment"), _json("definition"), _json("facts"))
    _create_of_run(
        "verdicts",
        "experiment variant",
        _name("experiment"),
        _name("variant"),
        _name("code"),
        _json("detail"),
    )
    _create_of_run("metrics", "metric", _name("metric"), _json("definition"))
    _create_common()


def downgrade() -> None:
    """Remove every table, and all figures with them."""
    names = (
        "audit",
        "leases",
        "plans",
        "metrics",
        "verdicts",
        "experiments",
        *(row[0] for row in FIGURES),
        "visible",
    )
    for name in (*names, "runs"):
        op.drop_table(name)


def _name(name: str) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _create_of_run(name: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("run_id", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("run_id", *key.split(), name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=f"fk_{name}_run", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), primary_key=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        _name("status"),
        sa.Column("reason", TEXT),
        _name("actor"),
        sa.Column("as_of", TIME, nullable=False),
        _name("period"),
        _name("fingerprint"),
        _name("definitions_version"),
        sa.Column("policy_version", sa.Integer()),
        _name("policy_hash"),
        _name("policy_text"),
        _json("workspace"),
        _json("inputs"),
        _json("summary"),
        sa.CheckConstraint("status IN ('running', 'complete', 'failed')", name="ck_runs_status"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visible",
        sa.Column("slot", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column(
            "run_id", sa.Integer(), sa.ForeignKey("runs.run_id", name="fk_visible_run"), nullable=False
        ),
        sa.CheckConstraint("slot = 1", name="ck_visible_one_row"),
    )


def _create_common() -> None:
    op.create_table(
        "plans",
        sa.Column("experiment", TEXT, primary_key=True),
        sa.Column("planned_n", COUNT, nullable=False),
        sa.Column("fixed_at", TIME, nullable=False),
        sa.Column(
            "fixed_by_run", sa.Integer(), sa.ForeignKey("runs.run_id", name="fk_plans_run"), nullable=False
        ),
    )
    op.create_table(
        "leases",
        sa.Column("name", TEXT, primary_key=True),
        _name("holder"),
        sa.Column("acquired_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        *(_name(part) for part in ("at", "actor", "action", "detail", "previous", "hash")),
    )
