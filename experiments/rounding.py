"""Counts and shares of people in sentences, told in steps so wide that no few people follow from them."""

import math


def about(count: float, step: int = 1) -> str:
    """A count to the nearest multiple of `step`; below one step only that much is said."""
    if step <= 1 or count == 0:
        return f"{count:,.0f}"
    return f"fewer than {step}" if count < step else f"about {round(count / step) * step:,}"


def about_share(part: float, whole: float, step: int = 1) -> str:
    """A share in per cent, in steps of at least `step` of the whole: 1, 2 or 5 times a power of ten.

    Args:
        part: at most `whole`.
        whole: above 0.
        step: units.
    """
    share = 100 * part / whole
    if step <= 1:
        return f"{share:.2f} %"
    if part == 0:
        return "0 %"
    width = _width(100 * step / whole)
    if width > 50:
        return "an untold share"
    digits = max(0, -math.floor(math.log10(width)))
    return f"under {width:g} %" if share < width else f"about {round(share / width) * width:.{digits}f} %"


def _width(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-12))
