from pathlib import Path

import pytest

from jobs.demo import make
from jobs.refresh import refresh


@pytest.fixture(scope="session")
def measured_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo after its refresh; to be read, not changed."""
    folder = tmp_path_factory.mktemp("figures") / "northlight"
    make(folder, scale=0.04, seed=3)
    refresh(folder)
    return folder
