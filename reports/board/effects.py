"""Effects of experiments as figures of the board: the limits that decide, and why there are none."""

from metrics import formatting
from reports.board.parts import Evidence, Figure, Status, Unit
from reports.board.source import Source
from reports.readings import deciding, withheld
from reports.results import Effect, Experiment, Metric
from reports.wording.figures import interval_name, subject
from reports.wording.health import check_label
from reports.wording.overview import period_of

FAILED = "A health check failed: {names}. No figure of this experiment can be trusted."


def effect_figure(
    source: Source, found: Experiment, metric: str, variant: str, key: str, evidence: Evidence
) -> Figure:
    """An effect as a lift with its limits; in the metric's unit where a lift has none."""
    period = period_of(found)
    row = found.headline(metric, variant)
    status, note = unreadable(found, row)
    if row is None or status:
        return source.absent(key, "lift", evidence, status or "no_evidence", note, period=period)
    limits, measured = deciding(row, found), found.metric(metric)
    lift = (row.relative, limits.relative_low, limits.relative_high)
    bounded = None not in lift
    return source.figure(
        key,
        "lift" if bounded else _unit(measured),
        evidence,
        sizes(row),
        *(lift if bounded else (row.difference, limits.low, limits.high)),
        period=period,
        sure=sure(found),
        what=subject(measured, found),
        note=row.note or "",
    )


def unreadable(found: Experiment, row: Effect | None) -> tuple[Status | None, str]:
    """Why a row must not or cannot be read; None when it can."""
    if withheld(found):
        failed = [check_label(check.check) for check in found.checks if check.status == "fail"]
        return "withheld", FAILED.format(names=", ".join(failed) or "see the experiment")
    if row is None or row.status == "no_evidence":
        return "no_evidence", (row.note if row else None) or "There is no result yet."
    if row.status == "suppressed":
        return "suppressed", row.note or "Too few people to show."
    limits = deciding(row, found)
    if row.status != "ok" or None in (row.difference, limits.low, limits.high):
        return "not_testable", row.note or "It has no limits."
    return None, ""


def sure(found: Experiment) -> str:
    """What the deciding limits are, such as "95 % interval, valid at every look"."""
    return interval_name(found).rstrip(",")


def sizes(row: Effect) -> str:
    """Such as "3,809 of 38,458 held out"; `what` says whether they are customers or households."""
    return f"{formatting.count(row.n_control)} of {formatting.count(row.units)} held out"


def _unit(metric: Metric) -> Unit:
    return "difference" if metric.unit == "money" else "points" if metric.unit == "share" else "number"
