"""What is written about a run beside its figures, and what is read back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Json = Mapping[str, Any]
RunStatus = Literal["running", "complete", "failed", "interrupted"]


@dataclass(frozen=True)
class RunRecord:
    """What is known of a refresh when it begins.

    Attributes:
        as_of: measurement time, with zone: the end of the last day that counts.
        period: calendar quarter of `as_of` in the workspace's zone, such as "2026Q3".
        definitions_version: version of the catalogue of figures.
        policy_hash: SHA-256 of the policy as it holds, defaults filled in; hexadecimal.
        policy_text: the whole policy as written; the default policy where a company has none.
        policy_version: the number that the policy gives itself.
        fingerprint: of configuration and inputs; may be given on completion instead.
        workspace: name, currency, timezone, minimum_people, journeys, the policy as it holds.
        inputs: per table, rows_in, accepted, quarantined, refused by reason, first_time, last_time and
            fingerprint; may be given on completion instead.
        actor: who started it.
    """

    as_of: datetime
    period: str
    definitions_version: str
    policy_hash: str
    policy_text: str = ""
    policy_version: int | None = None
    fingerprint: str = ""
    workspace: Json = field(default_factory=dict)
    inputs: Json = field(default_factory=dict)
    actor: str = "refresh"


@dataclass(frozen=True)
class Run:
    """One refresh in the history; times are UTC.

    Attributes:
        status: `interrupted` when its process ended without a word.
        reason: why it failed, else None.
        summary: what the refresh said of itself at its end.
    """

    run_id: int
    started_at: datetime
    finished_at: datetime | None
    status: RunStatus
    reason: str | None
    actor: str
    as_of: datetime
    period: str
    fingerprint: str
    definitions_version: str
    policy_version: int | None
    policy_hash: str
    policy_text: str
    workspace: Json
    inputs: Json
    summary: Json


class ExperimentRecord(NamedTuple):
    """An experiment as configured, and the facts of its method card.

    Attributes:
        experiment: its id.
        definition: as in experiments.yaml.
        facts: estimator, window, cap values, planned number of units, consent note, lawful basis, periods.
    """

    experiment: str
    definition: Json
    facts: Json


class VerdictRecord(NamedTuple):
    """What a variant's result amounts to.

    Attributes:
        experiment: the experiment's id.
        variant: the variant compared with control.
        code: the verdict's name.
        detail: what it rests on.
    """

    experiment: str
    variant: str
    code: str
    detail: Json


class MetricRecord(NamedTuple):
    """A metric as configured.

    Attributes:
        metric: its id.
        definition: as in metrics.yaml.
    """

    metric: str
    definition: Json
