"""The rules of law behind a date, in words: from the law files themselves, so that they cannot disagree."""

from functools import cache
from typing import NamedTuple

from law.loader import LAW_FOLDER, LawFile, Rule, load
from metrics import formatting
from reports.wording.figures import capitalised

UNKNOWN_RULE = "no clock in the law data for this right here"


class RuleWords(NamedTuple):
    """A rule for people.

    Attributes:
        clock: the term, in a few words.
        more: extension, confirmation, what moves or stops the clock; empty where there is nothing.
        source: article of law, and when it was last checked.
    """

    clock: str
    more: str
    source: str


def rule_words(rule: str | None) -> RuleWords:
    """A rule of law/deadlines in words; one that the law files do not have is unknown."""
    return _rules().get(rule or "", RuleWords(UNKNOWN_RULE, "", ""))


@cache
def _rules() -> dict[str, RuleWords]:
    found = {}
    for path in sorted((LAW_FOLDER / "deadlines").glob("*.yaml")):
        file = load(f"deadlines/{path.name}")
        found.update({rule.key: _words(file, rule) for rule in file.rules.values()})
    return found


def _words(file: LawFile, rule: Rule) -> RuleWords:
    values = rule.values
    parts = {
        "counted from proof of identity where that comes later": "restarts_on_identity" in values,
        "paused while a clarification is awaited": "pauses_for" in values,
        f"{values.get('extended')} from receipt if extended in time": "extended" in values,
        f"receipt to be confirmed within {values.get('acknowledge')}": "acknowledge" in values,
    }
    rolls = ", then the next working day" if values.get("rolls") else ""
    checked = "" if rule.confidence == "high" else f", confidence {rule.confidence}"
    return RuleWords(
        clock=f"{file.entry(rule, 'respond', str)} from receipt{rolls}",
        more=capitalised("; ".join(words for words, applies in parts.items() if applies)),
        source=f"{rule.source}. Checked {formatting.day(rule.reviewed)}{checked}.",
    )
