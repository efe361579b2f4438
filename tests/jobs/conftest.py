import pytest

from jobs.config.workspace import Workspace
from tests.jobs.building import corner_shop


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The configuration that all small retailers share."""
    return corner_shop(tmp_path_factory.mktemp("corner-shop"))
