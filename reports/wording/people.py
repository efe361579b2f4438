"""Who counts and who does not, in sentences."""

from collections.abc import Mapping
from typing import NamedTuple

from metrics import formatting
from reports.results import Experiment, arm_name
from reports.wording.figures import listed

REASONS = {
    "outside_period": "assigned outside the test's period",
    "crossover": "met more than one variant",
    "universal_holdout": "held out of all personalisation",
    "consent": "no valid consent",
    "child": "below the age of digital consent",
    "objection": "objected",
    "erased": "asked for erasure",
    "not_mature": "outcome window still open",
    "missing_outcome": "outcome missing",
    "age_unknown_included": "age unknown (counted)",
}
"""Why a unit does not count; the last one does, and is shown beside them."""

COUNTED = "age_unknown_included"


class Arm(NamedTuple):
    """One arm's units.

    Attributes:
        counted: for the primary metric; None when hidden or without evidence.
        left_out: by reason, None when hidden; without the reasons that hold for nobody in any arm.
    """

    variant: str
    counted: int | None
    left_out: Mapping[str, int | None]


def arms(experiment: Experiment) -> list[Arm]:
    """Every arm with who counts and who was left out, control first."""
    counted: dict[str, int | None] = {}
    for variant in experiment.variants:
        row = experiment.headline(experiment.primary, variant)
        counted[variant] = row.n_variant if row else None
        counted.setdefault(experiment.control, row.n_control if row else None)
    some = {item.reason for item in experiment.exclusions if item.units != 0}
    order = [reason for reason in REASONS if reason in some]
    cells = {(item.variant, item.reason): item.units for item in experiment.exclusions}
    return [
        Arm(name, counted.get(name), {reason: cells.get((name, reason), 0) for reason in order})
        for name in (experiment.control, *experiment.variants)
    ]


def total(experiment: Experiment) -> int | None:
    """Units of all arms that count; None when one is hidden."""
    found = [arm.counted for arm in arms(experiment)]
    return None if None in found else sum(n or 0 for n in found)


def population(experiment: Experiment) -> str:
    """Who the figures are about, per arm."""
    found = arms(experiment)
    everyone = total(experiment)
    if everyone is None:
        return f"How many {experiment.noun} count is hidden or not known."
    parts = [f"{formatting.count(arm.counted)} {arm_name(arm.variant)}" for arm in found]
    return f"{formatting.count(everyone)} {experiment.noun}: {listed(parts, most=9)}."


def basis(experiment: Experiment) -> str:
    """On which legal basis they were measured, and whether that was checked."""
    lawful = str(experiment.definition.get("lawful_basis", "consent"))
    purposes = [str(purpose) for purpose in experiment.definition.get("purposes", [])]
    unknown = any(check.check == "consent" and check.status == "unknown" for check in experiment.checks)
    if lawful == "consent" and not unknown:
        many = f"{len(purposes)} purposes" if len(purposes) > 1 else "one purpose"
        return f"Only those who consented to {many} when they were assigned."
    if lawful == "consent":
        return "Consent could not be checked."
    words = lawful.replace("_", " ")
    return f"Basis: {words}{'; objections and age could not be checked' if unknown else ''}."


def exclusions(experiment: Experiment) -> str:
    """How many of the assigned do not count, and why most of them."""
    everyone, found = total(experiment), arms(experiment)
    if not experiment.exclusions:
        return "Who was left out is not known: these figures came without assignments."
    sums: dict[str, int] = {}
    hidden = False
    for arm in found:
        for reason, units in arm.left_out.items():
            if reason != COUNTED:
                hidden |= units is None
                sums[reason] = sums.get(reason, 0) + (units or 0)
    left_out = sum(sums.values())
    if not left_out and not hidden:
        return f"Nobody was left out: all {experiment.noun} that were assigned count."
    if everyone is None or not left_out:
        return f"Some {experiment.noun} were left out; how many is hidden."
    most = max(sums, key=lambda reason: sums[reason])
    share = formatting.percent(left_out / (left_out + everyone))
    least = "At least " if hidden else ""
    why = f"{'mostly' if len(sums) > 1 else 'all'}: {REASONS[most]}"
    many = f"{least}{formatting.count(left_out)} {experiment.noun}"
    return f"{many} ({share} of those assigned) do not count, {why}."
