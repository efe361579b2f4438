"""What a refresh tells the audit log of itself: joins, clean-room figures, refused rows, changed policy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import yaml

from jobs.admission import Use
from jobs.config.models import MeanMetric
from jobs.config.workspace import Workspace
from jobs.intake.ingest import IngestedTable
from storage.acts import Action
from storage.records import Run

Act = tuple[Action, dict[str, Any]]
DEFAULT = "the default"
"""How an absent rule reads."""


def admission(tables: Mapping[str, IngestedTable], uses: Sequence[Use]) -> dict[str, Any]:
    """Per table: rows read, accepted, quarantined by rule, and per use the rows admitted and refused.

    Counts of rows, exact however few: a record of compliance, which names nobody.
    """
    return {
        name: {
            "read": table.rows_in,
            "accepted": table.rows_accepted,
            "quarantined": {count.rule: count.rows for count in table.quarantined},
            "uses": {use.name: use.rows[name]._asdict() for use in uses if name in use.rows},
        }
        for name, table in tables.items()
    }


def joins(run_id: int, uses: Sequence[Use]) -> Iterator[Act]:
    """Every joining of data sets about people, what for, and on which basis."""
    for use in uses:
        detail: dict[str, Any] = {
            "run_id": run_id,
            "use": use.name,
            "tables": sorted(use.tables),
            "key": use.key,
            "rows": {name: counts.admitted for name, counts in use.rows.items()},
        }
        if use.experiment:
            detail["experiment"] = use.experiment.id
            detail["lawful_basis"] = use.experiment.lawful_basis
            detail["purposes"] = list(use.experiment.purposes)
        yield "join", detail


def clean_room_matches(
    run_id: int, workspace: Workspace, tables: Mapping[str, IngestedTable]
) -> Iterator[Act]:
    """Every experiment whose figures rest on aggregates that a clean room or warehouse has matched."""
    table = tables.get("moments")
    if table is None or not table.parts:
        return
    rows = pl.scan_parquet(list(table.parts)).select("experiment", "variant", "metric")
    for experiment in workspace.experiments:
        metrics = [name for name in experiment.all_metrics if _aggregated(workspace, name)]
        own = rows.filter(pl.col("experiment") == experiment.id, pl.col("metric").is_in(metrics)).collect()
        if own.height:
            yield (
                "clean-room match",
                {
                    "run_id": run_id,
                    "experiment": experiment.id,
                    "metrics": own["metric"].unique().sort().to_list(),
                    "variants": own["variant"].unique().sort().to_list(),
                    "rows": own.height,
                    "fingerprint": table.fingerprint,
                },
            )


def policy_change(run_id: int, before: Run | None, policy_text: str, now: Mapping[str, Any]) -> Iterator[Act]:
    """The change of policy since the run before, rule by rule; none if its text is the same.

    `now`: version and hash as the new run has them.
    """
    if before is None or before.policy_hash == now["policy_hash"]:
        return
    yield (
        "policy change",
        {
            "run_id": run_id,
            "old_version": before.policy_version,
            "new_version": now["policy_version"],
            "old_hash": before.policy_hash,
            "new_hash": now["policy_hash"],
            "changes": changes(before.policy_text, policy_text),
        },
    )


def changes(before: str, after: str) -> list[dict[str, Any]]:
    """What differs between two policies: rule (such as `checks.lift.threshold`), old and new value.

    A check is known by its id, so that moving it is no change; a rule that one of them lacks is
    "the default".
    """
    old, new = (dict(_rules(yaml.safe_load(text))) for text in (before, after))
    return [
        {"rule": rule, "old": old.get(rule, DEFAULT), "new": new.get(rule, DEFAULT)}
        for rule in sorted(old.keys() | new.keys())
        if old.get(rule, DEFAULT) != new.get(rule, DEFAULT)
    ]


def _rules(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _rules(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) and "id" in item for item in value):
        for item in value:
            inner = {key: part for key, part in item.items() if key != "id"}
            yield from _rules(inner or True, f"{path}.{item['id']}")
    elif path:
        yield path, value


def _aggregated(workspace: Workspace, name: str) -> bool:
    metric = workspace.metrics[name]
    return isinstance(metric, MeanMetric) and metric.table == "moments"
