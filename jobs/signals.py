"""What consent events say once the signals behind them are read: TC strings and Global Privacy Control.

Both are read before an id becomes a key, so that no TC string outlives this step: a string can itself be
personal data (CJEU C-604/22).
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from jobs.config.workspace import Workspace
from jobs.intake.needs import declared_purposes
from law.opt_out_signals import binding_since, refused_by_signal
from metrics.tcf import DEFINED_PURPOSES, TCString, consented_purposes, decode, purpose_data_uses, validity
from metrics.tcf_bits import TCStringError

KEPT = ("customer_id", "purpose", "state", "occurred_at", "source")
FINDINGS = {
    "signal": pl.String, "finding": pl.String, "reason": pl.String, "rows": pl.Int64, "people": pl.Int64,
}  # fmt: skip
IS_GPC = (pl.col("source") == "gpc").fill_null(value=False)
REFUSAL = pl.when(pl.col("state") == "withdrawn").then(pl.lit("withdrawn")).otherwise(pl.lit("refused"))


@dataclass(frozen=True)
class Vocabulary:
    """What purposes are called.

    Attributes:
        declared: purposes that a YAML file names; empty: any.
        numbers: purpose → the TCF purposes that must all be consented to for it.
    """

    declared: frozenset[str]
    numbers: Mapping[str, frozenset[int]]

    def called(self, number: int) -> list[str]:
        """The purposes that a TCF purpose is part of."""
        return sorted(name for name, parts in self.numbers.items() if number in parts)


class Normalised(NamedTuple):
    """Consent events after their signals have been read.

    Attributes:
        file: customer_id, purpose, state, occurred_at, source; no TC string.
        findings: signal, finding, reason → rows, people (distinct customers).
    """

    file: Path
    findings: pl.DataFrame


def vocabulary(workspace: Workspace) -> Vocabulary:
    """The purposes of a workspace and their TCF numbers: from journeys.yaml, else from Fideslang's map."""
    declared = declared_purposes(workspace)
    own: dict[str, set[int]] = defaultdict(set)
    for journey in workspace.journeys.values():
        for number, name in journey.tcf_purposes.items():
            own[name].add(number)
    usual: dict[str, set[int]] = defaultdict(set)
    for number, names in purpose_data_uses().items():
        for name in names:
            usual[name].add(number)
    by_number = {name: {int(name)} for name in declared if name in map(str, DEFINED_PURPOSES)}
    numbers = {**usual, **by_number, **own}
    wanted = {name: frozenset(parts) for name, parts in numbers.items() if not declared or name in declared}
    return Vocabulary(declared, wanted)


def heard(parts: Mapping[str, Sequence[Path]], workspace: Workspace, folder: Path) -> Normalised | None:
    """The accepted consent events normalised; None where the retailer has no such table."""
    if "consent_events" not in parts:
        return None
    return normalise(parts["consent_events"], parts.get("customers", ()), vocabulary(workspace), folder)


def normalise(
    events: Sequence[Path], customers: Sequence[Path], words: Vocabulary, folder: Path
) -> Normalised:
    """Write consent events with the states that their TC strings and opt-out signals give them.

    A row with a TC string gets the state that the string gives its purpose; a purpose of which the string
    does not speak keeps its own. A string that cannot be decoded, or is not valid at the time of the event,
    grants nothing (fail closed). A Global Privacy Control signal, where it is law, also refuses every purpose
    of sale, sharing or targeting for that customer from then on; a later grant supersedes it. A purpose
    written as its TCF number becomes the purposes it is part of; a grant of one part of several is no grant.
    """
    stored = pl.scan_parquet(list(events)).select(*KEPT, "tc_string")
    rows, findings = _with_names(stored, words)
    has_string = ~IS_GPC & pl.col("tc_string").is_not_null()
    read = _read_strings(rows.filter(has_string), words)
    signals = rows.filter(IS_GPC)
    binding = _binding(signals, customers)
    refused = pl.DataFrame({"purpose": sorted(refused_by_signal(words.declared or words.numbers))})
    by_law = binding.drop("purpose").unique().join(refused.lazy(), how="cross")
    own = signals.filter(pl.col("purpose").is_in(sorted(words.declared))) if words.declared else signals
    file = folder / "consent_events-normalised.parquet"
    parts = [rows.filter(~IS_GPC & ~has_string), read, own, by_law.with_columns(state=pl.lit("refused"))]
    pl.concat([part.select(KEPT) for part in parts]).sink_parquet(file)
    findings = [*findings, _count(read, "tcf"), _count(_judged(signals, binding), "gpc")]
    return Normalised(file, pl.concat(findings).sort("signal", "finding", "reason"))


def _with_names(rows: pl.LazyFrame, words: Vocabulary) -> tuple[pl.LazyFrame, list[pl.DataFrame]]:
    """Rows with TCF numbers replaced by the purposes they are part of, and what came of the numbers."""
    numbers = {str(n): words.called(n) for n in DEFINED_PURPOSES.union(*words.numbers.values())}
    aliases = pl.DataFrame(
        [(n, name, words.numbers[name] == {int(n)}) for n, names in numbers.items() for name in names],
        schema={"purpose": pl.String, "name": pl.String, "alone": pl.Boolean},
        orient="row",
    )
    is_number = pl.col("purpose").is_in(sorted(numbers))
    if not rows.select(is_number.any()).collect().item():
        return rows, []
    called = rows.filter(is_number).join(aliases.lazy(), on="purpose", how="left")
    called = called.with_columns(
        pl.when(IS_GPC).then(pl.coalesce("name", "purpose")).otherwise("name").alias("name")
    )
    unneeded, partial = pl.col("name").is_null(), pl.col("tc_string").is_null() & ~pl.col("alone")
    finding = (
        pl.when(unneeded).then(pl.lit("not_needed"))
        .when(partial & (pl.col("state") == "granted")).then(pl.lit("granted_in_part"))
    )  # fmt: skip
    called = called.with_columns(finding=finding, reason=pl.lit(""))
    named = called.filter(pl.col("finding").is_null()).drop("purpose").rename({"name": "purpose"})
    left_out = _count(called.filter(pl.col("finding").is_not_null()), "tcf_number")
    columns = [*KEPT, "tc_string"]
    return pl.concat([rows.filter(~is_number), named.select(columns)]), [left_out]


def _read_strings(rows: pl.LazyFrame, words: Vocabulary) -> pl.LazyFrame:
    """Rows with a TC string, in the state it gives them, with `finding` and `reason`."""
    day = pl.col("occurred_at").dt.date()
    used = rows.select("tc_string", day=day).unique().collect()
    mapping = {n: tuple(words.called(n)) for n in sorted(frozenset().union(*words.numbers.values()))}
    decoded = {text: _decoded(text) for text in used["tc_string"].unique().to_list()}
    uses = [(text, on, *_judge(decoded[text], on)) for text, on in used.iter_rows()]
    said = [
        (text, purpose, granted)
        for text, tc in decoded.items()
        if isinstance(tc, TCString)
        for purpose, granted in consented_purposes(tc, mapping).items()
    ]
    judged = pl.LazyFrame(
        uses, {"tc_string": pl.String, "day": pl.Date, "fault": pl.String, "reason": pl.String}, orient="row"
    )
    spoken = pl.LazyFrame(
        said, {"tc_string": pl.String, "purpose": pl.String, "granted": pl.Boolean}, orient="row"
    )
    found = rows.with_columns(day=day).join(judged, on=["tc_string", "day"], how="left")
    found = found.join(spoken, on=["tc_string", "purpose"], how="left")
    finding = (
        pl.when(pl.col("fault") == "undecodable").then(pl.lit("undecodable"))
        .when(pl.col("granted").is_null()).then(pl.lit("silent"))
        .when(pl.col("fault") == "invalid").then(pl.lit("invalid"))
        .when(pl.col("granted")).then(pl.lit("granted"))
        .otherwise(pl.lit("refused"))
    )  # fmt: skip
    state = (
        pl.when(pl.col("finding") == "silent").then(pl.col("state"))
        .when(pl.col("finding") == "granted").then(pl.lit("granted"))
        .otherwise(REFUSAL)
    )  # fmt: skip
    told = pl.when(pl.col("finding").is_in(["undecodable", "invalid"])).then(pl.col("reason"))
    return found.with_columns(finding=finding).with_columns(state=state, reason=told.otherwise(pl.lit("")))


def _decoded(text: str) -> TCString | str:
    """The string, or why it cannot be decoded, without any value that stands in it."""
    try:
        return decode(text)
    except TCStringError as error:
        return re.sub(r"'.*?'|\"[^\"]*\"|\b\d+\b", "#", error.what)


def _judge(tc: TCString | str, on: dt.date) -> tuple[str | None, str]:
    """Why a string used on a day grants nothing: kind of fault (None: it does) and first reason."""
    if isinstance(tc, str):
        return "undecodable", tc
    end_of_day = dt.datetime.combine(on, dt.time.max, tzinfo=dt.UTC)
    reasons = validity(tc, end_of_day)
    return ("invalid", reasons[0]) if reasons else (None, "")


def _binding(signals: pl.LazyFrame, customers: Sequence[Path]) -> pl.LazyFrame:
    """Signals sent where and when they were law; a customer of unknown jurisdiction: the strictest."""
    if customers:
        homes = pl.scan_parquet(list(customers)).select("customer_id", "jurisdiction")
        homes = homes.join(signals.select("customer_id"), on="customer_id", how="semi")
        placed = signals.join(homes, on="customer_id", how="left")
    else:
        placed = signals.with_columns(jurisdiction=pl.lit(None, dtype=pl.String))
    places = placed.select("jurisdiction").unique().collect()["jurisdiction"]
    days = [(place, since) for place in places if (since := binding_since(place)) is not None]
    law = pl.LazyFrame(days, {"jurisdiction": pl.String, "binding_since": pl.Date}, orient="row")
    bound = placed.join(law, on="jurisdiction", how="inner", nulls_equal=True)
    return bound.filter(pl.col("occurred_at").dt.date() >= pl.col("binding_since")).select(*KEPT, "tc_string")


def _judged(signals: pl.LazyFrame, binding: pl.LazyFrame) -> pl.LazyFrame:
    where = ["customer_id", "occurred_at"]
    marked = [
        signals.join(binding, on=where, how="semi").with_columns(finding=pl.lit("binding")),
        signals.join(binding, on=where, how="anti").with_columns(finding=pl.lit("as_recorded")),
    ]
    return pl.concat(marked).with_columns(reason=pl.lit(""))


def _count(rows: pl.LazyFrame, signal: str) -> pl.DataFrame:
    counts = rows.group_by("finding", "reason").agg(
        rows=pl.len().cast(pl.Int64), people=pl.col("customer_id").n_unique().cast(pl.Int64)
    )
    return counts.with_columns(signal=pl.lit(signal)).select(FINDINGS.keys()).collect()
