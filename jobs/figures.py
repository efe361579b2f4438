"""A run's figures on their way through the disclosure door, one function per table."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from jobs.clock import local_midnight, quarter, quarter_days
from jobs.config.load import Workspace
from jobs.config.models import Experiment
from jobs.experiment import EFFECT_CELLS, EFFECT_FIGURES, ExperimentResult
from jobs.ingest import IngestedTable
from jobs.standing import EXCLUSION_REASONS
from metrics.published import Published
from policy.disclosure import Cells, exempt, hold_small_changes, publish
from storage.frames import dtypes, figure_table, key
from storage.records import ExperimentRecord
from storage.store import Store

BY_DAY_CELLS = Cells(
    people=("people_control", "people_variant"),
    figures=(
        "n_control", "n_variant", "difference", "difference_low", "difference_high", "sequential_low",
        "sequential_high", "relative", "relative_low", "relative_high", "relative_sequential_low",
        "relative_sequential_high",
    ),
)  # fmt: skip
EXCLUSION_CELLS = Cells(
    people=("people",),
    figures=("units",),
    partition=("experiment", "variant"),
    part=("reason",),
    parts_only=pl.col("reason") != EXCLUSION_REASONS[-1],
)


def publish_all(
    workspace: Workspace,
    tables: Mapping[str, IngestedTable],
    results: Sequence[ExperimentResult],
    store: Store,
    run_id: int,
) -> Iterator[Published]:
    """Every table of figures that this run has, past the door."""
    k = workspace.settings.disclosure.minimum_people
    effects = _effects(results, store, run_id, k)
    if effects is not None:
        yield publish("effects", effects, EFFECT_CELLS, k)
    by_day = [result.by_day for result in results if result.by_day.height]
    if by_day:
        rows = pl.concat(by_day)
        yield publish("effects_by_day", _columns("effects_by_day", rows, BY_DAY_CELLS), BY_DAY_CELLS, k)
    excluded = [result.exclusions for result in results if result.exclusions.height]
    if excluded:
        yield publish("exclusions", pl.concat(excluded), EXCLUSION_CELLS, k)
    yield exempt("health", health_rows(results))
    yield exempt("quarantine", quarantine_rows(tables))
    yield from journeys(workspace, results, effects, k)


def _columns(table: str, rows: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    known = [*dtypes(figure_table(table)), *cells.people]
    return rows.select(name for name in known if name in rows.columns)


def _effects(
    results: Sequence[ExperimentResult], store: Store, run_id: int, minimum_people: int
) -> pl.DataFrame | None:
    """Effect rows of all experiments; segments that moved by a few people keep what was last published."""
    frames = [result.effects for result in results if result.effects.height]
    if not frames:
        return None
    rows = pl.concat(frames).with_columns(as_of_run=pl.lit(run_id, dtype=pl.Int64))
    published = store.last_published("effects", before=run_id)
    marks = {record.experiment: record.facts.get("erasures") for record in _visible_experiments(store)}
    unchanged = [r.experiment.id for r in results if marks.get(r.experiment.id) == r.facts["erasures"]]
    guarded = published.filter(
        pl.col("segment_dimension").fill_null("") != "", pl.col("experiment").is_in(unchanged)
    )
    held = hold_small_changes(
        rows,
        guarded,
        key(figure_table("effects")),
        ("n_control", "n_variant"),
        EFFECT_FIGURES,
        minimum_people,
    )
    return _columns("effects", held, EFFECT_CELLS)


def _visible_experiments(store: Store) -> Sequence[ExperimentRecord]:
    run = store.visible_run()
    return store.experiments(run.run_id) if run else []


def health_rows(results: Sequence[ExperimentResult]) -> pl.DataFrame:
    """Rows of health.csv."""
    rows = [
        (r.experiment.id, check.check, check.statistic, check.p_value, check.status, check.note)
        for r in results
        for check in r.health
    ]
    schema = {
        "experiment": pl.String, "check": pl.String, "statistic": pl.Float64, "p_value": pl.Float64,
        "status": pl.String, "note": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def quarantine_rows(tables: Mapping[str, IngestedTable]) -> pl.DataFrame:
    """Rows of quarantine.csv: how many rows broke which rule, and where the first stands."""
    rows = [
        (name, count.rule, count.rows, count.example)
        for name, table in tables.items()
        for count in table.quarantined
    ]
    schema = {"table": pl.String, "rule": pl.String, "rows": pl.Int64, "example": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def journeys(
    workspace: Workspace, results: Sequence[ExperimentResult], effects: pl.DataFrame | None, k: int
) -> Iterator[Published]:
    """Rows of journeys.csv for the quarter of the measurement date."""
    period = quarter(workspace.as_of)
    rows = []
    for journey in workspace.journeys:
        result = deciding_experiment(results, journey, period, workspace)
        rows.append(_journey_row(workspace, journey, period, result, effects))
    if rows:
        figures = ("relative", "relative_low", "relative_high", "incremental_total")
        cells = Cells(people=("people_control", "people_variant"), figures=figures)
        frame = pl.DataFrame(rows, schema=_JOURNEY_SCHEMA)
        yield publish("journeys", frame, cells, k)


_JOURNEY_SCHEMA = {
    "journey": pl.String, "period": pl.String, "primary_metric": pl.String, "relative": pl.Float64,
    "relative_low": pl.Float64, "relative_high": pl.Float64, "incremental_total": pl.Float64,
    "status": pl.String, "note": pl.String, "people_control": pl.Float64, "people_variant": pl.Float64,
}  # fmt: skip


def deciding_experiment(
    results: Sequence[ExperimentResult], journey: str, period: str, workspace: Workspace
) -> ExperimentResult | None:
    """The journey's experiment with the latest start on or before the quarter's end."""
    _, last = quarter_days(period)
    own = [r for r in results if r.experiment.journey == journey and not r.experiment.programme]
    started = [r for r in own if r.experiment.starts is None or r.experiment.starts <= last]
    earliest = local_midnight(workspace.as_of.replace(year=1970), workspace.zone).date()
    return max(started, key=lambda r: r.experiment.starts or earliest, default=None)


def chosen_variant(workspace: Workspace, experiment: Experiment) -> str | None:
    """The variant that stands for the journey: the only one, or the one its `rollout` names."""
    if len(experiment.variants) == 1:
        return experiment.variants[0]
    rollout = workspace.journeys[experiment.journey or ""].rollout
    return rollout if rollout in experiment.variants else None


def _journey_row(
    workspace: Workspace,
    journey: str,
    period: str,
    result: ExperimentResult | None,
    effects: pl.DataFrame | None,
) -> dict[str, object]:
    row: dict[str, object] = {"journey": journey, "period": period, "status": "no_evidence"}
    crowd = {"people_control": 0.0, "people_variant": 0.0}
    if result is None or effects is None:
        return row | crowd | {"note": "no experiment has started on this journey"}
    row["primary_metric"] = result.experiment.primary
    variant = chosen_variant(workspace, result.experiment)
    if variant is None:
        return row | crowd | {"note": "several variants and no `rollout` in journeys.yaml to choose one"}
    found = effects.filter(
        pl.col("experiment") == result.experiment.id, pl.col("metric") == result.experiment.primary,
        pl.col("variant") == variant, pl.col("segment_dimension") == "", pl.col("headline"),
    )  # fmt: skip
    if found.is_empty():
        return row | crowd | {"note": f"no result for the primary metric '{result.experiment.primary}' yet"}
    names = [name for name in _JOURNEY_SCHEMA if name in found.columns and name not in ("journey", "period")]
    return row | found.select(names).row(0, named=True)
