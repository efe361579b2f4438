"""What a refresh prints: each experiment's headline in one line, health first, and where everything lies."""

from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from jobs.export import open_store
from jobs.refresh import Outcome
from metrics import formatting
from storage.records import ExperimentRecord, VerdictRecord

WORDS = {
    "better": "[green]▲ better[/]",
    "worse": "[red]▼ worse[/]",
    "harmful_guardrail": "[red]■ harms a guardrail[/]",
    "no_clear_effect": "● no clear effect",
    "too_early": "● too early to say",
    "no_evidence": "◌ no evidence yet",
    "withheld": "[red]■ withheld: a health check failed[/]",
    "not_testable": "◌ not testable",
    "suppressed": "◌ too few people to show",
}


def show(out: Console, folder: Path, outcome: Outcome) -> None:
    """Print the scorecard of the visible run."""
    run = outcome.run
    with open_store(folder) as store:
        effects = store.figures("effects", run.run_id)
        health = store.figures("health", run.run_id)
        experiments, verdicts = store.experiments(run.run_id), store.verdicts(run.run_id)
    facts = run.workspace
    out.print(f"[bold]{escape(facts['name'])}[/] · data as of {facts['as_of']} · run {run.run_id}")
    if not outcome.changed:
        out.print("Nothing has changed since this run; nothing was computed. (--full computes anyway.)")
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("Experiment", "Lift", "Interval", "People", "Verdict"):
        justify: JustifyMethod = "right" if name in ("Lift", "People") else "left"
        table.add_column(name, justify=justify, no_wrap=name != "Experiment", overflow="fold")
    notes: list[str] = []
    for experiment in experiments:
        found = {
            verdict.variant: verdict for verdict in verdicts if verdict.experiment == experiment.experiment
        }
        for row in _lines(experiment, effects, found):
            table.add_row(*row)
        notes += _notes(experiment, found, health)
    out.print(table)
    for note in notes:
        out.print(note)
    _quarantined(out, run.inputs)
    out.print(f"Store: {escape(outcome.store)}")
    out.print(f"CSV files: python -m jobs export {escape(str(folder))} --out DIR")


def _lines(
    experiment: ExperimentRecord, effects: pl.DataFrame, verdicts: dict[str, VerdictRecord]
) -> list[list[str]]:
    primary, name = experiment.definition["primary"], experiment.experiment
    rows = effects.filter(
        pl.col("experiment") == name, pl.col("metric") == primary,
        pl.col("segment_dimension").fill_null("") == "", pl.col("headline"),
    )  # fmt: skip
    lines = []
    for row in rows.iter_rows(named=True):
        low, high = (formatting.percent(row[f"relative_{end}"], sign=True) for end in ("low", "high"))
        verdict = verdicts.get(row["variant"])
        lines.append(
            [
                f"{escape(name)}\n  [dim]{escape(row['variant'])}, {escape(primary)}[/]",
                formatting.percent(row["relative"], sign=True),
                formatting.interval(low, high),
                formatting.count((row["n_control"] or 0) + (row["n_variant"] or 0)),
                WORDS[verdict.code] if verdict else formatting.MISSING,
            ]
        )
    return lines


def _notes(
    experiment: ExperimentRecord, verdicts: dict[str, VerdictRecord], health: pl.DataFrame
) -> list[str]:
    """What a reader must know beside the lift: health that is not sound, guardrails without a figure."""
    checks = health.filter(pl.col("experiment") == experiment.experiment)
    found = []
    for status, colour in (("fail", "red"), ("warn", "yellow"), ("unknown", "dim")):
        names = checks.filter(pl.col("status") == status)["check"].to_list()
        if names:
            found.append(f"[{colour}]health {status}: {', '.join(names).replace('_', ' ')}[/]")
    unmeasured = {name for verdict in verdicts.values() for name in verdict.detail["unmeasured_guardrails"]}
    if unmeasured:
        found.append(f"guardrail not measured: {', '.join(sorted(unmeasured))}")
    return [f"{escape(experiment.experiment)}: {'; '.join(found)}"] if found else []


def _quarantined(out: Console, inputs: Any) -> None:
    counts = {name: sum(facts["quarantined"].values()) for name, facts in inputs.items()}
    rows = sum(counts.values())
    if rows:
        named = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
        out.print(f"{rows:,} rows were set aside ({escape(named)}); `check` says which rule they break.")
