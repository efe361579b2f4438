"""Read the law files: YAML in which every rule names its source and the day somebody last checked it."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

LAW_FOLDER = Path(__file__).parent
T = TypeVar("T")

CONFIDENCE = ("high", "medium", "low")


class LawError(Exception):
    """The law data, or something asked of it, cannot be used; the text names file, key and remedy."""

    def __init__(self, *, where: str, what: str, remedy: str) -> None:
        self.where, self.what, self.remedy = where, what, remedy
        super().__init__(f"{where}: {what} {remedy}")


@dataclass(frozen=True)
class Rule:
    """One rule of a law file.

    Attributes:
        key: what the rule is about, as written in the file ("FR", "access").
        source: article of law, or the publication that was read.
        reviewed: day on which somebody last compared the rule with its source.
        confidence: `high` (the legal text or its regulator was read), `medium` (a secondary source was read),
            `low` (the current text was not read).
        values: the remaining entries of the rule.
    """

    key: str
    source: str
    reviewed: date
    confidence: str
    values: dict[str, Any]


@dataclass(frozen=True)
class LawFile:
    """One law file.

    Attributes:
        name: path below the law folder.
        version: counts up with every change of meaning.
        settings: top-level entries other than version and rules.
        rules: the rules by key, in the order of the file.
    """

    name: str
    version: int
    settings: dict[str, Any]
    rules: dict[str, Rule]

    def entry(self, rule: Rule, name: str, expected: type[T]) -> T:
        """A rule's entry; raises LawError when it is missing or not of the expected type."""
        value = rule.values.get(name)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            where = f"law/{self.name}, {rule.key}.{name}"
            what = "the entry is missing." if value is None else f"{value!r} is of the wrong type."
            raise LawError(where=where, what=what, remedy=f"Write a value of type {expected.__name__}.")
        return value


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key written twice, and a key that is not text (YAML reads `NO:` as false)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = f"line {key_node.start_mark.line + 1}"
            if not isinstance(key, str):
                raise LawError(
                    where=line, what=f"YAML reads the key as {key!r}.", remedy="Put the key in quotes."
                )
            if key in seen:
                raise LawError(
                    where=line, what=f"the key {key!r} stands twice.", remedy="Keep one of the two."
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


@cache
def load(name: str, folder: Path = LAW_FOLDER) -> LawFile:
    """Read one law file, once.

    Raises:
        LawError: the file is missing or malformed, or a rule lacks its source or its review date.
    """
    where = f"law/{name}"
    try:
        content = yaml.load((folder / name).read_text(encoding="utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise LawError(
            where=where, what="there is no such file.", remedy="Restore it from the release."
        ) from None
    except yaml.YAMLError as error:
        raise LawError(where=where, what=f"this is not YAML: {error}.", remedy="Mend the syntax.") from error
    except LawError as error:
        raise LawError(where=f"{where}, {error.where}", what=error.what, remedy=error.remedy) from None
    if not isinstance(content, dict) or not isinstance(content.get("rules"), dict) or not content["rules"]:
        remedy = "Add rules, each with source and reviewed."
        raise LawError(where=where, what="there is no mapping `rules`.", remedy=remedy)
    version = content.pop("version", None)
    if not isinstance(version, int):
        what = f"{version!r} is not a number."
        raise LawError(where=f"{where}, version", what=what, remedy="Write `version: 1`.")
    rules = {key: _rule(f"{where}, {key}", key, entries) for key, entries in content.pop("rules").items()}
    return LawFile(name, version, content, rules)


def _rule(where: str, key: str, entries: object) -> Rule:
    if not isinstance(entries, dict):
        remedy = "Write its entries as `name: value`."
        raise LawError(where=where, what="the rule is not a mapping.", remedy=remedy)
    values = dict(entries)
    source, reviewed = values.pop("source", None), values.pop("reviewed", None)
    confidence = values.pop("confidence", "high")
    if not isinstance(source, str) or not source.strip():
        remedy = "Name the article of law it comes from."
        raise LawError(where=where, what="the rule has no `source`.", remedy=remedy)
    if type(reviewed) is not date:
        remedy = "Write the day it was checked as YYYY-MM-DD."
        raise LawError(where=where, what="the rule has no `reviewed` date.", remedy=remedy)
    if confidence not in CONFIDENCE:
        remedy = f"Write one of these: {', '.join(CONFIDENCE)}."
        raise LawError(where=where, what=f"`confidence` is {confidence!r}.", remedy=remedy)
    return Rule(key, source, reviewed, confidence, values)
