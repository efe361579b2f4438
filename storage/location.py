"""Where a workspace keeps its store."""

import os
from pathlib import Path

from sqlalchemy.engine import URL, make_url

DEFAULT = "sqlite:///liftgate.db"
OVERRIDE = "LIFTGATE_STORE"
"""Environment variable that names another store than the workspace does."""


def store_url(folder: Path, configured: str | None = None) -> str:
    """Give the URL of a workspace's store; a relative SQLite file lies in the workspace.

    Args:
        folder: the workspace.
        configured: `store` of its workspace.yaml; None: the default.

    Raises:
        sqlalchemy.exc.ArgumentError: the address cannot be read.

    >>> store_url(Path("/shop"), "sqlite:///figures.db")
    'sqlite:////shop/figures.db'
    """
    url = make_url(os.environ.get(OVERRIDE) or configured or DEFAULT)
    if _in_file(url):
        url = url.set(database=str(folder / str(url.database)))
    return url.render_as_string(hide_password=False)


def sqlite_file(url: str) -> Path | None:
    """Give the file of a SQLite store; None for another database or one in memory.

    >>> sqlite_file("sqlite:////shop/figures.db"), sqlite_file("postgresql://host/liftgate")
    (PosixPath('/shop/figures.db'), None)
    """
    address = make_url(url)
    return Path(str(address.database)) if _in_file(address) else None


def _in_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
