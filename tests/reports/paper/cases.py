"""Snapshots that a pack must survive: other names, one journey, forty, nothing at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import polars as pl

from metrics.programme import PROGRAMME
from reports.snapshot import Snapshot
from storage.records import ExperimentRecord, VerdictRecord

LONG = "Personalised recommendations after purchase for returning customers of the loyalty programme, e-mail"
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HOSTILE = '#panic("x") $x$ <b>*_`] #import "/etc/passwd" \\ \u202eevil\u202c \x00 @label'
HEBREW, ARABIC = "שחזור עגלה 2", "استعادة سلة التسوق"
GREEK, CYRILLIC, CHINESE = "Ανάκτηση καλαθιού", "Восстановление корзины", "购物车恢复"


def renamed(snapshot: Snapshot, name: Callable[[str], str]) -> Snapshot:
    """Every name that a retailer chooses becomes another."""
    workspace = dict(snapshot.run.workspace)
    workspace["name"] = name(str(workspace["name"]))
    workspace["journeys"] = [{**item, "name": name(item["id"])} for item in workspace["journeys"]]
    texts = {"vendors": ("vendor",), "minimization_fields": ("field", "system"), "minimization": ("system",)}
    frames = {
        table: frame.with_columns(
            pl.when(pl.col(column) == "*all*")
            .then(pl.col(column))
            .otherwise(pl.col(column).map_elements(name, return_dtype=pl.String))
            .alias(column)
            for column in texts.get(table, ())
        )
        for table, frame in snapshot.frames.items()
    }
    records = tuple(
        record._replace(definition={**record.definition, "name": name(record.experiment)})
        for record in snapshot.experiment_records
    )
    return replace(
        snapshot,
        run=replace(snapshot.run, workspace=workspace),
        frames=MappingProxyType(frames),
        experiment_records=records,
    )


def only(snapshot: Snapshot, journey: str) -> Snapshot:
    """One journey, without a universal holdout."""
    return _with(snapshot, {journey: journey}, programme=False)


def many(snapshot: Snapshot, number: int) -> Snapshot:
    """As many journeys, which all are one of those there."""
    known = [item["id"] for item in snapshot.run.workspace["journeys"]]
    return _with(snapshot, {f"{known[i % len(known)]}_{i}": known[i % len(known)] for i in range(number)})


def nothing(snapshot: Snapshot, *, journeys: bool = True) -> Snapshot:
    """No figure in any table, no experiment, no input; its journeys stay configured or go too."""
    kept = snapshot.run.workspace["journeys"] if journeys else []
    workspace = {**snapshot.run.workspace, "journeys": kept}
    return replace(
        snapshot,
        run=replace(snapshot.run, workspace=workspace, inputs={}),
        frames=MappingProxyType({table: frame.clear() for table, frame in snapshot.frames.items()}),
        experiment_records=(),
        verdict_records=(),
    )


def before(snapshot: Snapshot) -> Snapshot:
    """The quarter before, in which every journey stood otherwise."""
    journeys = snapshot.frames["journeys"].with_columns(
        pl.lit("2026Q2").alias("period"),
        *(pl.col(name) * factor for name, factor in (("consent_coverage", 1.3), ("consent_coverage_low", 1.3),
                                                     ("minimization_score", 0.5), ("cost_per_1k", 2.0),
                                                     ("excess_load", 3.0))),
    )  # fmt: skip
    frames = {**snapshot.frames, "journeys": journeys}
    run = replace(snapshot.run, period="2026Q2", run_id=snapshot.run.run_id - 1)
    return replace(snapshot, run=run, frames=MappingProxyType(frames))


def _with(snapshot: Snapshot, origins: Mapping[str, str], *, programme: bool = True) -> Snapshot:
    """Journeys made from others: new id → the one it is a copy of."""
    configured = {item["id"]: item for item in snapshot.run.workspace["journeys"]}
    journeys = [
        {
            **configured[old],
            "id": new,
            "name": f"{configured[old]['name']} {new.removeprefix(old).strip('_')}".strip(),
        }
        for new, old in origins.items()
    ]
    records: list[ExperimentRecord] = [
        record for record in snapshot.experiment_records if record.definition.get("programme") and programme
    ]
    verdicts: list[VerdictRecord] = [
        v for v in snapshot.verdict_records if v.experiment in {r.experiment for r in records}
    ]
    pairs: list[dict[str, Any]] = [
        {"experiment": r.experiment, "made": r.experiment, "as_journey": None} for r in records
    ]
    for new, old in origins.items():
        for record in snapshot.experiment_records:
            if record.definition.get("journey") == old:
                name = f"{record.experiment}-{new}"
                pairs.append({"experiment": record.experiment, "made": name, "as_journey": new})
                records.append(
                    record._replace(
                        experiment=name, definition={**record.definition, "id": name, "journey": new}
                    )
                )
                verdicts += [
                    v._replace(experiment=name)
                    for v in snapshot.verdict_records
                    if v.experiment == record.experiment
                ]
    by_experiment = pl.DataFrame(
        pairs, schema={"experiment": pl.String, "made": pl.String, "as_journey": pl.String}
    )
    by_journey = pl.DataFrame(
        {"journey": list(origins.values()), "made": list(origins)},
        schema={"journey": pl.String, "made": pl.String},
    )
    frames = {}
    for table, frame in snapshot.frames.items():
        if "experiment" in frame.columns and table != "net_value":
            grown = frame.join(by_experiment, on="experiment").with_columns(experiment="made")
            if "journey" in frame.columns:
                grown = grown.with_columns(journey="as_journey")
            frames[table] = grown.select(frame.columns)
        elif "journey" in frame.columns:
            kept = ["*all*", PROGRAMME] if programme else ["*all*"]
            whole = frame.filter(pl.col("journey").is_in(kept))
            grown = frame.join(by_journey, on="journey").with_columns(journey="made").select(frame.columns)
            frames[table] = pl.concat([whole, grown])
        else:
            frames[table] = frame
    return replace(
        snapshot,
        run=replace(snapshot.run, workspace={**snapshot.run.workspace, "journeys": journeys}),
        frames=MappingProxyType(frames),
        experiment_records=tuple(records),
        verdict_records=tuple(verdicts),
    )
