"""How each journey's gate has changed since the first run, and which figure changed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from policy.gates import Gate
from reports.gates.evaluation import decisions, gates
from reports.snapshot import Snapshot
from reports.wording import gates as wording
from storage.store import Store


@dataclass(frozen=True)
class Change:
    """A gate that says something else than before.

    Attributes:
        at: when it was judged.
        run_id: the run that changed it; None: it changed since the newest run, by time or by a decision.
        before: None for the first judgement.
        cause: what the checks that changed say now.
    """

    at: datetime
    run_id: int | None
    journey: str
    before: str | None
    after: str
    cause: str


class _Seen(NamedTuple):
    """What one check found."""

    severity: str
    result: str
    waived_until: date | None
    sentence: str


class _Judged(NamedTuple):
    """What one run, or the present, says of a journey."""

    at: datetime
    run_id: int | None
    status: str
    reason: str


def history(store: Store, snapshot: Snapshot, now: datetime) -> tuple[Change, ...]:
    """Every change of status of every journey, newest first."""
    live = gates(snapshot, decisions(store), now)
    stored = _stored(store)

    @cache
    def checks(journey: str, run_id: int | None) -> dict[str, _Seen]:
        if run_id is None:
            return _present(live[journey], snapshot.currency)
        return _of_run(store.figures("gates", run_id), journey)

    found: list[Change] = []
    for journey, judged in stored.items():
        if gate := live.get(journey):
            judged.append(_Judged(now, None, str(gate.status), wording.reason(gate, snapshot.currency)))
        found.append(Change(judged[0].at, judged[0].run_id, journey, None, *judged[0][2:]))
        for before, after in pairwise(judged):
            if before.status != after.status:
                cause = _cause(checks(journey, before.run_id), checks(journey, after.run_id))
                said = " ".join(cause) or after.reason
                found.append(Change(after.at, after.run_id, journey, before.status, after.status, said))
    return tuple(sorted(found, key=lambda change: (change.at, change.journey), reverse=True))


def _stored(store: Store) -> dict[str, list[_Judged]]:
    """What each complete run found, oldest first, by journey."""
    times = {run.run_id: run.finished_at or run.started_at for run in store.runs()}
    found: dict[str, list[_Judged]] = {}
    for row in store.across_runs("journeys").filter(pl.col("gate").is_not_null()).iter_rows(named=True):
        judged = _Judged(times[row["run_id"]], row["run_id"], row["gate"], row["gate_reason"] or "")
        found.setdefault(row["journey"], []).append(judged)
    return {journey: sorted(judged, key=lambda one: one.run_id or 0) for journey, judged in found.items()}


def _of_run(rows: pl.DataFrame, journey: str) -> dict[str, _Seen]:
    own = rows.filter(pl.col("journey") == journey)
    return {
        row["check"]: _Seen(row["severity"], row["result"], row["waived_until"], row["sentence"] or "")
        for row in own.iter_rows(named=True)
    }


def _present(gate: Gate, currency: str) -> dict[str, _Seen]:
    return {
        found.check.id: _Seen(
            found.check.severity, str(found.result), found.waived_until, wording.sentence(found, currency)
        )
        for found in gate.checks
    }


def _cause(before: dict[str, _Seen], after: dict[str, _Seen]) -> Iterator[str]:
    """What the checks say whose severity, result or waiver changed."""
    for name, seen in after.items():
        if name not in before or before[name][:3] != seen[:3]:
            yield seen.sentence
    for name in sorted(before.keys() - after.keys()):
        yield f"The policy no longer asks for '{name}'."
