"""The rollout gates of a run, judged on what has passed the disclosure door."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import polars as pl

from jobs.figures.records import Records
from metrics.published import Published
from policy.decisions import Decision
from policy.disclosure import assembled, exempt
from policy.gates import Gate, Result
from reports.gates import table as gate_table
from reports.gates.evaluation import gates
from reports.snapshot import Snapshot
from reports.wording import gates as wording
from storage.frames import conform, dtypes, figure_table
from storage.records import Run
from storage.schema import FIGURES


def with_gates(
    figures: Sequence[Published], run: Run, kept: Records, decided: Iterable[Decision], now: datetime
) -> list[Published]:
    """The figures of a run, with the gates that they amount to and each journey's status.

    Args:
        figures: everything else that was published, journeys included.
        run: the running run, with its inputs.
        kept: its experiments, verdicts and metrics.
        decided: what people have decided.
        now: when it is judged, with zone.
    """
    snapshot = _snapshot(figures, run, kept)
    found = gates(snapshot, decided, now)
    judged = gate_table.table(found.values(), now, run.policy_version, snapshot.currency)
    others = [part for part in figures if part.table != "journeys"]
    return [
        *others,
        assembled("journeys", _journeys(snapshot.frames["journeys"], found, snapshot.currency), others),
        exempt("gates", judged),
    ]


def _snapshot(figures: Sequence[Published], run: Run, kept: Records) -> Snapshot:
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in FIGURES}
    for part in figures:
        frames[part.table].append(part.frame)
    return Snapshot(
        run=run,
        frames=MappingProxyType({name: _whole(name, parts) for name, parts in frames.items()}),
        experiment_records=kept.experiments,
        verdict_records=kept.verdicts,
        metric_definitions=MappingProxyType(dict(kept.metrics)),
    )


def _whole(name: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """A table as it will be read back from the store: empty keys are null."""
    table = figure_table(name)
    if not parts:
        return pl.DataFrame(schema=dtypes(table))
    frame = conform(table, pl.concat(parts, how="diagonal_relaxed"))
    return frame.with_columns(pl.col(pl.String).replace("", None))


def _journeys(frame: pl.DataFrame, found: Mapping[str, Gate], currency: str) -> pl.DataFrame:
    rows = [
        {
            "journey": name,
            "gate": str(gate.status),
            "gate_reason": wording.reason(gate, currency),
            "gate_step": gate.step,
            "checks_failing": gate.count(Result.FAIL),
            "checks_unknown": gate.count(Result.UNKNOWN),
            "rollout_percent": gate.current,
        }
        for name, gate in found.items()
    ]
    names = [name for name in rows[0] if name != "journey"] if rows else []
    types = {name: frame.schema[name] for name in ("journey", *names)}
    said = pl.DataFrame(rows, schema=types)
    return frame.drop(names).join(said, on="journey", how="left").select(frame.columns)
