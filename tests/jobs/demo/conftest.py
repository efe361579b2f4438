from pathlib import Path

import pytest

from jobs.demo import make
from tests.jobs.demo.recount import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo at 20,000 customers."""
    folder: Path = tmp_path_factory.mktemp("northlight")
    make(folder, scale=0.4)
    return Demo(folder)
