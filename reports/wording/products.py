"""Products in sentences: what sells more or less, what it displaced, and where the lift comes from."""

from collections.abc import Mapping, Sequence
from typing import Any

from metrics import formatting
from metrics.formatting import EffectText
from reports.growth.products import EVERYTHING, OTHER, RATE, Category, Half, Products, Span
from reports.readings import (
    HIDDEN,
    NO_CLEAR_EFFECT,
    NO_EVIDENCE,
    NOT_TESTABLE,
    TOO_EARLY,
    WITHHELD,
    Mark,
    withheld,
)
from reports.results import Experiment, arm_name
from reports.snapshot import Counted
from reports.wording.figures import capitalised, listed
from reports.wording.privacy_words import Told, counted, verb

PER = 1000
"""Units that amounts are told for: a SKU's revenue per unit is a fraction of a cent."""

DIFFERENT = Mark("SKUs differ", "◆", "neutral")
UNREADABLE = "No SKU can be read: a health check of this experiment failed."


def amount(span: Span, currency: str) -> EffectText:
    """A difference per 1,000 units, with its limits."""
    middle, low, high = (None if value is None else PER * value for value in span)
    return formatting.effect(middle, low, high, "money", currency=currency)


def shrunk(row: dict[str, Any]) -> Span:
    """A SKU's shrunk estimate."""
    return Span(row["shrunk_difference"], row["shrunk_low"], row["shrunk_high"])


def each(experiment: Experiment) -> str:
    """What amounts are per."""
    return f"per {formatting.count(PER)} {experiment.noun}"


def category_name(category: str | None) -> str:
    """A category as people read it.

    >>> category_name("*other*"), category_name("tea")
    ('small categories', 'tea')
    """
    return {OTHER: "small categories", EVERYTHING: "all categories", None: ""}.get(category, category or "")


def lead(found: Products, experiment: Experiment, currency: str) -> Told:
    """What to read first: how many of the tested SKUs differ, and the largest of them."""
    if withheld(experiment):
        return Told(WITHHELD, UNREADABLE)
    tested, different = found.tested, found.different
    if tested.is_empty():
        hidden = found.skus.is_empty() or bool((found.skus["status"] == "suppressed").all())
        why = "each has too few buyers" if hidden else "none can be tested"
        return Told(
            HIDDEN if hidden else NOT_TESTABLE,
            f"No SKU stands for itself: {why}.",
            _all(found, experiment, currency),
        )
    more = different.filter(different["difference"] > 0).height
    sentence = called_different(Counted(tested.height, different.height, more), experiment, found.variant)
    if not different.height:
        mark = NO_CLEAR_EFFECT if experiment.ended else TOO_EARLY
        return Told(mark, sentence, _all(found, experiment, currency))
    largest = _largest(different.row(0, named=True), experiment, currency)
    mark = DIFFERENT if experiment.ended else TOO_EARLY
    return Told(mark, sentence, f"{largest} {_all(found, experiment, currency)}")


def called_different(number: Counted, experiment: Experiment, variant: str) -> str:
    """How many of the tested SKUs, at least one, sell more or less."""
    if withheld(experiment):
        return UNREADABLE
    against = f"with {arm_name(variant)} than with {arm_name(experiment.control)}"
    many = counted(number.tested, "tested SKU")
    if not number.different:
        return f"None of {many} sells clearly more or less {against}."
    opening = "" if experiment.ended else "so far "
    told = _more_and_less(number.more, number.different - number.more, many)
    return capitalised(f"{opening}{told} {against}.")


def _more_and_less(more: int, less: int, many: str) -> str:
    ways = [f"{n} {verb(n, 'sells', 'sell')} {way}" for n, way in ((more, "more"), (less, "less")) if n]
    first, *rest = ways
    number, told = first.split(" ", 1)
    return " and ".join([f"{number} of {many} {told}", *rest])


def _largest(row: dict[str, Any], experiment: Experiment, currency: str) -> str:
    told = amount(shrunk(row), currency)
    return f"The largest is {row['sku']}: {told.estimate} ({told.interval}) {each(experiment)}."


def _all(found: Products, experiment: Experiment, currency: str) -> str:
    if found.total.difference is None:
        return ""
    told = amount(found.total, currency)
    return f"All products together: {told.estimate} ({told.interval})."


def discoveries(found: Products, experiment: Experiment) -> str:
    """What the number of SKUs called different does and does not promise."""
    number = found.different.height
    if not found.tested.height:
        return "Nothing was tested, so nothing was found or ruled out."
    if not number:
        rate = formatting.percent(RATE, 0)
        return (
            f"At a false discovery rate of {rate} nothing stands out. Small effects on single SKUs may still "
            "be there: few people buy any one of them."
        )
    wrong = "fewer than one is" if RATE * number < 1 else f"about {RATE * number:.0f} of them are"
    early = " That holds for one look, at the planned end: until then these are leads."
    when = "" if experiment.ended else early
    return f"{number} of {found.tested.height} have q ≤ {RATE:g}; {wrong} expected to be luck.{when}"


def exchange(found: Products, experiment: Experiment, currency: str) -> Told:
    """Whether gains of recommended SKUs are paid by their neighbours, category by category."""
    shown = [c for c in found.categories if None not in (c.recommended.low, c.neighbours.low, c.net.low)]
    known = sum(c.net.low is not None for c in found.categories)
    chance = _chance(known, experiment) if known else ""
    if not shown:
        return Told(
            None,
            "Who pays for the gains cannot be shown: in every category one side has too few buyers.",
            f"Only the net of each category can be shown. {chance}".strip(),
        )
    hidden = len(found.categories) - len(shown)
    aside = f" {categories(hidden)} cannot be split: one side has too few buyers." if hidden else ""
    more = f"{chance}{aside}"
    gains = [c for c in shown if c.recommended.side > 0]
    if not gains:
        where = f"any of the {_split(len(shown))}"
        only = f"{category_name(shown[0].category)}, the only category that can be split"
        return Told(None, f"No clear gain of recommended SKUs in {only if len(shown) == 1 else where}.", more)
    names = listed([category_name(c.category) for c in gains])
    where = f"{len(gains)} of the {_split(len(shown))}: {names}"
    only = f"{names}, the only category that can be split"
    sentence = f"Recommended SKUs gain in {only if len(shown) == 1 else where}."
    return Told(None, f"{sentence} {_paid(gains, currency)}", more)


def _paid(gains: Sequence[Category], currency: str) -> str:
    paid = [c for c in gains if c.neighbours.side < 0]
    if not paid:
        clear = sum(c.net.side > 0 for c in gains)
        some = f"{categories(clear)} clearly {verb(clear, 'gains', 'gain')} as a whole"
        whole = some if clear else "no category clearly gains as a whole"
        return f"Their neighbours clearly lose nowhere; {whole}."
    first = max(paid, key=lambda c: abs(c.neighbours.difference or 0))
    net = amount(first.net, currency)
    left = {1: "still gains", 0: "may gain or lose", -1: "loses"}[first.net.side]
    names = listed([category_name(c.category) for c in paid])
    whole = f"{category_name(first.category)} as a whole {left}, {net.estimate} ({net.interval})"
    return f"Their neighbours pay for it in {names}: {whole}."


def categories(number: int) -> str:
    """Such as "25 categories"."""
    return counted(number, "category", "categories")


def _split(number: int) -> str:
    return f"{categories(number)} that can be split"


def _chance(number: int, experiment: Experiment) -> str:
    by_luck = number * (1 - experiment.confidence)
    level = formatting.percent(experiment.confidence, 0)
    few = "fewer than one" if by_luck < 1 else f"about {by_luck:.0f}"
    return (
        f"Each interval is read on its own at {level}: of {categories(number)}, {few} would stand out by "
        "luck alone."
    )


def behind(found: Products, share: Half | None, experiment: Experiment, currency: str) -> Told:
    """Where half of the lift comes from."""
    told = amount(found.total, currency)
    if share is None:
        if found.total.difference is None:
            return Told(NO_EVIDENCE, "The total is hidden or not known, so it has no half.")
        return Told(
            None,
            "There is no clear lift to divide.",
            f"All products together: {told.interval} {each(experiment)}.",
        )
    what = "lift" if found.total.side > 0 else "loss"
    whole = f"The {what} is {told.estimate} ({told.interval}) {each(experiment)}."
    many = counted(share.skus.height, "SKU")
    if not share.skus.height:
        return Told(None, f"No single SKU carries the {what}: it lies in the remainders.", whole)
    percent = formatting.percent(share.share, 0)
    if share.reached:
        holds = verb(share.skus.height, "holds", "hold")
        few = formatting.percent(share.skus.height / max(1, found.skus.height), 0)
        return Told(
            None,
            f"{many} of {found.skus.height} ({few}) {holds} half of the {what}.",
            f"{whole} Losses elsewhere are not taken off.",
        )
    one = share.skus.height == 1
    those = "the one SKU that pushes the same way holds" if one else f"all {many} that push the same way hold"
    return Told(
        None,
        f"No half can be named: {those} {percent} of the {what}.",
        f"{whole} The rest is in the remainders, or too small to be told from luck.",
    )


def remainders(found: Products, experiment: Experiment, currency: str, minimum_people: int) -> Told:
    """What is pooled, why, and how much of the effect it holds."""
    number = found.remainders.height
    if not number:
        return Told(None, "Nothing is pooled: every SKU stands for itself.")
    rule = (
        f"SKUs with fewer than {minimum_people} buyers in an arm are added up per category, and categories "
        "that are then still too small with each other. Remainders are not tested as SKUs."
    )
    parts = [part["difference"] for part in (found.skus, found.remainders)]
    if any(part.null_count() for part in parts):
        return Told(None, f"{capitalised(counted(number, 'remainder'))} pool what is too rare to show.", rule)
    sums = [float(part.sum()) for part in parts]
    named, rest, whole = (amount(Span(value, None, None), currency).estimate for value in (*sums, sum(sums)))
    told = (
        f"SKUs by name {named}, {counted(number, 'remainder')} {rest}: together {whole} {each(experiment)}."
    )
    return Told(None, told, rule)


def method(found: Products, experiment: Experiment) -> list[tuple[str, str]]:
    """How products are compared, term by term."""
    window = experiment.metric(experiment.primary).definition.get("window_days")
    within = f" within {window:g} days of assignment" if window else ""
    sizes = f"{formatting.count(found.n_variant)} and {formatting.count(found.n_control)}"
    return [
        (
            "Compared",
            f"Revenue from lines with a SKU{within}, uncapped and unadjusted: variant minus control.",
        ),
        (
            "Units",
            f"{sizes} {experiment.noun} whose window is over, buyers or not; each one's lines of a SKU are "
            "added up first.",
        ),
        (
            "Tests",
            "The larger of Welch's and Student's p; q by Benjamini and Hochberg over the "
            f"{found.tested.height} SKUs tested; intervals of those selected by Benjamini and Yekutieli.",
        ),
        ("Shrinkage", "Empirical Bayes: how true effects are spread is learnt from all SKUs together."),
        ("Adding up", "SKUs and remainders add up to the total, and so do categories."),
        *_odd(experiment.facts.get("products") or {}),
    ]


def _odd(facts: Mapping[str, int | None]) -> list[tuple[str, str]]:
    """What of the products' data a reader should know."""
    found = []
    if "excluded_lines" in facts and facts["excluded_lines"] != 0:
        lines = facts["excluded_lines"]
        many = "lines of a few people" if lines is None else f"{formatting.count(lines)} lines"
        found.append(("Left out", f"{capitalised(many)} whose code is no product, as sku_exclude says."))
    if several := facts.get("in_several_categories"):
        told = f"{counted(several, 'SKU')} seen in several categories {verb(several, 'counts', 'count')}"
        found.append(("Two categories", f"{told} whole in the one with most lines."))
    if partly := facts.get("part_of_the_time"):
        told = f"{counted(partly, 'SKU')} {verb(partly, 'was', 'were')} sold for a part of the time only"
        renamed = "A SKU that was renamed stands as two; its category misses nothing."
        found.append(("New and ended", f"{told}. {renamed}"))
    return found


def no_products(experiments: Sequence[Experiment]) -> str:
    """Which experiments have no figures by SKU, and why; empty when all have them."""
    if not experiments:
        return ""
    names = listed([e.name for e in experiments])
    needed = "a primary metric on order_lines, and sales inside its window"
    return f"Without figures by SKU: {names}. They take {needed}."
