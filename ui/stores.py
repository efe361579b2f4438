"""Where the app's store lies, and the one open connection to it."""

import os
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.exc import SQLAlchemyError

from storage.errors import StoreError
from storage.location import sqlite_file, store_url
from storage.store import Store

WORKSPACE = "LIFTGATE_WORKSPACE"
DEMO = "demo-workspace"
UNREADABLE = (StoreError, SQLAlchemyError, sqlite3.Error, OSError, yaml.YAMLError)
"""What is raised where a store or its workspace cannot be read."""


def workspace() -> Path:
    """The folder whose figures are shown."""
    return Path(os.environ.get(WORKSPACE) or DEMO).resolve()


def address(folder: Path) -> str | None:
    """The store's address as workspace.yaml has it; None where there is no workspace.

    Raises:
        OSError, yaml.YAMLError, ValueError: it cannot be read.
    """
    file = folder / "workspace.yaml"
    if not file.is_file():
        return None
    stated = file.stat()
    return store_url(folder, _configured(file, stated.st_mtime_ns, stated.st_size))


def opened(url: str) -> Store | None:
    """The store at an address; None while its file does not exist: looking must not make one.

    Raises:
        StoreError: it cannot be opened.
    """
    file = sqlite_file(url)
    if file is None:
        return _opened(url, 0)
    return _opened(url, file.stat().st_ino) if file.is_file() else None


def current() -> Store | None:
    """The workspace's store; None where there is none yet."""
    url = address(workspace())
    return opened(url) if url else None


@lru_cache(maxsize=8)
def _configured(file: Path, changed_at: int, size: int) -> str | None:
    settings: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = settings.get("store") if isinstance(settings, dict) else None
    return found if isinstance(found, str) else None


@lru_cache(maxsize=8)
def _opened(url: str, file: int) -> Store:
    """A store; a file made anew under the same name is another store."""
    return Store.open(url)
