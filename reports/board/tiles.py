"""Six figures for the whole company."""

from dataclasses import replace

import polars as pl

from metrics import formatting
from reports.board import programme
from reports.board.parts import Evidence, Figure, Row, Status, Tile
from reports.board.source import Source
from reports.snapshot import Snapshot
from reports.wording import privacy_requests, privacy_vendors
from reports.wording.figures import capitalised
from reports.wording.privacy_words import counted, set_aside

CONSENT, REQUESTS, SCORE, VENDORS = (
    "board.consent_coverage", "dsr_sla_rate", "minimization_score", "board.vendors_protected"
)  # fmt: skip


def tiles(source: Source, rows: tuple[Row, ...]) -> tuple[Tile, ...]:
    """Programme lift, net value, consent coverage, requests on time, minimisation, vendors protected.

    Without a universal holdout a single journey speaks for the whole; several do not, since their gains do
    not add up.
    """
    lift, net, whose = programme.lift(source), programme.net(source), "Programme lift"
    if source.programme is None and len(rows) == 1:
        lift, net, whose = rows[0].lift, rows[0].net_value, "Lift of the one journey"
    return (
        Tile("lift", whose, lift, _growth(lift)),
        Tile("net_value", "Net value", net, _growth(net)),
        _consent(source, rows),
        _requests(source),
        _minimisation(source),
        _vendors(source),
    )


def _growth(figure: Figure) -> str:
    return f"{figure.limits}; {figure.of}" if figure.known else why(figure)


def why(figure: Figure) -> str:
    """Why there is no figure, in its first sentence."""
    return figure.note.split(". ")[0].rstrip(".")


def _consent(source: Source, rows: tuple[Row, ...]) -> Tile:
    """Coverage of all journeys' events together.

    The lower limit is the journeys' own, weighted by events: since errors of journeys that share customers
    add up at worst, it holds however much they share.
    """
    title, evidence = "Consent coverage", Evidence("consent")
    needed = [row for row in rows if row.consent.status != "not_needed"]
    sizes = {item.journey: item.figures.get("events_needing_consent") for item in source.journeys}
    known = [(row, sizes[row.journey] or 0) for row in needed if row.consent.known and sizes[row.journey]]
    if not known:
        said = "No journey rests on consent." if rows and not needed else "Consent was not measured."
        status: Status = "not_needed" if rows and not needed else "no_evidence"
        absent = source.absent(CONSENT, "share", evidence, status, said)
        return Tile("consent", title, absent, why(absent))
    events = sum(size for _, size in known)
    share = sum(size * (row.consent.value or 0) for row, size in known) / events
    lows = [row.consent.low for row, _ in known]
    low = None
    if None not in lows:
        low = sum(size * (row.consent.low or 0) for row, size in known) / events
    figure = source.figure(
        CONSENT, "share", evidence, f"{formatting.count(events)} events that need consent", share, low,
        sure="one-sided 95 % lower limit",
    )  # fmt: skip
    shares = sorted(row.consent.value or 0 for row, _ in known)
    ends = (formatting.percent(share) for share in (shares[0], shares[-1]))
    lacking = len(needed) - len(known)
    parts = [
        figure.limits,
        f"{' to '.join(ends)} by journey" if len(known) > 1 else figure.of,
        f"not known for {counted(lacking, 'journey')}" if lacking else "",
    ]
    return Tile("consent", title, figure, "; ".join(filter(None, parts)))


def _requests(source: Source) -> Tile:
    """Requests received in the quarter that were answered in time, and all those past their last day."""
    title, evidence = "Requests on time", Evidence("requests")
    rows = source.snapshot.table("dsr_sla").filter(pl.col("period") == source.period)
    counts = {name: int(rows[name].sum() or 0) for name in ("on_time", "late", "overdue")}
    due, waiting = sum(counts.values()), overdue(source.snapshot)
    waits = f"{formatting.count(waiting)} overdue" if waiting else ""
    if not due:
        logged = "dsr_requests" in source.snapshot.run.inputs
        unknown = privacy_requests.none_due_unknown(rows, set_aside(source.snapshot, "dsr_requests"))
        said = f"{capitalised(unknown)}." if unknown else "No request was due."
        absent = source.absent(
            REQUESTS, "share", evidence, "no_evidence", said if logged else "There is no log of requests."
        )
        if logged and not unknown:
            absent = replace(absent, status="not_needed", text="none due")
        return Tile("requests", title, absent, "; ".join(filter(None, [why(absent), waits])))
    low = next((item.figures.get("dsr_sla_low") for item in source.journeys), None)
    figure = source.figure(
        REQUESTS, "share", evidence, f"{counted(due, 'request')} that were due", counts["on_time"] / due, low,
        sure="one-sided 95 % lower limit",
    )  # fmt: skip
    late = f"{counts['late']} answered late" if counts["late"] else ""
    told = [f"{formatting.count(counts['on_time'])} of {formatting.count(due)} due", late, waits]
    return Tile("requests", title, figure, "; ".join(filter(None, told)))


def overdue(snapshot: Snapshot) -> int | None:
    """Requests past their last day, whenever they were received; None where nobody can say that none is."""
    rows = snapshot.table("dsr_sla")
    found = int(rows["overdue"].sum() or 0)
    untold = set_aside(snapshot, "dsr_requests") or privacy_requests.unclocked(rows, waiting_only=True)
    return found if found or not untold else None


def _minimisation(source: Source) -> Tile:
    title, evidence = "Minimisation", Evidence("data-use")
    rows = source.snapshot.table("minimization").filter(
        pl.col("system") == "*all*", pl.col("journey") == "*all*"
    )
    found = rows.row(0, named=True) if rows.height else {}
    if found.get("score") is None:
        absent = source.absent(SCORE, "number", evidence, "no_evidence", "There is no inventory of data.")
        return Tile("minimisation", title, absent, why(absent))
    figure = source.figure(SCORE, "number", evidence, "weight of all fields", found["score"])
    failing = found["fields"] - found["passing"]
    load = formatting.number(found["excess_load"], 0)
    fields = f"{formatting.count(failing)} of {counted(found['fields'], 'field')} failing"
    return Tile("minimisation", title, figure, f"{fields}; excess load {load}")


def _vendors(source: Source) -> Tile:
    """Vendors under contract that serve a journey, and how many have every protection it requires."""
    title, evidence = "Vendors protected", Evidence("data-use")
    rows = list(source.snapshot.table("vendors").iter_rows(named=True))
    serving = [row for row in rows if row["journeys"]]
    live = [row for row in serving if row["contract_status"] in ("valid", "expiring")]
    barred = sum(not privacy_vendors.may_receive(row) for row in serving)
    stops = f"{barred} may not receive data" if barred else ""
    if not live:
        said = "No vendor under contract serves a journey." if rows else "There is no register of vendors."
        absent = source.absent(VENDORS, "count", evidence, "no_evidence", said)
        return Tile("vendors", title, absent, "; ".join(filter(None, [why(absent), stops])))
    protected = sum(row["clean_room"] is True for row in live)
    of = f"{counted(len(live), 'vendor')} under contract that serve a journey"
    figure = source.figure(VENDORS, "count", evidence, of, protected)
    figure = replace(figure, text=f"{formatting.count(protected)} of {formatting.count(len(live))}")
    told = ["clean-room terms met", stops]
    return Tile("vendors", title, figure, "; ".join(filter(None, told)))
