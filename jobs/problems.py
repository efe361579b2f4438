"""What is wrong with a workspace, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing a person has to mend.

    Attributes:
        where: file with line, row or column, as far as known ("experiments.yaml, line 4").
        what: what is wrong, naming the value.
        remedy: what to do.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}"


class WorkspaceError(Exception):
    """The workspace cannot be used as it is; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
