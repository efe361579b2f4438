"""YAML that remembers on which line each value stands, and refuses what YAML silently accepts."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from jobs.problems import Problem, WorkspaceError

FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e]"
"""Characters that mean no text: NUL and its like, and those that turn the figures beside them round."""
KeyPath = tuple[str | int, ...]

DEEPEST, MOST = 40, 100_000
"""Levels and values beyond which a file is no configuration: aliases can make a short one endless."""


@dataclass(frozen=True)
class Document:
    """A parsed YAML file.

    Attributes:
        name: file name as people know it.
        text: as it stands in the file.
        data: plain Python values.
        lines: path of keys and indices → line number (from 1).
    """

    name: str
    text: str = field(repr=False)
    data: Any
    lines: dict[KeyPath, int] = field(repr=False)

    def where(self, path: KeyPath) -> str:
        """File and line of the deepest known part of a path."""
        for depth in range(len(path), -1, -1):
            if (line := self.lines.get(path[:depth])) is not None:
                return f"{self.name}, line {line}"
        return self.name


def read(file: Path) -> Document:
    """Parse one YAML file.

    Raises:
        WorkspaceError: missing file, not UTF-8, not YAML, a key given twice, or aliases without an end.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except FileNotFoundError:
        raise WorkspaceError(
            [Problem(str(file), "The file does not exist.", "Create it or correct the path.")]
        ) from None
    except UnicodeDecodeError:
        raise WorkspaceError(
            [Problem(file.name, "The file is not UTF-8 text.", "Save it as UTF-8.")]
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file.name}, line {mark.line + 1}" if mark else file.name
        what = f"This is not valid YAML: {error.problem}."
        raise WorkspaceError(
            [Problem(where, what, "Correct the line; check indentation and quotes.")]
        ) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise WorkspaceError([_forbidden(file.name, line, text[error.position])]) from None
    except RecursionError:
        raise WorkspaceError([_endless(file.name, 1)]) from None
    except ValueError as error:
        where = f"{file.name}, line {_impossible_day(root)}"
        what = f"A date on this line does not exist: {error}."
        raise WorkspaceError([Problem(where, what, "Write a day of the calendar.")]) from None
    lines: dict[KeyPath, int] = {}
    problems: list[Problem] = []
    if root is not None:
        _note_lines(root, (), file.name, lines, problems)
    if problems:
        raise WorkspaceError(problems)
    return Document(file.name, text, data, lines)


def _forbidden(name: str, line: int, character: str) -> Problem:
    what = f"The character U+{ord(character):04X} may not stand in a text: it prints nothing or turns others."
    return Problem(f"{name}, line {line}", what, "Remove it.")


def _endless(name: str, line: int) -> Problem:
    what = (
        f"The file goes deeper than {DEEPEST} levels, has more than {MOST:,} values, or an alias in itself."
    )
    return Problem(f"{name}, line {line}", what, "Write it out without such aliases (* and &).")


def _impossible_day(node: yaml.Node | None) -> int:
    """Line of the first value that looks like a time and is none."""
    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.SafeLoader(yaml.serialize(node)).get_single_data()
        except ValueError:
            return int(node.start_mark.line) + 1
        return 0
    if node is None:
        return 0
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return next((line for part in parts if (line := _impossible_day(part))), 0)


def _note_lines(
    node: yaml.Node, path: KeyPath, name: str, lines: dict[KeyPath, int], problems: list[Problem]
) -> None:
    if len(path) > DEEPEST or len(lines) > MOST:
        raise WorkspaceError([_endless(name, node.start_mark.line + 1)])
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode) and (found := re.search(FORBIDDEN, node.value)):
        problems.append(_forbidden(name, node.start_mark.line + 1, found[0]))
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = key_node.value
            line = key_node.start_mark.line + 1
            if found := re.search(FORBIDDEN, key):
                problems.append(_forbidden(name, line, found[0]))
            if (*path, key) in lines:
                what = f"The key '{key}' is given twice (first on line {lines[*path, key]})."
                problems.append(Problem(f"{name}, line {line}", what, "Keep one of them."))
                continue
            lines[*path, key] = line
            _note_lines(value_node, (*path, key), name, lines, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(item, (*path, index), name, lines, problems)
