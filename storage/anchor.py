"""How far the audit log reached, noted outside the database, so that a shortened log shows."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True)
class Anchor:
    """The newest audit entry known outside the database.

    Attributes:
        entries: number of entries up to and including it.
        head: its hash.
    """

    entries: int
    head: str


def beside(database: Path) -> Path:
    """Where the anchor of a SQLite file lies."""
    return database.with_suffix(".audit.anchor")


def read(path: Path) -> Anchor | None:
    """Read the anchor; None where there is no file.

    Raises:
        ValueError: the file is not an anchor.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Anchor(int(content["entries"]), str(content["head"]))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} is not an audit anchor."
        raise ValueError(msg) from error


def write(path: Path, anchor: Anchor) -> None:
    """Replace the anchor, durably and never by half."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"entries": anchor.entries, "head": anchor.head}, file)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def lock(path: Path) -> FileLock:
    """Give the lock under which the anchor is compared and replaced."""
    return FileLock(path.with_name(f"{path.name}.lock"), timeout=30)
