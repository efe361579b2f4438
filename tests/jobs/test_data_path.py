"""No figure without `jobs.population`: held by the source code, by the objects, and by what comes out.

The last is the strongest. Rows of people who may not be used are added to a whole workspace, loud enough to
move any sum they enter; every published figure must stay as it was, however a module came by the rows.
"""

import ast
import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jobs.refresh
from jobs.admission import TABLES, PersonalTables
from jobs.demo import make
from jobs.export import open_store
from jobs.figures.publish import publish_all
from jobs.figures.run import RunInputs
from jobs.refresh import refresh
from jobs.secret import workspace_secret
from metrics.published import Published
from storage.frames import key
from storage.schema import FIGURES
from storage.store import Store

ROOT = Path(__file__).resolve().parents[2]

# 1. By the source code

READERS = {
    "jobs/refresh.py": "hands the keyed tables to jobs.admission",
    "jobs/engine.py": "reads what jobs.admission and the jobs have checkpointed",
    "jobs/signals.py": "reads TC strings before an id becomes a key",
    "jobs/accounts.py": "moments: aggregates, nobody's rows",
    "jobs/experiment/aggregates.py": "moments: aggregates, nobody's rows",
    "jobs/experiment/standing.py": "assignments: units in two arms, tombstones",
    "jobs/figures/data_use.py": "data_inventory and vendors",
    "jobs/figures/inference.py": "inference_log and model_rounds: no person in them",
    "jobs/figures/requests.py": "dsr_requests: a record of its own, under pseudonyms",
}
"""Modules outside jobs/intake and jobs/demo that may open a file of rows, and which."""
OPENERS = frozenset(
    {"scan", "scan_parquet", "read_parquet", "scan_csv", "read_csv", "scan_ipc", "read_ipc", "read_database"}
)
ADMITTING = ("jobs/admission.py", "jobs/row_counts.py")
ROWS_TO_FIGURES = frozenset({"usable_rows", "member_rows", "event_outcomes"})


def faults(path: str, source: str) -> list[str]:
    """Ways around `jobs.admission` in a module's source."""
    found = []
    if path in ADMITTING:
        return found
    reads_files = path in READERS or path.startswith(("jobs/intake/", "jobs/demo/"))
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "value", None)
        if isinstance(node, ast.Attribute | ast.Name) and name in OPENERS and not reads_files:
            found.append(f"{path}, line {node.lineno} opens rows: {name}")
        if isinstance(node, ast.Attribute | ast.Name) and name in ROWS_TO_FIGURES:
            found.append(f"{path}, line {node.lineno} turns rows into figures itself: {name}")
        if isinstance(node, ast.Attribute | ast.Constant) and "__tables" in str(name):
            found.append(f"{path}, line {node.lineno} reaches into jobs.admission")
    return found


def test_only_known_modules_open_rows() -> None:
    modules = {str(file.relative_to(ROOT)): file for file in (ROOT / "jobs").rglob("*.py")}
    assert set(READERS) <= modules.keys()
    found = [fault for path, file in modules.items() for fault in faults(path, file.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import polars as pl\nlines = pl.scan_parquet(run.engine.folder / 'order_lines.parquet')",
        "from polars import read_parquet\nlines = read_parquet('order_lines.parquet')",
        "lines = run.engine.scan(run.engine.folder / 'order_lines.parquet')",
        "lines = run.source._PersonalTables__tables['order_lines']",
        "lines = getattr(run.source, '_PersonalTables__tables')['order_lines']",
        "lines = units.admitted._Admitted__tables['order_lines']",
        "from metrics import outcomes\nfound = outcomes.event_outcomes(everybody, lines, wanted)",
    ],
)
def test_a_module_that_goes_around_is_found(source: str) -> None:
    assert faults("jobs/figures/revenue.py", source)


# 2. By the objects


def test_a_run_gives_no_files_of_people(run: RunInputs) -> None:
    for table in TABLES:
        with pytest.raises(PermissionError, match=f"Rows of {table} come through jobs.admission alone"):
            run.parts(table)
        assert run.tables[table].parts == ()
        assert run.tables[table].rows_accepted > 0


def test_no_attribute_of_the_tables_is_a_table(run: RunInputs) -> None:
    public = {name: getattr(run.source, name) for name in dir(run.source) if not name.startswith("_")}
    frames = {name for name, value in public.items() if hasattr(value, "collect")}
    assert frames == {"held_out", "set_aside"}
    assert {name for name, value in public.items() if isinstance(value, dict)} <= {"columns", "loaded_until"}
    assert isinstance(run.source, PersonalTables)


# 3. By what comes out

LOUD = 1_000_000.0
BEFORE = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
DAYS = 150
ADDED = "part-999.parquet"
JOINED, LEFT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), dt.datetime(2026, 8, 15, tzinfo=dt.UTC)
CONSENT_BASED = ("cart-recovery-2026q3", "homepage-2026q3", "post-purchase-2026q3")
PURPOSES = (
    "personalize.content.profiled",
    "analytics.reporting.content_performance",
    "marketing.communications.email",
)
Changed = list[tuple[str, str, Any]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "northlight"
    make(folder, scale=0.1, seed=11)
    _silence_some_and_let_some_leave(folder / "data")
    (folder / "state").mkdir(mode=0o700)
    workspace_secret(folder / "state")
    return folder


@pytest.fixture(scope="module")
def loud(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same workspace with rows of people who may not be used."""
    folder = Path(shutil.copytree(plain, tmp_path_factory.mktemp("loud") / "northlight"))
    data = folder / "data"
    refused = _refused(data)
    assert min(rows.height for rows in refused.values()) >= 5, {n: r.height for n, r in refused.items()}
    people = pl.concat(rows.select("customer_id", "since") for rows in refused.values()).unique("customer_id")
    days = pl.DataFrame({"at": [BEFORE + dt.timedelta(days=n, hours=11) for n in range(DAYS)]})
    lines = people.join(days, how="cross").filter(pl.col("at") > pl.col("since"))
    known = pl.read_parquet(data / "order_lines" / "*.parquet")
    added = lines.select(
        order_id=pl.lit("LOUD-") + pl.col("customer_id"),
        customer_id="customer_id",
        sku=pl.lit(known["sku"].drop_nulls()[0]),
        category=pl.lit(known["category"].drop_nulls()[0]),
        quantity=pl.lit(1),
        revenue=pl.lit(LOUD),
        margin=pl.lit(LOUD),
        ordered_at=pl.col("at"),
        recommended=pl.lit(value=True),
    )
    _add(data / "order_lines", added, known.schema)
    gone = refused["erased"].join(
        days.filter(pl.col("at") >= dt.datetime(2026, 7, 1, tzinfo=dt.UTC)), how="cross"
    )
    events = pl.read_parquet(data / "journey_events" / "*.parquet")
    _add(
        data / "journey_events",
        gone.select(
            journey=pl.lit("homepage"),
            customer_id="customer_id",
            occurred_at=pl.col("at"),
            collection=pl.lit("server"),
            personalised=pl.lit(value=True),
        ),
        events.schema,
    )
    file = data / "unit_outcomes" / "part-000.parquet"
    never = people.filter(pl.col("since") < BEFORE)["customer_id"].implode()
    results = pl.read_parquet(file)
    shouted = pl.when(pl.col("unit_id").is_in(never)).then(pl.lit(10.0)).otherwise("satisfaction")
    results.with_columns(satisfaction=shouted).write_parquet(file)
    return folder


def _refused(data: Path) -> dict[str, pl.DataFrame]:
    """Customers whose rows from `since` on may be in no figure, by why; told from the raw tables."""
    always = pl.lit(BEFORE - dt.timedelta(days=9), dtype=pl.Datetime("us", "UTC"))
    customers = pl.read_parquet(data / "customers" / "*.parquet").unique("customer_id", keep="none")
    requests = pl.read_csv(data / "dsr_requests.csv", infer_schema=False).unique("request_id", keep="none")
    done = pl.col("outcome").is_in(["complied", "complied_in_part"]) & (pl.col("closed_at") < "2026-09-01")
    erased = requests.filter(pl.col("kind") == "delete", done).select("customer_id").drop_nulls()
    children = customers.filter(pl.col("birth_date") >= dt.date(2014, 1, 1)).select("customer_id")
    silent = _without_a_word(data)
    left = pl.read_parquet(data / "consent_events" / ADDED).select("customer_id").unique()
    return {
        "erased": erased.select("customer_id", since=always),
        "child": children.select("customer_id", since=always),
        "without consent": silent.select("customer_id", since=always),
        "withdrawn": left.select("customer_id", since=pl.lit(LEFT)),
    }


def _without_a_word(data: Path) -> pl.DataFrame:
    """Customers in experiments that need consent, in no other, who never answered."""
    said = pl.read_parquet(data / "consent_events" / "*.parquet")
    assignments = pl.read_parquet(data / "assignments" / "*.parquet")
    needed = pl.col("experiment").is_in(CONSENT_BASED).all()
    found = assignments.group_by("unit_id").agg(needed).filter("experiment")
    alone = _alone(data).join(found, left_on="customer_id", right_on="unit_id", how="semi")
    return alone.join(said, on="customer_id", how="anti")


def _alone(data: Path) -> pl.DataFrame:
    """Customers without a household: no experiment counts them under another id."""
    customers = pl.read_parquet(data / "customers" / "*.parquet").unique("customer_id", keep="none")
    return customers.filter(pl.col("household_id").is_null()).select("customer_id").sort("customer_id")


def _silence_some_and_let_some_leave(data: Path) -> None:
    """Leave eighty customers to consent alone: half never answer, half consent and leave in August."""
    chosen = _alone(data).tail(80)
    for table, others, column in (
        ("consent_events", pl.lit(value=True), "customer_id"),
        ("assignments", ~pl.col("experiment").is_in(CONSENT_BASED), "unit_id"),
    ):
        file = data / table / "part-000.parquet"
        rows = pl.read_parquet(file)
        theirs = others & pl.col(column).is_in(chosen["customer_id"].implode())
        rows.filter(~theirs.fill_null(value=False)).write_parquet(file)
    answers = pl.DataFrame(
        [(purpose, "granted", JOINED) for purpose in PURPOSES] + [(PURPOSES[0], "withdrawn", LEFT)],
        schema={"purpose": pl.String, "state": pl.String, "occurred_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    events = chosen.head(40).join(answers, how="cross")
    events = events.with_columns(source=pl.lit("preference_centre"), tc_string=pl.lit(None, pl.String))
    said = pl.read_parquet_schema(data / "consent_events" / "part-000.parquet")
    _add(data / "consent_events", events, said)


def _add(folder: Path, rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> None:
    known = rows.cast({name: schema[name] for name in rows.columns})
    known.match_to_schema(pl.Schema(schema), missing_columns="insert").write_parquet(folder / ADDED)


def _figures(folder: Path) -> dict[str, pl.DataFrame]:
    shutil.rmtree(folder.parent / "run", ignore_errors=True)
    copy = Path(shutil.copytree(folder, folder.parent / "run"))
    number = refresh(copy).run.run_id
    with open_store(copy) as store:
        return {table: store.figures(table, number) for table in FIGURES}


def moved(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> Changed:
    """Every published figure that differs, as table, column and key.

    The share of rows set aside counts rows, whosever they are; the placebo draws units by their keys; a gate
    says when it was judged.
    """
    found: Changed = []
    for name in FIGURES.keys() - {"quarantine"}:
        old, new = before[name], after[name]
        if name == "health":
            rows_alone = pl.col("check").is_in(["quarantine_share", "placebo_calibration"])
            old, new = old.filter(~rows_alone), new.filter(~rows_alone)
        by = key(FIGURES[name])
        both = old.join(new, on=by, how="full", nulls_equal=True, suffix="__new", coalesce=False)
        for row in both.iter_rows(named=True):
            for column in set(old.columns) - {"evaluated_at"}:
                if not _same(row[column], row[f"{column}__new"]):
                    found.append((name, column, [row[part] for part in by]))
    return found


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return bool(abs(old - new) <= 1e-7 * max(1.0, abs(old)))
    return bool(old == new)


@pytest.fixture(scope="module")
def quiet_figures(plain: Path) -> dict[str, pl.DataFrame]:
    return _figures(plain)


def test_no_figure_moves_for_rows_that_may_not_be_used(
    quiet_figures: dict[str, pl.DataFrame], loud: Path
) -> None:
    shown = quiet_figures["effects"].filter(pl.col("difference").is_not_null())
    assert shown["experiment"].n_unique() >= 5
    assert quiet_figures["sku_lift"].height > 10
    assert moved(quiet_figures, _figures(loud)) == []


def _read_the_file(run: RunInputs) -> float:
    return float(pl.read_parquet(run.engine.folder / "order_lines.parquet")["revenue"].sum())


def _reach_inside(run: RunInputs) -> float:
    lines = run.source._PersonalTables__tables["order_lines"]
    return float(run.engine.collect(lines)["revenue"].sum())


def _read_the_source(run: RunInputs) -> float:
    lines = pl.read_parquet(run.workspace.folder / "data" / "order_lines" / "*.parquet")
    return float(lines["revenue"].mean())


@pytest.mark.parametrize("bypass", [_read_the_file, _reach_inside, _read_the_source])
def test_a_family_that_goes_around_moves_a_figure(
    plain: Path, loud: Path, bypass: Callable[[RunInputs], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_another_family(run: RunInputs, store: Store, run_id: int) -> list[Published]:
        value = bypass(run)
        return [
            Published("journeys", part.frame.with_columns(net_value=pl.lit(value)))
            if part.table == "journeys"
            else part
            for part in publish_all(run, store, run_id)
        ]

    monkeypatch.setattr(jobs.refresh, "publish_all", with_another_family)
    found = moved(_figures(plain), _figures(loud))
    assert {(table, column) for table, column, _ in found} == {("journeys", "net_value")}


@pytest.fixture(scope="module")
def run(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> RunInputs:
    """What every family of figures is handed."""
    folder = Path(shutil.copytree(plain, tmp_path_factory.mktemp("run") / "northlight"))
    seen: list[RunInputs] = []

    def remember(run: RunInputs, store: Store, run_id: int) -> list[Published]:
        seen.append(run)
        return publish_all(run, store, run_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.refresh, "publish_all", remember)
        refresh(folder)
    return seen[0]
