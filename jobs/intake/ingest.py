"""From a retailer's files to accepted, typed rows and a quarantine of the others."""

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from jobs.intake import quarantine
from jobs.intake.contracts.behaviour import Customers
from jobs.intake.contracts.binding import Bound, WorkspaceRules, data_categories
from jobs.intake.contracts.catalogue import CONTRACTS, Contract
from jobs.intake.contracts.compliance import DataInventory, Vendors
from jobs.intake.contracts.matching import further_columns, near_misses, require
from jobs.intake.contracts.results import Assignments, Moments
from jobs.intake.quarantine import RuleCount
from jobs.intake.sifting import Batch, Sieve, mixed_zones
from jobs.intake.sources import UNREAD, TableSource, fingerprint, open_source
from jobs.intake.uniqueness import without_crossovers, without_duplicates, without_falls
from jobs.problems import Problem, WorkspaceError
from metrics import registers


@dataclass(frozen=True)
class IngestContext:
    """What the workspace says about the rows of its tables.

    Attributes:
        timezone: zone of local days (IANA name).
        as_of_end: end of the measurement date's local day, naive UTC, exclusive.
        variants: experiment → its variants.
        journeys: declared journeys; empty: any.
        purposes: words in which a consent event may name its purpose; empty: any.
        extra_columns: table → column that a YAML file names beyond the contract → `text`, `number` or `any`
            (a number where every file stores one).
        sku_exclude: regular expression of codes that are no products; None: all are.
        household_experiments: those that assign households.
    """

    timezone: str
    as_of_end: dt.datetime
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    journeys: tuple[str, ...] = ()
    purposes: frozenset[str] = frozenset()
    extra_columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sku_exclude: str | None = None
    household_experiments: tuple[str, ...] = ()


class IdMatch(NamedTuple):
    """How the ids of a table agree with those of the table that names people.

    Attributes:
        rows: rows with an id.
        unknown: of these, rows whose id is not known.
        misspelt: of these, rows whose id is known but for spaces, capitals, leading zeros or an ending `.0`.
    """

    rows: int
    unknown: int
    misspelt: int


class IngestedTable(NamedTuple):
    """A table after its contract.

    Attributes:
        name: the table.
        parts: Parquet files of accepted rows, in order; order_lines also has `product` (bool).
        columns: columns of the parts; a further column that no file has is not among them.
        rows_in: rows read; always rows_accepted plus the rows of `quarantined`.
        rows_accepted: rows in `parts`.
        quarantined: rows by the first rule that each broke.
        first_time: earliest main time of an accepted row, naive UTC; None: no times.
        last_time: latest, likewise.
        fingerprint: of the input (`sources.fingerprint`); of a query or remote file: of what was accepted.
        notices: what a person should know though no row is wrong.
        crossovers: Parquet files of the rows quarantined as crossover (experiment, unit_id,
            variant, assigned_at).
        set_aside: Parquet file of the ids of customers and households whose row is in quarantine, if any is.
        id_match: how its ids agree with those of the table that names people (`id_match.compared`).
        journeys_set_aside: of a register, the journeys that rows in quarantine name; `registers.ANY`: none.
    """

    name: str
    parts: tuple[Path, ...]
    columns: tuple[str, ...]
    rows_in: int
    rows_accepted: int
    quarantined: tuple[RuleCount, ...]
    first_time: dt.datetime | None
    last_time: dt.datetime | None
    fingerprint: str
    notices: tuple[Problem, ...]
    crossovers: tuple[Path, ...]
    set_aside: Path | None = None
    journeys_set_aside: tuple[str, ...] = ()
    id_match: IdMatch | None = None


def ingest(
    source: TableSource, context: IngestContext, folder: Path, quarantine_folder: Path
) -> IngestedTable:
    """Sift a table by its contract into `folder`/<table>/ and one file of the quarantine.

    Order of rules: a value of the wrong type, then column by column, then rules about several columns, then
    keys and crossovers; a row counts under the first it breaks. Nothing is left in either folder on failure.

    Raises:
        WorkspaceError: files are missing or damaged, columns missing or of an impossible type, or no row of
            the table keeps every rule.
    """
    contract = CONTRACTS[source.name]
    named = context.extra_columns.get(source.name, {})
    with _stage(folder, source.name) as stage:
        digest = fingerprint(source)
        files = open_source(source, stage.scratch)
        extra = further_columns(files, contract, named)
        bound = Bound(contract.schema, _rules(context), extra)
        require(files, contract, bound.dtypes)
        sieve = Sieve(source.name, bound, _derived(source.name, context), context.timezone, stage.accepted)
        batches = [batch for number, file in enumerate(files) for batch in sieve.sift(file, number)]
        _require_rows(batches, source)
        settled, crossovers = _settled(batches, sieve, contract)
        rejected = _require_rows(settled, source)
        parts = [batch.accepted for batch in settled if batch.accepted]
        first, last = _span(parts, contract)
        table = IngestedTable(
            name=source.name,
            parts=tuple(parts),
            columns=tuple(pl.read_parquet_schema(parts[0])),
            rows_in=sum(batch.rows for batch in batches),
            rows_accepted=pl.scan_parquet(parts).select(pl.len()).collect().item(),
            quarantined=_counts(rejected),
            first_time=first,
            last_time=last,
            fingerprint=_contents(parts) if digest.startswith(UNREAD) else digest,
            notices=(
                *near_misses(files, {**bound.dtypes, **named}),
                *mixed_zones(batches),
                *_strangers(parts, source, context),
                *_without_households(parts, source, context),
            ),
            crossovers=crossovers,
            set_aside=_people_set_aside(rejected, stage) if contract.schema is Customers else None,
            journeys_set_aside=_journeys_set_aside(rejected)
            if contract.schema in (DataInventory, Vendors)
            else (),
        )
        if rejected:
            quarantine.write(rejected, source.name, quarantine_folder, dt.datetime.now(dt.UTC))
        return _published(table, stage, folder / source.name)


class _Stage(NamedTuple):
    """Folders of an ingestion that is under way, on the file system of its result."""

    root: Path
    scratch: Path
    accepted: Path


@contextmanager
def _stage(folder: Path, name: str) -> Iterator[_Stage]:
    """Folders that vanish, whatever happens; so does what an earlier, killed run left of them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = f".{name}.partial-"
    for left in folder.glob(f"{prefix}*"):
        shutil.rmtree(left)
    root = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    stage = _Stage(root, root / "scratch", root / "accepted")
    stage.scratch.mkdir()
    stage.accepted.mkdir(mode=0o700)
    try:
        yield stage
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _published(table: IngestedTable, stage: _Stage, target: Path) -> IngestedTable:
    """The table with its parts in their place, instead of those of an earlier run."""
    if target.exists():
        target.replace(stage.root / "earlier")
    stage.accepted.replace(target)
    return table._replace(
        parts=tuple(target / part.name for part in table.parts),
        crossovers=tuple(target / part.name for part in table.crossovers),
        set_aside=table.set_aside and target / table.set_aside.name,
    )


def _rules(context: IngestContext) -> WorkspaceRules:
    zone = ZoneInfo(context.timezone)
    last_instant = context.as_of_end.replace(tzinfo=dt.UTC) - dt.timedelta(microseconds=1)
    return WorkspaceRules(
        context.as_of_end,
        last_instant.astimezone(zone).date(),
        context.variants,
        context.journeys,
        context.purposes,
    )


def _derived(name: str, context: IngestContext) -> list[pl.Expr]:
    if name != "order_lines":
        return []
    if context.sku_exclude is None:
        return [pl.lit(value=True).alias("product")]
    is_code = pl.col("sku").str.contains(context.sku_exclude)
    try:
        pl.DataFrame({"sku": [""]}).select(is_code)
    except pl.exceptions.ComputeError:
        what = f"sku_exclude '{context.sku_exclude}' is not a regular expression."
        remedy = "Use the syntax of RE2: no look-ahead, no back-reference."
        raise WorkspaceError([Problem("workspace.yaml", what, remedy)]) from None
    return [(~is_code).alias("product")]


def _require_rows(batches: Sequence[Batch], source: TableSource) -> list[Path]:
    """The files of rejected rows; at least one row must be accepted."""
    rejected = [path for batch in batches for path in batch.rejected]
    if any(batch.accepted for batch in batches):
        return rejected
    if not rejected:
        what = f"The table {source.name} has no rows."
        remedy = "Export it again, or leave it out: a missing table means no evidence."
        raise WorkspaceError([Problem(source.where, what, remedy)])
    counts = "; ".join(f"{count.rows:,} × {count.example}" for count in _counts(rejected))
    what = f"Every row of table {source.name} breaks a rule: {counts}."
    raise WorkspaceError([Problem(source.where, what, "Correct the export of this table.")])


def _settled(batches: list[Batch], sieve: Sieve, contract: Contract) -> tuple[list[Batch], tuple[Path, ...]]:
    """Batches after the rules that look across rows, and files of the crossovers."""
    if contract.schema is Assignments:
        return without_crossovers(batches, sieve)
    settled = without_duplicates(batches, sieve, contract.key) if contract.key else batches
    return (without_falls(settled, sieve) if contract.schema is Moments else settled), ()


def _people_set_aside(rejected: list[Path], stage: _Stage) -> Path | None:
    """A file of the ids of customers and households whose row is in quarantine: `id`."""
    if not rejected:
        return None
    rows = pl.scan_parquet(rejected)
    ids = [rows.select(id=pl.col(name)) for name in ("customer_id", "household_id")]
    file = stage.accepted / "set-aside.parquet"
    pl.concat(ids).drop_nulls().unique().sink_parquet(file)
    return file


def _journeys_set_aside(rejected: list[Path]) -> tuple[str, ...]:
    """The journeys that rows of a register in quarantine name; `registers.ANY` where one names none."""
    if not rejected:
        return ()
    named = pl.scan_parquet(rejected).select(pl.col("journeys").str.strip_chars().replace("", None))
    words = named.select(
        pl.col("journeys").fill_null(registers.ANY).str.split(";").explode().str.strip_chars()
    )
    return tuple(words.unique().sort("journeys").collect()["journeys"])


def _counts(rejected: list[Path]) -> tuple[RuleCount, ...]:
    return tuple(
        count._replace(example=count.example + _nearest_category(rejected))
        if count.rule == "unknown_data_category"
        else count
        for count in quarantine.counts(rejected)
    )


def _nearest_category(rejected: list[Path]) -> str:
    """The known category nearest to the first unknown one: a word of the taxonomy, never the value."""
    unknown = pl.scan_parquet(rejected).filter(pl.col("rule") == "unknown_data_category")
    value = unknown.select("data_category").first().collect().item()
    near = get_close_matches(value, data_categories(), n=1)
    return f" (nearest known: {near[0]})" if near else ""


def _span(parts: list[Path], contract: Contract) -> tuple[dt.datetime | None, dt.datetime | None]:
    if contract.time is None:
        return None, None
    time = pl.col(contract.time)
    first, last = (
        pl.scan_parquet(parts).select(time.min().alias("first"), time.max().alias("last")).collect().row(0)
    )
    return first, last


def _contents(parts: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def _strangers(parts: list[Path], source: TableSource, context: IngestContext) -> Iterator[Problem]:
    """A notice where the experiments of a table have nothing in common with those in the YAML files."""
    declared = sorted(context.variants)
    if declared and "experiment" in pl.read_parquet_schema(parts[0]):
        known = pl.col("experiment").is_in(declared).any()
        if not pl.scan_parquet(parts).select(known).collect().item():
            what = f"No experiment in table {source.name} is one that the YAML files name."
            remedy = f"Names must match exactly; the files name {', '.join(declared)}."
            yield Problem(source.where, what, remedy)


def _without_households(parts: list[Path], source: TableSource, context: IngestContext) -> Iterator[Problem]:
    """A notice where households are assigned and no customer has one."""
    if source.name != "customers" or not context.household_experiments:
        return
    if not pl.scan_parquet(parts).select(pl.col("household_id").is_not_null().any()).collect().item():
        named = ", ".join(context.household_experiments)
        what = (
            f"No customer has a household_id, but households are assigned in {named}: each counts as its own."
        )
        remedy = "Add the column household_id, or set `unit: customer` in experiments.yaml."
        yield Problem(source.where, what, remedy)
