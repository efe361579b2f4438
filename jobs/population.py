"""Who counts in an experiment: written once, on Narwhals lazy frames, for every engine.

Personal data in, personal data out: one row per member of an assigned unit, with the reason for which it does
not count, if any. No figure is computed from anything else.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
col = nw.col

OBJECTIONS = ("object", "opt_out", "limit", "restrict")
WITHOUT_EFFECT = ("denied", "withdrawn", "duplicate")
ERASING = ("complied", "complied_in_part")
NEVER = nw.lit(None, dtype=nw.Datetime("us"))
REASONS = ("universal_holdout", "consent", "child", "objection", "erased")


@dataclass(frozen=True)
class Rules:
    """What decides who counts in one experiment.

    Attributes:
        purposes: all must be granted at assignment when `needs_consent`; a withdrawal of any one freezes.
        needs_consent: the lawful basis is consent.
        validity_days: jurisdiction or "default" → days for which a grant is valid.
        consent_ages: jurisdiction or "default" → age of digital consent in years.
        include_unknown_age: whether people without a birth date count.
        starts, ends: naive UTC instants, `ends` exclusive; None = open.
        as_of_end: naive UTC, exclusive end of the measurement day.
    """

    purposes: tuple[str, ...]
    needs_consent: bool
    validity_days: Mapping[str, int]
    consent_ages: Mapping[str, int]
    include_unknown_age: bool
    starts: dt.datetime | None
    ends: dt.datetime | None
    as_of_end: dt.datetime

    @property
    def fallback_time(self) -> dt.datetime:
        """When a unit without a time counts as assigned: at the start, else at the end of `as_of`."""
        return self.starts or self.as_of_end


@dataclass(frozen=True)
class People:
    """The tables that decide who counts, keyed by dense integers; None = the retailer has no such table.

    Attributes:
        customers: customer, unit, jurisdiction, birth_date; `unit` is the customer or its household.
        consent_events: customer, purpose, state, occurred_at.
        requests: customer, kind, received_at, closed_at, outcome.
        held_out: customer; those whom the universal holdout keeps from personalisation.
        set_aside: customer; those whose own row is in quarantine, so that they may be children.
    """

    customers: Frame | None
    consent_events: Frame | None
    requests: Frame | None
    held_out: Frame | None
    set_aside: Frame | None = None


def by_jurisdiction(
    table: Mapping[str, int], unknown: int, make: Callable[[int], nw.Expr] = nw.lit
) -> nw.Expr:
    """Look a value up per row: exact jurisdiction, its country, "default"; no jurisdiction = `unknown`."""
    place, found = col("jurisdiction"), make(table["default"])
    for key, is_part in ((place.str.slice(0, 2), False), (place, True)):
        level = {name: value for name, value in table.items() if ("-" in name) is is_part}
        for value in sorted(set(level.values())):
            names = [name for name, own in level.items() if own == value]
            found = nw.when(key.is_in(names)).then(make(value)).otherwise(found)
    return nw.when(place.is_null()).then(make(unknown)).otherwise(found)


def in_period(assignments: Frame, rules: Rules) -> Frame:
    """Assignment rows with `time` and whether they fall inside the experiment's period."""
    time = (
        nw.when(col("assigned_at").is_null()).then(nw.lit(rules.fallback_time)).otherwise(col("assigned_at"))
    )
    inside = nw.lit(value=True)
    if rules.starts is not None:
        inside = inside & (col("time") >= rules.starts)
    if rules.ends is not None:
        inside = inside & (col("time") < rules.ends)
    return assignments.with_columns(time=time).with_columns(inside=col("assigned_at").is_null() | inside)


def assigned_units(assignments: Frame, rules: Rules) -> Frame:
    """One row per unit: unit, variant, time, day of its first exposure inside the period.

    `assignments`: unit, variant, assigned_at, assigned_on (local day), already free of crossovers.
    """
    inside = in_period(assignments, rules).filter(col("inside"))
    return inside.group_by("unit").agg(col("variant").min(), col("time").min(), day=col("assigned_on").min())


def outside_period(assignments: Frame, rules: Rules) -> Frame:
    """Units per variant with no assignment inside the period: variant, units."""
    marked = in_period(assignments, rules)
    per_unit = marked.group_by("unit", "variant").agg(
        ever_inside=nw.when(col("inside")).then(1).otherwise(0).max()
    )
    return per_unit.filter(col("ever_inside") == 0).group_by("variant").agg(units=nw.len())


def members(units: Frame, people: People, rules: Rules) -> Frame:
    """One row per member of an assigned unit.

    Returns:
        unit, variant, time, day, customer, reason (rank in `REASONS` from 1; 0 = counts), age_unknown,
        erased, consented (every purpose granted at assignment), refused_at (first refusal or withdrawal after
        it), withdrew_at (freeze: that, or an objection at or after assignment that stands).
    """
    who = _with_customers(units, people)
    rows = _with_age(who, rules)
    rows = _with_consent(rows, who, people, rules)
    rows = _with_requests(rows, who, people, rules)
    rows = _with_flag(rows, people.held_out, "held_out")
    rows = _with_flag(rows, people.set_aside, "set_aside")
    reason = nw.lit(0)
    flags = (~col("age_allowed") | col("set_aside"), col("objecting"), col("erased"))
    for flag, rank in reversed([*zip(flags, (3, 4, 5), strict=True)]):
        reason = nw.when(flag).then(nw.lit(rank)).otherwise(reason)
    if rules.needs_consent:
        reason = nw.when(~col("consented")).then(nw.lit(2)).otherwise(reason)
    reason = nw.when(col("held_out")).then(nw.lit(1)).otherwise(reason)
    withdrew = _earlier(col("refused_at"), col("objected_at"))
    return rows.with_columns(reason=reason, withdrew_at=withdrew).select(
        "unit",
        "variant",
        "time",
        "day",
        "customer",
        "reason",
        "age_unknown",
        "erased",
        "consented",
        "refused_at",
        "withdrew_at",
    )


def unit_standing(rows: Frame) -> Frame:
    """One row per unit: it counts if one member does; else the first reason of its members.

    Returns:
        unit, variant, time, reason, people (members who count), age_unknown, erased, withdrew (1 or 0).
    """
    counts = col("reason") == 0
    flagged = rows.with_columns(
        counted=nw.when(counts).then(1).otherwise(0),
        unknown=nw.when(counts & col("age_unknown")).then(1).otherwise(0),
        gone=nw.when(col("erased")).then(1).otherwise(0),
        left=nw.when(counts & ~col("withdrew_at").is_null()).then(1).otherwise(0),
    )
    return flagged.group_by("unit").agg(
        col("variant").min(),
        col("time").min(),
        col("reason").min(),
        people=col("counted").sum().cast(nw.Int64),
        age_unknown=col("unknown").max(),
        erased=col("gone").min(),
        withdrew=col("left").max(),
    )


def _with_customers(units: Frame, people: People) -> Frame:
    if people.customers is None:
        return units.with_columns(
            customer=col("unit"),
            jurisdiction=nw.lit(None, dtype=nw.String),
            birth_date=nw.lit(None, dtype=nw.Date),
        )
    known = people.customers.select("customer", "unit", "jurisdiction", "birth_date")
    joined = units.join(known, on="unit", how="left")
    customer = nw.when(col("customer").is_null()).then(col("unit")).otherwise(col("customer"))
    return joined.with_columns(customer=customer)


def consent_intervals(events: Frame) -> Frame:
    """Spans in which a purpose was granted: customer, purpose, granted_at, superseded_at (null = never).

    At equal times the more restrictive state wins.
    """
    restrictive = nw.when(col("state") == "granted").then(0).otherwise(1)
    states = (
        events.with_columns(restrictive=restrictive)
        .group_by("customer", "purpose", "occurred_at")
        .agg(col("restrictive").max())
    )
    following = col("occurred_at").shift(-1).over("customer", "purpose", order_by="occurred_at")
    return (
        states.with_columns(superseded_at=following)
        .filter(col("restrictive") == 0)
        .select("customer", "purpose", "superseded_at", granted_at=col("occurred_at"))
    )


def granted_at(rows: Frame, intervals: Frame, validity_days: Mapping[str, int]) -> Frame:
    """The (row, purpose) pairs granted and unexpired at each row's `time`; rows need `jurisdiction`."""
    expiry = by_jurisdiction(
        validity_days,
        min(validity_days.values()),
        lambda days: col("granted_at") + dt.timedelta(days=days),
    )
    return rows.join(intervals, on="customer", how="inner").filter(
        col("granted_at") <= col("time"),
        col("superseded_at").is_null() | (col("time") < col("superseded_at")),
        col("time") <= expiry,
    )


def _with_consent(rows: Frame, who: Frame, people: People, rules: Rules) -> Frame:
    if people.consent_events is None or not rules.purposes:
        return rows.with_columns(consented=nw.lit(value=False), refused_at=NEVER)
    events = people.consent_events.filter(col("purpose").is_in(list(rules.purposes)))
    who = who.select("customer", "time", "jurisdiction").unique()
    granted = (
        granted_at(who, consent_intervals(events), rules.validity_days)
        .group_by("customer", "time")
        .agg(purposes=nw.len())
    )
    refused = (
        who.select("customer", "time")
        .join(events.filter(col("state") != "granted"), on="customer", how="inner")
        .filter(col("occurred_at") > col("time"))
        .group_by("customer", "time")
        .agg(refused_at=col("occurred_at").min())
    )
    joined = rows.join(granted, on=["customer", "time"], how="left")
    joined = joined.join(refused, on=["customer", "time"], how="left")
    return joined.with_columns(consented=col("purposes").fill_null(0) == len(rules.purposes))


def _with_age(rows: Frame, rules: Rules) -> Frame:
    birth, day = col("birth_date"), col("day")
    birthday_to_come = (day.dt.month() < birth.dt.month()) | (
        (day.dt.month() == birth.dt.month()) & (day.dt.day() < birth.dt.day())
    )
    age = day.dt.year() - birth.dt.year() - nw.when(birthday_to_come).then(1).otherwise(0)
    needed = by_jurisdiction(rules.consent_ages, max(rules.consent_ages.values()))
    allowed = nw.when(birth.is_null()).then(nw.lit(rules.include_unknown_age)).otherwise(age >= needed)
    return rows.with_columns(age_unknown=birth.is_null(), age_allowed=allowed.fill_null(value=False))


def erased(requests: Frame, as_of_end: dt.datetime) -> Frame:
    """Customers whose deletion was complied with by `as_of_end`, wholly or in part: customer."""
    done = requests.filter(col("kind") == "delete", col("outcome").is_in(list(ERASING)))
    in_time = col("closed_at").is_null() | (col("closed_at") < as_of_end)
    return done.filter(in_time, ~col("customer").is_null()).select("customer").unique()


def _objections(requests: Frame, as_of_end: dt.datetime) -> Frame:
    """Customer, received_at, over_at: objections, and when they lost their effect (null = they stand)."""
    lost = col("outcome").is_in(list(WITHOUT_EFFECT)) & (col("closed_at") < as_of_end)
    return requests.filter(col("kind").is_in(list(OBJECTIONS))).select(
        "customer", "received_at", over_at=nw.when(lost).then(col("closed_at")).otherwise(NEVER)
    )


def _with_requests(rows: Frame, who: Frame, people: People, rules: Rules) -> Frame:
    if people.requests is None:
        unmarked = nw.lit(value=False)
        return rows.with_columns(objecting=unmarked, erased=unmarked, objected_at=NEVER)
    objections = _objections(people.requests, rules.as_of_end)
    objected = who.select("customer", "time").unique().join(objections, on="customer", how="inner")
    before, lasting = col("received_at") < col("time"), col("over_at").is_null()
    standing = nw.when(before & (lasting | (col("time") < col("over_at")))).then(1).otherwise(0)
    stops = nw.when(~before & lasting).then(col("received_at")).otherwise(NEVER)
    per_member = (
        objected.with_columns(standing=standing, stops=stops)
        .group_by("customer", "time")
        .agg(col("standing").max(), objected_at=col("stops").min())
    )
    joined = rows.join(per_member, on=["customer", "time"], how="left")
    joined = joined.with_columns(objecting=col("standing").fill_null(0) == 1)
    return _with_flag(joined, erased(people.requests, rules.as_of_end), "erased")


def usable_spans(rows: Frame, people: People, rules: Rules) -> Frame:
    """The spans of time in which a counting member's events may be used, from `members`.

    They end at the withdrawal, and leave out pauses: objections after assignment that were denied, taken back
    or repeated, from receipt to closing.

    Returns:
        unit, customer, variant, time, since, until: since ≤ instant < until, null = open; a member's never
        overlap.
    """
    columns = ("unit", "customer", "variant", "time", "since", "until")
    counting = rows.filter(col("reason") == 0).select(*columns[:4], "withdrew_at")
    if people.requests is None:
        return counting.with_columns(since=NEVER, until=col("withdrew_at")).select(*columns)
    pauses = (
        _objections(people.requests, rules.as_of_end)
        .filter(col("received_at") < col("over_at"))
        .join(counting, on="customer", how="inner")
        .filter(col("received_at") >= col("time"))
    )
    first = pauses.group_by("customer").agg(opens=col("received_at").min())
    untouched = counting.join(first, on="customer", how="left").with_columns(since=NEVER)
    in_order = ("received_at", "over_at")
    resumed = pauses.with_columns(
        since=col("over_at").cum_max().over("customer", order_by=in_order),
        opens=col("received_at").shift(-1).over("customer", order_by=in_order),
    )
    kept = (*columns[:-1], "withdrew_at", "opens")
    spans = nw.concat([untouched.select(*kept), resumed.select(*kept)])
    spans = spans.with_columns(until=_earlier(col("opens"), col("withdrew_at")))
    is_open = col("since").is_null() | col("until").is_null()
    return spans.filter(is_open | (col("since") < col("until"))).select(*columns)


def _with_flag(rows: Frame, customers: Frame | None, name: str) -> Frame:
    if customers is None:
        return rows.with_columns(nw.lit(value=False).alias(name))
    marked = customers.select("customer").unique().with_columns(nw.lit(1).alias(f"{name}_mark"))
    joined = rows.join(marked, on="customer", how="left")
    return joined.with_columns((col(f"{name}_mark").fill_null(0) == 1).alias(name))


def _earlier(first: nw.Expr, second: nw.Expr) -> nw.Expr:
    both = nw.when(first <= second).then(first).otherwise(second)
    return (
        nw.when(first.is_null()).then(second).otherwise(nw.when(second.is_null()).then(first).otherwise(both))
    )
