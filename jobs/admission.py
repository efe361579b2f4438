"""The only way from a person's rows to a figure: `jobs.population` says which may leave.

`PersonalTables` keeps the keyed tables to itself. For an experiment it hands out an `Admitted`: rows of those
who count, in the spans in which they may be used. Figures about the processing itself must also see those who
did not consent: they get the rows of everybody who is not erased, of tables that say nothing of what people
bought. Every use is noted, with the rows that were refused, for the audit log.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw

from jobs import population, row_counts
from jobs.config.models import Experiment
from jobs.engine import PolarsEngine
from jobs.row_counts import RowCounts
from metrics.outcomes import Outcome, event_outcomes, member_rows, usable_rows

Frame = nw.LazyFrame[Any]
col = nw.col

TABLES = ("customers", "consent_events", "journey_events", "order_lines", "unit_outcomes")
"""Tables about people whose rows nobody else may read; requests and assignments are records of their own."""

ProcessingUse = Literal["consent and leakage", "exposure to vendors", "serving cost"]
ProcessingTable = Literal["consent_events", "journey_events"]
"""What says how data were used, not what people bought."""

HomeColumn = Literal["jurisdiction", "birth_date", "household"]
HOME: Mapping[HomeColumn, Any] = {"jurisdiction": nw.String, "birth_date": nw.Date, "household": nw.Int64}


@dataclass
class Use:
    """One use of the tables about people, as the audit log records it.

    Attributes:
        name: the experiment, or what the figures are about.
        key: what the tables were joined on.
        tables: those that took part.
        rows: table → rows admitted and refused, where rows were judged one by one.
    """

    name: str
    key: str
    experiment: Experiment | None = None
    tables: set[str] = field(default_factory=set)
    rows: dict[str, RowCounts] = field(default_factory=dict)


class PersonalTables:
    """A run's tables about people, keyed by integers.

    Attributes:
        columns: table → its columns; a missing name means that the retailer has no such table.
        loaded_until: event table → instant up to which its rows are known (naive UTC).
        held_out: customers of the universal holdout's control, if there is one.
        set_aside: customers whose row is in quarantine, if any.
    """

    def __init__(
        self,
        tables: Mapping[str, Frame],
        columns: Mapping[str, frozenset[str]],
        loaded_until: Mapping[str, dt.datetime],
        held_out: Frame | None = None,
        set_aside: Frame | None = None,
    ) -> None:
        self.__tables = dict(tables)
        self.__admitted: list[Admitted] = []
        self.__processing: dict[str, set[str]] = {}
        self.columns = columns
        self.loaded_until = loaded_until
        self.held_out = held_out
        self.set_aside = set_aside

    def has(self, table: str) -> bool:
        """Whether the retailer has the table."""
        return table in self.__tables

    def assignments(self, experiment: Experiment) -> Frame:
        """The experiment's assignment rows: unit, variant, assigned_at, assigned_on."""
        rows = self.__tables["assignments"]
        rows = rows.filter(col("experiment") == experiment.id, ~col("unit").is_null())
        return rows.select("unit", "variant", "assigned_at", "assigned_on")

    def homes(self) -> Frame | None:
        """Customers and their households: customer, unit; None where the retailer has no customers table."""
        customers = self.__tables.get("customers")
        return None if customers is None else customers.select("customer", unit=col("household"))

    def admit(self, experiment: Experiment, rules: population.Rules, engine: PolarsEngine) -> "Admitted":
        """Judge the members of an experiment's units; what they did can then be read through the result."""
        found = Admitted(self.__tables, self.held_out, self.set_aside, experiment, rules, engine)
        self.__admitted.append(found)
        return found

    def days(self, table: Literal["order_lines"], zone: str) -> Frame:
        """The local days on which an event table has any row at all: day."""
        local = col("ordered_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        return self.__tables[table].select(day=local.dt.date()).unique()

    def processing(self, table: ProcessingTable, use: ProcessingUse, as_of_end: dt.datetime) -> Frame | None:
        """Rows that say how data were used, without those of the erased; None: there is no such table."""
        rows = self.__tables.get(table)
        if rows is None:
            return None
        self.__processing.setdefault(use, set()).update({table} | ({"dsr_requests"} & self.__tables.keys()))
        return self.__without_erased(rows, as_of_end)

    def at_home(self, rows: Frame, use: ProcessingUse, *wanted: HomeColumn) -> Frame:
        """Rows with `jurisdiction`, `birth_date` or `household` of their customer; unknown = null."""
        customers = self.__tables.get("customers")
        if customers is None:
            return rows.with_columns(**{name: nw.lit(None, dtype=HOME[name]) for name in wanted})
        self.__processing.setdefault(use, set()).add("customers")
        return rows.join(customers.select("customer", *wanted), on="customer", how="left")

    def uses(self, engine: PolarsEngine, as_of_end: dt.datetime) -> list[Use]:
        """Every use so far, with the rows admitted and refused of each table, for the audit log."""
        sizes: dict[str, Frame] = {}
        found = [admitted.use(sizes) for admitted in self.__admitted]
        for name, tables in sorted(self.__processing.items()):
            use = Use(name, "customer_id", tables=set(tables))
            for table in sorted(tables & {"consent_events", "journey_events"}):
                rows = self.__tables[table]
                kept = self.__without_erased(rows, as_of_end)
                use.rows[table] = row_counts.of_processing(rows, kept, engine)
            found.append(use)
        return found

    def __without_erased(self, rows: Frame, as_of_end: dt.datetime) -> Frame:
        requests = self.__tables.get("dsr_requests")
        if requests is None:
            return rows
        return rows.join(population.erased(requests, as_of_end), on="customer", how="anti")


class Admitted:
    """Who counts in one experiment, and the rows of theirs that may be used.

    Attributes:
        members: a row per member, see `population.members`.
        standing: a row per unit, see `population.unit_standing`.
        outside: variant, units: assigned only outside the experiment's period.
    """

    def __init__(
        self,
        tables: Mapping[str, Frame],
        held_out: Frame | None,
        set_aside: Frame | None,
        experiment: Experiment,
        rules: population.Rules,
        engine: PolarsEngine,
    ) -> None:
        self.__tables, self.__engine, self.__experiment = tables, engine, experiment
        self.__read: set[str] = set()
        assignments = self.__rows("assignments").filter(
            col("experiment") == experiment.id, ~col("unit").is_null()
        )
        assignments = assignments.select("unit", "variant", "assigned_at", "assigned_on")
        people = self.__people(held_out, set_aside)
        units = population.assigned_units(assignments, rules)
        name = experiment.id
        self.members = engine.checkpoint(population.members(units, people, rules), f"{name}-members")
        self.__spans = engine.checkpoint(
            population.usable_spans(self.members, people, rules), f"{name}-spans"
        )
        self.standing = engine.checkpoint(population.unit_standing(self.members), f"{name}-standing")
        self.outside = population.outside_period(assignments, rules)

    def attributes(self, *columns: str) -> Frame:
        """Columns of `customers` for the members who count: unit, customer, columns."""
        rows = self.members.filter(col("reason") == 0).select("unit", "customer")
        known = self.__rows("customers").select("customer", *dict.fromkeys(columns))
        return rows.join(known, on="customer", how="left")

    def lines(self, *columns: str) -> Frame:
        """Order lines of members who count, while they may be used: unit, variant, time, at, columns."""
        return usable_rows(self.__spans, self.__lines(*columns))

    def lines_within(self, outcomes: Sequence[Outcome], *columns: str) -> Frame:
        """The same, inside the longest window or covariate period of the outcomes."""
        return member_rows(self.__spans, self.__lines(*columns), outcomes)

    def line_outcomes(self, outcomes: Sequence[Outcome]) -> Frame:
        """Outcomes and covariates per unit that has any such line; see `metrics.outcomes.event_outcomes`."""
        values = sorted({outcome.value for outcome in outcomes} - {"any"})
        return event_outcomes(self.__spans, self.__lines(*values), outcomes)

    def results(self, *columns: str) -> Frame:
        """Pre-computed results of the units that count: unit, columns."""
        rows = self.__rows("unit_outcomes").filter(col("experiment") == self.__experiment.id)
        counting = self.standing.filter(col("reason") == 0).select("unit")
        return counting.join(rows.select("unit", *dict.fromkeys(columns)), on="unit", how="inner")

    def use(self, sizes: dict[str, Frame]) -> Use:
        """What was read for the experiment; `sizes` keeps rows per customer for the next experiment."""
        key = "household_id" if self.__experiment.unit == "household" else "customer_id"
        found = Use(self.__experiment.id, key, self.__experiment, set(self.__read))
        for table in sorted(self.__read & {"customers", "order_lines"}):
            if table not in sizes:
                per_customer = row_counts.per_customer(self.__tables[table])
                sizes[table] = self.__engine.checkpoint(per_customer, f"rows of {table} by customer")
            time = None if table == "customers" else "ordered_at"
            found.rows[table] = row_counts.of_members(
                self.__tables[table], sizes[table], self.members, self.__spans, time, self.__engine
            )
        if "unit_outcomes" in self.__read:
            rows = self.__tables["unit_outcomes"].filter(col("experiment") == self.__experiment.id)
            found.rows["unit_outcomes"] = row_counts.of_units(rows, self.standing, self.__engine)
        return found

    def __rows(self, table: str) -> Frame:
        self.__read.add(table)
        return self.__tables[table]

    def __lines(self, *columns: str) -> Frame:
        return self.__rows("order_lines").select("customer", *columns, at=col("ordered_at"))

    def __people(self, held_out: Frame | None, set_aside: Frame | None) -> population.People:
        known = {
            name: self.__rows(name) if name in self.__tables else None
            for name in ("customers", "consent_events", "dsr_requests")
        }
        customers = known["customers"]
        if customers is not None:
            unit = "household" if self.__experiment.unit == "household" else "customer"
            customers = customers.with_columns(unit=col(unit))
        return population.People(
            customers,
            known["consent_events"],
            known["dsr_requests"],
            None if self.__experiment.programme else held_out,
            set_aside,
        )
