"""The rules of law behind a date, in words: from the law files themselves, so that they cannot disagree."""

from functools import cache
from typing import NamedTuple

from law.loader import LAW_FOLDER, LawFile, Rule, load
from metrics import formatting

UNKNOWN_RULE = "the law data has no clock for this right here: set the date by hand"


class RuleWords(NamedTuple):
    """A rule for people.

    Attributes:
        text: the clock, in words.
        source: article of law, and when it was last checked.
    """

    text: str
    source: str


def rule_words(rule: str | None) -> RuleWords:
    """A rule of law/deadlines in words; one that the law files do not have is unknown."""
    return _rules().get(rule or "", RuleWords(UNKNOWN_RULE, ""))


@cache
def _rules() -> dict[str, RuleWords]:
    found = {}
    for path in sorted((LAW_FOLDER / "deadlines").glob("*.yaml")):
        file = load(f"deadlines/{path.name}")
        found.update({rule.key: _words(file, rule) for rule in file.rules.values()})
    return found


def _words(file: LawFile, rule: Rule) -> RuleWords:
    values = rule.values
    parts = [f"{file.entry(rule, 'respond', str)} from receipt"]
    if values.get("restarts_on_identity"):
        parts[0] += " or proof of identity"
    if values.get("rolls"):
        parts.append("moved to the next working day")
    if values.get("pauses_for"):
        parts.append("paused while a clarification is awaited")
    text = ", ".join(parts)
    if "extended" in values:
        text += f"; {values['extended']} if extended in time"
    if "acknowledge" in values:
        text += f"; to be confirmed within {values['acknowledge']}"
    checked = "" if rule.confidence == "high" else f", confidence {rule.confidence}"
    return RuleWords(text, f"{rule.source}. Checked {formatting.day(rule.reviewed)}{checked}.")
