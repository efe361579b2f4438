"""The command line: demo, check, refresh, export, freeze, gate, audit, sign-out.

Exit status 0 on success, 1 when the answer is "no", 2 for wrong usage. Progress and problems go to stderr.
"""

import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.clock import quarter_days
from jobs.problems import Problem, WorkspaceError
from metrics import formatting
from metrics.locales import DEFAULT, written_in
from storage.errors import StoreError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Liftgate: what personalisation earns, what it risks, and whether it may roll out further.",
)  # fmt: skip
ROOT = Path(__file__).parents[1]
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 100)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Workspace = Annotated[Path, typer.Argument(help="Folder that holds workspace.yaml.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one machine-readable document on stdout.")]


def _quarter(value: str | None) -> str | None:
    if value is not None:
        try:
            quarter_days(value)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return value


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder to write.", show_default=False)],
    scale: Annotated[float, typer.Option(min=0.001, help="1 = about 50,000 customers.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and scale, same files.")] = 7,
    history: Annotated[
        bool, typer.Option("--history", help="Compute the quarter before too, to see what changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the demo workspace: a synthetic retailer with known true effects."""
    from jobs.demo import make

    with _answers(as_json):
        if folder.exists() and any(folder.iterdir()):
            problem = Problem(
                str(folder), "The folder is not empty.", "Name a new folder, or empty this one."
            )
            raise WorkspaceError([problem])
        with _bar() as report:
            make(folder, scale=scale, seed=seed, report=report)
            if history:
                _with_history(folder, scale, seed, report)
        _say(
            as_json,
            {"workspace": str(folder), "scale": scale, "seed": seed},
            f"Demo workspace written to {folder}.",
        )


def _with_history(folder: Path, scale: float, seed: int, report: Any) -> None:
    from jobs.demo import make
    from jobs.demo.rewind import rewind
    from jobs.refresh import refresh as run

    rewind(folder)
    run(folder, report=lambda done, text: report(done, f"the quarter before: {text}"))
    make(folder, scale=scale, seed=seed, report=report)


@app.command()
def check(workspace: Workspace, as_json: AsJson = False) -> None:
    """Validate configuration and tables without computing; list every problem and what to do."""
    from jobs.check import check as run

    with _answers(as_json):
        with _bar() as report:
            found = run(workspace, report)
        if as_json:
            typer.echo(json.dumps({"problems": [vars(p) for p in found.problems], "tables": found.tables}))
        else:
            with written_in(found.locale):
                for table, facts in found.tables.items():
                    rows, accepted = (formatting.count(facts[name]) for name in ("rows_in", "accepted"))
                    out.print(f"{escape(table)}: {rows} rows, {accepted} accepted")
            _list(found.problems)
            if not found.problems:
                out.print("No problems found.")
        raise typer.Exit(1 if found.problems else 0)


@app.command()
def refresh(
    workspace: Workspace,
    full: Annotated[bool, typer.Option("--full", help="Compute even if nothing has changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the tables, quarantine bad rows, apply consent, compute every figure, write the store."""
    from jobs.refresh import refresh as run
    from jobs.scorecard import show

    with _answers(as_json):
        with _bar() as report:
            outcome = run(workspace, full=full, report=report)
        if as_json:
            facts = {
                "run_id": outcome.run.run_id,
                "changed": outcome.changed,
                "as_of": outcome.run.workspace["as_of"],
                "period": outcome.run.period,
                "store": outcome.store,
                "inputs": outcome.run.inputs,
                "audit": vars(outcome.log),
            }
            typer.echo(json.dumps(facts))
        else:
            with written_in(str(outcome.run.workspace.get("locale") or DEFAULT)):
                show(out, workspace, outcome)


@app.command()
def export(
    workspace: Workspace,
    folder: Annotated[Path, typer.Option("--out", help="Folder to write to.", show_default=False)],
    period: Annotated[
        str | None,
        typer.Option(callback=_quarter, help="A quarter such as 2026Q3; default: the visible run."),
    ] = None,
    kind: Annotated[
        Literal["csv", "pdf"] | None, typer.Option("--format", help="One kind of files; default: both.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write every CSV file, the quarterly pack (PDF) and the manifest."""
    from jobs.export import export as run

    with _answers(as_json):
        files = run(workspace, folder, period, kind)
        _say(
            as_json,
            {"files": [str(file) for file in files]},
            f"{len(files)} files written to {folder}.",
        )


@app.command()
def freeze(
    workspace: Workspace,
    period: Annotated[
        str, typer.Option(callback=_quarter, help="A quarter such as 2026Q3.", show_default=False)
    ],
    reason: Annotated[str, typer.Option(help="Why; a correction must say it.")] = "",
    actor: Annotated[
        str | None, typer.Option(help="Who freezes it; default: who runs this.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a quarter: its figures and its pack never change; freezing it again is a correction."""
    from jobs.export import freeze as run

    with _answers(as_json):
        found = run(workspace, period, reason, actor)
        facts = {
            "period": found.period,
            "version": found.version,
            "run_id": found.run_id,
            "moved": [moved._asdict() for moved in found.moved],
        }
        moved = f" {len(found.moved)} figures moved." if found.moved else ""
        _say(as_json, facts, f"{period} is frozen as version {found.version}, run {found.run_id}.{moved}")


@app.command()
def gate(
    workspace: Workspace,
    journey: Annotated[str | None, typer.Argument(help="One journey; default: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether journeys may roll out further, and why; exit status 0 only if every gate is open."""
    from jobs.gate import ask
    from jobs.scorecard import show_gates

    with _answers(as_json):
        try:
            answer = ask(workspace, journey)
        except KeyError as error:
            known = ", ".join(error.args) or "none"
            msg = f"There is no journey '{journey}'. The workspace has: {known}."
            raise typer.BadParameter(msg, param_hint="JOURNEY") from None
        if as_json:
            typer.echo(json.dumps(answer.facts()))
        else:
            with written_in(answer.snapshot.locale):
                show_gates(out, answer)
        raise typer.Exit(0 if answer.open else 1)


@app.command()
def audit(
    workspace: Workspace,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder to write the whole log to: audit.csv, audit.jsonl.")
    ] = None,
    renew: Annotated[
        str | None,
        typer.Option(help="Accept the log as it stands, for this reason, which the log then tells."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the tamper-evident log, and hand it out with --out."""
    from jobs import audit as log

    with _answers(as_json):
        if renew is not None:
            log.renew(workspace, renew)
        found = log.verify(workspace)
        files = log.export(workspace, folder) if folder else []
        if as_json:
            typer.echo(json.dumps({**vars(found), "files": [str(file) for file in files]}))
        elif found.ok:
            out.print(f"The log is intact: {found.entries:,} entries, each chained to the one before.")
        else:
            err.print(f"[bold red]The log is broken[/] at entry {found.first_broken}: {escape(found.what)}")
            err.print(escape(found.why))
        if files and not as_json:
            out.print(escape(f"{len(files)} files written to {folder}. The last hash verified: {found.head}"))
        raise typer.Exit(0 if found.ok else 1)


@app.command()
def sign_out(
    workspace: Workspace,
    person: Annotated[
        str, typer.Argument(help="The person's name, or what the sign-in calls them.", show_default=False)
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """End every session of a person in the app, on every server that shares the store."""
    from jobs.sign_out import sign_out as end

    with _answers(as_json):
        subject = end(workspace, person, reason)
        _say(as_json, {"subject": subject}, f"Every session of {subject} has ended; it takes a few seconds.")


@contextmanager
def _answers(as_json: bool) -> Iterator[None]:
    """Turn what is wrong into words and exit status 1."""
    try:
        yield
    except WorkspaceError as error:
        _refuse(error.problems, as_json)
    except StoreError as error:
        _refuse([Problem("store", str(error), "")], as_json)
    except OSError as error:
        where, what = str(error.filename or "disk"), f"{error.strerror or type(error).__name__}."
        _refuse([Problem(where, what, "Check the path, its permissions and the space left.")], as_json)
    except (typer.Exit, typer.BadParameter):
        raise
    except Exception as error:  # its text may hold a customer's values
        _refuse([_unexpected(error)], as_json)


def _unexpected(error: Exception) -> Problem:
    """A fault of Liftgate itself, by kind and place alone."""
    last = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in last if Path(frame.filename).is_relative_to(ROOT)] or last
    where = f"{Path(own[-1].filename).name}, line {own[-1].lineno}"
    what = f"Liftgate failed unexpectedly ({type(error).__name__}). The figures published before stand."
    return Problem(where, what, "Please report this line; it holds none of your data.")


def _refuse(problems: Sequence[Problem], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"problems": [vars(problem) for problem in problems]}))
    else:
        _list(problems)
    raise typer.Exit(1)


def _list(problems: Sequence[Problem]) -> None:
    for problem in problems:
        err.print(f"[bold]{escape(problem.where)}[/]: {escape(problem.what)}")
        if problem.remedy:
            err.print(f"    → {escape(problem.remedy)}")
    if problems:
        err.print(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}.")


def _say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        out.print(escape(sentence))


@contextmanager
def _bar() -> Iterator[Any]:
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as progress:
        task = progress.add_task("starting", total=1.0)
        yield lambda done, text: progress.update(task, completed=done, description=text)
