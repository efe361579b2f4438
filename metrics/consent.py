"""Consent as of each event: who had allowed what when a journey met them, and what part of it that covers.

Times are naive UTC. A state holds from its event to the customer's next event about the same purpose; at
equal times the more restrictive state wins. Withdrawal does not reach back (GDPR Art 7(3)).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
col = nw.col

STATES = ("granted", "refused", "withdrawn")
"""What an event can say, from the least to the most restrictive."""

SOURCES = ("", "cmp", "preference_centre", "import", "tcf", "gpc")
"""Where an event was recorded; the first = not told."""

NEVER = dt.datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC, as all times here


def standings(events: Frame) -> Frame:
    """What each customer said about one purpose, from one event to the next.

    `events`: customer, state, occurred_at, source; of one purpose.

    Returns:
        customer, since, superseded_at (null = never), state (rank in `STATES`), source (rank in `SOURCES`).
    """
    folded = (
        events.with_columns(
            since=col("occurred_at"), said=_rank("state", STATES) * 8 + _rank("source", SOURCES)
        )
        .group_by("customer", "since")
        .agg(col("said").max())
    )
    following = col("since").shift(-1).over("customer", order_by="since")
    return folded.with_columns(superseded_at=following).select(
        "customer", "since", "superseded_at", state=col("said") // 8, source=col("said") % 8
    )


def _rank(column: str, words: Sequence[str]) -> nw.Expr:
    rank = nw.lit(0)
    for position, word in enumerate(words):
        rank = nw.when(col(column) == word).then(nw.lit(position)).otherwise(rank)
    return rank


def grants(states: Frame, expiry: nw.Expr) -> Frame:
    """Spans in which the purpose was granted: customer, since, until, expires, source.

    A grant holds while since ≤ instant < until and instant ≤ expires. `states`: `standings` with what
    `expiry` needs; `expiry`: the last instant of a grant given at `since`.
    """
    granted = states.filter(col("state") == 0)
    return granted.select(
        "customer", "since", "source", until=col("superseded_at").fill_null(NEVER), expires=expiry
    )


def joint(granted: Sequence[Frame]) -> Frame:
    """Spans in which every one of several purposes is granted; a customer's never overlap.

    `granted`: `grants` of each purpose, at least one.

    Returns:
        customer, since, until, expires, one_source (1 where all grants were recorded by one known source).
    """
    first, *others = granted
    spans = first.with_columns(one_source=nw.when(col("source") > 0).then(1).otherwise(0))
    for other in others:
        renamed = other.select(
            "customer", begins=col("since"), ends=col("until"), lapses=col("expires"), recorded=col("source")
        )
        met = spans.join(renamed, on="customer", how="inner").select(
            "customer",
            "source",
            since=nw.max_horizontal("since", "begins"),
            until=nw.min_horizontal("until", "ends"),
            expires=nw.min_horizontal("expires", "lapses"),
            one_source=nw.when(col("recorded") == col("source")).then(col("one_source")).otherwise(0),
        )
        spans = met.filter(col("since") < col("until"), col("since") <= col("expires"))
    return spans.select("customer", "since", "until", "expires", "one_source")


def visits(events: Frame) -> Frame:
    """What each customer met of one journey; a single row stands for all unknown visitors.

    `events`: customer (null = unknown visitor), occurred_at, collection, personalised (null counts as
    personalised); of one journey.

    Returns:
        customer, events, personalised, server (those collected on a server), last (instant of the latest).
    """
    server = nw.when(col("collection") == "server").then(1).otherwise(0)
    flagged = events.with_columns(personal=_personal(), server=server)
    return flagged.group_by("customer").agg(
        events=nw.len(),
        personalised=col("personal").sum(),
        server=col("server").sum(),
        last=col("occurred_at").max(),
    )


def _personal() -> nw.Expr:
    return nw.when(col("personalised").fill_null(value=True)).then(1).otherwise(0)


def covered(events: Frame, spans: Frame) -> Frame:
    """How many of a customer's events fall into a span of `joint`: customer, covered, lawful, one_source.

    `events` as in `visits`. `lawful` counts the personalised among the covered, `one_source` those whose
    grants were all recorded by one source.
    """
    met = events.select("customer", "occurred_at", personal=_personal())
    inside = met.join(spans, on="customer", how="inner").filter(
        col("since") <= col("occurred_at"),
        col("occurred_at") < col("until"),
        col("occurred_at") <= col("expires"),
    )
    return inside.group_by("customer").agg(
        covered=nw.len(), lawful=col("personal").sum(), one_source=col("one_source").sum()
    )


def last_states(met: Frame, states: Frame, expiry: nw.Expr) -> Frame:
    """How many customers were in which state about a purpose at their last event of a journey.

    `met`: `visits` with jurisdiction and what `expiry` needs; `states`: `standings` of the purpose. Customers
    without any earlier event about it are in no row: they are undecided.

    Returns:
        jurisdiction, state (a word of `STATES`, or `expired`), people.
    """
    current = met.join(states, on="customer", how="inner").filter(
        col("since") <= col("last"), col("superseded_at").is_null() | (col("last") < col("superseded_at"))
    )
    word = nw.when(col("last") > expiry).then(nw.lit("expired")).otherwise(nw.lit(STATES[0]))
    for rank, name in enumerate(STATES[1:], 1):
        word = nw.when(col("state") == rank).then(nw.lit(name)).otherwise(word)
    return current.with_columns(state=word).group_by("jurisdiction", "state").agg(people=nw.len())


def by_jurisdiction(met: Frame) -> Frame:
    """The customers of a journey added up per jurisdiction.

    `met`: `visits` with jurisdiction, the counts of `covered` (0 where nothing was), child and age_unknown
    (1 or 0). An unknown visitor's events are each a cluster of their own.

    Returns:
        jurisdiction, people (known customers), strangers (events of unknown visitors), the sums of all
        counts, and nn, nc, cc: sums over clusters of events², events × covered, covered².
    """
    known = ~col("customer").is_null()
    counts = ("events", "personalised", "server", "covered", "lawful", "one_source", "child", "age_unknown")
    pairs = {"nn": ("events", "events"), "nc": ("events", "covered"), "cc": ("covered", "covered")}
    marked = met.with_columns(
        people=nw.when(known).then(1).otherwise(0),
        strangers=nw.when(known).then(0).otherwise(col("events")),
        **{name: nw.when(known).then(col(a) * col(b)).otherwise(col(b)) for name, (a, b) in pairs.items()},
    )
    names = ("people", "strangers", *counts, *pairs)
    return marked.group_by("jurisdiction").agg(*(col(name).sum().cast(nw.Int64) for name in names))


def first_answers(states: Frame) -> Frame:
    """The first word of each customer on a purpose: customer, since, granted (1 or 0); from `standings`."""
    first = states.group_by("customer").agg(col("since").min())
    granted = nw.when(col("state") == 0).then(1).otherwise(0)
    return states.join(first, on=["customer", "since"], how="inner").select(
        "customer", "since", granted=granted
    )


def answers_by_week(first: Frame, bounds: Sequence[dt.datetime]) -> Frame:
    """First answers between the first bound and the last, per jurisdiction and week.

    `first`: `first_answers` with jurisdiction; `bounds`: instants at which the weeks begin, ascending, and at
    last the end.

    Returns:
        jurisdiction, week (position of its beginning in `bounds`), decided, granted.
    """
    inside = first.filter(col("since") >= bounds[0], col("since") < bounds[-1])
    week = nw.lit(0)
    for position, bound in enumerate(bounds[1:-1], 1):
        week = nw.when(col("since") >= bound).then(nw.lit(position)).otherwise(week)
    counted = inside.with_columns(week=week).group_by("jurisdiction", "week")
    return counted.agg(decided=nw.len(), granted=col("granted").sum())
