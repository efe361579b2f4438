"""What a refresh prints: each experiment's headline in one line, health first, and where everything lies."""

from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
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
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (
        "Experiment",
        "Variant",
        "Primary metric",
        "Lift",
        "Interval",
        "Customers",
        "Health",
        "Verdict",
    ):
        table.add_column(name, justify="right" if name in ("Lift", "Customers") else "left", overflow="fold")
    for experiment in experiments:
        for row in _lines(experiment, effects, health, verdicts):
            table.add_row(*row)
    out.print(table)
    _quarantined(out, run.inputs)
    out.print(f"Store: {escape(outcome.store)}")
    out.print(f"CSV files: python -m jobs export {escape(str(folder))} --out DIR")


def _lines(
    experiment: ExperimentRecord, effects: pl.DataFrame, health: pl.DataFrame, verdicts: list[VerdictRecord]
) -> list[list[str]]:
    primary, name = experiment.definition["primary"], experiment.experiment
    rows = effects.filter(
        pl.col("experiment") == name, pl.col("metric") == primary,
        pl.col("segment_dimension").fill_null("") == "", pl.col("headline"),
    )  # fmt: skip
    codes = {verdict.variant: verdict.code for verdict in verdicts if verdict.experiment == name}
    checks = health.filter(pl.col("experiment") == name)
    return [
        [
            escape(name),
            escape(row["variant"]),
            escape(primary),
            formatting.percent(row["relative"], sign=True),
            formatting.interval(
                formatting.percent(row["relative_low"], sign=True),
                formatting.percent(row["relative_high"], sign=True),
            ),
            formatting.count((row["n_control"] or 0) + (row["n_variant"] or 0)),
            _health(checks),
            WORDS.get(codes.get(row["variant"], ""), "–"),
        ]
        for row in rows.iter_rows(named=True)
    ]


def _health(checks: pl.DataFrame) -> str:
    worst = [name for name in ("fail", "warn", "unknown") if (checks["status"] == name).any()]
    if not worst:
        return "all passed"
    names = checks.filter(pl.col("status") == worst[0])["check"].to_list()
    colour = {"fail": "red", "warn": "yellow", "unknown": "dim"}[worst[0]]
    return f"[{colour}]{worst[0]}: {', '.join(names).replace('_', ' ')}[/]"


def _quarantined(out: Console, inputs: Any) -> None:
    counts = {name: sum(facts["quarantined"].values()) for name, facts in inputs.items()}
    rows = sum(counts.values())
    if rows:
        named = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
        out.print(f"{rows:,} rows were set aside ({escape(named)}); `check` says which rule they break.")
