"""The tables of the interface: contract, key and main time of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import dataframely as dy

from jobs.intake.contracts.behaviour import ConsentEvents, Customers, JourneyEvents, OrderLines
from jobs.intake.contracts.compliance import DataInventory, DsrRequests, Vendors
from jobs.intake.contracts.results import Assignments, InferenceLog, ModelRounds, Moments, UnitOutcomes


@dataclass(frozen=True)
class Contract:
    """What a table must look like.

    Attributes:
        schema: columns and the rules that need nothing but the row.
        key: columns that together name a row; none: equal rows are two rows.
        time: the column that says when a row happened, if rows are events.
    """

    schema: type[dy.Schema]
    key: tuple[str, ...] = ()
    time: str | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that every file of the table must have."""
        columns = self.schema.columns().items()
        return tuple(name for name, column in columns if (column.metadata or {}).get("required"))


CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {
        "customers": Contract(Customers, key=("customer_id",)),
        "consent_events": Contract(ConsentEvents, time="occurred_at"),
        "journey_events": Contract(JourneyEvents, time="occurred_at"),
        "assignments": Contract(Assignments, time="assigned_at"),
        "order_lines": Contract(OrderLines, time="ordered_at"),
        "unit_outcomes": Contract(UnitOutcomes, key=("experiment", "unit_id")),
        "moments": Contract(
            Moments, key=("experiment", "variant", "metric", "day", "segment_dimension", "segment")
        ),
        "inference_log": Contract(InferenceLog, time="occurred_at"),
        "dsr_requests": Contract(DsrRequests, key=("request_id",), time="received_at"),
        "data_inventory": Contract(DataInventory, key=("system", "field")),
        "vendors": Contract(Vendors, key=("vendor", "service")),
        "model_rounds": Contract(ModelRounds, key=("journey", "model", "round", "metric")),
    }
)
"""Table → contract, for every table a workspace may have."""
