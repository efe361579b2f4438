"""A small demo retailer, refreshed once, as a snapshot; and what a PDF says."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from jobs.demo import make
from jobs.export import open_store
from jobs.refresh import refresh
from reports.snapshot import Snapshot, load


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("pack") / "demo"
    make(folder, scale=0.1)
    refresh(folder)
    with open_store(folder) as store:
        return load(store)


STEERING = "\u200b\u200e\u2060"
"""Characters that say where a line may break and which way it runs."""


def words(pdf: bytes, *pages: int) -> str:
    """The text of all pages or some, on one line, without the places where a line may break."""
    reader = PdfReader(io.BytesIO(pdf))
    chosen = pages or range(len(reader.pages))
    text = " ".join(reader.pages[number].extract_text() for number in chosen)
    return re.sub(r"\s+", " ", re.sub(f"[{STEERING}]", "", text).replace("\u00a0", " "))


def page_of(pdf: bytes, title: str) -> str:
    """The text of the page that begins with a title."""
    reader = PdfReader(io.BytesIO(pdf))
    found = [n for n in range(len(reader.pages)) if words(pdf, n).startswith(title)]
    assert found, f"no page begins with {title!r}"
    return words(pdf, found[0])


def here() -> Path:
    """The project's folder."""
    return Path(__file__).parents[3]
