"""Checks that stand above the numbers: may this experiment be believed at all?

Every check answers with a status and a sentence. `unknown` means missing evidence, which is never a pass.
Arms are given by name, or as a plain sequence in the order of the experiment's variants.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Floats, as_floats
from experiments.effects import SMALLEST_P, error_rate
from experiments.placebo import false_alarms
from experiments.rounding import about, about_share, written

Status = Literal["pass", "warn", "fail", "unknown"]
Arms = Mapping[str, float] | Sequence[float] | npt.NDArray[np.number]

WARN_P, FAIL_P = 0.01, 0.001


@dataclass(frozen=True)
class HealthCheck:
    """The outcome of one check.

    Attributes:
        check: its name in health.csv.
        statistic: the figure that was judged; None where there is none.
        p_value: probability of at least that statistic in a sound experiment; None without a test.
        status: `pass`, `warn`, `fail` (withholds the verdict) or `unknown` (no evidence).
        note: what was found, and unless it passed, the likely cause and the next step.
    """

    check: str
    statistic: float | None
    p_value: float | None
    status: Status
    note: str


def sample_ratio(
    counts: Arms, allocation: Arms | None, people: str = "customers", step: int = 1
) -> HealthCheck:
    """Chi-square test of the arms' sizes against the intended split (Fabijan et al., KDD 2019).

    Args:
        counts: units per arm, less the erased.
        allocation: intended weight per arm, on any scale; None = not stated. An arm not named has weight 0.
        people: what the units are called.
        step: the note tells counts to the nearest multiple.
    """
    check = "sample_ratio"
    if allocation is None:
        return _unknown(check, "The split cannot be checked: experiments.yaml states no allocation. Add one.")
    observed, weights = _named(counts), _named(allocation)
    due = {arm: weight / sum(weights.values()) for arm, weight in weights.items() if weight > 0}
    for arm, count in observed.items():
        if count > 0 and arm not in due:
            note = (
                f"{arm} should hold nobody, but holds {about(count, step)} {people}. Compare the variants in "
                "the assignments with the allocation in experiments.yaml."
            )
            return HealthCheck(check, None, None, "fail", note)
    total = sum(observed.values())
    if len(due) < 2 or total == 0:
        return _unknown(check, f"The split cannot be checked: it takes two arms with a share, and {people}.")
    actual = as_floats([observed.get(arm, 0) for arm in due])
    expected = total * as_floats(list(due.values()))
    statistic, p = _chi_square((actual - expected) ** 2 / expected)
    status = _judge(p)
    split = ", ".join(
        f"{about(observed.get(arm, 0), step)} in {arm} ({about(total * due[arm], step)} due)" for arm in due
    )
    note = {
        "pass": f"The arms are split as intended: {split}.",
        "warn": f"The split is unusual: {split}. If it stays so, look for {people} lost or added in one arm.",
        "fail": (
            f"The arms are not split as intended: {split}. Something adds or loses {people} in one arm, so "
            "that the arms cannot be compared. Look for redirects, filters, bots or late logging in one arm."
        ),
    }[status]
    return HealthCheck(check, statistic, p, status, note)


_LOSSES = {
    "withdrawal_balance": (
        "withdrew consent",
        "The variant affects trust: weigh this beside the lift.",
    ),
    "erasure_balance": (
        "had their data erased",
        "They are in no figure, so those left may differ between the arms: bear that in mind.",
    ),
    "exclusion_balance": (
        "were excluded",
        "The arms no longer hold comparable customers: find the reason that differs in exclusions.csv.",
    ),
    "missing_outcome_balance": (
        "have no outcome",
        "Those with an outcome may differ between the arms: find out why one arm records fewer.",
    ),
}


def share_balance(check: str, lost: Arms, total: Arms, worst: Status = "fail", step: int = 1) -> HealthCheck:
    """Chi-square test that every arm lost the same share.

    Args:
        check: `withdrawal_balance`, `erasure_balance`, `exclusion_balance`, `missing_outcome_balance`, or one
            of your own.
        lost: units lost per arm.
        total: units per arm before the loss; an arm without any is left out.
        worst: `warn` where an imbalance is an outcome of the variant rather than a fault.
        step: the note tells shares in steps of at least so many units.
    """
    happened, meaning = _LOSSES.get(check, ("were lost", "Find out why one arm loses more than another."))
    gone, sizes = _named(lost), {arm: size for arm, size in _named(total).items() if size > 0}
    if len(sizes) < 2:
        return _unknown(check, f"How many {happened} cannot be compared: fewer than two arms hold anybody.")
    losses, units = as_floats([gone.get(arm, 0) for arm in sizes]), as_floats(list(sizes.values()))
    rate = losses.sum() / units.sum()
    if rate in {0, 1}:
        note = f"{'None' if rate == 0 else 'All'} of them {happened}, in every arm alike."
        return HealthCheck(check, 0.0, None, "pass", note)
    statistic, p = _chi_square((losses - units * rate) ** 2 / (units * rate * (1 - rate)))
    status = _judge(p, worst)
    shares = ", ".join(f"{about_share(gone.get(arm, 0), size, step)} of {arm}" for arm, size in sizes.items())
    remedy = "" if status == "pass" else f" That is more than chance explains. {meaning}"
    return HealthCheck(check, statistic, p, status, f"{shares[0].upper()}{shares[1:]} {happened}.{remedy}")


def pre_period_balance(p_values: Arms) -> HealthCheck:
    """The smallest p-value of differences that existed before assignment, Bonferroni-corrected.

    Args:
        p_values: one per covariate and variant, by name or in order; NaN = not testable, left out.
    """
    check = "pre_period_balance"
    tested = {name: p for name, p in _named(p_values, "comparison").items() if not np.isnan(p)}
    if not tested:
        return _unknown(
            check, "Whether the arms were alike before they began is unknown: no covariate to test."
        )
    name, smallest = min(tested.items(), key=lambda item: item[1])
    p = min(1.0, smallest * len(tested))
    status = _judge(p)
    note = {
        "pass": f"The arms were alike before they began, in each of {len(tested)} comparisons.",
        "warn": f"The arms may have differed before they began, most in {name}. Prefer the adjusted figures.",
        "fail": (
            f"The arms differed before they began, most in {name}. Check that assignment is random, and that "
            "the covariate's window ends before it."
        ),
    }[status]
    return HealthCheck(check, smallest, p, status, note)


def crossover_share(crossed: float, units: float, step: int = 1) -> HealthCheck:
    """The share of units found in two variants: warns from 1 %, fails from 10 %; `step` as above."""
    remedy = (
        "They are left out of both: make sure that everybody keeps one variant on every device and visit."
    )
    finding = "units were in two variants"
    return _share("crossover_share", (crossed, units), (0.01, 0.10), finding, remedy, step)


def quarantine_share(quarantined: float, rows: float) -> HealthCheck:
    """The share of rows that broke a rule: warns from 1 %, fails from 5 %."""
    remedy = (
        "The rest may not be representative: quarantine.csv names the rules; mend the source and refresh."
    )
    return _share("quarantine_share", (quarantined, rows), (0.01, 0.05), "rows were quarantined", remedy)


def id_match(misspelt: Mapping[str, tuple[float, float]], erasure: bool) -> HealthCheck:
    """Rows whose id other tables write differently, so that they are taken for other people's.

    Warns from the first such row; fails from 1 % of a table's rows, and where a request is among them, since
    whoever asked to be erased would not be.

    Args:
        misspelt: table → such rows, and rows with an id.
        erasure: whether requests of data subjects are among the tables.
    """
    name, (rows, of) = max(misspelt.items(), key=lambda item: item[1][0] / item[1][1])
    note = (
        f"{written(rows, 0)} of {written(of, 0)} rows of {name} have an id that other tables write "
        "differently (spaces, capitals, leading zeros): they are taken for other people. Write ids alike in "
        "every table, and refresh."
    )
    status: Status = "fail" if erasure or rows >= 0.01 * of else "warn"
    return HealthCheck("id_match", rows / of, None, status, note)


def missing_days(days_with_rows: Collection[date], days_expected: Collection[date]) -> HealthCheck:
    """Days without any row; warns from the first. A weekday that never has rows is a closing day, not a gap.

    Args:
        days_with_rows: days on which the outcomes have rows.
        days_expected: days on which they should.
    """
    check, expected = "missing_days", set(days_expected)
    if not expected:
        return _unknown(check, "No day of the experiment has passed yet.")
    missing = expected - set(days_with_rows)
    due, absent = (Counter(day.weekday() for day in days) for days in (expected, missing))
    closed = {weekday for weekday in absent if absent[weekday] == due[weekday] >= 3}
    gaps = sorted(day for day in missing if missing == expected or day.weekday() not in closed)
    if not gaps:
        return HealthCheck(check, 0.0, None, "pass", f"Each of {len(expected - missing)} open days has rows.")
    named = ", ".join(str(day) for day in gaps[:3]) + (", …" if len(gaps) > 3 else "")
    note = (
        f"{len(gaps)} of {len(expected)} days have no rows ({named}), and count as days without outcomes. "
        "Load them and refresh, unless the shop was closed."
    )
    return HealthCheck(check, float(len(gaps)), None, "warn", note)


def placebo_calibration(
    values: npt.ArrayLike,
    covariate: npt.ArrayLike | None,
    allocation: Arms | None,
    confidence: float = 0.95,
    *,
    resplits: int = 500,
    seed: int = 0,
) -> HealthCheck:
    """Whether the test keeps its promise when these very units are split at random.

    Passes within three Monte Carlo standard errors of the promised share of false alarms, and fails above
    twice that share.

    Args:
        values: outcome per unit, shape (n,).
        covariate: shape (n,), or None for the unadjusted test.
        allocation: intended weight per arm, control first.
        confidence: of the test.
        resplits: number of random assignments.
        seed: of the random numbers.
    """
    check, alpha = "placebo_calibration", error_rate(confidence)
    shares = [] if allocation is None else [weight for weight in _named(allocation).values() if weight > 0]
    if len(shares) < 2:
        return _unknown(check, "The test cannot be tried out: experiments.yaml allots no share to two arms.")
    rate, tested = false_alarms(values, covariate, shares, confidence, resplits=resplits, seed=seed)
    if tested == 0:
        return _unknown(check, "The test cannot be tried out: there are too few customers, or all are alike.")
    error = np.sqrt(alpha * (1 - alpha) / tested)
    status: Status = "fail" if rate > 2 * alpha else "pass" if abs(rate - alpha) <= 3 * error else "warn"
    remedy = {
        "pass": "within what chance explains",
        "warn": "so read results near the limit with care; a cap (cap_quantile) or more customers would help",
        "fail": "so too few customers decide: wait for more, or cap the metric (cap_quantile)",
    }[status]
    note = (
        f"Of {tested} random splits of the same customers, where nothing can differ, {_percent(rate)} showed "
        f"a difference where {_percent(alpha)} are due, {remedy}."
    )
    return HealthCheck(check, rate, None, status, note)


def _named(arms: Arms, noun: str = "arm") -> dict[str, float]:
    """Figures by name; a plain sequence is numbered from 1."""
    items = arms.items() if isinstance(arms, Mapping) else enumerate(arms, 1)
    return {name if isinstance(name, str) else f"{noun} {name}": float(value) for name, value in items}


def _chi_square(terms: Floats) -> tuple[float, float]:
    """The sum of a chi-square's terms, and its p-value with one degree of freedom fewer."""
    statistic = float(terms.sum())
    return statistic, max(float(special.chdtrc(terms.size - 1, statistic)), SMALLEST_P)


def _judge(p: float, worst: Status = "fail") -> Status:
    if p < FAIL_P:
        return worst
    return "warn" if p < WARN_P else "pass"


def _share(
    check: str,
    counts: tuple[float, float],
    limits: tuple[float, float],
    finding: str,
    remedy: str,
    step: int = 1,
) -> HealthCheck:
    (part, whole), (warn, fail) = counts, limits
    if whole == 0:
        return _unknown(check, f"There is nothing to judge: 0 of 0 {finding}.")
    share = part / whole
    status: Status = "fail" if share >= fail else "warn" if share >= warn else "pass"
    found = f"{about(part, step)} of {about(whole, step)} {finding} ({about_share(part, whole, step)})."
    found = found[0].upper() + found[1:]
    return HealthCheck(check, share, None, status, found if status == "pass" else f"{found} {remedy}")


def _unknown(check: str, note: str) -> HealthCheck:
    return HealthCheck(check, None, None, "unknown", note)


def _percent(share: float) -> str:
    return f"{written(100 * share, 2)} %"
