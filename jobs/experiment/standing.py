"""How many of an experiment's units count, how many do not, and why: per arm."""

from collections.abc import Mapping

import narwhals as nw
import polars as pl

from jobs.config.models import Experiment
from jobs.engine import PolarsEngine
from jobs.experiment.units import Units
from jobs.intake.ingest import IngestedTable
from jobs.intake.keys import TOMBSTONE
from jobs.population import REASONS

col = nw.col
EXCLUSION_REASONS = (
    "outside_period",
    "crossover",
    *REASONS,
    "not_mature",
    "missing_outcome",
    "age_unknown_included",
)
"""In the order in which a unit is judged; the last is not an exclusion but counted beside them."""


def per_arm(
    experiment: Experiment, units: Units, counted: str | None, value: str | None, engine: PolarsEngine
) -> pl.DataFrame:
    """Units per variant: assigned, eligible, counted, missing, people, reason_<n> and the other flags below.

    `counted` is the maturity column of the primary metric (None = it has none), `value` the column that is
    null where a pre-computed outcome is missing.
    """
    eligible = col("reason") == 0
    mature = col(counted) if counted else eligible
    missing = eligible & ~mature & col(value).is_null() if value else nw.lit(value=False)
    flags = {
        "eligible": eligible,
        "erased_units": col("erased") == 1,
        "withdrew_units": eligible & (col("withdrew") == 1),
        "unknown_age_units": eligible & (col("age_unknown") == 1),
        "counted": mature,
        "missing": missing,
        **{f"reason_{rank}": col("reason") == rank for rank in range(1, len(REASONS) + 1)},
    }
    marked = units.frame.with_columns(
        **{name: nw.when(flag).then(1).otherwise(0) for name, flag in flags.items()}
    )
    found = engine.collect(
        marked.group_by("variant").agg(
            *(col(name).sum() for name in flags), col("people").sum(), assigned=nw.len()
        )
    )
    arms = pl.DataFrame({"variant": [experiment.control, *experiment.variants]})
    return arms.join(found, on="variant", how="left", maintain_order="left").fill_null(0)


def exclusion_rows(
    experiment: Experiment,
    arms: pl.DataFrame,
    outside: Mapping[str, int],
    crossovers: Mapping[str, int],
    tombstones: Mapping[str, int],
) -> pl.DataFrame:
    """Rows of exclusions.csv: every reason in every arm, each unit once under the first that holds."""
    rows = []
    for arm in arms.iter_rows(named=True):
        name = arm["variant"]
        counts = {
            "outside_period": outside.get(name, 0),
            "crossover": crossovers.get(name, 0),
            **{reason: arm[f"reason_{rank}"] for rank, reason in enumerate(REASONS, 1)},
            "not_mature": arm["eligible"] - arm["counted"] - arm["missing"],
            "missing_outcome": arm["missing"],
            "age_unknown_included": arm["unknown_age_units"],
        }
        counts["erased"] += tombstones.get(name, 0)
        rows += [(experiment.id, name, reason, units) for reason, units in counts.items()]
    return pl.DataFrame(rows, schema=["experiment", "variant", "reason", "units"], orient="row").with_columns(
        status=pl.lit("ok"), note=pl.lit(None, dtype=pl.String), people=pl.col("units")
    )


def counts_of(rows: pl.DataFrame, key: str, value: str) -> dict[str, int]:
    """Two columns of a small frame as a mapping."""
    return dict(zip(rows[key].to_list(), rows[value].to_list(), strict=True))


def crossovers(table: IngestedTable, experiment: Experiment) -> dict[str, int]:
    """Units per variant that were found in two variants, counted in each."""
    if not table.crossovers:
        return {}
    rows = pl.scan_parquet(list(table.crossovers)).filter(pl.col("experiment") == experiment.id)
    found = rows.group_by("variant").agg(units=pl.col("unit_id").n_unique()).collect()
    return counts_of(found, "variant", "units")


def tombstones(table: IngestedTable, experiment: Experiment) -> dict[str, int]:
    """Erased units per variant whose assignment rows the retailer has deleted as well."""
    if not table.parts:
        return {}
    rows = pl.scan_parquet(list(table.parts)).filter(
        pl.col("experiment") == experiment.id, pl.col("unit_id") == TOMBSTONE
    )
    found = rows.group_by("variant").agg(pl.col("units").fill_null(1).sum()).collect()
    return counts_of(found, "variant", "units")
