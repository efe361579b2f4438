"""Colours in one place: Okabe and Ito's for the arms of an experiment, tones for what a figure amounts to."""

from collections.abc import Sequence

from reports.readings import Tone

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
CONTROL = "#7A828E"

TONES: dict[Tone, tuple[str, str]] = {
    "good": ("#00694D", "#52CBA4"),
    "bad": ("#B3261E", "#FF9080"),
    "warn": ("#855600", "#EBB754"),
    "neutral": ("#555D6B", "#A9B1BE"),
    "none": ("#6A7280", "#949CAA"),
}
"""By tone: on a light and on a dark ground, each with a contrast of at least 4.5 to 1."""


def arm_colours(control: str, variants: Sequence[str]) -> dict[str, str]:
    """A colour per arm, the same wherever the experiment is drawn; control is grey."""
    chosen = {variant: OKABE_ITO[i % len(OKABE_ITO)] for i, variant in enumerate(variants)}
    return {control: CONTROL, **chosen}


def translucent(colour: str, opacity: float) -> str:
    """A colour that lets others through.

    >>> translucent("#0072B2", 0.2)
    'rgba(0, 114, 178, 0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
