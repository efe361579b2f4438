"""What a run keeps beside its figures: experiments, verdicts and metrics as configured."""

from dataclasses import asdict, dataclass

from jobs.figures.run import RunInputs
from storage.records import ExperimentRecord, MetricRecord, VerdictRecord


@dataclass(frozen=True)
class Records:
    """What a run keeps beside its figures."""

    experiments: tuple[ExperimentRecord, ...]
    verdicts: tuple[VerdictRecord, ...]
    metrics: tuple[MetricRecord, ...]


def records(run: RunInputs) -> Records:
    """The records of a refresh."""
    return Records(
        tuple(
            ExperimentRecord(r.experiment.id, r.experiment.model_dump(mode="json"), r.facts)
            for r in run.results
        ),
        tuple(
            VerdictRecord(r.experiment.id, variant, reading.verdict.code, asdict(reading))
            for r in run.results
            for variant, reading in r.verdicts.items()
        ),
        tuple(MetricRecord(name, m.model_dump(mode="json")) for name, m in run.workspace.metrics.items()),
    )
