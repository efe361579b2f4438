"""An experiment's result in sentences, all its variants together."""

from collections.abc import Mapping, Sequence
from datetime import date

from reports.readings import MIXED, VERDICTS, Mark, deciding
from reports.results import Effect, Experiment, arm_name
from reports.wording.figures import Figures, capitalised, interval_name, listed
from reports.wording.verdicts import Said, keep_some, primary, verdict


def result(experiment: Experiment, *, currency: str, minimum_people: int, as_of: date) -> Said:
    """The whole experiment in words: its one variant's verdict, or all variants' together."""
    said = {
        variant: verdict(experiment, variant, currency=currency, minimum_people=minimum_people, as_of=as_of)
        for variant in experiment.variants
    }
    first = next(iter(said.values()))
    if len(said) == 1 or first.mark == VERDICTS["withheld"]:
        return first
    rows = [experiment.headline(experiment.primary, variant) for variant in experiment.variants]
    figures = [Figures(experiment, row, currency) for row in rows if row and row.difference is not None]
    marks = [part.mark for part in said.values()]
    mark = first.mark if len(set(marks)) == 1 else MIXED
    if len(figures) < len(said) or mark in {VERDICTS[code] for code in _WITHOUT_FIGURES}:
        return first if mark == first.mark else _apart(said, mark)
    return _together(experiment, figures, marks, mark, said)


_WITHOUT_FIGURES = ("suppressed", "not_testable", "no_evidence")
_OPENINGS = {"better": "work", "worse": "do harm"}
_OPEN = {"too early to say": "Too early to say for", "no clear effect": "No clear effect of"}


def _together(
    experiment: Experiment,
    figures: Sequence[Figures],
    marks: Sequence[Mark],
    mark: Mark,
    said: Mapping[str, Said],
) -> Said:
    """All variants in one sentence, with the larger gain recommended."""
    what, control = primary(experiment), arm_name(experiment.control)
    several = "both variants" if len(figures) == 2 else f"all {len(figures)} variants"
    names = [arm_name(f.row.variant) for f in figures]
    limits = interval_name(experiment, several=True)
    spans = listed([f"{name} {f.text.interval}" for name, f in zip(names, figures, strict=True)], most=9)
    more = f"{limits}: {spans}."
    if mark.word in _OPENINGS:
        ways = listed([f"{f.higher()} with {name}" for name, f in zip(names, figures, strict=True)], most=9)
        lead = f"{capitalised(several)} {_OPENINGS[mark.word]}: {what} is {ways} than with {control}."
    elif mark.word in _OPEN:
        ways = listed([f"{f.span()} with {name}" for name, f in zip(names, figures, strict=True)], most=9)
        lead = f"{_OPEN[mark.word]} {several}: {what} may be anything {ways} than with {control}."
        seen = [f"{name} {f.text.estimate}" for name, f in zip(names, figures, strict=True)]
        more = f"{limits}; estimates: {listed(seen, most=9)}."
    else:
        told = [f"{name} {_briefly(f, m)}" for name, f, m in zip(names, figures, marks, strict=True)]
        lead = f"{capitalised(listed(told, most=9))}, against {control} in {what}."
    harmful = [(v, part) for v, part in said.items() if part.mark == VERDICTS["harmful_guardrail"]]
    more = " ".join([more, *(f"{capitalised(arm_name(v))}: {part.lead}" for v, part in harmful)])
    gains = [f for f, m in zip(figures, marks, strict=True) if m == VERDICTS["better"]]
    if not gains:
        return Said(mark, lead, more, next(iter(said.values())).advice)
    best = max(gains, key=lambda f: abs(f.row.difference or 0))
    return Said(mark, lead, more, _choose(best, gains, experiment))


def _choose(best: Figures, gains: Sequence[Figures], experiment: Experiment) -> str:
    name = arm_name(best.row.variant)
    if len(gains) == 1:
        return f"Roll out {name} further; {keep_some(experiment)}."
    overlap = any(overlaps(best.row, other.row, experiment) for other in gains if other is not best)
    how = "their intervals overlap" if overlap else "though their intervals do not overlap"
    return (
        f"Roll out {name}, whose estimate is the largest. The variants were not tested against each other, "
        f"and {how}: {'test them against each other if the choice matters' if overlap else 'a clear lead'}."
    )


def overlaps(one: Effect, other: Effect, experiment: Experiment) -> bool:
    """Whether the deciding intervals of two effects share a value; unknown limits count as shared."""
    a, b = deciding(one, experiment), deciding(other, experiment)
    if None in (a.low, a.high, b.low, b.high):
        return True
    return (a.low or 0) <= (b.high or 0) and (b.low or 0) <= (a.high or 0)


def _briefly(figures: Figures, mark: Mark) -> str:
    if mark == VERDICTS["better"]:
        return f"works ({figures.text.estimate})"
    if mark == VERDICTS["worse"]:
        return f"does harm ({figures.text.estimate})"
    if mark == VERDICTS["harmful_guardrail"]:
        return f"gains ({figures.text.estimate}) but harms a guardrail"
    word = "is too early to judge" if mark == VERDICTS["too_early"] else "shows no clear effect"
    return f"{word} ({figures.text.interval})"


def _apart(said: Mapping[str, Said], mark: Mark) -> Said:
    """Variants of which some have no figures, one sentence each."""
    lead = " ".join(f"{capitalised(arm_name(variant))}: {part.lead}" for variant, part in said.items())
    return Said(mark, lead, "", " ".join(dict.fromkeys(part.advice for part in said.values())))
