"""Counts and shares of people in sentences, told in steps so wide that no few people follow from them."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SIGNS: ContextVar[tuple[str, str]] = ContextVar("signs", default=(".", ","))


@contextmanager
def signs(decimal: str, group: str) -> Iterator[None]:
    """Write numbers in sentences with these signs before decimals and between thousands, within a block."""
    token = _SIGNS.set((decimal, group))
    try:
        yield
    finally:
        _SIGNS.reset(token)


def written(number: float, digits: int) -> str:
    """A number in a sentence, rounded to so many decimals.

    >>> with signs(",", "."):
    ...     written(22_800.5, 1)
    '22.800,5'
    """
    decimal, group = _SIGNS.get()
    return f"{number:,.{digits}f}".translate({ord("."): decimal, ord(","): group})


def about(count: float, step: int = 1) -> str:
    """A count to the nearest multiple of `step`; below one step only that much is said."""
    if step <= 1 or count == 0:
        return written(count, 0)
    return f"fewer than {step}" if count < step else f"about {written(round(count / step) * step, 0)}"


def about_share(part: float, whole: float, step: int = 1) -> str:
    """A share in per cent, in steps of at least `step` of the whole: 1, 2 or 5 times a power of ten.

    Args:
        part: at most `whole`.
        whole: above 0.
        step: units.
    """
    share = 100 * part / whole
    if step <= 1:
        return f"{written(share, 2)} %"
    if part == 0:
        return "0 %"
    width = _width(100 * step / whole)
    if width > 50:
        return "an untold share"
    digits = max(0, -math.floor(math.log10(width)))
    if share < width:
        return f"under {written(width, digits)} %"
    return f"about {written(round(share / width) * width, digits)} %"


def _width(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-12))
