"""The law data behind the figures: what a rule says, where that is written, how surely it was read."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from law.children import digital_consent_age
from law.loader import LawFile, Rule, load
from law.opt_out_signals import binding_since
from metrics import formatting
from reports.readings import Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import verb

READ = {
    "high": Mark("law or regulator read", "●", "good"),
    "medium": Mark("secondary source read", "▲", "warn"),
    "low": Mark("current text not read", "◌", "none"),
}
"""By the confidence that a law file gives a rule."""


class LawLine(NamedTuple):
    """One rule for people.

    Attributes:
        place: ISO 3166 code of the jurisdiction.
        says: the rule.
        source: article of law, or the publication that was read.
        checked: the day on which somebody last compared the two.
        read: how surely.
        note: what else a reader should know; empty where there is nothing.
    """

    place: str
    says: str
    source: str
    checked: date
    read: Mark
    note: str


class Topic(NamedTuple):
    """One law file as a table: its heading, what is said under it, its rules."""

    heading: str
    under: str
    lines: tuple[LawLine, ...]


def topics() -> list[Topic]:
    """What the law data says, but for the clocks of requests, which stand beside each request."""
    return [
        Topic(
            "Ages of digital consent",
            "Below it a person cannot alone give the consent that personalisation needs. A place without a "
            "line follows its country; a country without one takes the highest age of all.",
            _lines("children.yaml", _age),
        ),
        Topic(
            "Opt-out signals",
            "From this day on Global Privacy Control is by law a request to opt out.",
            _lines("opt_out_signals.yaml", lambda file, rule: f"since {_day(file, rule, 'since')}"),
        ),
        Topic(
            "Adequacy decisions",
            "Countries to which data may go from the EU and EEA without further safeguard.",
            _lines("adequacy.yaml", _adequate),
        ),
    ]


def _lines(name: str, says: Callable[[LawFile, Rule], str]) -> tuple[LawLine, ...]:
    file = load(name)
    return tuple(_line(rule, says(file, rule)) for rule in file.rules.values())


def _line(rule: Rule, says: str) -> LawLine:
    note = str(rule.values.get("note", ""))
    return LawLine(rule.key, says, rule.source, rule.reviewed, READ[rule.confidence], note)


def _age(file: LawFile, rule: Rule) -> str:
    return f"{file.entry(rule, 'age', int)} years"


def _adequate(file: LawFile, rule: Rule) -> str:
    until = f" until {_day(file, rule, 'until')}" if "until" in rule.values else ""
    certified = ", certified recipients only" if rule.values.get("certified_only") else ""
    return f"since {_day(file, rule, 'since')}{until}{certified}"


def _day(file: LawFile, rule: Rule, name: str) -> str:
    return formatting.day(file.entry(rule, name, date))


def ages_used(places: Iterable[str]) -> str:
    """The legal ages of consent of some places, and which of them nobody read in the law itself."""
    known = sorted(set(places))
    ages = listed([f"{place} {digital_consent_age(place)}" for place in known], 8)
    return f"Legal age of consent: {ages}. {_doubts('children.yaml', known, 'age')}".strip()


def signals_used(places: Iterable[str]) -> str:
    """Since when opt-out signals bind in some places, and which days nobody read in the law itself."""
    since = {place: day for place in sorted(set(places)) if (day := binding_since(place))}
    if not since:
        return "Opt-out signals bind in none of the places here: they are taken as recorded."
    told = listed([f"{place} since {formatting.day(day)}" for place, day in since.items()], 8)
    return f"Opt-out signals bind in {told}. {_doubts('opt_out_signals.yaml', since, 'day')}".strip()


def footing(country: str) -> str:
    """The adequacy decision behind transfers to a country, and how surely it was read; empty without one."""
    rule = load("adequacy.yaml").rules.get(country.split("-", maxsplit=1)[0])
    if rule is None:
        return ""
    return f"{rule.source}. Checked {formatting.day(rule.reviewed)}, {READ[rule.confidence].word}."


def _doubts(name: str, places: Iterable[str], what: str) -> str:
    rules = load(name).rules
    weak = {}
    for place in places:
        rule = rules.get(place) or rules.get(place.split("-", maxsplit=1)[0])
        if rule is None or rule.confidence != "high":
            weak[place] = rule.reviewed if rule else None
    days = [day for day in weak.values() if day]
    if not weak:
        return ""
    checked = f", last checked {formatting.day(min(days))}" if days else ""
    which = f"{what if len(weak) == 1 else f'{what}s'} of {listed(list(weak), 8)}"
    return f"The {which} {verb(len(weak), 'was', 'were')} not read in the law itself{checked}: see Methods."
