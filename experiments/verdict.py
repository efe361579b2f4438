"""What an experiment's figures amount to, in one word that a decision can rest on. Pure Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, isnan
from typing import Literal, NamedTuple

Code = Literal[
    "better",
    "worse",
    "harmful_guardrail",
    "no_clear_effect",
    "too_early",
    "not_testable",
    "suppressed",
    "no_evidence",
    "withheld",
]
GuardrailState = Literal["not_worse", "worse", "possibly_worse", "not_enough_data"]


class Interval(NamedTuple):
    """Limits of the primary metric's difference, in its unit; NaN where there is none."""

    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """The code, and what stands behind it.

    Attributes:
        code: `better` or `worse`: the deciding interval lies on that side of 0; `harmful_guardrail`: better,
            but a guardrail is worse; `no_clear_effect`: at the end the interval holds 0; `too_early`: so does
            the sequence before the end; `not_testable`, `suppressed`, `no_evidence`: there are no figures;
            `withheld`: a health check failed, so the figures must not be read.
        failed_checks: names of the health checks that withhold it.
        harmed_guardrails: names of the guardrails that are worse, whatever the code, unless withheld.
    """

    code: Code
    failed_checks: tuple[str, ...] = ()
    harmed_guardrails: tuple[str, ...] = ()


def decide(
    *,
    status: str,
    direction: Literal["higher", "lower"],
    fixed: Interval,
    sequential: Interval,
    ended: bool,
    failed_checks: Sequence[str] = (),
    guardrails: Mapping[str, GuardrailState] | None = None,
) -> Verdict:
    """The verdict on one variant.

    Until the planned end only the confidence sequence decides, because the fixed interval keeps its promise
    at a single look only. Guardrail states are to be taken from the same kind of interval.

    Args:
        status: of the primary's headline row: `ok`, `not_testable`, `suppressed` or `no_evidence`.
        direction: which direction of the primary metric is better.
        fixed: fixed-horizon interval of the primary's headline difference.
        sequential: its confidence sequence.
        ended: whether the planned end and the outcome window after it have passed.
        failed_checks: health checks with status `fail`.
        guardrails: state per guardrail.

    Raises:
        ValueError: when the status or the direction is not one of those named.
    """
    if failed_checks:
        return Verdict("withheld", failed_checks=tuple(failed_checks))
    harmed = tuple(name for name, state in (guardrails or {}).items() if state == "worse")
    code = _primary(status, direction, fixed if ended else sequential, ended=ended)
    if code == "better" and harmed:
        code = "harmful_guardrail"
    return Verdict(code, harmed_guardrails=harmed)


def needed_more(n_now: float, half_width_now: float, target_half_width: float) -> int | None:
    """How many more units make the interval as narrow as the target, which may be the estimate's own size.

    Half-widths shrink with the root of the number of units.

    >>> needed_more(10_000, half_width_now=0.2, target_half_width=-0.1)
    30000

    Args:
        n_now: units so far, both arms together.
        half_width_now: half the width of the present interval.
        target_half_width: wanted, in the same unit; its sign does not matter.

    Returns:
        Units to add, 0 when narrow enough already; None when it cannot be said.
    """
    known = all(isfinite(value) for value in (n_now, half_width_now, target_half_width))
    if not known or n_now <= 0 or target_half_width == 0:
        return None
    narrower = half_width_now / target_half_width
    needed = n_now * narrower * narrower
    return max(0, ceil(needed - n_now)) if isfinite(needed) else None


def _primary(status: str, direction: str, interval: Interval, *, ended: bool) -> Code:
    if direction not in {"higher", "lower"}:
        message = f"A metric is better when higher or lower, not {direction!r}."
        raise ValueError(message)
    match status:
        case "not_testable" | "suppressed" | "no_evidence":
            return status
        case "ok" if isnan(interval.low) or isnan(interval.high):
            return "not_testable"
        case "ok" if interval.low <= 0 <= interval.high:
            return "no_clear_effect" if ended else "too_early"
        case "ok":
            return "better" if (interval.low > 0) == (direction == "higher") else "worse"
    message = f"A row's status is ok, not_testable, suppressed or no_evidence, not {status!r}."
    raise ValueError(message)
