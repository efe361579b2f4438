"""What the health checks of an experiment say together, and what to do when one fails."""

from collections.abc import Sequence

from metrics import catalogue
from reports.readings import Mark, health_mark, worst_first
from reports.results import Check, humanised

REMEDIES = {
    "sample_ratio": "Find where one arm gains or loses customers (redirects, bots, logging), mend it, and "
    "start the test anew: these figures cannot be repaired.",
    "crossover_share": "Find why customers meet two variants, mend the assignment, and start anew.",
    "exclusion_balance": "Find why one arm loses more customers before they count, mend it, and refresh.",
    "missing_outcome_balance": "Find why outcomes are missing in one arm, load them, and refresh.",
    "pre_period_balance": "Check that customers are assigned at random and before anything is shown.",
    "quarantine_share": "Mend the rows that were set aside (see Data status), and refresh.",
    "id_match": "Write each id alike, letter by letter, in every table, and refresh.",
    "placebo_calibration": "Choose a metric that varies less, or cap it: on this one the test cries wolf.",
    "data_freshness": "Load the missing days, and refresh.",
    "missing_days": "Load the missing days, and refresh.",
}
"""What to do about a failed check."""


def check_label(name: str) -> str:
    """A check's name for people."""
    key = f"check.{name}"
    return catalogue.FIGURES[key].label if key in catalogue.FIGURES else humanised(name)


def summary(checks: Sequence[Check]) -> tuple[Mark, str]:
    """All checks in one line, the worst first."""
    mark = health_mark(checks)
    by_status = {
        status: [check_label(c.check).lower() for c in checks if c.status == status]
        for status in ("fail", "warn", "unknown", "pass")
    }
    if not checks:
        return mark, "No health check could be made."
    of = f"of {len(checks)} checks"
    failed, warning, unknown = by_status["fail"], by_status["warn"], by_status["unknown"]
    if failed:
        many = f"{len(failed)} {of}" if len(checks) > 1 else "Its one check"
        return mark, f"{many} failed: {', '.join(failed)}."
    parts = [f"{len(warning)} {_form(warning, 'warns', 'warn')} ({', '.join(warning)})"] if warning else []
    parts += [f"{len(unknown)} could not be made ({', '.join(unknown)})"] if unknown else []
    if not parts:
        return mark, f"All {len(checks)} checks passed." if len(checks) > 1 else "Its one check passed."
    return mark, f"Of {len(checks)} checks, {' and '.join(parts)}."


def banner(checks: Sequence[Check]) -> list[Check]:
    """The checks to read before any number: those that failed, else those that warn."""
    ordered = worst_first(checks)
    failed = [check for check in ordered if check.status == "fail"]
    return failed or [check for check in ordered if check.status == "warn"]


def _form(items: Sequence[str], one: str, several: str) -> str:
    return one if len(items) == 1 else several
