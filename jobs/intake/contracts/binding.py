"""A contract joined with what only the workspace knows, and the sifting of rows by it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import new_class
from typing import Any, NamedTuple, cast

import dataframely as dy
import polars as pl

from jobs.intake.contracts.columns import Check, number, text
from jobs.intake.contracts.results import Assignments
from jobs.intake.reading.stored import ROW

UNREADABLE = "#unreadable"
"""First column of a row whose value is not of the contract's type; null: all are."""

_WRONG_TYPE = "wrong_type"
_PERSONS_WORDS = {"nullability": "missing_value", "inf": "not_finite", "nan": "not_finite"}
_INNER = "\x1f"


@cache
def data_categories() -> tuple[str, ...]:
    """Keys of the Fideslang taxonomy of data categories, in alphabetical order."""
    from fideslang.default_taxonomy import DEFAULT_TAXONOMY  # noqa: PLC0415 - a third of a second, rarely needed

    return tuple(sorted(category.fides_key for category in DEFAULT_TAXONOMY.data_category))


class Sifted(NamedTuple):
    """Rows parted by a contract.

    Attributes:
        accepted: typed rows, with their number in the file.
        rejected: number, broken rule and column of every other row; the first rule of several.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(frozen=True)
class WorkspaceRules:
    """What a row is measured against beside its contract.

    Attributes:
        as_of_end: end of the measurement date, naive UTC, exclusive.
        last_day: the measurement date itself, in the workspace's zone.
        variants: experiment → its variants; assignments to other experiments are rejected, results of other
            experiments are not judged.
        journeys: the declared journeys; none: any.
        purposes: the words in which a consent event may name its purpose; none: any.
    """

    as_of_end: dt.datetime
    last_day: dt.date
    variants: Mapping[str, Sequence[str]]
    journeys: Sequence[str]
    purposes: frozenset[str] = frozenset()

    def checks(self, schema: type[dy.Schema], column: str, definition: dy.Column) -> dict[str, Check]:
        """Further rules of one column of a contract."""
        checks: dict[str, Check] = {}
        if (definition.metadata or {}).get("event"):
            checks["time_after_as_of"] = self._not_after_as_of(definition)
        if column == "journey" and self.journeys:
            checks["unknown_journey"] = lambda journey: journey.is_in(self.journeys)
        if schema is Assignments and column == "experiment" and self.variants:
            checks["unknown_experiment"] = lambda experiment: experiment.is_in(list(self.variants))
        if column == "purpose" and self.purposes:
            checks["unknown_purpose"] = self._known_purpose
        if column == "variant" and self.variants:
            checks["unknown_variant"] = self._known_variant
        if column == "data_category":
            checks["unknown_data_category"] = lambda category: category.is_in(data_categories())
        return checks

    def _not_after_as_of(self, definition: dy.Column) -> Check:
        if isinstance(definition, dy.Date):
            return lambda day: day <= self.last_day
        return lambda time: time < self.as_of_end

    def _known_purpose(self, purpose: pl.Expr) -> pl.Expr:
        """A Global Privacy Control signal speaks of every sale and targeting, whatever its row calls them."""
        return purpose.is_in(sorted(self.purposes)) | (pl.col("source") == "gpc").fill_null(value=False)

    def _known_variant(self, variant: pl.Expr) -> pl.Expr:
        experiment = pl.col("experiment")
        pairs = [f"{name}{_INNER}{arm}" for name, arms in self.variants.items() for arm in arms]
        is_known = pl.concat_str(experiment, variant, separator=_INNER).is_in(pairs)
        return is_known | ~experiment.is_in(list(self.variants))


class Bound:
    """A contract's schema with the workspace's rules and further columns, ready to sift rows.

    Attributes:
        dtypes: column → type of the accepted rows, in the order in which they are written.
    """

    def __init__(self, schema: type[dy.Schema], rules: WorkspaceRules, extra: Mapping[str, str]) -> None:
        """`extra` maps each further column to `text` or `number`."""
        further = {name: number() if kind == "number" else text() for name, kind in extra.items()}
        columns: dict[str, dy.Column] = {**schema.columns(), **further}
        self.dtypes = {name: column.dtype for name, column in columns.items()}
        self._schema = _extended(schema, columns, rules)

    def sift(self, frame: pl.DataFrame) -> Sifted:
        """Part typed rows (all columns of `dtypes`, ROW and UNREADABLE) into accepted and rejected."""
        accepted, failure = self._schema.filter(frame)
        rows = accepted.select(ROW, *self.dtypes)
        if not len(failure):
            return Sifted(rows, pl.DataFrame(schema={ROW: pl.UInt32, "rule": pl.String, "column": pl.String}))
        return Sifted(rows, self._first_broken(failure.details()))

    def _first_broken(self, details: pl.DataFrame) -> pl.DataFrame:
        columns = set(self._schema.column_names())
        failures = self._in_order(name for name in details.columns if name not in columns)
        whether = [pl.col(failure) == "invalid" for failure in failures]
        named = [self._named(failure) for failure in failures]
        rule = pl.coalesce(
            pl.when(broken).then(pl.lit(name)) for broken, (name, _) in zip(whether, named, strict=True)
        )
        column = pl.coalesce(
            pl.when(broken).then(about) for broken, (_, about) in zip(whether, named, strict=True)
        )
        return details.select(ROW, rule=rule, column=column)

    @staticmethod
    def _in_order(failures: Iterable[str]) -> list[str]:
        """Type first, then column by column, then rules about several columns."""
        return sorted(failures, key=lambda failure: (failure != _WRONG_TYPE, "|" not in failure))

    def _named(self, failure: str) -> tuple[str, pl.Expr]:
        """Rule and column, in a person's words."""
        if failure == _WRONG_TYPE:
            return failure, pl.col(UNREADABLE)
        column, bar, rule = failure.rpartition("|")
        if bar:
            rule = rule.removeprefix("check__")
            return _PERSONS_WORDS.get(rule, rule), pl.lit(column)
        factory = getattr(self._schema, failure)
        return failure, pl.lit(factory.validation_fn(self._schema).meta.root_names()[0])


def _extended(
    schema: type[dy.Schema], columns: Mapping[str, dy.Column], rules: WorkspaceRules
) -> type[dy.Schema]:
    members: dict[str, Any] = {
        ROW: dy.UInt32(),
        UNREADABLE: dy.String(nullable=True),
        _WRONG_TYPE: dy.rule()(lambda _: pl.col(UNREADABLE).is_null()),
    }
    for name, column in columns.items():
        checks = rules.checks(schema, name, column)
        own = cast("Mapping[str, Check]", column.check or {})
        members[name] = column.with_check({**own, **checks})
    bound: type[dy.Schema] = new_class(
        f"Bound{schema.__name__}", (schema,), exec_body=lambda body: body.update(members)
    )
    return bound
