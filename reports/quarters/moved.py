"""What is other in a correction than in the version before: every figure that the pack rests on."""

from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any

import polars as pl

from metrics import catalogue, formatting
from reports.assembly import experiment_names, journey_names
from reports.changes import run_changes, verdict_changes
from reports.results import humanised
from reports.snapshot import Snapshot
from reports.wording.privacy_words import regime_label, right_label
from storage.frames import figure_table, key
from storage.frozen import Moved

Compared = str | tuple[str, str, str]
"""A column, or an estimate with its two limits."""

COMPARED: Mapping[str, Sequence[Compared]] = {
    "journeys": (
        ("relative", "relative_low", "relative_high"), ("net_value", "net_low", "net_high"),
        "churn_risk_difference", "consent_coverage", "consent_coverage_low", "leakage_events", "dsr_sla_rate",
        "minimization_score", "excess_load", "vendors_live", "vendors_with_protections",
        "vendors_unprotected", "cost_per_1k", "latency_p95", "gate",
    ),
    "effects": (
        ("relative", "relative_low", "relative_high"),
        ("difference", "difference_low", "difference_high"),
    ),
    "survival_effects": (("risk_difference", "risk_low", "risk_high"),),
    "consent": ("coverage", "leakage_events", "consent_rate", "opt_in_rate"),
    "dsr_sla": ("received", "on_time", "late", "overdue", "open"),
    "dsr_7102": ("received", "complied", "complied_in_part", "denied", "median_days", "mean_days"),
    "minimization": ("score", "excess_load"),
    "vendors": ("contract_status", "dpa_ok", "transfer_ok", "clean_room"),
    "gates": ("result", "observed", "threshold"),
}  # fmt: skip
"""Table → the figures compared, in the order in which what moved is told."""

WORDS = {"gate": "Gate", "result": "Result", "observed": "Observed", "threshold": "Threshold"}
NO_FIGURES = ("evaluated_at", "as_of_run", "measured_at", "note")
"""Columns that every run writes anew, and remarks."""
_OLD, _MOST_DIGITS = ":old", 12
CLOSE = 1e-9
"""Two numbers whose ratio is this close to 1 are the same figure: sums run in another order."""


def moved(before: Snapshot, after: Snapshot) -> tuple[Moved, ...]:
    """What moved, as people read it; a figure that appeared or is gone counts."""
    called = experiment_names(before) | experiment_names(after)
    found = [
        Moved("Verdicts", "Changed", "", sentence)
        for sentence in verdict_changes(before.verdict_records, after.verdict_records, called)
    ]
    found += [
        Moved("Inputs", "Changed", "", sentence)
        for sentence in run_changes(before.run, after.run)
        if sentence.startswith(("definitions", "policy", "settings"))
    ]
    names = journey_names(before) | journey_names(after)
    for table, columns in COMPARED.items():
        told = list(_of_table(table, columns, before, after, names))
        found += told or _rest(table, before, after)
    for table in (name for name in before.frames if name not in COMPARED):
        found += _rest(table, before, after)
    return tuple(found)


def _of_table(
    table: str, columns: Sequence[Compared], before: Snapshot, after: Snapshot, names: Mapping[str, str]
) -> Iterator[Moved]:
    keys = key(figure_table(table))
    old, new = (_rows(table, keys, snapshot) for snapshot in (before, after))
    for identity in dict.fromkeys([*new, *old]):
        was, now = old.get(identity, {}), new.get(identity, {})
        about = _about(table, keys, identity, names)
        for compared in columns:
            parts = (compared,) if isinstance(compared, str) else compared
            old_values, new_values = ([row.get(name) for name in parts] for row in (was, now))
            if not all(map(_same, old_values, new_values)):
                written = _written(table, parts[0], old_values, new_values, after.currency)
                yield Moved(about, _label(table, parts[0]), *written)
                if table == "effects":
                    break


def _rest(table: str, before: Snapshot, after: Snapshot) -> list[Moved]:
    """How many rows differ where figures are too many to name one by one."""
    keys = key(figure_table(table))
    old, new = (snapshot.table(table).drop(*NO_FIGURES, strict=False) for snapshot in (before, after))
    both = new.join(old, on=keys, how="inner", nulls_equal=True, suffix=_OLD)
    others = [_differs(name, dtype) for name, dtype in new.schema.items() if name not in keys]
    number = both.filter(pl.any_horizontal(others)).height if others else 0
    for one, other in ((new, old), (old, new)):
        number += one.join(other, on=keys, how="anti", nulls_equal=True).height
    return [Moved(f"{table}.csv", "Rows that differ", "", formatting.count(number))] if number else []


def _differs(name: str, dtype: pl.DataType) -> pl.Expr:
    now, was = pl.col(name), pl.col(f"{name}{_OLD}")
    other = now.ne_missing(was)
    if dtype != pl.Float64:
        return other
    return other & ~((now - was).abs() <= CLOSE * was.abs()).fill_null(value=False)


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        return isclose(was, now, rel_tol=CLOSE)
    return bool(was == now)


def _rows(table: str, keys: Sequence[str], snapshot: Snapshot) -> dict[tuple[Any, ...], dict[str, Any]]:
    frame = snapshot.table(table)
    if table == "effects":
        frame = frame.filter(pl.col("segment_dimension").is_null(), pl.col("headline"))
    if "period" in frame.columns:
        frame = frame.filter(pl.col("period") == snapshot.run.period)
    return {tuple(row[name] for name in keys): row for row in frame.iter_rows(named=True)}


def _about(table: str, keys: Sequence[str], identity: Sequence[Any], names: Mapping[str, str]) -> str:
    """Whose figure it is, from the parts of its key that tell something."""
    said = []
    for name, value in zip(keys, identity, strict=True):
        if value is None or name in ("period", "method", "segment_dimension", "segment"):
            continue
        if name == "journey":
            said.append("All journeys" if value == "*all*" else names.get(value, humanised(value)))
        elif name == "regime":
            said.append(regime_label(value))
        elif name in ("kind", "right"):
            said.append(right_label(value))
        elif value not in ("*all*", "*joint*"):
            said.append(
                humanised(str(value)) if name in ("experiment", "metric", "variant", "check") else str(value)
            )
    return ", ".join(said) or humanised(table)


def _label(table: str, column: str) -> str:
    return WORDS.get(column) or catalogue.column(table, column).label


def _written(
    table: str, column: str, was: Sequence[Any], now: Sequence[Any], currency: str
) -> tuple[str, str]:
    """Both values with their limits, with as many digits as tell them apart."""
    if any(isinstance(value, str | bool) for value in (*was, *now)):
        return _word(was[0]), _word(now[0])
    unit = "statistic" if column in WORDS else catalogue.column(table, column).unit
    for digits in range(_DIGITS.get(unit, 2), _MOST_DIGITS + 1):
        texts = _with_limits(was, unit, digits, currency), _with_limits(now, unit, digits, currency)
        if texts[0] != texts[1]:
            break
    return texts


def _with_limits(values: Sequence[float | None], unit: str, digits: int, currency: str) -> str:
    first, *limits = (_number(value, unit, digits, currency) for value in values)
    if not limits or formatting.MISSING in limits:
        return first
    return f"{first} ({formatting.interval(*limits)})"


_WHOLE = ("people", "events", "requests", "vendors", "milliseconds", "weight")
_DIGITS = {"share": 1, "days": 1} | dict.fromkeys(_WHOLE, 0)
"""Decimals by unit, where not 2."""


def _number(value: float | None, unit: str, digits: int, currency: str) -> str:
    if unit == "share":
        return formatting.percent(value, digits)
    text = formatting.number(value, digits)
    return f"{text}{formatting.SPACE}{currency}" if unit == "money" and text != formatting.MISSING else text


def _word(value: Any) -> str:
    if value is None:
        return formatting.MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return formatting.number(value) if isinstance(value, float) else str(value)
