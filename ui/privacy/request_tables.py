"""Tables of requests: the queue, the service level, and California's yearly disclosure."""

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from metrics import catalogue, formatting
from reports.readings import Tone
from reports.wording.figures import listed
from reports.wording.privacy_law import rule_words
from reports.wording.privacy_requests import STATES, days_text, last_day
from reports.wording.privacy_words import regime_label, right_label
from reports.wording.privacy_yearly import remarks
from ui.parts.markup import Column, Html, Row, mark, small, strong, table, tag, text
from ui.parts.measures import meter

SHORT = 8
"""Characters of a pseudonym that are shown; the rest on hover and in the file."""

SURE = 0.8
"""Lower limit from which a share without a late answer reads as good: a few requests in time prove little."""


def queue_table(rows: pl.DataFrame, zone: ZoneInfo) -> Html:
    """One row per request: how much time is left, by which rule."""
    columns = [
        Column("Request"),
        Column("Place and law"),
        Column("State", "dsr_requests.days_left", left=True),
        Column("Last day by law", hint="Without extension, or the extended date where one was made in time."),
        Column("Careful date", hint="Weekends alone are no working days, and nothing moves."),
        Column("Received"),
        Column("Rule", width="24%"),
    ]
    body = [_request(row, zone) for row in rows.iter_rows(named=True)]
    return table(columns, body, label="Requests", kind="lg-plain")


def _request(row: dict[str, Any], zone: ZoneInfo) -> Row:
    rule = rule_words(row["rule"])
    name = tag(
        "span",
        text(row["request_id"][:SHORT]),
        class_="lg-id lg-small",
        title=f"Pseudonym {row['request_id']}",
    )
    said = " ".join(filter(None, [f"{rule.clock}. {rule.more}", rule.source]))
    return Row(
        [
            Html(f"{text(right_label(row['kind']))}{name}"),
            Html(f"{text(row['jurisdiction'])}{small(regime_label(row['regime']))}"),
            Html(f"{mark(STATES[row['state']])}{_time(row)}"),
            _by_law(row),
            _careful(row),
            Html(f"{text(formatting.day(row['received_at'].astimezone(zone).date()))}{_confirmed(row)}"),
            Html(f"{tag('span', text(rule.clock), title=said)}{small(row['remarks'] or '')}"),
        ],
        dim=row["state"] == "excluded",
    )


def rules_table(rows: pl.DataFrame) -> Html:
    """The rules behind the dates of these requests, each with its source."""
    used = rows.filter(pl.col("respond_due").is_not_null()).select("rule", "regime", "kind").unique()
    columns = [
        Column("Rule", width="26%"),
        Column("Requests to"),
        Column("Beside", width="30%"),
        Column("Source"),
    ]
    body = []
    for (rule, regime), group in used.sort("regime", "kind").group_by("rule", "regime", maintain_order=True):
        words = rule_words(str(rule))
        rights = ", ".join(right_label(kind).lower() for kind in group["kind"])
        body.append(
            Row(
                [
                    Html(f"{text(words.clock)}{small(regime_label(str(regime)))}"),
                    text(rights),
                    text(words.more or "–"),
                    small(words.source),
                ]
            )
        )
    return table(columns, body, label="Rules of law", kind="lg-plain")


def _time(row: dict[str, Any]) -> Html:
    if row["closed_at"] is not None:
        days = "" if row["days"] is None else f"answered after {row['days']} days"
        return small(days)
    return small(days_text(row)) if row["days_left"] is not None else small("no date known")


def _by_law(row: dict[str, Any]) -> Html:
    if row["extended_due"] is None:
        return text(formatting.day(last_day(row)))
    first = formatting.day(row["respond_due"])
    return Html(f"{text(formatting.day(row['extended_due']))}{small(f'extended from {first}')}")


def _careful(row: dict[str, Any]) -> Html:
    careful = row["conservative_due"]
    if careful is None:
        return text(formatting.MISSING)
    under = "before the extension" if row["extended_due"] else ""
    sooner = not under and row["respond_due"] and careful < row["respond_due"]
    return Html(f"{text(formatting.day(careful))}{small(under or ('sooner' if sooner else ''))}")


def _confirmed(row: dict[str, Any]) -> Html:
    if row["acknowledged"]:
        return small("confirmed in time" if row["acknowledged"] == "on_time" else "▼ not confirmed in time")
    due = row["acknowledge_due"]
    return small(f"confirm by {formatting.day(due)}" if due and row["closed_at"] is None else "")


def service_table(rows: pl.DataFrame) -> Html:
    """One row per law and right, those with something overdue or late first."""
    columns = [
        Column("Right and law"),
        _figure("sla_rate"),
        Column("At least", "dsr_sla.sla_low", width="18%", under="0 to 100 %"),
        _figure("late"),
        _figure("overdue"),
        _figure("open"),
        _figure("ack_rate"),
        Column("Days to answer", "dsr_sla.median_days", under="median, mean"),
        Column("Received", "dsr_sla.received"),
    ]
    due = rows.filter(pl.col("sla_rate").is_not_null()).sort(
        "overdue", "late", "received", "regime", "kind", descending=[True, True, True, False, False]
    )
    rest = rows.filter(pl.col("sla_rate").is_null()).sort("regime", "kind")
    known = pl.col("open").is_not_null()
    body = [
        *(_service(row) for row in due.iter_rows(named=True)),
        *_unrated(rest.filter(known), "◌ none due yet"),
        *_unrated(rest.filter(~known), "◌ clock not known"),
    ]
    return table(columns, body, label="Service level by right and law", kind="lg-plain")


def _figure(name: str) -> Column:
    entry = catalogue.column("dsr_sla", name)
    return Column(entry.label, f"dsr_sla.{name}")


def _service(row: dict[str, Any]) -> Row:
    due = row["on_time"] + row["late"] + row["overdue"]
    low = formatting.percent(row["sla_low"])
    said = f"{formatting.percent(row['sla_rate'])} in time, at least {low}"
    of = f"{formatting.count(row['on_time'])} of {formatting.count(due)}"
    return Row(
        [
            Html(f"{text(right_label(row['kind']))}{small(regime_label(row['regime']))}"),
            Html(f"{strong(formatting.percent(row['sla_rate']))}{small(of)}"),
            Html(f"{meter(row['sla_rate'], _tone(row), said, low=row['sla_low'])}{small(low)}"),
            _alarm(row["late"], "▼"),
            _alarm(row["overdue"], "■"),
            text(formatting.count(row["open"])),
            _acknowledged(row["ack_rate"]),
            _days(row),
            Html(f"{text(formatting.count(row['received']))}{small(remarks(row['note']))}"),
        ]
    )


def _unrated(rows: pl.DataFrame, why: str) -> list[Row]:
    """Laws and rights without a rate, in one row: how many requests, and which."""
    if rows.is_empty():
        return []
    named = [
        f"{right_label(row['kind']).lower()} in {regime_label(row['regime'])}"
        for row in rows.iter_rows(named=True)
    ]
    dash, nothing = text(formatting.MISSING), Html("")
    waiting = rows["open"].drop_nulls()
    return [
        Row(
            [
                Html(f"{text(f'{rows.height} more')}{small(listed(named, 4))}"),
                text(why), nothing, dash, dash,
                text(formatting.count(int(waiting.sum())) if len(waiting) else formatting.MISSING),
                dash, dash, text(formatting.count(int(rows["received"].sum()))),
            ],
            dim=True,
        )
    ]  # fmt: skip


def _tone(row: dict[str, Any]) -> Tone:
    if row["overdue"]:
        return "bad"
    if row["late"]:
        return "warn"
    return "good" if row["sla_low"] >= SURE else "neutral"


def _alarm(number: int, shape: str) -> Html:
    if not number:
        return text(formatting.count(number))
    return tag("span", text(f"{shape} {formatting.count(number)}"), class_="lg-mark lg-bad")


def _acknowledged(rate: float | None) -> Html:
    return text(formatting.percent(rate)) if rate is not None else text(formatting.MISSING)


def _days(row: dict[str, Any]) -> Html:
    if row["median_days"] is None:
        return text(formatting.MISSING)
    return Html(f"{text(formatting.number(row['median_days'], 0))}{small(_mean(row['mean_days']))}")


def _mean(value: float | None) -> str:
    return f"mean {formatting.number(value, 1)}"


def yearly_table(rows: pl.DataFrame) -> Html:
    """The table of 11 CCR 7102 as it is to be published: received, complied, denied, days, by right."""
    columns = [
        Column("Request to"),
        Column("Received", "dsr_7102.received"),
        Column("Complied with in whole or in part", "dsr_7102.complied"),
        Column("Denied", "dsr_7102.denied"),
        Column("Median days to respond", "dsr_7102.median_days"),
        Column("Mean days to respond", "dsr_7102.mean_days"),
        Column("Beside"),
    ]
    body = [
        Row(
            [
                text(right_label(row["right"])),
                text(formatting.count(row["received"])),
                _complied(row),
                text(formatting.count(row["denied"])),
                text(formatting.number(row["median_days"], 1)),
                text(formatting.number(row["mean_days"], 1)),
                small(remarks(row["note"]) or "–"),
            ]
        )
        for row in rows.iter_rows(named=True)
    ]
    return table(columns, body, label="Requests by right, 11 CCR 7102", kind="lg-plain")


def _complied(row: dict[str, Any]) -> Html:
    whole, part = row["complied"], row["complied_in_part"]
    split = small(f"{formatting.count(part)} in part") if part else Html("")
    return Html(f"{text(formatting.count(whole + part))}{split}")
