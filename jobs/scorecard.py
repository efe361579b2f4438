"""What refresh and gate print: an experiment's headline in a line, health first; a gate with its checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from jobs.export import open_store
from jobs.gate import Answer
from jobs.refresh import Outcome
from metrics import formatting
from policy.gates import Status
from reports.wording import gates as wording
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

COLOURS = {"good": "green", "warn": "yellow", "bad": "red", "none": "dim"}
"""By tone of a mark."""


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
    for row in health.filter(pl.col("status") == "fail").iter_rows(named=True):
        name, check = escape(row["experiment"]), row["check"].replace("_", " ")
        out.print(f"[red]■ {name} cannot be believed: {check}.[/] {escape(row['note'])}")
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("Experiment", "Lift", "Interval", "People", "Verdict"):
        justify: JustifyMethod = "right" if name in ("Lift", "People") else "left"
        table.add_column(name, justify=justify, no_wrap=name != "Experiment", overflow="fold")
    notes: list[str] = []
    for experiment in experiments:
        found = [verdict for verdict in verdicts if verdict.experiment == experiment.experiment]
        for verdict in found:
            table.add_row(*_line(experiment, verdict, effects))
        notes += _notes(experiment, found, health)
    out.print(table)
    for note in [*notes, *_set_aside(run.inputs)]:
        out.print(note)
    if not outcome.log.ok:
        out.print(f"[red]■ The audit log is broken: {escape(outcome.log.what)}[/] {escape(outcome.log.why)}")
    out.print(f"Store: {escape(outcome.store)}")
    out.print(f"CSV files: python -m jobs export {escape(str(folder))} --out DIR")


def show_gates(out: Console, answer: Answer) -> None:
    """Print each journey's gate with its checks."""
    currency, facts = answer.snapshot.currency, answer.snapshot.run
    version = facts.policy_version if facts.policy_version is not None else "default"
    out.print(f"[bold]{escape(answer.snapshot.name)}[/] · run {facts.run_id} · policy {version}")
    if answer.stale:
        out.print(f"[red]■ {answer.stale}[/]")
    if not answer.gates:
        out.print("There are no journeys: journeys.yaml names none.")
    for gate in answer.gates:
        mark, why = wording.MARKS[gate.status], wording.reason(gate, currency)
        if answer.stale:
            why, mark = f"Run {facts.run_id} said {mark.word}: {why}", wording.MARKS[Status.BLOCKED]
        lead = f"{mark.shape} {escape(gate.journey)}: {mark.word}."
        out.print()
        out.print(f"[{COLOURS[mark.tone]}]{lead}[/] {escape(why)}")
        for found in gate.checks:
            seen, said = wording.mark(found), wording.words(found, currency)
            out.print(f"  [{COLOURS[seen.tone]}]{seen.shape} {seen.word:<8}[/] {escape(said.sentence)}")
            if found in gate.against:
                out.print(f"             [dim]→ {escape(said.remedy)}[/]")


def _line(experiment: ExperimentRecord, verdict: VerdictRecord, effects: pl.DataFrame) -> list[str]:
    primary, name = experiment.definition["primary"], experiment.experiment
    rows = effects.filter(
        pl.col("experiment") == name, pl.col("metric") == primary, pl.col("variant") == verdict.variant,
        pl.col("segment_dimension").fill_null("") == "", pl.col("headline"),
    )  # fmt: skip
    row: dict[str, Any] = rows.row(0, named=True) if rows.height else dict.fromkeys(rows.columns)
    low, high = (formatting.percent(row[f"relative_{end}"], sign=True) for end in ("low", "high"))
    people = None if row["n_control"] is None else row["n_control"] + row["n_variant"]
    return [
        f"{escape(name)}\n  [dim]{escape(verdict.variant)}, {escape(primary)}[/]",
        formatting.percent(row["relative"], sign=True),
        formatting.interval(low, high),
        formatting.count(people),
        WORDS[verdict.code],
    ]


def _notes(experiment: ExperimentRecord, verdicts: list[VerdictRecord], health: pl.DataFrame) -> list[str]:
    """What a reader must know beside the lift: health that is not sound, guardrails without a figure."""
    checks = health.filter(pl.col("experiment") == experiment.experiment)
    found = []
    for status, colour in (("warn", "yellow"), ("unknown", "dim")):
        names = checks.filter(pl.col("status") == status)["check"].to_list()
        if names:
            found.append(f"[{colour}]health {status}: {', '.join(names).replace('_', ' ')}[/]")
    unmeasured = {name for verdict in verdicts for name in verdict.detail["unmeasured_guardrails"]}
    if unmeasured:
        found.append(f"guardrail not measured: {', '.join(sorted(unmeasured))}")
    return [f"{escape(experiment.experiment)}: {'; '.join(found)}"] if found else []


def _set_aside(inputs: Any) -> Iterator[str]:
    """What happened to the rows on their way in."""
    for facts in inputs.values():
        yield from (escape(notice) for notice in facts["notices"])
    counts = {name: sum(facts["quarantined"].values()) for name, facts in inputs.items()}
    if any(counts.values()):
        named = ", ".join(f"{name} {formatting.count(count)}" for name, count in counts.items() if count)
        total = sum(counts.values())
        rows = "1 row was" if total == 1 else f"{formatting.count(total)} rows were"
        yield f"{rows} set aside ({escape(named)}); `check` says which rule was broken."
